package middleware_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/google/go-cmp/cmp"
)

func newIssuer(t testing.TB, cfg authtest.Config) *authtest.Issuer {
	t.Helper()
	issuer, err := authtest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = issuer.Close() })
	return issuer
}

func newKey(t testing.TB, algorithm string) *authtest.Key {
	t.Helper()
	key, err := authtest.NewKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// trust returns the set that holds the public halves of keys.
func trust(t testing.TB, keys ...*authtest.Key) jwks.Set {
	t.Helper()
	trusted := make([]*jwks.Key, len(keys))
	for i, k := range keys {
		var err error
		if secret := k.Secret(); secret != nil {
			trusted[i], err = jwks.NewSecret(k.ID(), k.Algorithm(), secret)
		} else {
			trusted[i], err = jwks.NewKey(k.ID(), k.Algorithm(), k.Public())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	set, err := jwks.Static(trusted...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// newJWT returns a verifier that trusts issuer's current key; edit may change its
// configuration.
func newJWT(t testing.TB, issuer *authtest.Issuer, edit func(*middleware.JWTConfig)) *middleware.JWT {
	t.Helper()
	cfg := middleware.JWTConfig{
		Issuer:   issuer.URL(),
		Audience: []string{issuer.Audience()},
		Keys:     trust(t, issuer.Key()),
	}
	if edit != nil {
		edit(&cfg)
	}
	v, err := middleware.NewJWT(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func claims(kv ...any) authtest.Token {
	m := make(map[string]any, len(kv)/2)
	for i := 0; i < len(kv); i += 2 {
		m[kv[i].(string)] = kv[i+1]
	}
	return authtest.Token{Claims: m}
}

func header(kv ...any) authtest.Token {
	return authtest.Token{Header: claims(kv...).Claims}
}

// In a synctest bubble, time stands still at the start of the year 2000 while
// nothing waits, so that moments can be tested to the nanosecond.
var bubbleStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

func TestJWT(t *testing.T) {
	now := bubbleStart
	strict := func(c *middleware.JWTConfig) { c.Leeway = -1 }
	atJWT := func(c *middleware.JWTConfig) { c.RequireRFC9068 = true }
	idTokens := func(c *middleware.JWTConfig) { c.InsecureIDTokens = true }
	idToken := func(kv ...any) authtest.Token {
		all := []any{"at_hash", "x", "c_hash", "x", "s_hash", "x", "nonce", "n", "azp", "client-1"}
		token := claims(append(all, kv...)...)
		token.Header = map[string]any{"typ": "JWT"}
		return token
	}
	types := func(types ...string) func(*middleware.JWTConfig) {
		return func(c *middleware.JWTConfig) { c.Types = types }
	}
	own := types("application/Orders+JWT")
	typed := func(typ any, kv ...any) authtest.Token {
		return authtest.Token{Claims: claims(kv...).Claims, Header: map[string]any{"typ": typ}}
	}
	hour := func(c *middleware.JWTConfig) { c.MaxLifetime, c.Leeway = time.Hour, -1 }
	noAudience := func(c *middleware.JWTConfig) {
		c.Audience, c.InsecureNoAudience = nil, true
		c.Validate = func(context.Context, middleware.Claims) error { return nil }
	}
	tests := []struct {
		name   string
		token  authtest.Token
		edit   func(*middleware.JWTConfig)
		reason string // "": accepted
	}{
		{"a good token", authtest.Token{}, nil, ""},

		// Header
		{"no typ", header("typ", nil), nil, ""},
		{"typ JWT in any case", header("typ", "jWt"), nil, ""},
		{"typ at+jwt in any case", header("typ", "AT+JWT"), nil, ""},
		{"typ application/at+jwt", header("typ", "application/AT+jwt"), nil, ""},
		{"typ of a DPoP proof", header("typ", "dpop+jwt"), nil, "typ does not mark"},
		{"typ of a logout token", header("typ", "logout+jwt"), nil, "typ does not mark"},
		{"typ of a security event", header("typ", "secevent+jwt"), nil, "typ does not mark"},
		{"typ of an introspection response", header("typ", "token-introspection+jwt"), nil, "typ does not mark"},
		{"typ with another prefix of the same length", header("typ", "application+JWT"), nil, "typ does not mark"},
		{"typ at+jwt with another prefix of the same length", header("typ", "applicatiom/at+jwt"), nil, "typ does not mark"},
		{"typ with a space around", header("typ", "JWT "), nil, "typ does not mark"},
		{"empty typ", header("typ", ""), nil, "header"},
		{"a listed typ", typed("orders+jwt"), own, ""},
		{"a listed typ in another case", typed("ORDERS+jwt"), own, ""},
		{"a listed typ as a media type", typed("APPLICATION/orders+JWT"), own, ""},
		{"JOSE where it is listed", typed("JOSE"), types("JOSE"), ""},
		{"JOSE where it is not listed", typed("JOSE"), nil, "typ does not mark"},
		{"typ JWT beside a list", typed("JWT"), own, "typ is not on the list"},
		{"typ at+jwt beside a list", typed("at+jwt"), own, "typ is not on the list"},
		{"no typ beside a list", typed(nil), own, "typ is not on the list"},
		{"no typ where it is listed", typed(nil), types("", "orders+jwt"), ""},
		{"typ JWT where none is listed", typed("JWT"), types("", "orders+jwt"), "typ is not on the list"},
		{"typ application/ where none is listed", typed("application/"), types(""), "typ is not on the list"},
		{"empty typ where none is listed", typed(""), types(""), "header"},
		{"typ that begins with a listed one", typed("orders+jwt2"), own, "typ is not on the list"},
		{"typ of a DPoP proof beside a list", typed("dpop+jwt"), own, "typ is not on the list"},
		{"a listed typ with at_hash", typed("orders+jwt", "at_hash", "x"), own, "ID token"},
		{"a listed typ with at_hash where ID tokens are accepted", typed("orders+jwt", "at_hash", "x"), func(c *middleware.JWTConfig) { own(c); c.InsecureIDTokens = true }, ""},
		{"a listed typ with events", typed("orders+jwt", "events", map[string]any{}), own, "has events"},
		{"at+jwt with at_hash where it is listed", typed("at+jwt", "at_hash", "x"), types("at+jwt"), ""},
		{"a token that RFC 9068 would refuse, of type at+jwt where it is listed", typed("at+jwt", "jti", nil), types("at+jwt"), ""},
		{"alg none with an empty signature", authtest.Token{Algorithm: "none"}, nil, "three non-empty parts"},
		{"alg none with something for a signature", header("alg", "none"), nil, "alg is not on the list"},
		{"alg nOnE", header("alg", "nOnE"), nil, "alg is not on the list"},
		{"alg in lower case", header("alg", "es256"), nil, "alg is not on the list"},
		{"alg that is supported but not on the list", authtest.Token{}, func(c *middleware.JWTConfig) {
			c.Keys, c.Algorithms = trust(t, newKey(t, "RS256")), []string{"RS256"}
		}, "accepted algorithms"},
		{"empty crit", header("crit", []string{}), nil, "header"},
		{"crit with a name", header("crit", []string{"exp"}, "exp", 1), nil, "header"},
		{"b64 false", header("b64", false), nil, "header"},
		{"b64 true", header("b64", true), nil, "header"},
		{"a jku is not followed and does no harm", header("jku", "https://attacker.test/jwks"), nil, ""},
		{"a kid that nobody has", header("kid", "other"), nil, "no key"},
		{"no kid and one key", header("kid", nil), nil, ""},
		{"kid of a wrong type", header("kid", 7), nil, "header"},

		// Issuer, audience
		{"no iss", claims("iss", nil), nil, "iss"},
		{"iss of somebody else", claims("iss", "https://issuer.example"), nil, "iss"},
		{"iss with a slash more", claims("iss", "https://issuer.test/"), nil, "iss"},
		{"iss as an array", claims("iss", []string{"https://issuer.test"}), nil, "claims"},
		{"no aud", claims("aud", nil), nil, "aud"},
		{"aud of somebody else", claims("aud", "https://other.test"), nil, "aud"},
		{"aud as a list with us", claims("aud", []string{"https://other.test", "https://api.test"}), nil, ""},
		{"aud as a list without us", claims("aud", []string{"https://other.test"}), nil, "aud"},
		{"empty aud list", claims("aud", []string{}), nil, "aud"},
		{"aud with a number in the list", claims("aud", []any{"https://api.test", 1}), nil, "claims"},
		{"aud that begins like ours", claims("aud", "https://api.test/v2"), nil, "aud"},
		{"second of two configured audiences", claims("aud", "second"), func(c *middleware.JWTConfig) { c.Audience = append(c.Audience, "second") }, ""},
		{"no aud, and none asked for", claims("aud", nil), noAudience, ""},
		{"somebody's aud, and none asked for", claims("aud", "https://other.test"), noAudience, ""},

		// Times
		{"no exp", claims("exp", nil), nil, "exp is missing"},
		{"exp just now, within the leeway", claims("exp", now), nil, ""},
		{"the last second of the leeway", claims("exp", now-29), nil, ""},
		{"the first second after the leeway", claims("exp", now-30), nil, "expired"},
		{"exp now without leeway", claims("exp", now), strict, "expired"},
		{"exp in a second without leeway", claims("exp", now+1), strict, ""},
		{"exp in a fraction of a second", claims("exp", float64(now)+0.25), strict, ""},
		{"exp as a string", claims("exp", fmt.Sprint(now+60)), nil, "claims"},
		{"exp in milliseconds", claims("exp", (now+60)*1000), nil, "claims"},
		{"exp negative", claims("exp", -5), nil, "expired"},
		{"nbf at the end of the leeway", claims("nbf", now+30), nil, ""},
		{"nbf a second after the leeway", claims("nbf", now+31), nil, "nbf"},
		{"nbf now without leeway", claims("nbf", now), strict, ""},
		{"nbf in a second without leeway", claims("nbf", now+1), strict, "nbf"},
		{"no iat", claims("iat", nil), nil, ""},
		{"iat at the end of the leeway", claims("iat", now+30), nil, ""},
		{"iat a second after the leeway", claims("iat", now+31), nil, "iat"},
		{"a leeway of five minutes", claims("exp", now-299), func(c *middleware.JWTConfig) { c.Leeway = 5 * time.Minute }, ""},
		{"just MaxLifetime", claims("iat", now, "exp", now+3600), hour, ""},
		{"longer than MaxLifetime", claims("iat", now, "exp", now+3601), hour, "MaxLifetime"},
		{"longer than MaxLifetime though most of it is over", claims("iat", now-3600, "exp", now+1), hour, "MaxLifetime"},
		{"just MaxLifetime from now, without iat", claims("iat", nil, "exp", now+3600), hour, ""},
		{"longer than MaxLifetime from now, without iat", claims("iat", nil, "exp", now+3601), hour, "MaxLifetime"},

		// What kind of token
		{"cnf", claims("cnf", map[string]any{"jkt": "x"}), nil, "cnf"},
		{"cnf null", authtest.Token{Payload: `{"iss":"https://issuer.test","aud":"https://api.test","exp":4000000000,"cnf":null}`}, nil, "claims|cnf"},
		{"at_hash without at+jwt", authtest.Token{Claims: map[string]any{"at_hash": "x"}, Header: map[string]any{"typ": "JWT"}}, nil, "ID token"},
		{"c_hash without typ", authtest.Token{Claims: map[string]any{"c_hash": "x"}, Header: map[string]any{"typ": nil}}, nil, "ID token"},
		{"s_hash without at+jwt", authtest.Token{Claims: map[string]any{"s_hash": "x"}, Header: map[string]any{"typ": "JWT"}}, nil, "ID token"},
		{"at_hash in a token typed at+jwt", claims("at_hash", "x"), nil, ""},
		{"s_hash in a token typed at+jwt", claims("s_hash", "x"), nil, ""},
		{"events without at+jwt", authtest.Token{Claims: map[string]any{"events": map[string]any{}}, Header: map[string]any{"typ": "JWT"}}, nil, "has events"},
		{"events without typ", authtest.Token{Claims: map[string]any{"events": map[string]any{}}, Header: map[string]any{"typ": nil}}, nil, "has events"},
		{"events in a token typed at+jwt", claims("events", map[string]any{}), nil, ""},
		{"an ID token where they are accepted", idToken(), idTokens, ""},
		{"an ID token without typ where they are accepted", authtest.Token{Claims: idToken().Claims, Header: map[string]any{"typ": nil}}, idTokens, ""},
		{"an ID token with a nonce alone", claims("nonce", "n"), nil, ""},
		{"an access token where ID tokens are accepted", authtest.Token{}, idTokens, ""},
		{"an ID token for another client", idToken("aud", "client-2"), idTokens, "aud"},
		{"an ID token for another client that names this API as azp", idToken("aud", "client-2", "azp", "https://api.test"), idTokens, "aud"},
		{"an ID token without aud", idToken("aud", nil), idTokens, "aud"},
		{"an ID token with events", idToken("events", map[string]any{}), idTokens, "has events"},
		{"an ID token with cnf", idToken("cnf", map[string]any{"jkt": "x"}), idTokens, "cnf"},
		{"an ID token with at_hash of a wrong type", idToken("at_hash", 7), idTokens, "claims: at_hash must be a string"},
		{"an ID token of another issuer", idToken("iss", "https://other.test"), idTokens, "iss"},
		{"an ID token that has expired", idToken("exp", now-31), idTokens, "expired"},
		{"an ID token typed as a logout token", authtest.Token{Claims: idToken().Claims, Header: map[string]any{"typ": "logout+jwt"}}, idTokens, "typ does not mark"},
		{"RFC 9068, all there", authtest.Token{}, atJWT, ""},
		{"RFC 9068 without typ", header("typ", nil), atJWT, "at+jwt"},
		{"RFC 9068 with typ JWT", header("typ", "JWT"), atJWT, "at+jwt"},
		{"RFC 9068 without sub", claims("sub", nil), atJWT, "9068"},
		{"RFC 9068 without client_id", claims("client_id", nil), atJWT, "9068"},
		{"RFC 9068 without jti", claims("jti", nil), atJWT, "9068"},
		{"RFC 9068 without aud, where none is asked for", claims("aud", nil), func(c *middleware.JWTConfig) { noAudience(c); c.RequireRFC9068 = true }, "9068"},
		{"RFC 9068 without iat", claims("iat", nil), atJWT, "9068"},

		// Form
		{"a member twice", authtest.Token{Payload: `{"iss":"https://issuer.test","aud":"https://api.test","exp":1,"exp":4000000000}`}, nil, "claims"},
		{"EXP is not exp", authtest.Token{Payload: `{"iss":"https://issuer.test","aud":"https://api.test","EXP":4000000000}`}, nil, "exp is missing"},
		{"a payload that is no object", authtest.Token{Payload: `["https://issuer.test"]`}, nil, "claims"},
		{"a BOM", authtest.Token{Payload: "\ufeff{}"}, nil, "claims"},
		{"a header that is not base64url", tamper(func(s string) string { return "!" + s }), nil, "header: not base64url"},
		{"a header that is no object", authtest.Token{RawHeader: `"ES256"`}, nil, "header"},
		{"one part less", tamper(func(s string) string { return s[:strings.LastIndexByte(s, '.')] }), nil, "three non-empty parts"},
		{"one part more", tamper(func(s string) string { return s + "." }), nil, "three non-empty parts"},
		{"five parts as in JWE", tamper(func(s string) string { return s + ".a.b" }), nil, "three non-empty parts"},
		{"JSON serialisation", tamper(func(string) string { return `{"payload":"e30","signatures":[]}` }), nil, "three non-empty parts"},
		{"padding", tamper(func(s string) string { return s + "==" }), nil, "signature: not base64url"},
		{"a line feed inside", tamper(func(s string) string { return s[:len(s)-4] + "\n" + s[len(s)-4:] }), nil, "signature: not base64url"},
		{"an empty signature", tamper(func(s string) string { return s[:strings.LastIndexByte(s, '.')+1] }), nil, "three non-empty parts"},
		{"another signature", tamper(func(s string) string { return s[:len(s)-86] + strings.Repeat("A", 86) }), nil, "key"},
		{"a payload that was changed", tamper(func(s string) string {
			parts := strings.Split(s, ".")
			return parts[0] + ".eyJzdWIiOiJhZG1pbiJ9." + parts[2]
		}), nil, "key"},
		{"just 16 KiB", tamper(func(s string) string { return s + strings.Repeat("=", 16<<10-len(s)) }), nil, "longer than any key"},
		{"a byte more than 16 KiB", tamper(func(s string) string { return s + strings.Repeat("=", 16<<10+1-len(s)) }), nil, "16 KiB"},
		{"more than 16 KiB", tamper(func(s string) string { return s + strings.Repeat("A", 16<<10) }), nil, "16 KiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := newIssuer(t, authtest.Config{})
				v := newJWT(t, issuer, tt.edit)
				got, err := v.Verify(t.Context(), issuer.Mint(tt.token))
				if tt.reason == "" {
					if err != nil || got.IsZero() {
						t.Fatalf("refused: %v", err)
					}
					return
				}
				if err == nil || !got.IsZero() {
					t.Fatal("accepted")
				}
				if !errors.Is(err, middleware.ErrInvalidToken) {
					t.Errorf("%q does not wrap ErrInvalidToken", err)
				}
				if text := err.Error(); !strings.HasPrefix(text, "invalid token: ") || strings.Contains(text, ": :") {
					t.Errorf("an empty part in %q", text)
				}
				for reason := range strings.SplitSeq(tt.reason, "|") {
					if strings.Contains(err.Error(), reason) {
						return
					}
				}
				t.Errorf("refused for %q, want a reason with %q", err, tt.reason)
			})
		})
	}
}

func tamper(f func(string) string) authtest.Token { return authtest.Token{Tamper: f} }

func TestJWTVerifiesEveryAlgorithmWithItsOwnKeyOnly(t *testing.T) {
	algorithms := []string{
		"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "HS256",
		"HS384", "HS512",
	}
	issuer := newIssuer(t, authtest.Config{})
	for _, alg := range algorithms {
		t.Run(alg, func(t *testing.T) {
			key := newKey(t, alg)
			v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
				c.Keys, c.Algorithms = trust(t, key), []string{alg}
			})
			if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{Key: key})); err != nil {
				t.Fatalf("good token refused: %v", err)
			}
			other := newKey(t, alg)
			forged := issuer.Mint(authtest.Token{Key: other, Header: map[string]any{"kid": key.ID()}})
			if _, err := v.Verify(t.Context(), forged); !errors.Is(err, middleware.ErrInvalidToken) {
				t.Fatalf("token of another key: %v", err)
			}
		})
	}
}

func TestJWTRefusesAPublicKeyAsASecret(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Algorithm: "RS256"})
	der, err := x509.MarshalPKIXPublicKey(issuer.Key().Public())
	if err != nil {
		t.Fatal(err)
	}
	v := newJWT(t, issuer, nil)
	for name, secret := range map[string][]byte{
		"DER": der,
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
	} {
		token := issuer.Mint(authtest.Token{Key: authtest.KeyFromSecret(issuer.Key().ID(), secret), Algorithm: "HS256"})
		if _, err := v.Verify(t.Context(), token); !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("%s of the public key as an HMAC secret: %v", name, err)
		}
	}
}

func TestJWTBindsAlgToTheKey(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Algorithm: "RS256"}) // its key says alg RS256
	v := newJWT(t, issuer, nil)
	token := issuer.Mint(authtest.Token{Algorithm: "PS256"}) // on the list, genuine, and not what the key is for
	if _, err := v.Verify(t.Context(), token); !errors.Is(err, middleware.ErrInvalidToken) {
		t.Errorf("PS256 with a key for RS256: %v", err)
	}
}

// setFunc is a jwks.Set for tests.
type setFunc func(ctx context.Context, q jwks.Query) ([]*jwks.Key, error)

func (f setFunc) Keys(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
	return f(ctx, q)
}

func TestJWTLooksUpNoKeyForATokenItCanRefuseWithout(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	lookups := 0
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Keys = setFunc(func(context.Context, jwks.Query) ([]*jwks.Key, error) {
			lookups++
			return nil, jwks.ErrKeyNotFound
		})
	})
	for name, token := range map[string]authtest.Token{
		"size":      tamper(func(s string) string { return s + strings.Repeat("A", 16<<10) }),
		"dots":      tamper(func(s string) string { return strings.ReplaceAll(s, ".", "") }),
		"header":    {RawHeader: `{"alg":"ES256",}`},
		"algorithm": {Algorithm: "ES384", Key: newKey(t, "ES384")},
		"typ":       header("typ", "dpop+jwt"),
	} {
		if _, err := v.Verify(t.Context(), issuer.Mint(token)); !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if lookups != 0 {
		t.Errorf("%d look-ups", lookups)
	}
}

// Media types have no case, and application/ may be left out (RFC 7515 §4.1.9).
func TestTypesAreMediaTypes(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = trust(t, issuer.Key()) })
	strict := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys, c.RequireRFC9068 = trust(t, issuer.Key()), true })
	tests := []struct {
		typ               string
		accepted, profile bool
	}{
		{"JWT", true, false},
		{"jwt", true, false},
		{"application/jwt", true, false},
		{"Application/JWT", true, false},
		{"at+jwt", true, true},
		{"AT+JWT", true, true},
		{"application/AT+jwt", true, true},
		{"APPLICATION/at+jwt", true, true},
		{"application/", false, false},
		{"application/application/jwt", false, false},
		{"text/jwt", false, false},
		{"applicationjwt", false, false},
		{"jwt; charset=utf-8", false, false},
		{"application/dpop+jwt", false, false},
		{" JWT", false, false},
	}
	for _, tt := range tests {
		token := issuer.Mint(header("typ", tt.typ))
		if _, err := v.Verify(t.Context(), token); (err == nil) != tt.accepted {
			t.Errorf("typ %q: %v", tt.typ, err)
		}
		if _, err := strict.Verify(t.Context(), token); (err == nil) != tt.profile {
			t.Errorf("typ %q, where RFC 9068 is required: %v", tt.typ, err)
		}
	}
}

// Without iat, nobody knows since when a token is good: its lifetime counts from now.
func TestMaxLifetimeWithoutIssuedAtCountsFromNow(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys, c.MaxLifetime = trust(t, issuer.Key()), time.Hour })
	now := time.Now()
	tests := []struct {
		name     string
		nbf, exp any
		good     bool
	}{
		{"within the hour", nil, now.Add(50 * time.Minute), true},
		{"past the hour", nil, now.Add(70 * time.Minute), false},
		{"past the hour, with an nbf shortly before", now.Add(20 * time.Second), now.Add(60*time.Minute + 15*time.Second), false},
		{"within the hour, with an nbf of long ago", now.Add(-24 * time.Hour), now.Add(50 * time.Minute), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := v.Verify(t.Context(), issuer.Mint(claims("iat", nil, "nbf", tt.nbf, "exp", tt.exp)))
			if (err == nil) != tt.good {
				t.Error(err)
			}
		})
	}
}

func TestJWTTellsAnUnknownKeyFromAnOutage(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	outage := errors.New("connection refused")
	for _, tt := range []struct {
		name    string
		keys    []*jwks.Key
		err     error
		invalid bool
	}{
		{"the set says that there is no such key", nil, fmt.Errorf("set: %w", jwks.ErrKeyNotFound), true},
		{"the set returns nothing at all", nil, nil, true},
		{"the set can't say", nil, outage, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
				c.Keys = setFunc(func(context.Context, jwks.Query) ([]*jwks.Key, error) { return tt.keys, tt.err })
			})
			_, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{}))
			if err == nil || errors.Is(err, middleware.ErrInvalidToken) != tt.invalid {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestRuleIsAskedOnEveryRequestAndLast(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	var asked []string
	suspended := fmt.Errorf("%w: suspended", middleware.ErrForbidden)
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Validate = func(_ context.Context, c middleware.Claims) error {
			asked = append(asked, c.Subject())
			if c.Subject() == "mallory" {
				return suspended
			}
			return nil
		}
	})
	alice, mallory := issuer.Mint(claims("sub", "alice")), issuer.Mint(claims("sub", "mallory"))
	for range 2 {
		if _, err := v.Verify(t.Context(), alice); err != nil {
			t.Error(err)
		}
	}
	if _, err := v.Verify(t.Context(), mallory); !errors.Is(err, suspended) {
		t.Errorf("the rule's error came back as %v", err)
	}
	if _, err := v.Verify(t.Context(), issuer.Mint(claims("exp", 1))); !errors.Is(err, middleware.ErrInvalidToken) {
		t.Errorf("expired: %v", err)
	}
	if want := []string{"alice", "alice", "mallory"}; !cmp.Equal(asked, want) {
		t.Errorf("asked about %v, want %v", asked, want)
	}
}

func TestNewJWTNamesEveryFault(t *testing.T) {
	good := func() middleware.JWTConfig {
		return middleware.JWTConfig{Issuer: "https://issuer.test", Audience: []string{"https://api.test"}}
	}
	rule := func(context.Context, middleware.Claims) error { return nil }
	tests := []struct {
		name  string
		edit  func(*middleware.JWTConfig)
		wants []string
	}{
		{"nothing set", func(c *middleware.JWTConfig) { *c = middleware.JWTConfig{} }, []string{"Issuer: required", "Audience: required"}},
		{"an issuer that is no URL can't be discovered", func(c *middleware.JWTConfig) { c.Issuer = "accounts" }, []string{"Issuer"}},
		{"plain http to another machine", func(c *middleware.JWTConfig) { c.Issuer = "http://issuer.test" }, []string{"Issuer", "https"}},
		{"an empty audience among good ones", func(c *middleware.JWTConfig) { c.Audience = []string{"a", ""} }, []string{"Audience: has an empty name"}},
		{"no audience without a rule", func(c *middleware.JWTConfig) { c.Audience, c.InsecureNoAudience = nil, true }, []string{"InsecureNoAudience: needs Validate"}},
		{"no audience beside an audience", func(c *middleware.JWTConfig) { c.InsecureNoAudience, c.Validate = true, rule }, []string{"InsecureNoAudience: contradicts Audience"}},
		{"algorithms none, a typo and a good one", func(c *middleware.JWTConfig) { c.Algorithms = []string{"none", "rs256", "RS256"} }, []string{`"none" is not supported`, `"rs256" is not supported`}},
		{"an empty list of algorithms", func(c *middleware.JWTConfig) { c.Algorithms = []string{} }, []string{"Algorithms: empty"}},
		{"HMAC beside RSA", func(c *middleware.JWTConfig) { c.Algorithms = []string{"HS256", "RS256"} }, []string{"HMAC beside public-key"}},
		{"HMAC with discovered keys", func(c *middleware.JWTConfig) { c.Algorithms = []string{"HS256"} }, []string{"HMAC needs Keys of your own"}},
		{"HMAC with fetched keys", func(c *middleware.JWTConfig) { c.Algorithms, c.Keys = []string{"HS256"}, new(jwks.Cache) }, []string{"HMAC needs Keys of your own"}},
		{"keys that somebody forgot to make", func(c *middleware.JWTConfig) { c.Keys = (*jwks.Cache)(nil) }, []string{"Keys: a nil *jwks.Cache"}},
		{"a leeway of six minutes", func(c *middleware.JWTConfig) { c.Leeway = 6 * time.Minute }, []string{"Leeway: 6m0s"}},
		{"a leeway of a nanosecond past five minutes", func(c *middleware.JWTConfig) { c.Leeway = 5*time.Minute + 1 }, []string{"Leeway: 5m0.000000001s"}},
		{"a leeway of minus two", func(c *middleware.JWTConfig) { c.Leeway = -2 }, []string{"Leeway: -2ns"}},
		{"a negative lifetime", func(c *middleware.JWTConfig) { c.MaxLifetime = -time.Hour }, []string{"MaxLifetime: -1h0m0s is less than a second"}},
		{"a grant with nothing in it", func(c *middleware.JWTConfig) { c.Grants = []middleware.Grant{{}} }, []string{"Grants[0]", "Path", "Prefix: required"}},
		{"a grant with an empty step", func(c *middleware.JWTConfig) { c.Grants = []middleware.Grant{{Path: "a..b", Prefix: "r:"}} }, []string{`Path: "a..b" has an empty name`}},
		{"a grant with a stray backslash", func(c *middleware.JWTConfig) { c.Grants = []middleware.Grant{{Path: `a\b`, Prefix: "r:"}} }, []string{"backslash"}},
		{"a grant with a prefix that no scope can have", func(c *middleware.JWTConfig) { c.Grants = []middleware.Grant{{Path: "a", Prefix: "a b"}} }, []string{"Prefix"}},
		{"a grant with a backslash at the end", func(c *middleware.JWTConfig) { c.Grants = []middleware.Grant{{Path: `a\`, Prefix: "r:"}} }, []string{"backslash"}},
		{"a grant with a prefix and without one", func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{{Path: "a", Prefix: "r:", InsecureNoPrefix: true}}
		}, []string{"Grants[0].InsecureNoPrefix: contradicts Prefix"}},
		{"a grant of an object that is split", func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{{Path: "a", Prefix: "r:", Keys: true, Separator: ","}}
		}, []string{"Grants[0].Separator: contradicts Keys"}},
		{"a grant that is split at half a character", func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{{Path: "a", Prefix: "r:", Separator: "\xc3"}}
		}, []string{`Grants[0].Separator: "\xc3" is not valid UTF-8`}},
		{"a grant over scope without a prefix", func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{{Path: "scope", InsecureNoPrefix: true}}
		}, []string{"scope and scp are read anyway"}},
		{"a grant over scp", func(c *middleware.JWTConfig) { c.Grants = []middleware.Grant{{Path: "scp", Prefix: "r:"}} }, []string{"scope and scp are read anyway"}},
		{"two grants of which one could pass for the other", func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{{Path: "roles", Prefix: "r:"}, {Path: "groups", Prefix: "r:g:"}}
		}, []string{`Grants: prefix "r:g:" begins with "r:"`}},
		{"a leeway without a unit", func(c *middleware.JWTConfig) { c.Leeway = 30 }, []string{"Leeway: 30ns"}},
		{"a lifetime without a unit", func(c *middleware.JWTConfig) { c.MaxLifetime = 3600 }, []string{"MaxLifetime: 3.6µs"}},
		{"a grant over scope", func(c *middleware.JWTConfig) { c.Grants = []middleware.Grant{{Path: "scope", Prefix: "r:"}} }, []string{"scope and scp are read anyway"}},
		{"cache bytes below zero", func(c *middleware.JWTConfig) { c.CacheBytes = -2 }, []string{"CacheBytes: -2 is negative"}},
		{"everything at once", func(c *middleware.JWTConfig) {
			*c = middleware.JWTConfig{
				Algorithms: []string{"none"}, Leeway: time.Hour, MaxLifetime: -1, Grants: []middleware.Grant{{}},
			}
		}, []string{"Issuer:", "Audience:", "Algorithms:", "Leeway:", "MaxLifetime:", "Grants[0]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := good()
			tt.edit(&cfg)
			v, err := middleware.NewJWT(cfg)
			if err == nil || v != nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not speak of %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestNewJWTKeepsNothingOfItsConfiguration(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	audience := []string{issuer.Audience()}
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Audience = audience })
	audience[0] = "changed"
	if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{})); err != nil {
		t.Errorf("a later change of the caller's slice reached the verifier: %v", err)
	}
}

func TestNewJWTDiscoversKeysByItself(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	v, err := middleware.NewJWT(middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{})); err != nil {
		t.Error(err)
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{})); err != nil {
		t.Errorf("a known key, after Close: %v", err)
	}
	if _, err := v.Verify(t.Context(), issuer.Mint(header("kid", "other"))); err == nil ||
		errors.Is(err, middleware.ErrInvalidToken) {
		t.Errorf("an unknown key, after Close: %v, want an outage", err)
	}
}

func TestByIssuer(t *testing.T) {
	a := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	b := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	var lookups int
	counted := func(c *middleware.JWTConfig) {
		set := c.Keys
		c.Keys = setFunc(func(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
			lookups++
			return set.Keys(ctx, q)
		})
	}
	v, err := middleware.ByIssuer(map[string]middleware.Verifier{
		a.URL(): newJWT(t, a, counted),
		b.URL(): newJWT(t, b, counted),
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		token   string
		reason  string // "": accepted
		lookups int
	}{
		{"of the first issuer", a.Mint(authtest.Token{}), "", 1},
		{"of the second issuer", b.Mint(authtest.Token{}), "", 1},
		{"of the second, in the first one's name", b.Mint(claims("iss", a.URL())), "no key", 1},
		{"of an unknown issuer", a.Mint(claims("iss", "https://unknown.test")), "no issuer has this iss", 0},
		{"without iss", a.Mint(claims("iss", nil)), "no issuer has this iss", 0},
		{"with iss twice", a.Mint(authtest.Token{Payload: `{"iss":"` + a.URL() + `","iss":"` + b.URL() + `"}`}), "claims: ", 0},
		{"not a token", "x", "three non-empty parts", 0},
		{"a payload that is not base64url", "x.!.x", "payload: ", 0},
		{"16 KiB that are not a token", strings.Repeat("A", 16<<10), "three non-empty parts", 0},
		{"larger than 16 KiB, and not read", strings.Repeat("A", 16<<10+1), "16 KiB", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lookups = 0
			_, err := v.Verify(t.Context(), tt.token)
			if (err == nil) != (tt.reason == "") || err != nil && !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("err = %v, want a reason with %q", err, tt.reason)
			}
			if err != nil && !errors.Is(err, middleware.ErrInvalidToken) {
				t.Errorf("%v does not wrap ErrInvalidToken", err)
			}
			if lookups != tt.lookups {
				t.Errorf("%d look-ups of keys, want %d", lookups, tt.lookups)
			}
		})
	}
}

func TestByIssuerIsReadyWhenAllAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up, down := newIssuer(t, authtest.Config{}), newIssuer(t, authtest.Config{})
		down.Break(authtest.Fault{Status: http.StatusInternalServerError})
		cached := func(i *authtest.Issuer, name string) *middleware.JWT {
			keys, err := jwks.New(jwks.Config{KeysURL: i.URL() + "/jwks", Client: i.Client()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = keys.Close() })
			return newJWT(t, i, func(c *middleware.JWTConfig) { c.Keys, c.Issuer = keys, name })
		}
		v, err := middleware.ByIssuer(map[string]middleware.Verifier{
			"up": cached(up, "up"), "down": cached(down, "down"), "opaque": opaque,
		})
		if err != nil {
			t.Fatal(err)
		}
		isReady := v.(interface{ Ready(context.Context) error }).Ready
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := isReady(ctx); err == nil {
			t.Error("ready though one issuer is down")
		}
		down.Heal()
		if err := isReady(t.Context()); err != nil {
			t.Errorf("not ready though both are up: %v", err)
		}
	})
}

// TestJWTRefusesAPayloadThatIsNoBase64 signs what no issuer would: the signature is genuine.
func TestJWTRefusesAPayloadThatIsNoBase64(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	key := newKey(t, "HS256")
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys, c.Algorithms = trust(t, key), []string{"HS256"} })
	parts := strings.Split(issuer.Mint(authtest.Token{Key: key}), ".")
	for _, payload := range []string{parts[1] + "=", parts[1] + "\n", parts[1][:8] + "+" + parts[1][9:]} {
		mac := hmac.New(sha256.New, key.Secret())
		mac.Write([]byte(parts[0] + "." + payload))
		token := parts[0] + "." + payload + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		if _, err := v.Verify(t.Context(), token); !errors.Is(err, middleware.ErrInvalidToken) ||
			!strings.Contains(err.Error(), "payload") {
			t.Errorf("err = %v", err)
		}
	}
}

func TestASignatureIsNoLongerThanAnyKeysCanBe(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, nil)
	for length, want := range map[int]string{
		2730: "the signature does not verify", // a length that no RSA key of 16384 bits makes, but base64url has
		2731: "the signature does not verify",
		2732: "signature: longer than any key's",
	} {
		token := issuer.Mint(authtest.Token{Tamper: func(s string) string {
			return s[:strings.LastIndexByte(s, '.')+1] + strings.Repeat("A", length)
		}})
		_, err := v.Verify(t.Context(), token)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%d characters: %v, want %s", length, err, want)
		}
	}
}

func TestATokensFaultIsNothingElse(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	_, err := newJWT(t, issuer, nil).Verify(t.Context(), "x")
	if !errors.Is(err, middleware.ErrInvalidToken) || errors.Is(err, middleware.ErrForbidden) ||
		errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
