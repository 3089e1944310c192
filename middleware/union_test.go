package middleware_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

func union(t testing.TB, sets ...jwks.Set) jwks.Set {
	t.Helper()
	set, err := jwks.Union(sets...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// cache fetches the keys of issuer.
func cache(t testing.TB, issuer *authtest.Issuer) *jwks.Cache {
	t.Helper()
	keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	return keys
}

// joined is a union of the user's own. It is not known what it returns.
type joined []jwks.Set

func (j joined) Keys(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
	return j[0].Keys(ctx, q)
}
func (j joined) Sets() []jwks.Set { return j }

func TestAlgorithmsOfAUnion(t *testing.T) {
	const (
		mixed = "Algorithms: HMAC beside public-key algorithms: a public key could be taken for a secret. " +
			"If the issuer has both, join a set of its secrets and sets of its public keys by jwks.Union"
		noSecret = "Algorithms: HMAC needs Keys of your own"
	)
	secrets, public := trust(t, newKey(t, "HS256")), trust(t, newKey(t, "ES256"))
	remote := cache(t, newIssuer(t, authtest.Config{}))
	own := setFunc(func(context.Context, jwks.Query) ([]*jwks.Key, error) {
		t.Error("a set of the user's own was asked")
		return nil, jwks.ErrKeyNotFound
	})
	both := []string{"HS256", "ES256"}
	rows := []struct {
		name string
		keys jwks.Set
		algs []string
		want []string
	}{
		{"secrets and fetched keys", union(t, secrets, remote), both, nil},
		{"fetched keys and secrets", union(t, remote, secrets), both, nil},
		{"secrets and fixed keys", union(t, secrets, public), both, nil},
		{"secrets and keys of the user's own", union(t, secrets, own), both, nil},
		{"secrets of the user's own and fetched keys", union(t, own, remote), both, nil},
		{"a union in a union", union(t, union(t, secrets), remote), both, nil},
		{"two kinds of public keys", union(t, public, remote), []string{"ES256", "RS256"}, nil},
		{"two sets of secrets", union(t, secrets, trust(t, newKey(t, "HS256"))), []string{"HS256"}, nil},

		{"a set of the user's own alone", own, both, []string{mixed}},
		{"a union of that alone", union(t, own), both, []string{mixed}},
		{"secrets alone", secrets, both, []string{mixed}},
		{"fetched keys alone", remote, both, []string{mixed, noSecret}},
		{"a union without secrets", union(t, public, remote), both, []string{mixed, noSecret}},
		{"a union of fixed keys without secrets", union(t, public, public), both, []string{mixed}},
		{"a union of secrets", union(t, secrets, secrets), both, []string{mixed}},
		{"a union without secrets, the fetched keys first", union(t, remote, public), both, []string{mixed, noSecret}},
		{"a set of the user's own that has sets", joined{secrets, public}, both, []string{mixed}},
		{"HMAC alone for a union without secrets", union(t, remote, remote), []string{"HS256"}, []string{noSecret}},
		{"secrets that no algorithm uses", union(t, remote, secrets), nil, []string{
			"Algorithms: set 2 of the union in Keys serves HS256, but none of the accepted RS256, PS256, ES256, EdDSA: " +
				"list its algorithm, too, or leave the set out",
		}},
		{"fixed keys that no algorithm uses", union(t, public, secrets), []string{"HS256"}, []string{
			"Algorithms: set 1 of the union in Keys serves ES256, but none of the accepted HS256",
		}},
	}
	for _, row := range rows {
		err := start(t, func(c *middleware.JWTConfig) { c.Keys, c.Algorithms = row.keys, row.algs })
		var faults []string
		if err != nil {
			faults = strings.Split(err.Error(), "\n")
		}
		if len(faults) != len(row.want) {
			t.Errorf("%s: got %v, want %d faults", row.name, err, len(row.want))
		}
		for _, want := range row.want {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %s", row.name, err, want)
			}
		}
	}
}

// The issuer signed with a secret, and now signs with a key. Tokens of both kinds are good.
func TestSecretsBesidePublicKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		secret := newKey(t, "HS256")
		fetched := cache(t, issuer)
		v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
			c.Keys = union(t, trust(t, secret), fetched)
			c.Algorithms = []string{"HS256", "ES256"}
		})
		g := newGuard(t, v, middleware.Options{})
		if err := g.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		remembered := func(token string) []bool {
			var all []bool
			for range 2 {
				pass, err := g.Check(t.Context(), middleware.Request{Header: bearer(token)}, scopes.Authenticated())
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, pass.Remembered)
			}
			return all
		}
		old, present := issuer.Mint(authtest.Token{Key: secret}), issuer.Mint(authtest.Token{})
		for name, token := range map[string]string{"the secret's": old, "the key's": present} {
			if got := remembered(token); got[0] || !got[1] {
				t.Errorf("%s token is remembered: %v", name, got)
			}
		}

		// The issuer is down. Nothing changes for known keys, and an unknown one is an outage.
		issuer.Break(authtest.Fault{Down: true})
		next := issuer.Rotate()
		time.Sleep(time.Hour)
		for name, token := range map[string]string{"the secret's": old, "the key's": present} {
			_, err := v.Verify(t.Context(), token)
			if !errors.Is(err, middleware.ErrExpired) { // five minutes have passed
				t.Errorf("%s token in an outage: %v", name, err)
			}
		}
		_, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{Key: next}))
		if err == nil || errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("an unknown key in an outage: %v", err)
		}
		_, err = v.Verify(t.Context(), issuer.Mint(authtest.Token{Key: newKey(t, "HS256")}))
		if !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("an unknown secret in an outage: %v", err)
		}

		// The issuer withdraws a key. A token that was remembered with it is refused, and the others pass.
		issuer.Heal()
		time.Sleep(time.Hour)
		withdrawn, kept := issuer.Mint(authtest.Token{Key: next}), issuer.Mint(authtest.Token{Key: secret})
		_, _ = remembered(withdrawn), remembered(kept)
		issuer.Rotate()
		issuer.Withdraw(next)
		if err := fetched.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), withdrawn); !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("a token of a withdrawn key: %v", err)
		}
		if got := remembered(kept); !got[0] {
			t.Error("the secret's token is not remembered any more")
		}
	})
}

// A union with a set of the user's own may take time for each token, so that the check counts as one that
// waited.
func TestAUnionWithASetOfTheUsersOwnIsNotPrompt(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	others := trust(t, newKey(t, "ES256"))
	asked := 0
	own := setFunc(func(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
		if ctx.Err() != nil {
			t.Error("asked with a context that has ended")
		}
		asked++
		return others.Keys(ctx, q)
	})
	for _, row := range []struct {
		name       string
		keys       jwks.Set
		remembered bool
	}{
		{"with a set of the user's own", union(t, own, trust(t, issuer.Key())), false},
		{"without one", union(t, others, trust(t, issuer.Key())), true},
	} {
		g := newGuard(t, newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = row.keys }), middleware.Options{})
		r := middleware.Request{Header: bearer(issuer.Mint(authtest.Token{}))}
		var pass middleware.Pass
		for range 2 {
			var err error
			if pass, err = g.Check(t.Context(), r, scopes.Authenticated()); err != nil {
				t.Fatal(err)
			}
		}
		if pass.Remembered != row.remembered {
			t.Errorf("%s: remembered %v", row.name, pass.Remembered)
		}
	}
	if asked != 2 {
		t.Errorf("the set was asked %d times, want 2", asked)
	}
}

// A guard that gets a union does not close its caches.
func TestAGuardDoesNotCloseTheCachesOfAUnion(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	fetched := cache(t, issuer)
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = union(t, fetched) })
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if err := fetched.Refresh(t.Context()); err != nil {
		t.Error(err)
	}
}
