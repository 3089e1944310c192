package jwks_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

func TestDutyColdStartHealsByItselfWithBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(down)
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		// Steps of 1, 2, 4, 8, 16, 32, 60, 60 s, each shortened by up to a half.
		var at []time.Time
		for n := 1; len(at) < 9; {
			if got := i.fetches(); got >= n {
				at = append(at, c.Status().LastAttempt)
				n = got + 1
			}
			time.Sleep(10 * time.Millisecond)
		}
		step := time.Second
		for n := 1; n < len(at); n++ {
			if wait := at[n].Sub(at[n-1]); wait < step/2 || wait > step {
				t.Errorf("wait %d is %v, want %v to %v", n, wait, step/2, step)
			}
			step = min(2*step, time.Minute)
		}
		i.answer(ok(edJWK("a", 1)))
		time.Sleep(time.Minute)
		mustServe(t, c, "a")
	})
}

func TestBackoffStartsAnewAfterAGoodFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(down)
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		time.Sleep(10 * time.Minute)
		i.answer(ok(edJWK("a", 1)))
		time.Sleep(time.Minute + time.Millisecond)
		mustServe(t, c, "a")
		i.answer(down)
		time.Sleep(time.Until(c.Status().NextRefresh) + time.Millisecond)
		synctest.Wait()
		if s := c.Status(); s.LastError == nil || s.NextRefresh.Sub(s.LastAttempt) > time.Second {
			t.Errorf("next fetch %v after the first failure: %v", s.NextRefresh.Sub(s.LastAttempt), s.LastError)
		}
	})
}

func TestColdStartWithTrafficFetchesAtTheUnknownKeyInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(down)
		c := start(t, jwks.Config{}, i)
		time.Sleep(20 * time.Second)
		before := i.fetches()
		i.answer(ok(edJWK("a", 1)))
		mustServe(t, c, "a") // at once, whatever the backoff says
		mustFetch(t, i, before+1)
	})
}

func TestDutyStaleKeysServeUpToMaxStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		a := mustServe(t, c, "a")
		i.answer(down)
		time.Sleep(24*time.Hour - time.Second)
		mustServe(t, c, "a")
		if s := c.Status(); !s.Stale || s.LastError == nil || s.Keys != 1 {
			t.Errorf("status of a stale cache: %+v", s)
		}
		time.Sleep(time.Second + time.Millisecond)
		synctest.Wait()
		mustBeOutage(t, c, "a")
		if s := c.Status(); s.Stale || s.Keys != 0 || s.LastError == nil {
			t.Errorf("status after MaxStale: %+v", s)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Ready(ctx); err == nil {
			t.Error("Ready after MaxStale")
		}
		i.answer(ok(edJWK("a", 1)))
		if err := c.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		if mustServe(t, c, "a") != a {
			t.Error("the same key came back under another pointer")
		}
	})
}

func TestMaxStaleHoldsWhileFetchesHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{MaxRefresh: time.Minute, MaxStale: time.Hour}, i)
		synctest.Wait()
		i.answer(reply{delay: time.Hour})
		time.Sleep(time.Hour + 5*time.Second + time.Millisecond)
		synctest.Wait()
		if c.Status().Keys != 0 {
			t.Error("keys older than MaxStale serve")
		}
	})
}

func TestDutyPauseThatTheIssuerAsksForIsKept(t *testing.T) {
	after := func(status int, value string) reply {
		r := reply{status: status, header: http.Header{}}
		if value != "" {
			r.header.Set("Retry-After", value)
		}
		return r
	}
	in := func(layout string, d time.Duration) string {
		return strings.Replace(time.Now().Add(d).UTC().Format(layout), "UTC", "GMT", 1)
	}
	date := func(d time.Duration) string { return in(http.TimeFormat, d) }
	rows := []struct {
		name  string
		r     func() reply
		pause time.Duration
	}{
		{"429 with seconds", func() reply { return after(429, "40") }, 40 * time.Second},
		{"503 with seconds", func() reply { return after(503, "40") }, 40 * time.Second},
		{"429 with a date", func() reply { return after(429, date(40*time.Second)) }, 40 * time.Second},
		{"429 with a date as in RFC 850", func() reply { return after(429, in(time.RFC850, 40*time.Second)) }, 40 * time.Second},
		{"503 with a date as in asctime", func() reply { return after(503, in(time.ANSIC, 40*time.Second)) }, 40 * time.Second},
		{"429 without", func() reply { return after(429, "") }, 15 * time.Second},
		{"429 with nonsense", func() reply { return after(429, "-5") }, 15 * time.Second},
		{"429 with a date gone by", func() reply { return after(429, date(-time.Hour)) }, 15 * time.Second},
		{"429 with a week: at most a minute without keys", func() reply { return after(429, "604800") }, time.Minute},
		{"503 with an hour: at most a minute without keys", func() reply { return after(503, "3600") }, time.Minute},
		{"503 without: none", func() reply { return after(503, "") }, 0},
		{"500 with seconds: none", func() reply { return after(500, "40") }, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := answering(row.r())
				c := start(t, jwks.Config{}, i)
				synctest.Wait()
				// Neither the backoff nor unknown kids fetch before the pause is over.
				for began := time.Now(); time.Since(began) < row.pause-time.Second; {
					mustBeOutage(t, c, "a")
					mustFetch(t, i, 1)
					time.Sleep(time.Second)
				}
				i.answer(ok(edJWK("a", 1)))
				time.Sleep(1001 * time.Millisecond)
				synctest.Wait()
				mustServe(t, c, "a")
				n := i.fetches()
				mustNotFind(t, c, "b") // after the pause an unknown kid fetches at once
				mustFetch(t, i, n+1)
			})
		})
	}
}

func TestDutyPauseIsAtMostMaxRefreshWhileThereAreKeys(t *testing.T) {
	for name, after := range map[string]string{"a week": "604800", "more than can be counted": strings.Repeat("9", 40)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := answering(ok(edJWK("a", 1)))
				c := start(t, jwks.Config{}, i)
				synctest.Wait()
				i.answer(reply{status: 429, header: http.Header{"Retry-After": {after}}})
				for began := time.Now(); time.Since(began) < 15*time.Minute-time.Second; {
					mustBeOutage(t, c, "b")
					mustServe(t, c, "a")
					mustFetch(t, i, 2)
					time.Sleep(time.Second)
				}
				i.answer(ok(edJWK("b", 2)))
				time.Sleep(time.Second)
				mustServe(t, c, "b")
			})
		})
	}
}

// After many failures the backoff is longer than the pause that the issuer asks for.
func TestAPauseEndsAtItsVeryInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		i.answer(down)
		time.Sleep(time.Hour)
		i.answer(reply{status: 503, header: http.Header{"Retry-After": {"5"}}})
		for n := i.fetches(); i.fetches() == n; synctest.Wait() {
			time.Sleep(time.Second)
		}
		i.answer(ok(edJWK("b", 2)))
		time.Sleep(time.Until(c.Status().LastAttempt.Add(5*time.Second - time.Nanosecond)))
		mustBeOutage(t, c, "b")
		time.Sleep(time.Nanosecond)
		mustServe(t, c, "b")
	})
}

// The keys reach MaxStale during the pause. From then on the pause is as short as at a start without keys.
func TestAPauseIsCutWhenTheKeysEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		start(t, jwks.Config{MinRefresh: time.Hour, MaxRefresh: time.Hour, MaxStale: time.Hour + time.Minute}, i)
		synctest.Wait()
		i.answer(reply{status: 503, header: http.Header{"Retry-After": {"3600"}}})
		time.Sleep(time.Hour + time.Minute)
		synctest.Wait()
		mustFetch(t, i, 2)
		time.Sleep(time.Minute - time.Millisecond)
		synctest.Wait()
		mustFetch(t, i, 2)
		time.Sleep(time.Millisecond)
		synctest.Wait()
		mustFetch(t, i, 3)
	})
}

func TestKeysErrorsSayWhy(t *testing.T) {
	rows := []struct {
		name string
		r    reply
		want string
	}{
		{"no connection", down, `the request to the issuer failed: "connection refused"`},
		{"a connection that breaks", reply{err: &net.OpError{Op: "read", Err: io.ErrUnexpectedEOF}}, "the request to the issuer failed: the connection was closed"},
		{"a connection that can't be had", reply{err: &net.OpError{Op: "dial", Err: io.ErrUnexpectedEOF}}, "the issuer cannot be connected to: the connection was closed"},
		{"a client that gives up", reply{err: context.Canceled}, "the issuer did not answer in time"},
		{"a client with a deadline", reply{err: context.DeadlineExceeded}, "the issuer did not answer in time"},
		{"a socket with a deadline", reply{err: os.ErrDeadlineExceeded}, "the issuer did not answer in time"},
		{"a host that hangs", reply{delay: time.Hour}, "the issuer did not answer in time"},
		{"a status", reply{status: 500, body: "secret text"}, "status 500"},
		{"no JSON", reply{body: "<html>"}, `the response is not JSON, and begins with "<html>"`},
		{"JSON that is no set", reply{body: "{}"}, "the response is not a JWK Set"},
		{"no usable key", ok(`{"kid":"secret text"}`), "the JWK Set holds no usable key"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := start(t, jwks.Config{}, answering(row.r))
				want := `jwks: keys are unavailable: "` + keysURL + `": ` + row.want
				for _, when := range []string{"after waiting", "within the pause"} {
					_, err := ask(c, "a")
					if err == nil || err.Error() != want || errors.Is(err, context.Canceled) ||
						errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("%s: %v, want %s", when, err, want)
					}
				}
				c.Close()
				if _, err := ask(c, "a"); err == nil || err.Error() != "jwks: keys are unavailable: the cache is closed" {
					t.Errorf("after Close: %v", err)
				}
			})
		})
	}
}

func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(reply{err: &hostileError{}})
		c := start(t, jwks.Config{}, i)
		reason := errors.New("probe over")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, reason)
		defer cancel()
		err := c.Ready(ctx)
		var cause *hostileError
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, reason) || !errors.As(err, &cause) {
			t.Errorf("got %v, want ctx's error, its cause and the last failure", err)
		}
		if err.Error() != `jwks: no keys yet: "`+keysURL+`": the request to the issuer failed: "hostile\ntext"` {
			t.Errorf("got %v, which must say why, and quote what came from outside", err)
		}
		time.AfterFunc(10*time.Second, func() { i.answer(ok()) })
		if err := c.Ready(t.Context()); err != nil {
			t.Errorf("a well-formed set without keys is an answer: %v", err)
		}
	})
}

// hostileError is a cause with a text that the issuer chose, for example in a bad Location header.
type hostileError struct{}

func (*hostileError) Error() string { return "hostile\ntext" }

func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(reply{delay: time.Second, body: keySet(edJWK("b", 2), edJWK("a", 1))})
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		began := time.Now()
		if s := c.Status(); !s.LastAttempt.Equal(began) || !s.LastSuccess.IsZero() || !s.NextRefresh.IsZero() ||
			s.Keys != 0 || s.LastError != nil {
			t.Errorf("during the first fetch: %+v", s)
		}
		time.Sleep(2 * time.Second)
		s := c.Status()
		landed := began.Add(time.Second)
		if s.Keys != 2 || strings.Join(s.KeyIDs, " ") != "a b" || s.Stale || s.LastError != nil ||
			!s.LastSuccess.Equal(landed) || !s.NextRefresh.Equal(landed.Add(time.Minute)) {
			t.Errorf("after it: %+v", s)
		}
		i.answer(reply{status: 404, body: "secret text"})
		time.Sleep(time.Minute)
		s = c.Status()
		if !s.Stale || s.Keys != 2 || s.LastError == nil || !s.LastSuccess.Equal(landed) ||
			s.LastError.Error() != atKeys+"status 404" {
			t.Errorf("after a failure: %+v", s)
		}
	})
}

// UnknownKeyInterval applies however long the outage and the backoff are.
func TestDutyAFloodDuringAnOutageCostsAtMostSixFetches(t *testing.T) {
	for name, cold := range map[string]bool{"with keys": false, "without keys": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := answering(ok(edJWK("a", 1)))
				if cold {
					i.answer(down)
				}
				c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
				synctest.Wait()
				i.answer(down)
				time.Sleep(10 * time.Minute)
				n := i.fetches()
				for range 5000 {
					mustBeOutage(t, c, "b")
					if !cold {
						mustStayInvalid(t, c, "a")
						mustStayInvalid(t, c, "")
					}
					time.Sleep(time.Millisecond)
				}
				if got := i.fetches() - n; got < 3 || got > 6 { // one by schedule, and five for callers
					t.Errorf("%d fetches", got)
				}
			})
		})
	}
}

// The token has no kid, and no key serves its algorithm, so no key has refused it.
func TestATokenWithoutAKidThatNoKeyIsForIsAnOutageInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		i.answer(down)
		for _, when := range []string{"after waiting", "within the pause"} {
			_, err := c.Keys(t.Context(), jwks.Query{Algorithm: "RS256"})
			if err == nil || errors.Is(err, jwks.ErrKeyNotFound) {
				t.Errorf("%s: %v", when, err)
			}
		}
	})
}
