package jwks_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

func union(t testing.TB, sets ...jwks.Set) jwks.Set {
	t.Helper()
	u, err := jwks.Union(sets...)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// ownSet is a set of the user's own.
type ownSet func(context.Context, jwks.Query) ([]*jwks.Key, error)

func (f ownSet) Keys(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) { return f(ctx, q) }

func edNamed(kid string, seed byte) *jwks.Key { return must(jwks.NewKey(kid, "EdDSA", edPublic(seed))) }

func TestAUnionKeepsNotFoundAndOutageApart(t *testing.T) {
	const has, hasNot, isDown = "has the key", "does not have it", "is down"
	states := map[string]func(t *testing.T, fixed bool) jwks.Set{
		has: func(t *testing.T, fixed bool) jwks.Set {
			if fixed {
				return must(jwks.Static(edNamed("a", 1)))
			}
			return start(t, jwks.Config{}, answering(ok(edJWK("a", 1))))
		},
		hasNot: func(t *testing.T, fixed bool) jwks.Set {
			if fixed {
				return must(jwks.Static(edNamed("z", 9)))
			}
			return start(t, jwks.Config{}, answering(ok(edJWK("z", 9))))
		},
		isDown: func(t *testing.T, fixed bool) jwks.Set {
			if fixed {
				return ownSet(func(context.Context, jwks.Query) ([]*jwks.Key, error) {
					return nil, errors.New("jwks: keys are unavailable: the store is down")
				})
			}
			return start(t, jwks.Config{}, answering(down))
		},
	}
	rows := []struct {
		first, second string
		check         func(t testing.TB, c jwks.Set, kid string)
	}{
		{has, has, nil},
		{has, hasNot, nil},
		{has, isDown, nil},
		{hasNot, hasNot, mustNotFind},
		{hasNot, isDown, mustBeOutage},
		{isDown, isDown, mustBeOutage},
	}
	for _, row := range rows {
		for _, order := range [][2]string{{row.first, row.second}, {row.second, row.first}} {
			for kind := range 4 {
				t.Run(fmt.Sprint("one ", order[0], ", the other ", order[1], ", kind ", kind), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						u := union(t, states[order[0]](t, kind&1 == 1), states[order[1]](t, kind&2 == 2))
						if row.check != nil {
							row.check(t, u, "a")
							return
						}
						mustVerify(t, mustServe(t, u, "a"), 1)
					})
				})
			}
		}
	}
}

func TestAUnionTellsEachOutage(t *testing.T) {
	fails := func(why string) jwks.Set {
		return ownSet(func(context.Context, jwks.Query) ([]*jwks.Key, error) { return nil, errors.New(why) })
	}
	_, err := ask(union(t, fails("one is down"), must(jwks.Static(edNamed("z", 9))), fails("two is down")), "a")
	if err == nil || err.Error() != "one is down; and two is down" {
		t.Errorf("got %v", err)
	}
}

func TestAKnownKeyOfAUnionWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs, works := answering(reply{delay: time.Hour}), answering(ok(edJWK("a", 1)))
		u := union(t, start(t, jwks.Config{}, hangs), start(t, jwks.Config{}, works))
		synctest.Wait()
		began := time.Now()
		ended, end := context.WithCancel(t.Context())
		end()
		for range 10 {
			mustServe(t, u, "a")
			if _, err := askCtx(ended, u, "a"); err != nil {
				t.Errorf("a known key needs no context: %v", err)
			}
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v", waited)
		}
		mustFetch(t, hangs, 1)
		mustFetch(t, works, 1)
	})
}

func TestANewKeyOfAUnionDoesNotWaitForTheOtherSets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		works := answering(ok(edJWK("a", 1)))
		u := union(t, start(t, jwks.Config{}, answering(reply{delay: time.Hour})), start(t, jwks.Config{}, works))
		synctest.Wait()
		works.answer(reply{body: keySet(edJWK("a", 1), edJWK("b", 2)), delay: time.Second})
		began := time.Now()
		mustVerify(t, mustServe(t, u, "b"), 2)
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("waited %v, want 1 s", waited)
		}
		began = time.Now()
		mustBeOutage(t, u, "c")
		if waited := time.Since(began); waited > 2*time.Second {
			t.Errorf("waited %v for two sets, want 2 s at most", waited)
		}
	})
}

func TestACallerOfAUnionWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := union(t, start(t, jwks.Config{}, answering(reply{delay: time.Hour})), must(jwks.Static(edNamed("z", 9))))
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("the client hung up")
		time.AfterFunc(time.Second, func() { cancel(reason) })
		for range 2 { // the second caller comes with a context that has ended
			_, err := askCtx(ctx, u, "a")
			if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) || errors.Is(err, jwks.ErrKeyNotFound) {
				t.Errorf("got %v, want the context's error and its cause", err)
			}
		}
	})
}

// kids returns the kids of the answer to q, or the error.
func kids(t testing.TB, s jwks.Set, q jwks.Query) string {
	t.Helper()
	keys, err := s.Keys(t.Context(), q)
	if err != nil {
		return err.Error()
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.ID())
	}
	return strings.Join(names, " ")
}

func TestAUnionAnswersInTheOrderOfItsSets(t *testing.T) {
	fixed := func(keys ...*jwks.Key) jwks.Set { return must(jwks.Static(keys...)) }
	a, b, c, d, e := edNamed("a", 1), edNamed("b", 2), edNamed("c", 3), edNamed("d", 4), edNamed("e", 5)
	any1, any9 := edNamed("", 1), edNamed("", 9)
	given := func(keys ...*jwks.Key) jwks.Set {
		return ownSet(func(context.Context, jwks.Query) ([]*jwks.Key, error) { return keys, nil })
	}
	rows := []struct {
		name string
		sets []jwks.Set
		q    jwks.Query
		want string
	}{
		{"all keys for a token without a kid", []jwks.Set{fixed(b, a), fixed(c)}, jwks.Query{}, "b a c"},
		{"the sets the other way", []jwks.Set{fixed(c), fixed(b, a)}, jwks.Query{}, "c b a"},
		{"the keys with the kid", []jwks.Set{fixed(a), fixed(b)}, jwks.Query{KeyID: "b"}, "b"},
		{"a key without a kid before one with it", []jwks.Set{fixed(any9), fixed(b)}, jwks.Query{KeyID: "b"}, " b"},
		{"the same material once", []jwks.Set{fixed(a), fixed(any1)}, jwks.Query{KeyID: "a"}, "a"},
		{"a set twice", []jwks.Set{fixed(a, b), fixed(a, b)}, jwks.Query{}, "a b"},
		{"the first four of more", []jwks.Set{fixed(a, b, c), fixed(d, e)}, jwks.Query{}, "a b c d"},
		{"the first four of one that has more", []jwks.Set{fixed(a, b, c, d, e), fixed(any9)}, jwks.Query{}, "a b c d"},
		{"the others of the first four", []jwks.Set{fixed(a, b), fixed(c, d, e)}, jwks.Query{Tried: []*jwks.Key{a, c}}, "b d"},
		{"no fifth", []jwks.Set{fixed(a, b), fixed(c, d, e)}, jwks.Query{Tried: []*jwks.Key{a, b, c, d}}, "jwks: key not found"},
		{"nothing for another algorithm", []jwks.Set{fixed(a), fixed(b)}, jwks.Query{Algorithm: "ES256"}, "jwks: key not found"},
		{"unions in a union", []jwks.Set{union(t, fixed(a), fixed(b)), union(t, fixed(c))}, jwks.Query{}, "a b c"},
		{"a set of the user's own", []jwks.Set{given(a, b), fixed(c)}, jwks.Query{}, "a b c"},
		{"a set of the user's own with nil keys", []jwks.Set{given(nil, a, nil), fixed(b)}, jwks.Query{}, "a b"},
		{"a set of the user's own with nothing", []jwks.Set{given(), fixed(b)}, jwks.Query{}, "b"},
		{"only sets with nothing", []jwks.Set{given(), given(nil)}, jwks.Query{}, "jwks: key not found"},
		{"a set of the user's own that does not heed Tried", []jwks.Set{given(a)}, jwks.Query{Tried: []*jwks.Key{a}}, "jwks: key not found"},
	}
	for _, row := range rows {
		if row.q.Algorithm == "" {
			row.q.Algorithm = "EdDSA"
		}
		if got := kids(t, union(t, row.sets...), row.q); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

// The issuers replace keys under their kids. A union finds the new ones, as each of its sets does.
func TestAKeyOfAUnionThatWasReplaced(t *testing.T) {
	for replaced := range 2 {
		synctest.Test(t, func(t *testing.T) {
			issuers := [2]*issuer{answering(ok(edJWK("a", 1))), answering(ok(edJWK("a", 2)))}
			u := union(t, start(t, jwks.Config{}, issuers[0]), start(t, jwks.Config{}, issuers[1]))
			synctest.Wait()
			q := jwks.Query{KeyID: "a", Algorithm: "EdDSA"}
			q.Tried = must(u.Keys(t.Context(), q))
			if len(q.Tried) != 2 {
				t.Fatalf("got %d keys", len(q.Tried))
			}
			issuers[replaced].answer(ok(edJWK("a", 3)))
			keys, err := u.Keys(t.Context(), q)
			if err != nil || len(keys) != 1 {
				t.Fatalf("set %d: got %d keys, error %v", replaced, len(keys), err)
			}
			mustVerify(t, keys[0], 3)
			// Nothing else is new, and neither issuer is asked again yet.
			q.Tried = must(u.Keys(t.Context(), jwks.Query{KeyID: "a", Algorithm: "EdDSA"}))
			if got := kids(t, u, q); got != "jwks: key not found" {
				t.Errorf("got %s", got)
			}
			mustFetch(t, issuers[0], 2)
			mustFetch(t, issuers[1], 2)
		})
	}
}

// A key that is the fifth in the union is not tried, although it is the first of its set.
func TestAUnionLooksForNoFifthKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("e", 5)))
		first := must(jwks.Static(edNamed("a", 1), edNamed("b", 2), edNamed("c", 3), edNamed("d", 4)))
		u := union(t, first, start(t, jwks.Config{}, i))
		synctest.Wait()
		q := jwks.Query{Algorithm: "EdDSA"}
		q.Tried = must(u.Keys(t.Context(), q))
		i.answer(ok(edJWK("f", 6)))
		if got := kids(t, u, q); got != "jwks: key not found" {
			t.Errorf("got %s", got)
		}
	})
}

// The second set has a key that is the fifth of the union. That must not end the look for a replaced key of
// the first set.
func TestAFifthKeyOfAUnionHidesNoReplacedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rotates := answering(ok(edJWK("a", 1), edJWK("b", 2), edJWK("c", 3), edJWK("d", 4)))
		u := union(t, start(t, jwks.Config{}, rotates), start(t, jwks.Config{}, answering(ok(edJWK("e", 5)))))
		synctest.Wait()
		q := jwks.Query{Algorithm: "EdDSA"}
		q.Tried = must(u.Keys(t.Context(), q))
		rotates.answer(reply{body: keySet(edJWK("f", 6), edJWK("b", 2), edJWK("c", 3), edJWK("d", 4)), delay: time.Second})
		if got := kids(t, u, q); got != "f" {
			t.Errorf("got %s, want the new key", got)
		}
	})
}

func TestAnOutageChangesNothingForATokenThatAUnionHasRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := ownSet(func(context.Context, jwks.Query) ([]*jwks.Key, error) { return nil, errors.New("down") })
		u := union(t, must(jwks.Static(edNamed("a", 1))), start(t, jwks.Config{}, answering(down)), broken)
		q := jwks.Query{KeyID: "a", Algorithm: "EdDSA"}
		q.Tried = must(u.Keys(t.Context(), q))
		if _, err := u.Keys(t.Context(), q); !errors.Is(err, jwks.ErrKeyNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// A set of the user's own is asked with Tried after the known keys, as Query says.
func TestAUnionAsksASetOfTheUsersOwn(t *testing.T) {
	old, replacement := edNamed("a", 1), edNamed("a", 2)
	var queries []int // the number of tried keys
	s := ownSet(func(_ context.Context, q jwks.Query) ([]*jwks.Key, error) {
		if queries = append(queries, len(q.Tried)); len(q.Tried) > 0 {
			return []*jwks.Key{replacement}, nil
		}
		return []*jwks.Key{old}, nil
	})
	u := union(t, s, must(jwks.Static(edNamed("z", 9))))
	q := jwks.Query{KeyID: "a", Algorithm: "EdDSA"}
	mustVerify(t, must(u.Keys(t.Context(), q))[0], 1)
	q.Tried = []*jwks.Key{old}
	mustVerify(t, must(u.Keys(t.Context(), q))[0], 2)
	if fmt.Sprint(queries) != "[0 0 2]" {
		t.Errorf("got %v", queries)
	}
}

// A Set of the user's that wraps a union may append to the answer. Other callers share the slice of the set
// in the union.
func TestAnAnswerOfAUnionHasNoSpareCapacity(t *testing.T) {
	a, b := edNamed("a", 1), edNamed("b", 2)
	shared := []*jwks.Key{a, b}
	own := ownSet(func(context.Context, jwks.Query) ([]*jwks.Key, error) { return shared[:1], nil })
	u := union(t, own, must(jwks.Static(edNamed("z", 9))))
	for _, q := range []jwks.Query{{KeyID: "a"}, {KeyID: "a", Tried: []*jwks.Key{b}}, {}} {
		q.Algorithm = "EdDSA"
		_ = append(must(u.Keys(t.Context(), q)), edNamed("c", 3))
		if shared[1] != b {
			t.Fatalf("%+v: the set in the union has another key now", q)
		}
	}
}

// Any octets may be a secret. A set of the user's own may answer with a key that does not serve the
// algorithm.
func TestASecretThatIsAPublicKeyIsAnotherKey(t *testing.T) {
	public := must(jwks.NewKey("public", "", &rsaKey().PublicKey))
	octets := must(x509.MarshalPKIXPublicKey(&rsaKey().PublicKey))
	secrets := must(jwks.Static(must(jwks.NewSecret("secret", "HS256", octets))))
	any1 := ownSet(func(context.Context, jwks.Query) ([]*jwks.Key, error) { return []*jwks.Key{public}, nil })
	q := jwks.Query{Algorithm: "HS256"}
	if got := kids(t, union(t, any1, secrets), q); got != "public secret" {
		t.Errorf("got %s", got)
	}
	q.Tried = []*jwks.Key{public}
	for name, set := range map[string]jwks.Set{"a union": union(t, any1, secrets), "a static set": secrets} {
		if got := kids(t, set, q); got != "secret" {
			t.Errorf("%s after the public key was tried: got %s", name, got)
		}
	}
}

func TestAPanicOfASetInAUnionReachesTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		panics := ownSet(func(_ context.Context, q jwks.Query) ([]*jwks.Key, error) {
			if len(q.Tried) > 0 {
				panic("out of luck")
			}
			return nil, jwks.ErrKeyNotFound
		})
		u := union(t, panics, start(t, jwks.Config{}, answering(reply{delay: time.Hour})))
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_, _ = u.Keys(t.Context(), jwks.Query{Algorithm: "EdDSA", Tried: []*jwks.Key{edNamed("a", 1)}})
	})
}

// An issuer publishes no secrets, so tokens with HMAC must not cause requests.
func TestAUnionAsksNoIssuerForASecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(down)
		hs := must(jwks.NewSecret("s", "HS256", secret))
		u := union(t, start(t, jwks.Config{}, i), must(jwks.Static(hs)))
		time.Sleep(time.Hour)
		before := i.fetches()
		q := jwks.Query{KeyID: "s", Algorithm: "HS256"}
		q.Tried = must(u.Keys(t.Context(), q))
		for _, q := range []jwks.Query{q, {KeyID: "t", Algorithm: "HS256"}, {KeyID: "s", Algorithm: "HS512"}} {
			if _, err := u.Keys(t.Context(), q); !errors.Is(err, jwks.ErrKeyNotFound) {
				t.Errorf("%s: got %v", q.KeyID, err)
			}
		}
		mustFetch(t, i, before)
	})
}

func TestNeitherKindOfAUnionServesTheOther(t *testing.T) {
	all := []*jwks.Key{
		must(jwks.NewKey("rsa", "", &rsaKey().PublicKey)), must(jwks.NewKey("ec", "", &ecKey().PublicKey)),
		edNamed("ed", 1),
	}
	u := union(t, must(jwks.Static(must(jwks.NewSecret("", "HS256", secret)))), must(jwks.Static(all...)))
	for alg, signature := range signatures() {
		keys, err := u.Keys(t.Context(), jwks.Query{Algorithm: alg})
		if err != nil {
			continue
		}
		for _, k := range keys {
			if isSecret := k.Verify("HS256", input, signatures()["HS256"]) == nil; isSecret != (alg == "HS256") {
				t.Errorf("%s: a secret is in the answer: %v", alg, isSecret)
			}
		}
		if err := keys[0].Verify(alg, input, signature); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

func TestReadyOfAUnionWaitsForEachSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := answering(reply{body: keySet(edJWK("a", 1)), delay: 3 * time.Second})
		quick := start(t, jwks.Config{}, answering(ok()))
		u := union(t, quick, must(jwks.Static(edNamed("z", 9))), start(t, jwks.Config{}, slow))
		ready := u.(interface{ Ready(context.Context) error }).Ready
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after a second: %v", err)
		}
		if err := ready(t.Context()); err != nil {
			t.Error(err)
		}
		mustServe(t, u, "a")
	})
}

func TestUnionRefuses(t *testing.T) {
	good := must(jwks.Static(edNamed("a", 1)))
	for name, sets := range map[string][]jwks.Set{
		"nothing":                  nil,
		"nil":                      {good, nil},
		"a cache that is nil":      {(*jwks.Cache)(nil), good},
		"a function that is nil":   {ownSet(nil)},
		"the result of an invalid": {jwks.Set(nil)},
	} {
		if u, err := jwks.Union(sets...); err == nil || u != nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestTheSetsOfAUnionAreTheCallersOwn(t *testing.T) {
	sets := []jwks.Set{must(jwks.Static(edNamed("a", 1))), must(jwks.Static(edNamed("b", 2)))}
	u := union(t, sets...)
	sets[0] = nil
	u.(interface{ Sets() []jwks.Set }).Sets()[1] = nil
	mustServe(t, u, "a")
	mustServe(t, u, "b")
}

func TestAKnownKeyOfAUnionAllocatesNothing(t *testing.T) {
	c := start(t, jwks.Config{}, answering(ok(edJWK("a", 1))))
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	u := union(t, must(jwks.Static(edNamed("z", 9))), c)
	q := jwks.Query{KeyID: "a", Algorithm: "EdDSA"}
	first := must(u.Keys(t.Context(), q))[0]
	if n := testing.AllocsPerRun(100, func() {
		if keys, err := u.Keys(t.Context(), q); err != nil || keys[0] != first {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
