package jwks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

const (
	theIssuer   = "https://issuer.example"
	firstPlace  = theIssuer + "/.well-known/openid-configuration"
	secondPlace = theIssuer + "/.well-known/oauth-authorization-server"
	movedURL    = "https://issuer.example/moved"
)

// pages answers by URL, and with 404 if it does not have the URL.
func pages(replies map[string]reply) *issuer {
	i := &issuer{}
	i.answerBy(func(r *http.Request) reply {
		if page, found := replies[r.URL.String()]; found {
			return page
		}
		return reply{status: 404}
	})
	return i
}

func after(delay time.Duration, r reply) reply {
	r.delay = delay
	return r
}

func page(body string) reply { return reply{body: body} }

func TestDutyASlowIssuerIsHeardEveryTime(t *testing.T) {
	const slow = 4900 * time.Millisecond
	rows := []struct {
		name    string
		cfg     jwks.Config
		replies map[string]reply
	}{
		{"slow keys", jwks.Config{KeysURL: keysURL}, map[string]reply{
			keysURL: after(slow, ok(edJWK("a", 1))),
		}},
		{"slow keys that are discovered", jwks.Config{Issuer: theIssuer}, map[string]reply{
			firstPlace: page(metadata(theIssuer, keysURL)),
			keysURL:    after(slow, ok(edJWK("a", 1))),
		}},
		{"slow metadata", jwks.Config{Issuer: theIssuer}, map[string]reply{
			firstPlace: after(slow, page(metadata(theIssuer, keysURL))),
			keysURL:    ok(edJWK("a", 1)),
		}},
		{"slow metadata and slow keys", jwks.Config{Issuer: theIssuer}, map[string]reply{
			firstPlace: after(slow, page(metadata(theIssuer, keysURL))),
			keysURL:    after(slow, ok(edJWK("a", 1))),
		}},
		{"a slow first place of two, and all else slow, too", jwks.Config{Issuer: theIssuer}, map[string]reply{
			firstPlace:  after(slow, reply{status: 404}),
			secondPlace: after(slow, page(metadata(theIssuer, keysURL))),
			keysURL:     after(slow, ok(edJWK("a", 1))),
		}},
		{"a body that takes its time", jwks.Config{KeysURL: keysURL}, map[string]reply{
			keysURL: {body: keySet(edJWK("a", 1)), drip: 40 * time.Millisecond},
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := row.cfg
				cfg.MinRefresh, cfg.MaxRefresh = time.Minute, time.Minute
				c := start(t, cfg, pages(row.replies))
				time.Sleep(3*slow + time.Millisecond)
				synctest.Wait()
				for range 3 * 60 {
					if s := c.Status(); s.LastError != nil || time.Since(s.LastSuccess) > time.Minute+slow+time.Second || s.Keys != 1 {
						t.Fatalf("%+v", s)
					}
					time.Sleep(time.Minute)
				}
			})
		})
	}
}

func TestAURLThatWentDeadLeavesTimeToFindTheNext(t *testing.T) {
	rows := []struct {
		name    string
		replies map[string]reply
		within  time.Duration
	}{
		{"a metadata that answers at once", map[string]reply{
			firstPlace: page(metadata(theIssuer, movedURL)),
			movedURL:   ok(edJWK("b", 2)),
		}, 5 * time.Second},
		{"slow metadata and slow keys", map[string]reply{
			firstPlace: after(4*time.Second, page(metadata(theIssuer, movedURL))),
			movedURL:   after(4*time.Second, ok(edJWK("b", 2))),
		}, 13 * time.Second},
		{"a slow first place, too", map[string]reply{
			firstPlace:  after(4*time.Second, reply{status: 404}),
			secondPlace: after(4*time.Second, page(metadata(theIssuer, movedURL))),
			movedURL:    after(4*time.Second, ok(edJWK("b", 2))),
		}, 17 * time.Second},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := pages(map[string]reply{firstPlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1))})
				c := start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
				synctest.Wait()
				row.replies[keysURL] = reply{delay: time.Hour}
				i.answerBy(pages(row.replies).reply)
				time.Sleep(time.Minute + row.within + time.Millisecond)
				synctest.Wait()
				mustServe(t, c, "b")
				began := c.Status().LastAttempt
				if took := c.Status().LastSuccess.Sub(began); took != row.within {
					t.Errorf("took %v, want %v", took, row.within)
				}
			})
		})
	}
}

func TestDutyAFlightEndsAfterTwentySeconds(t *testing.T) {
	const slow = 4990 * time.Millisecond
	rows := []struct {
		name    string
		replies map[string]reply
		most    time.Duration
	}{
		{"nothing answers: the keys' time and the metadata's", map[string]reply{
			keysURL: {delay: time.Hour}, firstPlace: {delay: time.Hour}, secondPlace: {delay: time.Hour},
		}, 10 * time.Second},
		{"everything fails as late as it can", map[string]reply{
			keysURL:     after(slow, reply{status: 500}),
			firstPlace:  after(slow, reply{status: 404}),
			secondPlace: after(slow, page(metadata(theIssuer, movedURL))),
			movedURL:    {delay: time.Hour},
		}, 20 * time.Second},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := &issuer{}
				full := ok(edJWK("a", 1))
				full.header = http.Header{"Etag": {`"1"`}} // there is one more request, which is conditional
				i.answerBy(pages(map[string]reply{firstPlace: page(metadata(theIssuer, keysURL)), keysURL: full}).reply)
				c := start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
				synctest.Wait()
				i.answerBy(pages(row.replies).reply)
				time.Sleep(time.Minute + row.most + time.Millisecond)
				synctest.Wait()
				if c.Status().LastError == nil {
					t.Errorf("the flight goes on after %v", row.most)
				}
				mustServe(t, c, "a")
			})
		})
	}
}

// The metadata are asked again each hour. While that request hangs, keys are fetched as usual.
func TestDutyALookAtTheMetadataDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replies := map[string]reply{firstPlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1))}
		i := pages(replies)
		c := start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.edit(func() {
			replies[firstPlace] = reply{delay: time.Hour}
			replies[keysURL] = ok(edJWK("b", 2))
		})
		time.Sleep(time.Hour)
		synctest.Wait()
		if urls := i.urls(); urls[len(urls)-1] != strings.TrimPrefix(firstPlace, "https://") || i.inFlight() != 1 {
			t.Fatalf("no look is under way: %v", urls[len(urls)-2:])
		}
		began := time.Now()
		mustServe(t, c, "b") // the refresh that came before the look
		mustNotFind(t, c, "c")
		if waited := time.Since(began); waited != 0 {
			t.Errorf("callers waited for %v", waited)
		}
		i.edit(func() { replies[keysURL] = ok(edJWK("d", 4)) })
		time.Sleep(1500 * time.Millisecond)
		if i.inFlight() != 1 {
			t.Fatal("the look is over")
		}
		began = time.Now()
		mustServe(t, c, "d")
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a caller waited for %v", waited)
		}
	})
}

// A proxy in front of the new URL may answer 304 to any ETag.
func TestAnETagDoesNotMoveWithTheKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		place := keysURL
		i := &issuer{}
		i.answerBy(func(r *http.Request) reply {
			switch {
			case r.URL.String() == firstPlace:
				return page(metadata(theIssuer, place))
			case r.Header.Get("If-None-Match") != "":
				return reply{status: 304}
			case r.URL.String() == movedURL:
				return ok(edJWK("b", 2))
			}
			return reply{header: http.Header{"Etag": {`"1"`}}, body: keySet(edJWK("a", 1))}
		})
		c := start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.edit(func() { place = movedURL })
		time.Sleep(time.Hour)
		synctest.Wait()
		if s := c.Status(); !slices.Equal(s.KeyIDs, []string{"b"}) || s.LastError != nil {
			t.Errorf("%+v", s)
		}
	})
}

func TestALookThatIsLateChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replies := map[string]reply{
			firstPlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1)), movedURL: ok(edJWK("b", 2)),
		}
		i := pages(replies)
		c := start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.edit(func() {
			replies[firstPlace] = after(4*time.Second, page(metadata(theIssuer, "https://issuer.example/wrong")))
		})
		time.Sleep(time.Hour + time.Second)
		if i.inFlight() != 1 {
			t.Fatal("no look is under way")
		}
		i.edit(func() {
			replies[firstPlace] = page(metadata(theIssuer, movedURL))
			delete(replies, keysURL)
		})
		mustServe(t, c, "b")
		time.Sleep(10 * time.Second)
		n := len(i.urls())
		time.Sleep(time.Hour / 2)
		if slices.Contains(i.urls(), "issuer.example/wrong") || slices.Contains(i.urls()[n:], "issuer.example/keys") {
			t.Errorf("it was believed: %v", i.urls())
		}
		mustServe(t, c, "b")
	})
}

// The new URL of the keys may be on the host that asked for a pause.
func TestALookEndsNoPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replies := map[string]reply{
			firstPlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1)), movedURL: ok(edJWK("b", 2)),
		}
		i := pages(replies)
		c := start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.edit(func() { replies[firstPlace] = after(4*time.Second, page(metadata(theIssuer, movedURL))) })
		time.Sleep(time.Hour + time.Second)
		i.edit(func() { replies[keysURL] = reply{status: 429, header: http.Header{"Retry-After": {"30"}}} })
		mustBeOutage(t, c, "b")
		n := i.fetches()
		time.Sleep(29 * time.Second)
		mustFetch(t, i, n)
		time.Sleep(time.Second)
		synctest.Wait()
		mustFetch(t, i, n+1)
		mustServe(t, c, "b")
	})
}

func TestDutyAPauseThatTheMetadataAskForIsKept(t *testing.T) {
	asked := func(i *issuer) int {
		return strings.Count(strings.Join(i.urls(), " "), "openid-configuration")
	}
	full := func() map[string]reply {
		return map[string]reply{firstPlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1))}
	}
	cfg := jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: 10 * time.Minute}
	busy := reply{status: 429, header: http.Header{"Retry-After": {"600"}}}
	t.Run("by a look beside", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			replies := full()
			replies[keysURL] = reply{body: keySet(edJWK("a", 1)), header: http.Header{"Cache-Control": {"max-age=60"}}}
			i := pages(replies)
			c := start(t, cfg, i)
			synctest.Wait()
			i.edit(func() { replies[firstPlace] = busy })
			time.Sleep(time.Hour + 8*time.Minute)
			if n := asked(i); n != 2 {
				t.Errorf("asked %d times, want 2", n)
			}
			time.Sleep(4 * time.Minute)
			if n := asked(i); n != 3 {
				t.Errorf("asked %d times, want 3", n)
			}
			if s := c.Status(); s.LastError != nil {
				t.Error(s.LastError)
			}
		})
	})
	t.Run("after the known URL failed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			replies := full()
			i := pages(replies)
			c := start(t, cfg, i)
			synctest.Wait()
			i.edit(func() {
				replies[firstPlace] = busy
				delete(replies, keysURL)
			})
			for range 9 {
				mustBeOutage(t, c, "b")
				time.Sleep(time.Minute)
			}
			if n := asked(i); n != 2 {
				t.Errorf("asked %d times, want 2", n)
			}
			time.Sleep(2 * time.Minute)
			if n := asked(i); n < 3 {
				t.Error("never asked again")
			}
			// The keys themselves are fetched all the time, and may be on another host.
			i.edit(func() { replies[keysURL] = ok(edJWK("b", 2)) })
			time.Sleep(1500 * time.Millisecond)
			mustServe(t, c, "b")
		})
	})
}

func TestCloseEndsALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replies := map[string]reply{firstPlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1))}
		i := pages(replies)
		c := start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.edit(func() { replies[firstPlace] = reply{delay: time.Hour} })
		time.Sleep(time.Hour)
		synctest.Wait()
		began := time.Now()
		c.Close()
		if n := i.inFlight(); n != 0 || time.Since(began) != 0 {
			t.Errorf("%d requests under way after %v", n, time.Since(began))
		}
	})
}
