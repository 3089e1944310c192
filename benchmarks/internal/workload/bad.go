package workload

import (
	"crypto/x509"
	"encoding/base64"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// Bad is a token that every library must refuse.
type Bad struct{ Name, Token string }

// OtherRSA is the name of a bad token. One peer cannot tell it from a good one.
const OtherRSA = "signed by the RSA key, with another algorithm of RSA"

// Bad lists the tokens that must be refused in w: first forged tokens, then bad tokens that
// the issuer has signed.
func (w *World) Bad() ([]Bad, error) {
	stranger, err := authtest.NewKey(w.Algorithm)
	if err != nil {
		return nil, err
	}
	good := w.Good()
	hour := time.Hour
	bad := []Bad{
		{"signed by a stranger under the issuer's kid", w.issuer.Mint(authtest.Token{
			Key: stranger, Header: map[string]any{"kid": w.Key.ID()}, Claims: claims(nil),
		})},
		{"the signature of another token", swapPayload(good, w.mint(map[string]any{"sub": "admin"}))},
		{"a signature cut short", good[:len(good)-8]},
		{"without a signature", good[:strings.LastIndexByte(good, '.')+1]},
		{"alg none", w.issuer.Mint(authtest.Token{Algorithm: "none", Claims: claims(nil)})},
		{"expired", w.mint(map[string]any{"exp": time.Now().Add(-hour)})},
		{"without exp", w.mint(map[string]any{"exp": nil})},
		{"not valid before an hour from now", w.mint(map[string]any{"nbf": time.Now().Add(hour)})},
		{"for another audience", w.mint(map[string]any{"aud": "https://other.example"})},
		{"without aud", w.mint(map[string]any{"aud": nil})},
		{"of another issuer", w.mint(map[string]any{"iss": "https://other.example"})},
		{"without iss", w.mint(map[string]any{"iss": nil})},
	}
	switch w.Algorithm {
	case "RS256", "PS256":
		bad = append(bad, Bad{OtherRSA, w.issuer.Mint(authtest.Token{Algorithm: "RS512", Claims: claims(nil)})})
	case "HS256":
		token := w.issuer.Mint(authtest.Token{Algorithm: "HS512", Claims: claims(nil)})
		bad = append(bad, Bad{"signed by the secret with HS512", token})
	}
	if pub := w.Key.Public(); pub != nil {
		der, err := x509.MarshalPKIXPublicKey(pub)
		if err != nil {
			return nil, err
		}
		token := w.issuer.Mint(authtest.Token{Key: authtest.KeyFromSecret(w.Key.ID(), der), Claims: claims(nil)})
		bad = append(bad, Bad{"HMAC with the public key for a secret", token})
	}
	return bad, nil
}

// swapPayload puts the payload of b between the header and the signature of a.
func swapPayload(a, b string) string {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	return x[0] + "." + y[1] + "." + x[2]
}

// Hostile lists texts that must be refused before any cryptography.
func (w *World) Hostile() []Bad {
	encode := base64.RawURLEncoding.EncodeToString
	header := `{"alg":"` + w.Algorithm + `","kid":"` + w.Key.ID() + `","typ":"at+jwt"`
	good, deep := w.Good(), strings.Repeat("[", 4000)+strings.Repeat("]", 4000)
	return []Bad{
		{"1 MB of garbage", strings.Repeat("garbage.", 1<<17)},
		{"four parts", good + "." + good[:8]},
		{"alg none", w.issuer.Mint(authtest.Token{Algorithm: "none", Claims: claims(nil)})},
		{"over the size cap (17 KB)", w.Sized(17 << 10)},
		{"a header nested 4,000 deep", encode([]byte(header+`,"x":`+deep+`}`)) + good[strings.IndexByte(good, '.'):]},
	}
}

// UnknownKey is a token whose kid names a key that does not exist.
func (w *World) UnknownKey() string {
	return w.issuer.Mint(authtest.Token{Header: map[string]any{"kid": "nobody-has-it"}, Claims: claims(nil)})
}
