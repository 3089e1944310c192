package attack_test

import (
	"maps"
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// good is a request that passes in the world of every row.
func (w *world) good() request {
	return w.carry("Bearer " + w.mint(authtest.Token{Scope: "things:write", Claims: map[string]any{
		"groups": []string{"admin", "Order Admin"}, "roles": map[string]any{"admin": map[string]any{"org-7": "acme.test"}},
		"teams": "user,admin",
	}}))
}

// carry sends values of Authorization, or what is behind the scheme in the header that the API
// reads.
func (w *world) carry(values ...string) request {
	if w.options.Header == "" {
		return field(values...)
	}
	var out []string
	for _, value := range values {
		out = append(out, strings.TrimPrefix(strings.TrimPrefix(value, "Bearer"), " "))
	}
	return request{header: http.Header{w.options.Header: out}}
}

// mint calls Issuer.Mint, for a token with the claims in always. If the API trusts a shared
// secret, the token is signed with that secret.
func (w *world) mint(t authtest.Token) string {
	if k, ok := w.config.Keys.(shared); ok && t.Key == nil {
		t.Key = k.key
	}
	if w.always != nil {
		claims := maps.Clone(w.always)
		maps.Copy(claims, t.Claims)
		t.Claims = claims
	}
	return w.issuer.Mint(t)
}

// shared is the key set of an issuer that signs with a secret.
type shared struct {
	jwks.Set
	key *authtest.Key
}

func bearer(token string) request { return field("Bearer " + token) }

// field is a request with these Authorization headers.
func field(values ...string) request { return request{header: http.Header{"Authorization": values}} }

// minted sends a token that authtest mints.
func minted(t authtest.Token) func(*world) request {
	return func(w *world) request { return bearer(w.mint(t)) }
}

// tampered sends a good token, changed.
func tampered(change func(token string) string) func(*world) request {
	return minted(authtest.Token{Tamper: change})
}

// The claims and the header of a good token that the issuer's key "ec" has signed.
const (
	goodClaims = `"iss":"https://issuer.test","aud":"https://api.test","sub":"user-1","exp":4000000000`
	goodHeader = `"alg":"ES256","kid":"ec"`
)

// genuine sends a token with exactly this text and the issuer's own signature.
func genuine(header, payload string) func(*world) request {
	return func(*world) request { return bearer(seal(b64(header), b64(payload), es256(ourEC()))) }
}

// claiming sends these claims with a good header. heading sends this header with good claims.
func claiming(payload string) func(*world) request { return genuine("{"+goodHeader+"}", payload) }
func heading(header string) func(*world) request   { return genuine(header, "{"+goodClaims+"}") }

// configured returns a prepare function that changes the configuration.
func configured(change func(*middleware.JWTConfig)) func(*world) {
	return func(w *world) { change(&w.config) }
}

// rows makes attacks that differ only in name, reference, text and reason.
func rows(send func(text string) func(*world) request, table [][4]string) []attack {
	var out []attack
	for _, r := range table {
		out = append(out, attack{name: r[0], reference: r[1], send: send(r[2]), reason: r[3]})
	}
	return out
}

// publish adds keys to those of the issuer.
func publish(keys ...any) func(*world) {
	return func(w *world) {
		for _, key := range keys {
			w.issuer.PublishJWK(key)
		}
	}
}
