package middleware

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Claims are the verified claims of one token (RFC 7519 §4). A Claims is a small value:
// pass it and copy it. It is immutable, and safe for concurrent use. Each accessor that
// returns a slice returns a new one.
//
// The zero Claims stands for nobody. [Claims.IsZero] reports it, and its accessors return
// empty values.
type Claims struct {
	c *claims // nil: the zero Claims
}

// claims is the value to which a Claims points. All requests with the token share it, so
// nothing writes to it after it has been made.
type claims struct {
	set    jose.Claims
	scopes []string
	grants []grant // of the verifier: tells roles from scopes
	keyID  string
	until  time.Time // the verifier would refuse the token from this time on; zero: never
}

// NewClaims returns claims with the members of claims, for a [Verifier] that does not get
// them as JSON. It encodes them as JSON and is as strict as [ParseClaims]: a text that is
// not valid UTF-8, a value that has no form in JSON, and a registered claim of a wrong
// type are errors, which name the claim. Scopes go into "scope", as one text with spaces
// or as a list. exp, nbf, iat and auth_time are seconds since 1970, or a [time.Time]. A zero
// time.Time is an error.
//
// NewClaims does not check whether the claims are good: the Verifier checks expiry,
// issuer and audience itself.
func NewClaims(claims map[string]any) (Claims, error) {
	payload, err := encode(claims)
	if err == nil {
		var c Claims
		if c, err = ParseClaims(payload); err == nil {
			return c, nil
		}
	}
	for _, name := range slices.Sorted(maps.Keys(claims)) { // which one is at fault?
		payload, err := encode(map[string]any{name: claims[name]})
		if err == nil {
			_, err = jose.ParseClaims(string(payload), nil)
		}
		if err != nil {
			return Claims{}, fmt.Errorf("bearerguard: NewClaims: claim %q: %w", name, err)
		}
	}
	return Claims{}, fmt.Errorf("bearerguard: NewClaims: %w", err)
}

// encode encodes claims as JSON.
func encode(claims map[string]any) ([]byte, error) {
	members := maps.Clone(claims)
	for _, name := range []string{"exp", "nbf", "iat", "auth_time"} {
		t, ok := members[name].(time.Time)
		if !ok {
			continue
		}
		if t.IsZero() {
			return nil, errZeroTime
		}
		members[name] = numericDate(t)
	}
	return json.Marshal(members, json.Deterministic(true))
}

// numericDate spells t as a NumericDate (RFC 7519 §2), to the nanosecond.
func numericDate(t time.Time) jsontext.Value {
	seconds, nanoseconds, sign := t.Unix(), t.Nanosecond(), ""
	if seconds < 0 { // Unix rounds down, and the fraction counts up from there
		sign, seconds = "-", -seconds
		if nanoseconds > 0 {
			seconds, nanoseconds = seconds-1, 1e9-nanoseconds
		}
	}
	return fmt.Appendf(nil, "%s%d.%09d", sign, seconds, nanoseconds)
}

// ParseClaims decodes the claims in payload, one JSON object, for a [Verifier] that gets
// them as JSON, from an introspection response (RFC 7662 §2.2) for example. The form is as
// strict as that of a JWT: duplicate names, invalid UTF-8, and registered claims of a
// wrong type are errors.
//
// ParseClaims does not check whether the claims are good: the Verifier checks expiry,
// issuer and audience itself.
func ParseClaims(payload []byte) (Claims, error) {
	c := new(claims)
	if err := c.parse(string(payload), nil); err != nil {
		return Claims{}, err
	}
	return Claims{c: c}, nil
}

var noClaims claims

func (c Claims) get() *claims {
	if c.c == nil {
		return &noClaims
	}
	return c.c
}

// parse fills c, which is empty.
func (c *claims) parse(payload string, grants []grant) error {
	var granted []string
	var other func(string, jose.Value)
	if len(grants) > 0 {
		other = func(name string, v jose.Value) {
			for i := range grants {
				granted = grants[i].collect(granted, name, v)
			}
		}
	}
	set, err := jose.ParseClaims(payload, other)
	if err != nil {
		return fmt.Errorf("claims: %w", err)
	}
	c.set, c.grants, c.until = set, grants, timeOf(set.Expiry)
	c.scopes = c.names(granted)
	return nil
}

// IsZero tells whether c is the zero Claims, which stands for nobody.
func (c Claims) IsZero() bool { return c.c == nil }

// Issuer is iss.
func (c Claims) Issuer() string { return c.get().set.Issuer }

// Subject is sub, and "" without one.
func (c Claims) Subject() string { return c.get().set.Subject }

// ClientID is the client that got the token: client_id (RFC 9068 §2.2, RFC 8693 §4.3), or
// else azp, which Keycloak and Auth0 set, or else appid (Microsoft Entra ID, tokens of
// version 1), or else cid (Okta). A claim that is empty counts as absent, and so does an azp,
// appid or cid that is not a string. Without any of them ClientID is "". A token that must
// follow RFC 9068 needs client_id itself: see JWTConfig.RequireRFC9068.
func (c Claims) ClientID() string {
	if id := c.get().set.ClientID; id != "" {
		return id
	}
	// They are looked up here and not when the token is parsed, because few programs ask, and
	// what is kept is kept for each remembered token.
	object := c.get().object()
	for _, name := range []string{"azp", "appid", "cid"} {
		if id, _ := member(object, name).Text(); id != "" {
			return id
		}
	}
	return ""
}

// ID is jti, and "" without one.
func (c Claims) ID() string { return c.get().set.ID }

// Audience lists aud.
func (c Claims) Audience() []string { return slices.Collect(texts(c.get().set.Audience)) }

// Expiry is exp; the zero time without one.
func (c Claims) Expiry() time.Time { return timeOf(c.get().set.Expiry) }

// IssuedAt is iat; the zero time without one.
func (c Claims) IssuedAt() time.Time { return timeOf(c.get().set.IssuedAt) }

// NotBefore is nbf; the zero time without one.
func (c Claims) NotBefore() time.Time { return timeOf(c.get().set.NotBefore) }

// KeyID is the kid of the key that verified the signature. It is "" for a key without a
// kid, and for claims that a Verifier of your own returned.
func (c Claims) KeyID() string { return c.get().keyID }

// Scopes lists what the token grants: the names in scope (RFC 8693 §4.2) and scp, and
// those of the configured grants, each with its prefix and spelled as [Grant] says.
func (c Claims) Scopes() []string { return slices.Clone(c.get().scopes) }

// HasScope tells whether the token grants name.
func (c Claims) HasScope(name string) bool { return slices.Contains(c.get().scopes, name) }

// Decode decodes all claims into v, a pointer to a struct or map. It follows the tags of
// encoding/json, but names must match to the letter: with encoding/json itself, a claim
// SUB could pass as sub. v shares nothing with c. Use [Strings] for a claim that may be a
// string or an array of strings, such as aud. [Claim] decodes a single claim.
func (c Claims) Decode(v any) error {
	if c.IsZero() {
		return errNoClaims
	}
	if err := json.Unmarshal([]byte(c.get().set.Text), v); err != nil {
		return fmt.Errorf("decode claims: %w", err)
	}
	return nil
}

// object returns the claims as one JSON value.
func (c *claims) object() jose.Value { return jose.Value(strings.Trim(c.set.Text, " \t\r\n")) }

// texts yields v if it is a string, or the strings in v if it is an array.
func texts(v jose.Value) iter.Seq[string] {
	return func(yield func(string) bool) {
		if s, ok := v.Text(); ok {
			yield(s)
			return
		}
		for e := range v.Elements() {
			if s, ok := e.Text(); ok && !yield(s) {
				return
			}
		}
	}
}

// expired tells whether the verifier would now refuse the token of c because of its age.
// The claims of an anonymous caller are nil and never expire.
func (c *claims) expired() bool {
	return c != nil && !c.until.IsZero() && !time.Now().Before(c.until)
}

func timeOf(d jose.NumericDate) time.Time {
	if !d.Present {
		return time.Time{}
	}
	return time.Unix(d.Seconds, int64(d.Nanoseconds))
}
