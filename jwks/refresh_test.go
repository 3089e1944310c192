package jwks_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

func TestRefreshFetchesNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := tagged(`"1"`, ok(edJWK("a", 1)), reply{status: 304})
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		i.tag(`"1"`, after(3*time.Second, ok(edJWK("b", 2))), reply{status: 304})
		began := time.Now()
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("waited for %v", waited)
		}
		if s := c.Status(); s.LastError != nil || len(s.KeyIDs) != 1 || s.KeyIDs[0] != "b" {
			t.Errorf("%+v", s)
		}
		if i.conditional() != 0 {
			t.Error("it asked whether the old keys still hold")
		}
		mustFetch(t, i, 2)
	})
}

func TestRefreshKeepsTheLimitsOfUnknownKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		mustNotFind(t, c, "b")
		time.Sleep(400 * time.Millisecond)
		began := time.Now()
		if err := c.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited != 1100*time.Millisecond {
			t.Errorf("waited for %v", waited)
		}
		mustFetch(t, i, 3)
		mustNotFind(t, c, "c") // within the pause that Refresh has begun
		mustFetch(t, i, 3)

		var errs [20]error
		began = time.Now()
		var wg sync.WaitGroup
		for n := range errs {
			wg.Go(func() { errs[n] = c.Refresh(t.Context()) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		mustFetch(t, i, 4) // all of them share one
		if at := c.Status().LastAttempt.Sub(began); at != 1500*time.Millisecond {
			t.Errorf("fetched after %v", at)
		}
	})
}

// Other callers cause a fetch whenever one is possible. Refresh must return after such a fetch.
func TestRefreshEndsDuringAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(after(20*time.Millisecond, ok(edJWK("a", 1))))
		c := start(t, jwks.Config{}, i)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				wg.Go(func() { askCtx(ctx, c, fmt.Sprint("random ", n)) })
				time.Sleep(time.Millisecond)
			}
		})
		time.Sleep(2 * time.Second)
		for range 20 {
			began := time.Now()
			if err := c.Refresh(ctx); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 1550*time.Millisecond {
				t.Errorf("took %v", took)
			}
			time.Sleep(170 * time.Millisecond)
		}
	})
}

func TestRefreshIsNotAFetchThatIsUnderWay(t *testing.T) {
	rows := []struct {
		name  string
		first reply
	}{
		{"it is good", ok(edJWK("a", 1))},
		{"it fails", down},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := answering(after(time.Second, row.first))
				c := start(t, jwks.Config{}, i)
				synctest.Wait()
				i.answer(after(time.Second, ok(edJWK("b", 2))))
				began := time.Now()
				if err := c.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
				if waited := time.Since(began); waited != 2*time.Second {
					t.Errorf("waited for %v", waited)
				}
				mustServe(t, c, "b")
				mustFetch(t, i, 2)
			})
		})
	}
}

// A scheduled fetch is conditional, and a broken issuer or proxy may answer 304 wrongly.
func TestRefreshIsAFetchInFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unchanged := after(4*time.Second, reply{status: 304})
		i := tagged(`"1"`, ok(edJWK("a", 1)), unchanged)
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute, UnknownKeyInterval: 62 * time.Second}, i)
		synctest.Wait()
		mustNotFind(t, c, "x")
		i.tag(`"1"`, ok(edJWK("b", 2)), unchanged)
		began := time.Now()
		if err := c.Refresh(t.Context()); err != nil { // due after 62 s, when one by schedule is under way for 2 s
			t.Error(err)
		}
		if waited := time.Since(began); waited != 64*time.Second {
			t.Errorf("waited for %v", waited)
		}
		mustServe(t, c, "b")
		mustFetch(t, i, 4)
	})
}

func TestRefreshSaysWhyNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		says := func(when, want string) {
			t.Helper()
			if err := c.Refresh(t.Context()); err == nil || err.Error() != "jwks: the keys were not refreshed: "+want {
				t.Errorf("%s: %v", when, err)
			}
		}
		i.answer(reply{err: &hostileError{}})
		says("a failed fetch", `"`+keysURL+`": the request to the issuer failed: "hostile\ntext"`)
		if err := c.Refresh(t.Context()); !as[*hostileError](err) {
			t.Errorf("the cause is lost: %v", err)
		}
		i.answer(reply{status: 429, header: http.Header{"Retry-After": {"600"}}})
		says("a fetch that brings a pause", `"`+keysURL+`": status 429`)
		n, began := i.fetches(), time.Now()
		says("the pause", "the issuer asked for a pause")
		if time.Since(began) != 0 || i.fetches() != n {
			t.Errorf("waited for %v, %d requests", time.Since(began), i.fetches()-n)
		}
		mustServe(t, c, "a")

		i.answer(reply{delay: time.Hour})
		time.Sleep(10 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := c.Refresh(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that ends: %v", err)
		}
		if err := c.Refresh(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that has ended: %v", err)
		}
		time.AfterFunc(time.Second, func() { c.Close() })
		says("Close meanwhile", "the cache is closed")
		says("after Close", "the cache is closed")
	})
}

func TestRefreshEndsInThePauseWhenTheCacheIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, jwks.Config{UnknownKeyInterval: time.Hour}, answering(ok(edJWK("a", 1))))
		synctest.Wait()
		mustNotFind(t, c, "b")
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Refresh(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
		time.AfterFunc(time.Minute, func() { c.Close() })
		if err := c.Refresh(t.Context()); err == nil || time.Since(began) != time.Second+time.Minute {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
	})
}

func TestRefreshOfTheZeroCacheFails(t *testing.T) {
	var c jwks.Cache
	if err := c.Refresh(t.Context()); err == nil ||
		err.Error() != "jwks: the keys were not refreshed: the cache is closed" {
		t.Errorf("got %v", err)
	}
}
