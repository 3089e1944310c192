package jwks_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

func TestDutySingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(reply{body: keySet(edJWK("a", 1)), delay: time.Second})
		c := start(t, jwks.Config{}, i)
		var wg sync.WaitGroup
		var served atomic.Int32
		for range 200 {
			wg.Go(func() {
				if _, err := ask(c, "a"); err == nil {
					served.Add(1)
				}
			})
		}
		wg.Wait()
		if served.Load() != 200 {
			t.Fatalf("%d of 200 cold requests were served", served.Load())
		}
		mustFetch(t, i, 1)
	})
}

func TestDutyWaiterLeavesWithItsOwnContextAndTheFetchLivesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(reply{body: keySet(edJWK("a", 1)), delay: time.Second})
		c := start(t, jwks.Config{}, i)
		reason := errors.New("the client hung up")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(100*time.Millisecond, func() { cancel(reason) })
		began := time.Now()
		_, err := askCtx(ctx, c, "a")
		if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) || errors.Is(err, jwks.ErrKeyNotFound) {
			t.Errorf("got %v, want the context's error and its cause", err)
		}
		if waited := time.Since(began); waited != 100*time.Millisecond {
			t.Errorf("left after %v", waited)
		}
		mustServe(t, c, "a")
		mustFetch(t, i, 1)
	})
}

func TestDutyWaiterLeavesAfterTwoSecondsAndTheFetchLivesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(reply{body: keySet(edJWK("a", 1)), delay: 3 * time.Second})
		c := start(t, jwks.Config{}, i)
		began := time.Now()
		mustBeOutage(t, c, "a")
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("left after %v", waited)
		}
		time.Sleep(time.Second + time.Millisecond)
		mustServe(t, c, "a")
		mustFetch(t, i, 1)
	})
}

func TestKeysFetchesNothingForACallerWhoHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := askCtx(ctx, c, "b"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if _, err := askCtx(ctx, c, "a"); err != nil {
			t.Errorf("a known key needs no context: %v", err)
		}
		synctest.Wait()
		mustFetch(t, i, 1)
	})
}

func TestDutyReadsNeverWaitForARefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.answer(reply{delay: time.Hour})
		time.Sleep(time.Minute + time.Second)
		mustFetch(t, i, 2)
		began := time.Now()
		mustServe(t, c, "a")
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a known key waited %v for a refresh that hangs", waited)
		}
	})
}

func TestDutyFlightTimesOutAfterFiveSeconds(t *testing.T) {
	for name, r := range map[string]reply{
		"no answer":          {delay: time.Hour},
		"a body that drips":  {body: keySet(edJWK("a", 1)), drip: time.Second},
		"a body that stalls": {body: keySet(edJWK("a", 1)), drip: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := start(t, jwks.Config{}, answering(r))
				time.Sleep(5*time.Second - time.Millisecond)
				synctest.Wait()
				if c.Status().LastError != nil {
					t.Fatal("the flight ended early")
				}
				time.Sleep(2 * time.Millisecond)
				synctest.Wait()
				if c.Status().LastError == nil {
					t.Fatal("the flight goes on after 5 s")
				}
				mustBeOutage(t, c, "a")
			})
		})
	}
}

func TestTheZeroCacheIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c jwks.Cache
		for range 2 {
			mustBeOutage(t, &c, "a")
			if err := c.Ready(t.Context()); err == nil || err.Error() != "jwks: keys are unavailable: the cache is closed" {
				t.Errorf("Ready: %v", err)
			}
			if s := c.Status(); s.Keys != 0 || s.Stale {
				t.Errorf("Status: %+v", s)
			}
			if err := c.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
	})
}

func TestDutyKeyThatStaysKeepsItsPointer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1), edJWK("b", 2)))
		c := start(t, jwks.Config{MaxRefresh: time.Minute}, i)
		synctest.Wait()
		a, b := mustServe(t, c, "a"), mustServe(t, c, "b")
		rows := []struct {
			name         string
			set          reply
			sameA, sameB bool
			keys         int
		}{
			{name: "the same set", set: ok(edJWK("a", 1), edJWK("b", 2)), sameA: true, sameB: true, keys: 2},
			{name: "another order and a new key", set: ok(edJWK("c", 3), edJWK("b", 2), edJWK("a", 1)), sameA: true, sameB: true, keys: 3},
			{name: "other material under the kid", set: ok(edJWK("a", 9), edJWK("b", 2)), sameB: true, keys: 2},
			{name: "another alg for the same material", set: ok(edJWK("a", 1), `{"alg":"EdDSA",`+edJWK("b", 2)[1:]), sameA: true, keys: 2},
		}
		for _, row := range rows {
			i.answer(row.set)
			time.Sleep(time.Minute + time.Second)
			synctest.Wait()
			if got := mustServe(t, c, "a") == a; got != row.sameA {
				t.Errorf("%s: key a keeps its pointer: %v", row.name, got)
			}
			if got := mustServe(t, c, "b") == b; got != row.sameB {
				t.Errorf("%s: key b keeps its pointer: %v", row.name, got)
			}
			if got := c.Status().Keys; got != row.keys {
				t.Errorf("%s: %d keys", row.name, got)
			}
			// The issuer publishes the first set again. A key that was withdrawn meanwhile has a new
			// pointer.
			i.answer(ok(edJWK("a", 1), edJWK("b", 2)))
			time.Sleep(time.Minute + time.Second)
			synctest.Wait()
			a, b = mustServe(t, c, "a"), mustServe(t, c, "b")
		}
	})
}

func TestDutyWithdrawnKeyIsGoneAtTheNextRefresh(t *testing.T) {
	rows := []struct {
		name string
		next reply
		gone bool
	}{
		{"a set without it withdraws it", ok(edJWK("b", 2)), true},
		{"an empty set withdraws every key", ok(), true},
		{"a set in which nothing is usable changes nothing", ok(`{"kty":"oct","kid":"z","k":"AAAA"}`), false},
		{"a malformed set changes nothing", reply{body: `{"keys":[`}, false},
		{"a document without keys changes nothing", reply{body: `{}`}, false},
		{"a web page changes nothing", reply{body: `<html>`}, false},
		{"an error status changes nothing, whatever its body says", reply{status: 500, body: keySet()}, false},
		{"a 204 changes nothing", reply{status: 204}, false},
		{"a 304 that nobody asked for changes nothing", reply{status: 304}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := answering(ok(edJWK("a", 1)))
				c := start(t, jwks.Config{MaxRefresh: time.Minute}, i)
				synctest.Wait()
				mustServe(t, c, "a")
				i.answer(row.next)
				time.Sleep(time.Minute + time.Second)
				synctest.Wait()
				if c.Status().LastAttempt.Before(c.Status().LastSuccess) {
					t.Fatal("there was no refresh")
				}
				if row.gone {
					mustNotFind(t, c, "a")
				} else {
					mustServe(t, c, "a")
				}
				if failed := c.Status().LastError != nil; failed == row.gone {
					t.Errorf("LastError is %v", c.Status().LastError)
				}
			})
		})
	}
}

func TestDutyFloodOfUnknownKidsCostsAtMostFiveFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(reply{body: keySet(edJWK("a", 1)), delay: 20 * time.Millisecond})
		c := start(t, jwks.Config{}, i)
		var wg sync.WaitGroup
		for n := range 10_000 {
			wg.Go(func() { mustNotFind(t, c, fmt.Sprint("random ", n)) })
			time.Sleep(5 * time.Second / 10_000)
		}
		wg.Wait()
		if got := i.fetches(); got > 5 || got < 3 {
			t.Errorf("%d fetches", got)
		}
		if i.most != 1 {
			t.Errorf("%d fetches at once", i.most)
		}
	})
}

func TestDutyRotationIsSeenWithinTwoSecondsDuringAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(reply{body: keySet(edJWK("a", 1)), delay: 20 * time.Millisecond})
		c := start(t, jwks.Config{}, i)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				wg.Go(func() { askCtx(ctx, c, fmt.Sprint("random ", n)) })
				time.Sleep(time.Millisecond)
			}
		})
		time.Sleep(3100 * time.Millisecond)
		i.answer(reply{body: keySet(edJWK("b", 2)), delay: 20 * time.Millisecond})
		rotated := time.Now()
		for {
			if _, err := ask(c, "b"); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if took := time.Since(rotated); took > 2*time.Second {
			t.Errorf("the new key was seen after %v", took)
		}
		cancel()
		wg.Wait()
	})
}

func TestDutyUnknownKid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		mustNotFind(t, c, "b") // right after the start: fetches at once
		mustFetch(t, i, 2)
		mustNotFind(t, c, "c")
		mustFetch(t, i, 2) // within the pause
		i.answer(ok(edJWK("c", 3)))
		time.Sleep(1500 * time.Millisecond)
		mustServe(t, c, "c")
		mustFetch(t, i, 3)

		i.answer(down)
		mustNotFind(t, c, "d") // within the pause, and the last fetch was good
		time.Sleep(1500 * time.Millisecond)
		mustBeOutage(t, c, "d")
		mustFetch(t, i, 4)
		mustBeOutage(t, c, "e") // within the pause, and the last fetch was not
		mustServe(t, c, "c")
		mustFetch(t, i, 4)
	})
}

// The issuer has one key without a kid, and rotates to one for another algorithm.
func TestAKeyWithoutAKidIsNoKnownKid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(strings.Replace(edJWK("a", 1), `"kid":"a",`, "", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		mustServe(t, c, "")
		if s := c.Status(); s.Keys != 1 || len(s.KeyIDs) != 0 {
			t.Errorf("status %+v", s)
		}
		if _, err := c.Keys(t.Context(), jwks.Query{Algorithm: "RS256"}); !errors.Is(err, jwks.ErrKeyNotFound) {
			t.Errorf("got %v", err)
		}
		mustFetch(t, i, 2)
	})
}

func TestAnUnknownKidResetsTheRefreshTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		time.Sleep(50 * time.Second)
		mustNotFind(t, c, "b")
		time.Sleep(59 * time.Second)
		mustFetch(t, i, 2)
		time.Sleep(2 * time.Second)
		mustFetch(t, i, 3)
	})
}

func TestDutyCloseEndsEveryGoroutine(t *testing.T) {
	rows := []struct {
		name string
		r    reply
	}{
		{"idle", ok(edJWK("a", 1))},
		{"during a flight that hangs", reply{delay: time.Hour}},
		{"during the backoff", down},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			// A bubble that is left with a living goroutine fails its test: that is the leak check.
			synctest.Test(t, func(t *testing.T) {
				i := answering(row.r)
				c := start(t, jwks.Config{}, i)
				synctest.Wait()
				var wg sync.WaitGroup
				wg.Go(func() { ask(c, "waiter") })
				synctest.Wait()
				if row.r.body != "" {
					wg.Wait()
				}
				began := time.Now()
				wg.Go(func() { c.Close() })
				c.Close()
				if n := i.inFlight(); n != 0 {
					t.Errorf("%d requests under way after Close", n)
				}
				wg.Wait()
				mustBeOutage(t, c, "b")
				if row.r.body != "" {
					mustServe(t, c, "a")
				} else if err := c.Ready(t.Context()); err == nil {
					t.Error("Ready without keys")
				}
				if time.Since(began) != 0 {
					t.Error("somebody waited on after Close")
				}
				n := i.fetches()
				time.Sleep(time.Hour)
				mustFetch(t, i, n)
			})
		})
	}
}

// asking calls a function when Err of the context is first called.
type asking struct {
	context.Context
	once func()
}

func (a *asking) Err() error {
	if f := a.once; f != nil {
		a.once = nil
		f()
	}
	return a.Context.Err()
}

func TestAKeyThatCameBetweenALookAndAFetchIsServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		i.answer(ok(edJWK("a", 1), edJWK("b", 2)))
		ctx := &asking{t.Context(), func() { mustServe(t, c, "b") }}
		if _, err := askCtx(ctx, c, "b"); err != nil {
			t.Errorf("got %v", err)
		}
		mustFetch(t, i, 2)
	})
}

// The bubble's clock stands still meanwhile, so that no request outlives the grace.
func TestCloseReturnsAfterTheLastRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		for range 1000 {
			start(t, jwks.Config{}, i).Close()
			before := i.fetches()
			runtime.Gosched()
			if i.fetches() != before || i.inFlight() != 0 {
				t.Fatal("Close returned before the last request")
			}
		}
	})
}

func TestNoRequestBeginsAfterClose(t *testing.T) {
	// On one processor, the cache's goroutine begins to run when Close waits for it.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		var late atomic.Int64
		i := &issuer{}
		i.answerBy(func(r *http.Request) reply {
			if r.Context().Err() != nil {
				late.Add(1)
			}
			return ok(edJWK("a", 1))
		})
		const times = 1000
		for range times {
			start(t, jwks.Config{}, i).Close()
		}
		// Close may run between the check of the context and the request, because the runtime may switch
		// goroutines there. Without the check, every second round has a late request.
		if n := late.Load(); n > times/10 {
			t.Errorf("%d requests, %d of which began after Close", i.fetches(), n)
		}
	})
}

func TestCloseIsToldToCallersOfKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		i.answer(reply{delay: time.Hour})
		told := make(chan error)
		go func() {
			_, err := ask(c, "b")
			told <- err
		}()
		synctest.Wait()
		c.Close()
		if err := <-told; err == nil || err.Error() != "jwks: keys are unavailable: the cache is closed" {
			t.Errorf("got %v", err)
		}
	})
}

func TestCloseIsToldToCallersOfReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, jwks.Config{}, answering(down))
		told := make(chan error)
		go func() { told <- c.Ready(t.Context()) }()
		synctest.Wait()
		c.Close()
		if err := <-told; err == nil || err.Error() != "jwks: keys are unavailable: the cache is closed" {
			t.Errorf("got %v", err)
		}
	})
}

// The interval of unknown kids does not stop a fetch here, because no caller has caused one.
func TestAKeyThatARefreshBringsBetweenALookAndAFetchCostsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.answer(ok(edJWK("a", 1), edJWK("b", 2)))
		ctx := &asking{t.Context(), func() { time.Sleep(time.Minute + time.Second) }}
		if _, err := askCtx(ctx, c, "b"); err != nil {
			t.Errorf("got %v", err)
		}
		mustFetch(t, i, 2)
	})
}
