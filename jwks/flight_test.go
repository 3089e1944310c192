package jwks_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

func TestJoinedFlightThatBeganBeforeTheCallerCameIsFollowedByOneMore(t *testing.T) {
	rows := []struct {
		name    string
		delay   time.Duration // of each answer; it has the keys of the moment of the request
		rotated bool          // just before the caller came
		recent  bool          // another unknown kid has just fetched
		waited  time.Duration
		fetches int // on top of the refresh
		want    func(testing.TB, jwks.Set, string)
	}{
		{"a key that is new since then is fetched", 500 * time.Millisecond, true, false, time.Second, 1, serve},
		{"a key that nobody has is not found", 500 * time.Millisecond, false, false, time.Second, 1, mustNotFind},
		{"within the interval of unknown kids there is no second fetch", 500 * time.Millisecond, true, true, 500 * time.Millisecond, 0, mustNotFind},
		{"both share the patience of 2 s", 1800 * time.Millisecond, true, false, 2 * time.Second, 1, mustBeOutage},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := func(r reply) reply { r.delay = row.delay; return r }
				i := answering(ok(edJWK("a", 1)))
				c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
				synctest.Wait()
				if row.recent {
					time.Sleep(59 * time.Second)
					i.answer(slow(ok(edJWK("a", 1))))
					go ask(c, "z")
				} else {
					i.answer(slow(ok(edJWK("a", 1))))
					time.Sleep(time.Minute)
				}
				synctest.Wait()
				mustFetch(t, i, 2)
				if row.rotated {
					i.answer(slow(ok(edJWK("a", 1), edJWK("b", 2))))
				}
				began := time.Now()
				row.want(t, c, "b")
				if waited := time.Since(began); waited != row.waited {
					t.Errorf("waited for %v", waited)
				}
				mustFetch(t, i, 2+row.fetches)
			})
		})
	}
}

func serve(t testing.TB, c jwks.Set, kid string) { mustServe(t, c, kid) }

func TestJoinedFlightOfTheCallersOwnIsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{UnknownKeyInterval: 100 * time.Millisecond}, i)
		synctest.Wait()
		i.answer(reply{body: keySet(edJWK("a", 1)), delay: 500 * time.Millisecond})
		mustNotFind(t, c, "b")
		mustFetch(t, i, 2)
	})
}

// All callers wait for the first fetch and then for one more. One of them starts that.
func TestJoinedFlightThatIsTheSecondIsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(reply{body: keySet(edJWK("a", 1)), delay: 500 * time.Millisecond})
		c := start(t, jwks.Config{UnknownKeyInterval: 100 * time.Millisecond}, i)
		synctest.Wait()
		var wg sync.WaitGroup
		for n := range 50 {
			wg.Go(func() { mustNotFind(t, c, fmt.Sprint("random ", n)) })
		}
		wg.Wait()
		mustFetch(t, i, 2)
	})
}

// The flight that the caller joined brings the kid, but not for that algorithm.
func TestJoinedFlightThatBringsTheKidIsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(reply{body: keySet(edJWK("a", 1)), delay: 500 * time.Millisecond})
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		if _, err := c.Keys(t.Context(), jwks.Query{KeyID: "a", Algorithm: "RS256"}); !errors.Is(err, jwks.ErrKeyNotFound) {
			t.Errorf("got %v", err)
		}
		mustFetch(t, i, 1)
	})
}
