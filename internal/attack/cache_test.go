package attack_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// cacheAttacks use an earlier result: another API has verified the token, or the key has been fetched.
func cacheAttacks() []attack {
	const (
		shared    = "CVE-2026-33496"
		withdrawn = "CVE-2025-22149; RFC 7517 §5"
		collision = "CWE-345; bearerguard's memory of tokens"
	)
	audience := "https://other.test"
	return []attack{
		{name: "a token that another API of the program knows", reference: shared, send: elsewhere(func(c *middleware.JWTConfig) { c.Audience = []string{audience} }, authtest.Token{Claims: map[string]any{"aud": audience}}), reason: "aud does not name this API"},
		{name: "a token that an API of another issuer knows", reference: shared, send: elsewhere(func(c *middleware.JWTConfig) { c.Issuer = "https://other.test" }, authtest.Token{Claims: map[string]any{"iss": "https://other.test"}}), reason: "iss is not the issuer"},
		{name: "a token that an API with a laxer list of algorithms knows", reference: shared, send: elsewhere(func(c *middleware.JWTConfig) { c.Algorithms = []string{"ES256", "RS512"} }, authtest.Token{}, func(*world) string {
			return seal(b64(`{"alg":"RS512","kid":"rsa-any"}`), b64("{"+goodClaims+"}"), rs512(ourRSA()))
		}), reason: offTheList},
		{name: "a token that an API with more leeway knows", reference: shared, send: func(w *world) request {
			token := w.mint(authtest.Token{Claims: map[string]any{"iat": nil, "exp": time.Now().Add(-time.Minute)}})
			w.accepted(func(c *middleware.JWTConfig) { c.Leeway = 5 * time.Minute }, token)
			return bearer(token)
		}, reason: expired},
		{name: "a token that an API without RFC 9068 knows", reference: shared, prepare: configured(func(c *middleware.JWTConfig) { c.RequireRFC9068 = true }), send: elsewhere(func(c *middleware.JWTConfig) { c.RequireRFC9068 = false }, authtest.Token{Header: map[string]any{"typ": "JWT"}}), reason: "typ is not at+jwt"},

		{name: "a known token whose key is withdrawn", reference: withdrawn, send: func(w *world) request {
			old := w.issuer.Key()
			r := w.known(w.mint(authtest.Token{}))
			w.issuer.Rotate()
			w.issuer.Withdraw(old)
			w.refresh()
			return r
		}, reason: noKey},
		{name: "a new token whose key is withdrawn", reference: withdrawn, send: func(w *world) request {
			old := w.issuer.Key()
			w.expect(bearer(w.mint(authtest.Token{})), passes, "")
			w.issuer.Rotate()
			w.issuer.Withdraw(old)
			w.refresh()
			return bearer(w.mint(authtest.Token{Key: old}))
		}, reason: noKey},
		{name: "a known token whose key is replaced under its kid", reference: withdrawn, send: func(w *world) request {
			old := w.issuer.Key()
			r := w.known(w.mint(authtest.Token{}))
			w.issuer.Rotate()
			w.issuer.Withdraw(old)
			w.issuer.PublishJWK(ecJWK(old.ID(), theirEC()))
			w.refresh()
			return r
		}, reason: forged},
		{name: "a known token after a second key with its kid was published", reference: withdrawn, send: func(w *world) request {
			old := w.issuer.Key()
			r := w.known(w.mint(authtest.Token{}))
			w.issuer.Rotate()
			w.issuer.PublishJWK(ecJWK(old.ID(), theirEC()))
			w.refresh()
			return r
		}, code: passes},
		{name: "a known token of a caller who has been banned since", reference: "bearerguard's Validate", prepare: func(w *world) {
			var banned atomic.Bool
			w.config.Validate = func(_ context.Context, c middleware.Claims) error {
				if c.Subject() == "banned" && banned.Swap(true) {
					return fmt.Errorf("%w: banned", middleware.ErrForbidden)
				}
				return nil
			}
		}, send: func(w *world) request {
			w.subject = "banned"
			return w.known(w.mint(authtest.Token{Claims: map[string]any{"sub": "banned"}}))
		}, code: middleware.CodeDenied, reason: "banned"},

		{name: "a known token with another head of its signature", reference: collision, send: known(func(parts []string) {
			parts[2] = map[bool]string{true: "B", false: "A"}[parts[2][0] == 'A'] + parts[2][1:]
		}), reason: forged},
		{name: "a known token with another end of its signature", reference: collision, send: known(func(parts []string) {
			n := len(parts[2])
			parts[2] = parts[2][:n-4] + "AAAA"
		}), reason: forged},
		{name: "a known token with the signature of another", reference: collision, send: func(w *world) request {
			a, b := w.mint(authtest.Token{}), w.mint(authtest.Token{})
			w.known(a)
			w.known(b)
			return bearer(a[:strings.LastIndexByte(a, '.')] + b[strings.LastIndexByte(b, '.'):])
		}, reason: forged},
		{name: "the signature of a known token under other claims", reference: collision, send: known(func(parts []string) { parts[1] = b64("{" + goodClaims + `,"scope":"admin"}`) }), reason: forged},
		{name: "the signature of a known token under another header", reference: collision, send: known(func(parts []string) { parts[0] = b64("{" + goodHeader + "}") }), reason: forged},
		{name: "a known token without its signature", reference: collision, send: known(func(parts []string) { parts[2] = "" }), reason: notThree},
		{name: "a known token with padding", reference: collision, send: known(func(parts []string) { parts[2] += "==" }), reason: notBase64},
		{name: "a known token with bits to spare that are set", reference: collision, send: known(func(parts []string) { parts[2] = bent(parts[2]) }), reason: notBase64},
	}
}

// known makes the API remember a token, and returns a request with it.
func (w *world) known(token string) request {
	w.Helper()
	w.expect(bearer(token), passes, "")
	return bearer(token)
}

// known sends a token that the API remembers, after a change.
func known(change func(parts []string)) func(*world) request {
	return func(w *world) request {
		token := w.mint(authtest.Token{})
		w.known(token)
		parts := strings.Split(token, ".")
		change(parts)
		return bearer(strings.Join(parts, "."))
	}
}

// refresh makes the API fetch the keys now, by a token with an unknown kid.
func (w *world) refresh() {
	w.Helper()
	w.expect(
		bearer(w.issuer.Mint(authtest.Token{Header: map[string]any{"kid": "not known yet"}})), middleware.CodeInvalid,
		noKey,
	)
}

// elsewhere sends a token that another API has accepted before. The other API is in the same
// program, and has the same keys but other rules.
func elsewhere(change func(*middleware.JWTConfig), t authtest.Token, made ...func(*world) string) func(*world) request {
	return func(w *world) request {
		token := w.issuer.Mint(t)
		for _, make := range made {
			token = make(w)
		}
		w.accepted(change, token)
		return bearer(token)
	}
}

func (w *world) accepted(change func(*middleware.JWTConfig), token string) {
	cfg := w.config
	change(&cfg)
	other, err := middleware.NewJWT(cfg)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := other.Verify(w.Context(), token); err != nil {
		w.Fatalf("the other API does not accept the token: %v", err)
	}
}
