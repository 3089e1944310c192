package oracle_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// draft has the parts of a token. The token is good until a rule changes one part.
type draft struct {
	r       *rand.Rand
	now     int64 // seconds since the epoch
	key     *key  // the key that signs
	signAlg string

	header, payload object

	// Each function that is not nil changes one thing:
	headerText, payloadText   func(string) string // changes the JSON, before its encoding
	headerPart, payloadPart   func(string) string // changes the base64url; the signature covers the result
	signature                 func([]byte) []byte // changes the octets of the signature
	signaturePart, finalToken func(string) string // changes the text after signing

	// sign, if not nil, replaces the key's own signature.
	sign func(input string) []byte
}

// object is a JSON object whose members are JSON text. They can have any order, any spelling, and duplicate
// names.
type object []member

type member struct{ name, value string }

func (o *object) set(name, value string) {
	for i := range *o {
		if (*o)[i].name == name {
			(*o)[i].value = value
			return
		}
	}
	*o = append(*o, member{name, value})
}

func (o *object) remove(name string) {
	*o = slices.DeleteFunc(*o, func(m member) bool { return m.name == name })
}

func (o *object) rename(name, spelling string) {
	for i := range *o {
		if (*o)[i].name == name {
			(*o)[i].name = spelling
		}
	}
}

func (o object) text(space string) string {
	var b strings.Builder
	b.WriteString("{" + space)
	for i, m := range o {
		if i > 0 {
			b.WriteString("," + space)
		}
		b.WriteString(`"` + m.name + `":` + space + m.value)
	}
	b.WriteString(space + "}")
	return b.String()
}

// newDraft returns a good token in one of the forms that issuers send.
func newDraft(r *rand.Rand, now time.Time, k *key) *draft {
	d := &draft{r: r, now: now.Unix(), key: k, signAlg: k.alg}
	d.header = object{{"alg", quote(k.alg)}, {"kid", quote(k.kid)}}
	switch r.IntN(3) {
	case 0:
		d.header.set("typ", `"JWT"`)
	case 1:
		d.header.set("typ", `"at+jwt"`)
	}
	d.payload = object{{"iss", quote(issuer)}, {"exp", d.date(60 + r.Int64N(3600))}}
	d.payload.set("aud", []string{
		quote(audience), `["` + audience + `"]`, `["https://other.test","` + audience + `"]`,
		`["` + otherAudience + `","` + audience + `"]`,
	}[r.IntN(4)])
	for _, m := range []member{
		{"sub", `"user-1"`},
		{"jti", fmt.Sprintf(`"%x"`, r.Uint64())},
		{"iat", d.date(-r.Int64N(3600))},
		{"nbf", d.date(-r.Int64N(3600))},
		{"client_id", `"client-1"`},
		{"scope", `"orders:read orders:write"`},
		{"scp", `["orders:read"]`},
		{"name", `"Åsa \u00c5\n\"quoted\" 😀"`},
		{"realm_access", `{"roles":["editor",{"deep":[1,2.5e3,true,null]}]}`},
		{"empty", `{}`},
		{"auth_time", d.date(-r.Int64N(86400))},
	} {
		if r.IntN(2) == 0 {
			d.payload = append(d.payload, m)
		}
	}
	r.Shuffle(len(d.payload), func(i, j int) { d.payload[i], d.payload[j] = d.payload[j], d.payload[i] })
	r.Shuffle(len(d.header), func(i, j int) { d.header[i], d.header[j] = d.header[j], d.header[i] })
	return d
}

// date returns the NumericDate that is so many seconds from now.
func (d *draft) date(seconds int64) string { return fmt.Sprint(d.now + seconds) }

// token returns the token.
func (d *draft) token() string {
	space := []string{"", "", " ", "\r\n "}[d.r.IntN(4)]
	header := apply(d.headerPart, encode(apply(d.headerText, d.header.text(space))))
	payload := apply(d.payloadPart, encode(apply(d.payloadText, d.payload.text(space))))
	input := header + "." + payload
	sign := d.sign
	if sign == nil {
		sign = func(input string) []byte { return d.key.sign(d.signAlg, input) }
	}
	signature := apply(d.signature, sign(input))
	return apply(d.finalToken, input+"."+apply(d.signaturePart, encode(signature)))
}

func apply[T any](change func(T) T, value T) T {
	if change == nil {
		return value
	}
	return change(value)
}

func encode[T string | []byte](octets T) string {
	return base64.RawURLEncoding.EncodeToString([]byte(octets))
}

// quote returns text as a JSON string. text must not need escapes.
func quote(text string) string { return `"` + text + `"` }
