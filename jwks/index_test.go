package jwks_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

// mustAnswer wants exactly these keys, in this order.
func mustAnswer(t *testing.T, name string, set jwks.Set, q jwks.Query, want ...*jwks.Key) {
	t.Helper()
	got, err := set.Keys(t.Context(), q)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %s, want %s", name, names(got), names(want))
	}
	if (err == nil) != (len(want) > 0) || err != nil && !errors.Is(err, jwks.ErrKeyNotFound) {
		t.Errorf("%s: got error %v", name, err)
	}
}

func names(keys []*jwks.Key) string {
	var ids []string
	for _, k := range keys {
		ids = append(ids, "'"+k.ID()+"'")
	}
	return "[" + strings.Join(ids, " ") + "]"
}

// mustHold wants the keys of these seeds for EdDSA, in this order.
func mustHold(t *testing.T, name string, set jwks.Set, kid string, seeds ...byte) {
	t.Helper()
	keys, _ := set.Keys(t.Context(), jwks.Query{KeyID: kid, Algorithm: "EdDSA"})
	var got []byte
	for _, k := range keys {
		for seed := range byte(16) {
			if k.Verify("EdDSA", input, edSign(seed)) == nil {
				got = append(got, seed)
			}
		}
	}
	if !slices.Equal(got, seeds) {
		t.Errorf("%s: got keys %v, want %v", name, got, seeds)
	}
}

func TestKeys(t *testing.T) {
	ed1 := must(jwks.NewKey("a", "", edPublic(1)))
	ed2 := must(jwks.NewKey("a", "EdDSA", edPublic(2)))
	ed3 := must(jwks.NewKey("c", "", edPublic(3)))
	rs := must(jwks.NewKey("r", "RS256", &rsaKey().PublicKey))
	twin := must(jwks.NewKey("a", "", edPublic(1)))
	set := must(jwks.Static(ed1, rs, ed2, ed3, twin))
	rows := []struct {
		name string
		q    jwks.Query
		want []*jwks.Key
	}{
		{"by kid and alg", jwks.Query{KeyID: "r", Algorithm: "RS256"}, []*jwks.Key{rs}},
		{"both keys under one kid", jwks.Query{KeyID: "a", Algorithm: "EdDSA"}, []*jwks.Key{ed1, ed2}},
		{"of these only the one that serves the alg", jwks.Query{KeyID: "a", Algorithm: "Ed25519"}, []*jwks.Key{ed1}},
		{"of these only the one that was not tried", jwks.Query{KeyID: "a", Algorithm: "EdDSA", Tried: []*jwks.Key{ed1}}, []*jwks.Key{ed2}},
		{"a key of the same material was tried", jwks.Query{KeyID: "a", Algorithm: "EdDSA", Tried: []*jwks.Key{twin}}, []*jwks.Key{ed2}},
		{"a nil key was tried", jwks.Query{KeyID: "a", Algorithm: "Ed25519", Tried: []*jwks.Key{nil}}, []*jwks.Key{ed1}},
		{"all were tried", jwks.Query{KeyID: "a", Algorithm: "EdDSA", Tried: []*jwks.Key{ed2, ed1}}, nil},
		{"no kid: any key", jwks.Query{Algorithm: "EdDSA"}, []*jwks.Key{ed1, ed2, ed3}},
		{"an alg that nobody serves", jwks.Query{KeyID: "a", Algorithm: "ES256"}, nil},
		{"another alg of the type", jwks.Query{KeyID: "r", Algorithm: "RS384"}, nil},
		{"no alg", jwks.Query{KeyID: "a"}, nil},
		{"an unknown kid", jwks.Query{KeyID: "b", Algorithm: "EdDSA"}, nil},
		{"a kid in another case", jwks.Query{KeyID: "A", Algorithm: "EdDSA"}, nil},
	}
	for _, row := range rows {
		mustAnswer(t, row.name, set, row.q, row.want...)
	}
}

// A key that is in the set several times is tried once, under the first of its kids.
func TestKeysReturnsTheSameMaterialOnce(t *testing.T) {
	alg := func(name, jwk string) string { return `{"alg":"` + name + `",` + jwk[1:] }
	rows := []struct {
		name, doc, kid string
		want           []byte
	}{
		{"with an alg and without", keySet(alg("EdDSA", edJWK("a", 1)), edJWK("a", 1)), "a", []byte{1}},
		{"without an alg and with", keySet(edJWK("a", 1), alg("EdDSA", edJWK("a", 1))), "a", []byte{1}},
		{"under two kids, for a token without one", keySet(edJWK("a", 1), edJWK("b", 1)), "", []byte{1}},
		{"under two kids, by the second", keySet(edJWK("a", 1), edJWK("b", 1)), "b", []byte{1}},
		{"with another key between", keySet(edJWK("a", 2), edJWK("a", 1), alg("EdDSA", edJWK("a", 2)), edJWK("a", 3)), "a", []byte{2, 1, 3}},
		{"the first place lacks the algorithm", keySet(alg("Ed25519", edJWK("a", 1)), edJWK("a", 2), edJWK("a", 1)), "a", []byte{2, 1}},
	}
	for _, row := range rows {
		mustHold(t, row.name, must(jwks.ParseSet([]byte(row.doc))), row.kid, row.want...)
	}
}

// A verifier tries the first four keys of an answer. With Tried, it must get no fifth one.
func TestKeysUntriedAreAmongTheFirstFour(t *testing.T) {
	var keys []*jwks.Key
	for seed := range byte(6) {
		keys = append(keys, must(jwks.NewKey("a", "", edPublic(seed))))
	}
	set := must(jwks.Static(keys...))
	for _, kid := range []string{"a", ""} {
		q := jwks.Query{KeyID: kid, Algorithm: "EdDSA"}
		mustAnswer(t, "nothing was tried", set, q, keys...)
		q.Tried = keys[1:3]
		mustAnswer(t, "two of the first four were tried", set, q, keys[0], keys[3])
		q.Tried = keys[:4]
		mustAnswer(t, "the first four were tried", set, q)
		q.Tried = keys[4:]
		mustAnswer(t, "others were tried", set, q, keys[:4]...)
	}
}

// An operator who configures a key knows the issuer, so the key needs no kid.
func TestStaticKeyWithoutAKidServesAnyKid(t *testing.T) {
	unnamed := must(jwks.NewKey("", "", edPublic(3)))
	named := must(jwks.NewKey("a", "", edPublic(1)))
	rs := must(jwks.NewKey("r", "", &rsaKey().PublicKey))
	twin := must(jwks.NewKey("t", "", edPublic(3)))
	set := must(jwks.Static(unnamed, named, rs, twin))
	mustAnswer(t, "a kid that nobody has", set, jwks.Query{KeyID: "x", Algorithm: "EdDSA"}, unnamed)
	mustAnswer(t, "the exact kid comes first", set, jwks.Query{KeyID: "a", Algorithm: "EdDSA"}, named, unnamed)
	mustAnswer(t, "the exact kid lacks the algorithm", set, jwks.Query{KeyID: "r", Algorithm: "EdDSA"}, unnamed)
	mustAnswer(t, "the same material under the exact kid", set, jwks.Query{KeyID: "t", Algorithm: "EdDSA"}, twin)
	mustAnswer(t, "no kid: the set's order", set, jwks.Query{Algorithm: "EdDSA"}, unnamed, named)
	mustAnswer(t, "an algorithm that it does not serve", set, jwks.Query{KeyID: "x", Algorithm: "RS256"})
	mustAnswer(t, "it was tried", set, jwks.Query{KeyID: "x", Algorithm: "EdDSA", Tried: []*jwks.Key{unnamed}})

	bound := must(jwks.NewKey("", "EdDSA", edPublic(3)))
	mustAnswer(
		t, "the same material twice", must(jwks.Static(unnamed, bound)), jwks.Query{KeyID: "x", Algorithm: "EdDSA"},
		unnamed,
	)

	hs := must(jwks.NewSecret("", "HS256", secret))
	mustAnswer(t, "a secret", must(jwks.Static(hs)), jwks.Query{KeyID: "x", Algorithm: "HS256"}, hs)
	mustAnswer(t, "a secret for another algorithm", must(jwks.Static(hs)), jwks.Query{KeyID: "x", Algorithm: "HS512"})
	mustAnswer(
		t, "a set in which every key has a kid", must(jwks.Static(named)), jwks.Query{KeyID: "x", Algorithm: "EdDSA"},
	)
}

// If a document has a key without a kid, nothing says that the key belongs to another kid.
func TestParseSetKeyWithoutAKidServesOnlyTokensWithoutAKid(t *testing.T) {
	unnamed := unnamed(edJWK("a", 1))
	set := must(jwks.ParseSet([]byte(keySet(unnamed, edJWK("b", 2)))))
	mustNotFind(t, set, "x")
	mustHold(t, "the exact kid", set, "b", 2)
	mustHold(t, "no kid", set, "", 1, 2)
}

func TestCacheKeyWithoutAKidServesOnlyTokensWithoutAKid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(unnamed(edJWK("a", 1)), edJWK("b", 2)))
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		for range 3 {
			synctest.Wait()
			mustNotFind(t, c, "x")
			mustHold(t, "the exact kid", c, "b", 2)
			mustHold(t, "no kid", c, "", 1, 2)
			time.Sleep(time.Minute)
		}
	})
}

// A user's Set may append to an answer. Other callers must not see that in theirs.
func TestKeysAnswersShareNoSpareCapacity(t *testing.T) {
	var keys []*jwks.Key
	for seed := range byte(3) { // the fourth place is free
		keys = append(keys, must(jwks.NewKey("a", "EdDSA", edPublic(seed))))
	}
	named := must(jwks.Static(keys...))
	unnamed := must(jwks.Static(
		must(jwks.NewKey("", "EdDSA", edPublic(0))), must(jwks.NewKey("", "EdDSA", edPublic(1))),
		must(jwks.NewKey("", "EdDSA", edPublic(2))),
	))
	published := must(jwks.ParseSet([]byte(keySet(edJWK("a", 0), edJWK("a", 1), edJWK("a", 2)))))
	one, two := must(jwks.NewKey("a", "EdDSA", edPublic(8))), must(jwks.NewKey("a", "EdDSA", edPublic(9)))
	for _, set := range []jwks.Set{named, unnamed, published} {
		for _, q := range []jwks.Query{
			{KeyID: "a", Algorithm: "EdDSA"}, {Algorithm: "EdDSA"}, {KeyID: "a", Algorithm: "EdDSA", Tried: keys[:1]},
		} {
			first := append(must(set.Keys(t.Context(), q)), one)
			second := append(must(set.Keys(t.Context(), q)), two)
			if first[len(first)-1] != one || second[len(second)-1] != two {
				t.Errorf("%+v: the answers share memory", q)
			}
		}
	}
}

// A verifier remembers a token with the pointer of its key.
func TestAKeyThatTheIssuerListsTwiceKeepsItsPointer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1), edJWK("a", 1)))
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		a := mustServe(t, c, "a")
		time.Sleep(time.Minute)
		synctest.Wait()
		mustFetch(t, i, 2)
		if mustServe(t, c, "a") != a {
			t.Error("the pointer is another one after a refresh")
		}
	})
}
