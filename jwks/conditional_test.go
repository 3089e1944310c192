package jwks_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

// tagged is an issuer whose full answers have etag. It answers r to a request with If-None-Match.
func tagged(etag string, full, r reply) *issuer {
	i := &issuer{}
	i.tag(etag, full, r)
	return i
}

func (i *issuer) tag(etag string, full, r reply) {
	full.header = http.Header{"Etag": {etag}}
	i.answerBy(func(req *http.Request) reply {
		if req.Header.Get("If-None-Match") != "" {
			return r
		}
		return full
	})
}

// conditional returns how many requests had If-None-Match.
func (i *issuer) conditional() (n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, r := range i.requests {
		if r.Header.Get("If-None-Match") != "" {
			n++
		}
	}
	return n
}

// A withdrawn key must be gone in time, whatever goes wrong with conditional requests.
func TestDutyAFailedConditionalFetchIsRepeatedInFull(t *testing.T) {
	rows := []struct {
		name   string
		r      reply
		atOnce bool
	}{
		{"412", reply{status: 412}, true},
		{"400", reply{status: 400}, true},
		{"431", reply{status: 431}, true},
		{"404", reply{status: 404}, true},
		{"500", reply{status: 500}, true},
		{"503", reply{status: 503}, true},
		{"a body that is no set", reply{body: "<html>"}, true},
		{"an empty body", reply{}, true},
		{"a set without a usable key", ok(`{}`), true},
		{"a body that is too large", reply{body: strings.Repeat(" ", 1<<20+1)}, true},
		{"a redirect to another origin", reply{status: 302, header: http.Header{"Location": {"https://evil.example/"}}}, true},
		{"a 304 for another set", reply{status: 304, header: http.Header{"Etag": {`"2"`}}}, true},
		{"a 304 for another set, weakly", reply{status: 304, header: http.Header{"Etag": {`W/"2"`}}}, true},
		{"no connection", reply{err: errors.New("reset")}, false},
		{"no answer", reply{delay: time.Hour}, false},
		{"a body that stalls", reply{body: "{}", drip: time.Hour}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := tagged(`"1"`, ok(edJWK("a", 1)), row.r)
				c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
				synctest.Wait()
				i.tag(`"1"`, ok(edJWK("b", 2)), row.r)
				time.Sleep(time.Minute)
				synctest.Wait()
				if row.atOnce {
					if s := c.Status(); s.LastError != nil || s.Stale || len(s.KeyIDs) != 1 || s.KeyIDs[0] != "b" {
						t.Fatalf("%+v", s)
					}
					mustFetch(t, i, 3)
				}
				time.Sleep(5*time.Second + time.Second) // the request's time, and the first backoff
				synctest.Wait()
				mustServe(t, c, "b")
				mustFetch(t, i, 3)
				// An issuer that fails like this once is not asked like this all the time.
				time.Sleep(50 * time.Minute)
				if n := i.conditional(); n != 1 {
					t.Errorf("%d conditional requests within the hour", n)
				}
				if s := c.Status(); s.LastError != nil || s.Stale {
					t.Errorf("%+v", s)
				}
				time.Sleep(15 * time.Minute)
				if n := i.conditional(); n != 2 {
					t.Errorf("%d conditional requests after the hour, want 2", n)
				}
			})
		})
	}
}

// A 429 is for all requests, so the cache must not ask again at once.
func TestConditionalFetchIsNotRepeatedDuringAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := tagged(`"1"`, ok(edJWK("a", 1)), reply{status: 429, header: http.Header{"Retry-After": {"30"}}})
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		time.Sleep(time.Minute + 29*time.Second)
		mustFetch(t, i, 2)
		time.Sleep(time.Second)
		synctest.Wait()
		mustFetch(t, i, 3)
		if got := i.last().Header.Values("If-None-Match"); got != nil {
			t.Errorf("asked again with If-None-Match %v", got)
		}
		if s := c.Status(); s.LastError != nil {
			t.Errorf("%+v", s)
		}
	})
}

func TestETagsAreSentBackToTheLetter(t *testing.T) {
	long := `"` + strings.Repeat("x", 1022) + `"`
	rows := []struct {
		name, etag, confirmed string
		sent                  bool
	}{
		{"a strong one", `"1"`, `"1"`, true},
		{"a 304 that does not name it", `"1"`, "", true},
		{"a weak one", `W/"1"`, `W/"1"`, true},
		{"a weak one, confirmed as a strong one", `W/"1"`, `"1"`, true},
		{"a strong one, confirmed as a weak one", `"1"`, `W/"1"`, true},
		{"one without quotes, as some send it", `1`, `1`, true},
		{"1 KiB", long, long, true},
		{"more than 1 KiB", long + "x", "", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				unchanged := reply{status: 304, header: http.Header{}}
				if row.confirmed != "" {
					unchanged.header.Set("ETag", row.confirmed)
				}
				i := tagged(row.etag, ok(edJWK("a", 1)), unchanged)
				c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
				synctest.Wait()
				time.Sleep(time.Minute)
				synctest.Wait()
				mustFetch(t, i, 2)
				got := i.last().Header.Get("If-None-Match")
				if want := map[bool]string{true: row.etag}[row.sent]; got != want {
					t.Errorf("sent %.40q, want %.40q", got, want)
				}
				if s := c.Status(); s.LastError != nil || s.Keys != 1 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// An issuer, or a proxy in front of it, may answer 304 forever. Without a full answer from time to time, a
// withdrawn key would serve forever, too.
func TestDutyKeysAreConfirmedForMaxStaleAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := tagged(`"1"`, ok(edJWK("a", 1)), reply{status: 304})
		c := start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute, MaxStale: time.Hour}, i)
		synctest.Wait()
		i.tag(`"1"`, ok(edJWK("b", 2)), reply{status: 304})
		time.Sleep(time.Hour - time.Second)
		mustServe(t, c, "a")
		if n := i.conditional(); n != 59 {
			t.Errorf("%d conditional requests", n)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if s := c.Status(); s.LastError != nil || s.Keys != 1 || s.KeyIDs[0] != "b" {
			t.Errorf("%+v", s)
		}
	})
}
