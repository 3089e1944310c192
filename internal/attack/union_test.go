package attack_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// ours is the secret that the API of unionAttacks shares with the issuer.
var ours = sync.OnceValue(func() *authtest.Key { return must(authtest.NewKey("HS256")) })

// joined makes the API accept tokens of the secret beside tokens of the issuer's public keys.
func joined(kid string) func(*world) {
	return func(w *world) {
		keys := must(jwks.New(jwks.Config{Issuer: w.issuer.URL(), Client: w.issuer.Client()}))
		w.Cleanup(func() { _ = keys.Close() })
		secrets := must(jwks.Static(must(jwks.NewSecret(kid, "HS256", ours().Secret()))))
		w.config.Keys = must(jwks.Union(secrets, keys))
		w.config.Algorithms = []string{"HS256", "RS256", "PS256", "ES256", "EdDSA"}
	}
}

// unionAttacks confuse the secrets and the public keys of an API that accepts both.
func unionAttacks() []attack {
	const reference = "CVE-2015-9235; CVE-2016-10555; RFC 8725 §2.1, §3.1"
	kid := ours().ID()
	var out []attack
	for _, p := range publicValues() {
		for _, c := range []struct{ name, kid, trusted, reason string }{
			{"under the key's kid", p.kid, kid, noKey},
			{"under the secret's kid", kid, kid, forged},
			{"where the secret has no kid", p.kid, "", forged},
		} {
			out = append(out, attack{
				name: "an HMAC with " + p.name + " for a secret, " + c.name, reference: reference, reason: c.reason,
				prepare: joined(c.trusted), send: minted(authtest.Token{Key: authtest.KeyFromSecret(c.kid, p.secret)}),
			})
		}
	}
	secret := func(header string) func(*world) request { return signed(header, hs256(ours().Secret())) }
	return append(out,
		attack{
			name: "a token of the secret beside public keys", reference: reference, prepare: joined(kid), code: passes,
			send: secret(`{"alg":"HS256","kid":"` + kid + `"}`),
		},
		attack{
			name: "alg RS256 over an HMAC of the secret", reference: reference, prepare: joined(kid), reason: noKey,
			send: secret(`{"alg":"RS256","kid":"` + kid + `"}`),
		},
		attack{
			name: "alg RS256 over an HMAC of a secret without a kid", reference: reference, prepare: joined(""), reason: forged,
			send: secret(`{"alg":"RS256","kid":"rsa"}`),
		},
		attack{
			name: "alg HS256 over a signature of a public key", reference: reference, prepare: joined(""), reason: forged,
			send: signed(`{"alg":"HS256","kid":"rsa"}`, rs256(ourRSA())),
		},
		attack{
			name: "alg HS512 by the secret of HS256 beside public keys", reference: "RFC 7518 §3.2", prepare: joined(""),
			send: secret(`{"alg":"HS512"}`), reason: offTheList,
		},
	)
}

// The metadata are at a URL of their own, and name another issuer than the API trusts.
func TestMetadataElsewhereMustNameTheIssuer(t *testing.T) {
	for name, found := range map[string]string{
		"another issuer":             "https://evil.test",
		"the issuer in another case": "https://ISSUER.test",
		"the issuer with a slash":    "https://issuer.test/",
		"a template":                 "https://{tenantid}.test",
		"no issuer":                  "",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				evil := must(authtest.New(authtest.Config{URL: "https://evil.test"}))
				defer evil.Close()
				w := newWorld(t, func(w *world) {
					lie := inJSON(`{"issuer":"` + found + `","jwks_uri":"https://evil.test/jwks"}`)
					lie.OnlyMetadata = true
					w.issuer.Break(lie) // before the cache asks it
					client := &http.Client{Transport: hosts{"issuer.test": w.issuer.Client(), "evil.test": evil.Client()}}
					keys := must(jwks.New(jwks.Config{
						Issuer: w.issuer.URL(), MetadataURL: w.issuer.URL() + "/.well-known/openid-configuration", Client: client,
					}))
					w.Cleanup(func() { _ = keys.Close() })
					w.config.Keys = keys
				}, transports(true)[0])
				w.expect(
					bearer(evil.Mint(authtest.Token{Claims: map[string]any{"iss": w.issuer.URL()}})), middleware.CodeUnavailable,
					"the metadata name",
				)
				if n := evil.Fetches(); n != 0 {
					t.Errorf("the other issuer was asked for keys %d times", n)
				}
				w.issuer.Heal()
				time.Sleep(time.Minute)
				w.expect(w.good(), passes, "")
			})
		})
	}
}
