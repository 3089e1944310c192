package middleware_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// named is k under another kid.
func named(t testing.TB, kid string, k *authtest.Key) *jwks.Key {
	t.Helper()
	key, err := jwks.NewKey(kid, "", k.Public())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func static(t testing.TB, keys ...*jwks.Key) jwks.Set {
	t.Helper()
	set, err := jwks.Static(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestJWTTriesTheFirstFourKeysThatFit(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	ours, rsa := issuer.Key(), newKey(t, "RS256")
	var others []*authtest.Key
	for range 4 {
		others = append(others, newKey(t, "ES256"))
	}
	k := func(kid string, key *authtest.Key) *jwks.Key { return named(t, kid, key) }
	bound, err := jwks.NewKey("k", "ES256", ours.Public())
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name string
		keys []*jwks.Key
		good bool
	}{
		{"one key", []*jwks.Key{k("k", ours)}, true},
		{"the first of two", []*jwks.Key{k("k", ours), k("k", others[0])}, true},
		{"the second of two", []*jwks.Key{k("k", others[0]), k("k", ours)}, true},
		{"the fourth of four", []*jwks.Key{k("k", others[0]), k("k", others[1]), k("k", others[2]), k("k", ours)}, true},
		{"the fifth of five", []*jwks.Key{k("k", others[0]), k("k", others[1]), k("k", others[2]), k("k", others[3]), k("k", ours)}, false},
		{"behind one key that is listed four times", []*jwks.Key{k("k", others[0]), k("j", others[0]), k("i", others[0]), k("h", others[0]), k("k", ours)}, true},
		{"behind keys of another type", []*jwks.Key{k("k", rsa), k("k", others[0]), k("k", others[1]), k("k", others[2]), k("k", ours)}, true},
		{"listed with an alg and without", []*jwks.Key{bound, k("k", ours)}, true},
		{"listed under two kids", []*jwks.Key{k("j", ours), k("k", ours)}, true},
		{"several keys, of which none is the signer's", []*jwks.Key{k("k", others[0]), k("k", others[1])}, false},
	}
	for _, row := range rows {
		for _, kid := range []any{"k", nil} {
			t.Run(fmt.Sprintf("%s, kid %v", row.name, kid), func(t *testing.T) {
				v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = static(t, row.keys...) })
				token := issuer.Mint(header("kid", kid))
				for _, when := range []string{"new", "known"} {
					_, err := v.Verify(t.Context(), token)
					if (err == nil) != row.good || err != nil && !strings.Contains(err.Error(), "the signature does not verify") {
						t.Errorf("%s: %v", when, err)
					}
				}
				forged := authtest.Token{Key: newKey(t, "ES256"), Header: map[string]any{"kid": kid}}
				if _, err := v.Verify(t.Context(), issuer.Mint(forged)); !errors.Is(err, middleware.ErrInvalidToken) {
					t.Errorf("forged: %v", err)
				}
			})
		}
	}
}

func TestARememberedTokenFindsItsOwnKeyAmongSeveral(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	var keys []*jwks.Key
	for range 3 {
		keys = append(keys, named(t, "k", newKey(t, "ES256")))
	}
	set := static(t, append(keys, named(t, "k", issuer.Key()))...)
	g := newGuard(t, newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = set }), middleware.Options{})
	r := middleware.Request{Header: bearer(issuer.Mint(header("kid", "k")))}
	for _, remembered := range []bool{false, true} {
		pass, err := g.Check(t.Context(), r, scopes.Authenticated())
		if err != nil {
			t.Fatal(err)
		}
		if pass.Remembered != remembered {
			t.Errorf("remembered: %v, want %v", pass.Remembered, remembered)
		}
	}
}

// asked is a jwks.Set that answers one question after the other, and keeps the questions.
type asked struct {
	answers []func() ([]*jwks.Key, error)
	queries []jwks.Query
}

func (a *asked) Keys(_ context.Context, q jwks.Query) ([]*jwks.Key, error) {
	a.queries = append(a.queries, q)
	if len(a.queries) > len(a.answers) {
		return nil, errors.New("asked too often")
	}
	return a.answers[len(a.queries)-1]()
}

func TestJWTAsksOnceMoreWhenASignatureFails(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	kid := issuer.Key().ID()
	ours := named(t, kid, issuer.Key())
	var others []*jwks.Key
	for range 5 {
		others = append(others, named(t, kid, newKey(t, "ES256")))
	}
	type answer = func() ([]*jwks.Key, error)
	keys := func(keys ...*jwks.Key) answer { return func() ([]*jwks.Key, error) { return keys, nil } }
	fails := func(err error) answer { return func() ([]*jwks.Key, error) { return nil, err } }
	leave := func() {}
	const outage = "connection refused"
	rows := []struct {
		name    string
		answers []answer
		tamper  func(string) string
		tried   []*jwks.Key // nil: not asked again
		want    string      // "": accepted
	}{
		{"the signature verifies", []answer{keys(ours)}, nil, nil, ""},
		{"a key has come", []answer{keys(others[0]), keys(ours)}, nil, others[:1], ""},
		{"several keys have come", []answer{keys(others[0]), keys(others[1], others[2], others[3], ours)}, nil, others[:1], ""},
		{"five keys have come", []answer{keys(others[0]), keys(others[1], others[2], others[3], others[4], ours)}, nil, others[:1], "the signature does not verify"},
		{"of five keys the first four were tried", []answer{keys(others...), fails(jwks.ErrKeyNotFound)}, nil, others[:4], "the signature does not verify"},
		{"no key has come", []answer{keys(others[:2]...), fails(jwks.ErrKeyNotFound)}, nil, others[:2], "the signature does not verify"},
		{"none, and the set says nothing", []answer{keys(others[0]), keys()}, nil, others[:1], "the signature does not verify"},
		{"the set can't say", []answer{keys(others[0]), fails(errors.New(outage))}, nil, others[:1], "the signature does not verify"},
		{"a set that does not heed what was tried", []answer{keys(others[0]), keys(others[0])}, nil, others[:1], "the signature does not verify"},
		{"such a set with another key", []answer{keys(others[0]), keys(others[0], ours)}, nil, others[:1], ""},
		{"the caller leaves", []answer{keys(others[0]), func() ([]*jwks.Key, error) { leave(); return nil, context.Canceled }}, nil, others[:1], "the signature does not verify"},
		{"keys that come with an error", []answer{keys(others[0]), func() ([]*jwks.Key, error) { return []*jwks.Key{ours}, errors.New("stale") }}, nil, others[:1], "the signature does not verify"},
		{"no key at first", []answer{fails(jwks.ErrKeyNotFound)}, nil, nil, "no key of the issuer fits"},
		{"an outage at first", []answer{fails(errors.New(outage))}, nil, nil, outage},
		{"a nil key", []answer{keys(nil), keys(nil, ours)}, nil, []*jwks.Key{nil}, ""},
		{"a signature that is none", []answer{keys(others[0])}, func(s string) string { return s[:len(s)-4] + "+" + s[len(s)-3:] }, nil, "signature: "},
		{"a signature that no key makes", []answer{keys(others[0])}, func(s string) string { return s + strings.Repeat("A", 4096) }, nil, "longer than any key's"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			leave = cancel
			set := &asked{answers: row.answers}
			v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = set })
			_, err := v.Verify(ctx, issuer.Mint(authtest.Token{Tamper: row.tamper}))
			if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
				t.Errorf("err = %v, want %s", err, row.want)
			}
			if invalid := row.want != "" && row.want != outage; invalid != errors.Is(err, middleware.ErrInvalidToken) {
				t.Errorf("err = %v", err)
			}
			if len(set.queries) != len(row.answers) {
				t.Fatalf("%d questions, want %d", len(set.queries), len(row.answers))
			}
			for n, q := range set.queries {
				if q.KeyID != kid || q.Algorithm != "ES256" {
					t.Errorf("question %d: %+v", n, q)
				}
				if want := map[bool][]*jwks.Key{true: row.tried}[n == 1]; !slices.Equal(q.Tried, want) {
					t.Errorf("question %d names %d keys as tried, want %d", n, len(q.Tried), len(want))
				}
			}
		})
	}
}

// cached is a verifier with the issuer's keys in a cache.
func cached(t testing.TB, issuer *authtest.Issuer) *middleware.JWT {
	t.Helper()
	keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	return newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = keys })
}

func TestATokenOfAKeyThatReplacedAnotherPassesAtOnce(t *testing.T) {
	for _, kid := range []any{"the kid", nil} {
		t.Run(fmt.Sprint(kid), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := newIssuer(t, authtest.Config{})
				first, second := issuer.Key(), newKey(t, "ES256")
				publish := func(k *authtest.Key) {
					jwk := k.JWK()
					if delete(jwk, "kid"); kid != nil {
						jwk["kid"] = kid
					}
					doc, err := json.Marshal(map[string]any{"keys": []any{jwk}})
					if err != nil {
						t.Fatal(err)
					}
					issuer.Break(authtest.Fault{OnlyKeys: true, Body: string(doc)})
				}
				publish(first)
				v := cached(t, issuer)
				mint := func(k *authtest.Key) string {
					return issuer.Mint(authtest.Token{Key: k, Header: map[string]any{"kid": kid}})
				}
				old := mint(first)
				if _, err := v.Verify(t.Context(), old); err != nil {
					t.Fatal(err)
				}

				publish(second)
				began := time.Now()
				if _, err := v.Verify(t.Context(), mint(second)); err != nil {
					t.Errorf("a token of the new key: %v", err)
				}
				if _, err := v.Verify(t.Context(), old); !errors.Is(err, middleware.ErrInvalidToken) {
					t.Errorf("a known token of the old key: %v", err)
				}
				if _, err := v.Verify(t.Context(), mint(newKey(t, "ES256"))); !errors.Is(err, middleware.ErrInvalidToken) {
					t.Errorf("a token of nobody's key: %v", err)
				}
				if waited := time.Since(began); waited != 0 {
					t.Errorf("waited for %v", waited)
				}
			})
		})
	}
}

// appending is a Set of the user's that appends to the keys that were tried.
type appending struct{ keys []*jwks.Key }

func (s appending) Keys(_ context.Context, q jwks.Query) ([]*jwks.Key, error) {
	if len(q.Tried) > 0 {
		_ = append(q.Tried, s.keys[0])
		return nil, jwks.ErrKeyNotFound
	}
	return s.keys, nil
}

func TestASetMayAppendToWhatWasTried(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	var set appending
	for range 5 {
		set.keys = append(set.keys, named(t, "", newKey(t, "ES256")))
	}
	fifth := set.keys[4]
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = set })
	if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{})); !errors.Is(err, middleware.ErrInvalidToken) {
		t.Error(err)
	}
	if set.keys[4] != fifth {
		t.Error("the set has another key now")
	}
}

// The key of a remembered token is gone, and comes back as another one. The request asks for it when it finds
// that it is gone, and once more when the signature fails.
func TestARememberedTokenWaitsForKeysTwoSecondsInAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		kid := issuer.Key().ID()
		other := newKey(t, "ES256").JWK()
		other["kid"] = kid
		replaced, err := json.Marshal(map[string]any{"keys": []any{other}})
		if err != nil {
			t.Fatal(err)
		}
		v := cached(t, issuer)
		token := issuer.Mint(authtest.Token{})
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		issuer.Break(authtest.Fault{OnlyKeys: true, Body: `{"keys":[]}`})
		_, _ = v.Verify(t.Context(), issuer.Mint(authtest.Token{Key: newKey(t, "ES256")})) // fetches the keys
		time.Sleep(5 * time.Second)
		issuer.Break(authtest.Fault{OnlyKeys: true, Delay: 1900 * time.Millisecond, Body: string(replaced)})
		start := time.Now()
		_, err = v.Verify(t.Context(), token)
		if took := time.Since(start); took > 2*time.Second || !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("%v after %v, want an invalid token within 2s", err, took)
		}
	})
}

// A cold start and a signature that fails take two questions, and no more than two
// seconds of one request.
func TestOneRequestWaitsForKeysTwoSecondsInAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		client := &http.Client{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
			if !strings.Contains(r.URL.Path, ".well-known/openid") {
				select {
				case <-time.After(1900 * time.Millisecond):
				case <-r.Context().Done():
					return nil, r.Context().Err()
				}
			}
			return issuer.Client().Transport.RoundTrip(r)
		})}
		cache, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: client})
		if err != nil {
			t.Fatal(err)
		}
		defer cache.Close()
		g := newGuard(t, newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = cache }), middleware.Options{})
		forged := issuer.Mint(authtest.Token{Key: newKey(t, "ES256"), Header: map[string]any{"kid": issuer.Key().ID()}})
		start := time.Now()
		_, err = g.Check(t.Context(), middleware.Request{Header: bearer(forged)}, scopes.Authenticated())
		if took := time.Since(start); took > 2*time.Second || codeOf(err) != "invalid" {
			t.Errorf("%q after %v, want invalid within 2s", codeOf(err), took)
		}
	})
}

// The issuer is slow and has replaced a key. The verifier waits for the new key.
func TestTheSecondQuestionMayTakeMostOfTheTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		next := newKey(t, "ES256")
		kid := issuer.Key().ID()
		v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
			c.Keys = setFunc(func(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
				if len(q.Tried) == 0 {
					return []*jwks.Key{named(t, kid, issuer.Key())}, nil
				}
				select {
				case <-time.After(1900 * time.Millisecond):
					return []*jwks.Key{named(t, kid, next)}, nil
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			})
		})
		if _, err := v.Verify(
			t.Context(), issuer.Mint(authtest.Token{Key: next, Header: map[string]any{"kid": kid}}),
		); err != nil {
			t.Error(err)
		}
	})
}
