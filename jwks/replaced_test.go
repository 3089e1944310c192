package jwks_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

// retry asks again with Tried, as a verifier does when no key of the first answer verified the signature.
func retry(ctx context.Context, c jwks.Set, kid string) ([]*jwks.Key, error) {
	q := jwks.Query{KeyID: kid, Algorithm: "EdDSA"}
	var err error
	if q.Tried, err = c.Keys(ctx, q); err != nil {
		return nil, fmt.Errorf("at the first time: %w", err)
	}
	return c.Keys(ctx, q)
}

func mustStayInvalid(t testing.TB, c jwks.Set, kid string) {
	t.Helper()
	if keys, err := retry(t.Context(), c, kid); err != jwks.ErrKeyNotFound {
		t.Fatalf("key %s: %d keys, %v; want ErrKeyNotFound", kid, len(keys), err)
	}
}

// mustReplace wants one key that was not tried and that verifies a signature of the seed's key.
func mustReplace(t testing.TB, c jwks.Set, kid string, seed byte) {
	t.Helper()
	keys, err := retry(t.Context(), c, kid)
	if err != nil || len(keys) != 1 {
		t.Fatalf("key %s: %d keys, %v", kid, len(keys), err)
	}
	mustVerify(t, keys[0], seed)
}

// unnamed removes the kid from key a.
func unnamed(jwk string) string { return strings.Replace(jwk, `"kid":"a",`, "", 1) }

func TestDutyAKeyThatIsReplacedUnderItsNameIsSeenAtOnce(t *testing.T) {
	rows := []struct {
		name, kid     string
		before, after reply
	}{
		{"under its kid", "a", ok(edJWK("a", 1)), ok(edJWK("a", 2))},
		{"beside the old one", "a", ok(edJWK("a", 1)), ok(edJWK("a", 1), edJWK("a", 2))},
		{"before the old one", "a", ok(edJWK("a", 1)), ok(edJWK("a", 2), edJWK("a", 1))},
		{"for tokens without a kid", "", ok(unnamed(edJWK("a", 1))), ok(unnamed(edJWK("a", 2)))},
		{"for tokens without a kid, under another one", "", ok(edJWK("a", 1)), ok(edJWK("b", 2))},
		{"where the old one has another alg now", "a", ok(edJWK("a", 1)), ok(`{"alg":"EdDSA",`+edJWK("a", 1)[1:], edJWK("a", 2))},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := answering(row.before)
				c := start(t, jwks.Config{}, i)
				synctest.Wait()
				i.answer(row.after)
				mustReplace(t, c, row.kid, 2)
				mustFetch(t, i, 2)
				// From now on it is among the first that are tried.
				keys, _ := c.Keys(t.Context(), jwks.Query{KeyID: row.kid, Algorithm: "EdDSA"})
				found := false
				for _, k := range keys {
					found = found || k.Verify("EdDSA", input, edSign(2)) == nil
				}
				if !found {
					t.Error("the new key is not served at the first time")
				}
				mustFetch(t, i, 2)
			})
		})
	}
}

func TestAKnownKidThatDoesNotServeTheAlgorithmAsksTheIssuer(t *testing.T) {
	rs := func(c *jwks.Cache) error {
		_, err := c.Keys(context.Background(), jwks.Query{KeyID: "a", Algorithm: "RS256"})
		return err
	}
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		if err := rs(c); err != jwks.ErrKeyNotFound {
			t.Errorf("nothing has changed: %v", err)
		}
		mustFetch(t, i, 2)
		i.answer(ok(with(rsaMembers(), m{"kid": "a"})))
		if err := rs(c); err != jwks.ErrKeyNotFound {
			t.Errorf("within the pause: %v", err)
		}
		mustFetch(t, i, 2)
		time.Sleep(1500 * time.Millisecond)
		if err := rs(c); err != nil {
			t.Errorf("a key of another type has its place: %v", err)
		}
		mustFetch(t, i, 3)
	})
}

// The known keys have refused the token. That stays so if the issuer does not answer.
func TestDutyATokenThatFailedStaysInvalidWhateverTheIssuerDoes(t *testing.T) {
	rows := []struct {
		name   string
		r      reply
		waited time.Duration
	}{
		{"the same set", ok(edJWK("a", 1)), 0},
		{"a set without the kid", ok(with(rsaMembers(), m{"kid": "z"})), 0},
		{"an empty set", ok(), 0},
		{"no connection", down, 0},
		{"500", reply{status: 500}, 0},
		{"429", reply{status: 429}, 0},
		{"no JSON", reply{body: "<html>"}, 0},
		{"no answer", reply{delay: time.Hour}, 2 * time.Second},
		{"a slow one", after(3*time.Second, ok(edJWK("a", 2))), 2 * time.Second},
	}
	asks := []struct {
		name string
		ask  func(*jwks.Cache) error
	}{
		{"a kid", func(c *jwks.Cache) error { _, err := retry(context.Background(), c, "a"); return err }},
		{"no kid", func(c *jwks.Cache) error { _, err := retry(context.Background(), c, ""); return err }},
		{"a kid that does not serve the algorithm", func(c *jwks.Cache) error {
			_, err := c.Keys(context.Background(), jwks.Query{KeyID: "a", Algorithm: "RS256"})
			return err
		}},
	}
	for _, row := range rows {
		for _, a := range asks {
			t.Run(row.name+", "+a.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					i := answering(ok(edJWK("a", 1)))
					c := start(t, jwks.Config{}, i)
					synctest.Wait()
					i.answer(row.r)
					began := time.Now()
					if err := a.ask(c); err != jwks.ErrKeyNotFound {
						t.Errorf("got %v", err)
					}
					if waited := time.Since(began); waited != row.waited {
						t.Errorf("waited for %v", waited)
					}
					mustFetch(t, i, 2)
					if c.Status().Keys == 0 || len(c.Status().KeyIDs) > 0 && c.Status().KeyIDs[0] != "a" {
						return // it was withdrawn
					}
					began = time.Now()
					c.Close()
					if err := a.ask(c); err != jwks.ErrKeyNotFound || time.Since(began) != 0 {
						t.Errorf("after Close: %v, after %v", err, time.Since(began))
					}
				})
			})
		}
	}
}

func TestKeysWithTriedReturnsWhenTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		i.answer(reply{delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := retry(ctx, c, "a"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, jwks.ErrKeyNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// Forged signatures, unknown kids and wrong algorithms share one limit.
func TestDutyAFloodOfForgedSignaturesCostsAtMostFiveFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(after(20*time.Millisecond, ok(edJWK("a", 1))))
		c := start(t, jwks.Config{}, i)
		time.Sleep(time.Second)
		var wg sync.WaitGroup
		var slowest atomic.Int64
		for n := range 10_000 {
			wg.Go(func() {
				switch n % 4 {
				case 0:
					mustStayInvalid(t, c, "a")
				case 1:
					mustStayInvalid(t, c, "")
				case 2:
					mustNotFind(t, c, fmt.Sprint("random ", n))
				case 3:
					if _, err := c.Keys(t.Context(), jwks.Query{KeyID: "a", Algorithm: "RS256"}); err != jwks.ErrKeyNotFound {
						t.Error(err)
					}
				}
			})
			wg.Go(func() {
				began := time.Now()
				mustServe(t, c, "a")
				slowest.Store(max(slowest.Load(), int64(time.Since(began))))
			})
			time.Sleep(5 * time.Second / 10_000)
		}
		wg.Wait()
		if got := i.fetches(); got > 5 || got < 4 {
			t.Errorf("%d fetches", got)
		}
		if i.most != 1 {
			t.Errorf("%d fetches at once", i.most)
		}
		if slowest.Load() != 0 {
			t.Errorf("a good token waited for %v", time.Duration(slowest.Load()))
		}
	})
}

func TestAReplacedKeyIsSeenWithinTwoSecondsDuringAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(after(20*time.Millisecond, ok(edJWK("a", 1))))
		c := start(t, jwks.Config{}, i)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			for ctx.Err() == nil {
				wg.Go(func() { retry(ctx, c, "a") })
				time.Sleep(time.Millisecond)
			}
		})
		time.Sleep(3100 * time.Millisecond)
		i.answer(after(20*time.Millisecond, ok(edJWK("a", 2))))
		replaced := time.Now()
		for k := mustServe(t, c, "a"); k.Verify("EdDSA", input, edSign(2)) != nil; k = mustServe(t, c, "a") {
			time.Sleep(10 * time.Millisecond)
			if took := time.Since(replaced); took > 2*time.Second {
				t.Fatalf("the new key is not seen after %v", took)
			}
		}
		cancel()
		wg.Wait()
	})
}

// The set was replaced between the first answer and the second, so there is a key to try without a fetch.
func TestAKeyThatCameSinceTheFirstAnswerCostsNoFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		old := mustServe(t, c, "a")
		i.answer(ok(edJWK("a", 2)))
		time.Sleep(time.Minute)
		synctest.Wait()
		keys, err := c.Keys(t.Context(), jwks.Query{KeyID: "a", Algorithm: "EdDSA", Tried: []*jwks.Key{old}})
		if err != nil || len(keys) != 1 {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		mustVerify(t, keys[0], 2)
		mustFetch(t, i, 2)
	})
}

// A flight that was under way when the signature failed may have read the set before the key was replaced.
func TestJoinedFlightThatBeganBeforeASignatureFailedIsFollowedByOneMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.answer(after(500*time.Millisecond, ok(edJWK("a", 1))))
		time.Sleep(time.Minute)
		synctest.Wait()
		mustFetch(t, i, 2)
		i.answer(after(500*time.Millisecond, ok(edJWK("a", 2))))
		began := time.Now()
		mustReplace(t, c, "a", 2)
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("waited for %v", waited)
		}
		mustFetch(t, i, 3)
	})
}

// A forged token must not make its caller wait for a second fetch.
func TestKeysWithTriedWaitsForOneFetchOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{UnknownKeyInterval: 100 * time.Millisecond}, i)
		synctest.Wait()
		i.answer(after(500*time.Millisecond, ok(edJWK("a", 1))))
		began := time.Now()
		mustStayInvalid(t, c, "a")
		if waited := time.Since(began); waited != 500*time.Millisecond {
			t.Errorf("waited for %v", waited)
		}
		mustFetch(t, i, 2)
	})
}

// Known keys have refused the token, so a fetch that fails is the end: another one would change nothing.
func TestKeysWithTriedThatJoinsAFlightThatFailsCausesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.answer(after(time.Second, down))
		time.Sleep(time.Minute)
		synctest.Wait()
		mustFetch(t, i, 2)
		began := time.Now()
		if _, err := retry(t.Context(), c, "a"); err != jwks.ErrKeyNotFound {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("waited for %v", waited)
		}
		mustFetch(t, i, 2)
	})
}
