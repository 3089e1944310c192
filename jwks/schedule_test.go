package jwks_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/jwks"
)

func TestDutyCacheControlIsHonouredWithinBounds(t *testing.T) {
	rows := []struct {
		name    string
		control []string
		age     string
		want    time.Duration
	}{
		{"absent: MaxRefresh", nil, "", 15 * time.Minute},
		{"absent with an Age: MaxRefresh", nil, "600", 15 * time.Minute},
		{"max-age", []string{"max-age=300"}, "", 5 * time.Minute},
		{"max-age among others, in any case", []string{"public, Max-Age=300, must-revalidate"}, "", 5 * time.Minute},
		{"quoted", []string{`max-age="300"`}, "", 5 * time.Minute},
		{"less its Age", []string{"max-age=300"}, "100", 200 * time.Second},
		{"older than max-age", []string{"max-age=300"}, "900", 15 * time.Second},
		{"an Age that is no number", []string{"max-age=300"}, "old", 5 * time.Minute},
		{"short: MinRefresh", []string{"max-age=1"}, "", 15 * time.Second},
		{"long: MaxRefresh", []string{"max-age=86400"}, "", 15 * time.Minute},
		{"too long to count: MaxRefresh", []string{"max-age=99999999999999999999"}, "", 15 * time.Minute},
		{"negative: stale already", []string{"max-age=-1"}, "", 15 * time.Second},
		{"no number: stale already", []string{"max-age=soon"}, "", 15 * time.Second},
		{"no-store", []string{"no-store"}, "", 15 * time.Second},
		{"no-cache beside a max-age", []string{"max-age=300, no-cache"}, "", 15 * time.Second},
		{"no-store on a second line", []string{"max-age=300", "no-store"}, "", 15 * time.Second},
		{"max-age on a second line", []string{"public", "max-age=300"}, "", 5 * time.Minute},
		{"no-cache for some fields", []string{`max-age=300, no-cache="set-cookie, x"`}, "", 15 * time.Second},
		{"no-cache for some fields, on a line of its own", []string{"max-age=300", `No-Cache="f"`}, "", 15 * time.Second},
		{"a directive that ends in no-cache", []string{"max-age=300, x-no-cache, no-cache-x"}, "", 5 * time.Minute},
		{"of two the shorter, which comes second", []string{"max-age=300", "max-age=200"}, "", 200 * time.Second},
		{"of two the shorter, over two headers", []string{"max-age=200", "max-age=300"}, "", 200 * time.Second},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := ok(edJWK("a", 1))
				r.header = http.Header{"Cache-Control": row.control}
				if row.age != "" {
					r.header.Set("Age", row.age)
				}
				c := start(t, jwks.Config{}, answering(r))
				synctest.Wait()
				s := c.Status()
				got := s.NextRefresh.Sub(s.LastSuccess)
				if got > row.want || got < max(15*time.Second, row.want-row.want/10) {
					t.Errorf("refresh after %v, want %v or up to a tenth less", got, row.want)
				}
			})
		})
	}
}

func TestRefreshesAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for range 8 {
			c := start(t, jwks.Config{}, answering(ok(edJWK("a", 1))))
			synctest.Wait()
			s := c.Status()
			seen[s.NextRefresh.Sub(s.LastSuccess)] = true
		}
		if len(seen) < 2 {
			t.Error("every cache refreshes at the same instant")
		}
	})
}

func TestDutyETag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		i.answerBy(func(r *http.Request) reply {
			if r.Header.Get("If-None-Match") == `"v1"` {
				return reply{status: http.StatusNotModified}
			}
			full := ok(edJWK("a", 1))
			full.header = http.Header{"Etag": {`"v1"`}, "Cache-Control": {"max-age=60"}}
			return full
		})
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		if got := i.last().Header.Values("If-None-Match"); got != nil {
			t.Errorf("the first request sends If-None-Match %v", got)
		}
		a := mustServe(t, c, "a")
		// The 304 renews staleness, and keeps the max-age of the answer that it confirms.
		time.Sleep(25 * time.Hour)
		if s := c.Status(); s.LastError != nil || time.Since(s.LastSuccess) > time.Minute {
			t.Errorf("%+v", s)
		}
		if mustServe(t, c, "a") != a {
			t.Error("a 304 changed the key's pointer")
		}
		if n := i.fetches(); n < 25*60 {
			t.Errorf("%d fetches in 25 h at max-age 60", n)
		}
		i.answer(ok(edJWK("b", 2))) // a full answer without an ETag
		time.Sleep(time.Minute + time.Second)
		if s := c.Status(); s.LastError != nil || !slices.Equal(s.KeyIDs, []string{"b"}) {
			t.Errorf("after an answer in full: %+v", s)
		}
		time.Sleep(15*time.Minute + time.Second)
		if got := i.last().Header.Values("If-None-Match"); got != nil {
			t.Errorf("an ETag that is gone is still sent: %v", got)
		}
	})
}

// If a 304 has a Cache-Control, it also applies to later ones without.
func TestLifetimeMayBeChangedByA304(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		asked := 0
		i.answerBy(func(*http.Request) reply {
			asked++
			r := reply{status: http.StatusNotModified, header: http.Header{"Etag": {`"v1"`}}}
			switch asked {
			case 1:
				r.status, r.body = http.StatusOK, keySet(edJWK("a", 1))
				r.header.Set("Cache-Control", "max-age=60")
			case 2:
				r.header.Set("Cache-Control", "max-age=600")
			}
			return r
		})
		start(t, jwks.Config{}, i)
		time.Sleep(1100 * time.Second) // the fetches are due by 60, 660 and 1260 s, and by a tenth of each step earlier
		mustFetch(t, i, 3)
	})
}

func TestLifetimeAndPauseTakeNoSignedSeconds(t *testing.T) {
	for name, header := range map[string]http.Header{
		"an age below zero": {"Cache-Control": {"max-age=60"}, "Age": {"-600"}},
		"a plus":            {"Cache-Control": {"max-age=+600"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			full := ok(edJWK("a", 1))
			full.header = header
			i := answering(full)
			start(t, jwks.Config{}, i)
			time.Sleep(61 * time.Second)
			if i.fetches() < 2 {
				t.Errorf("%s makes keys last longer", name)
			}
		})
	}
}

func TestRequestHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := answering(ok(edJWK("a", 1)))
		start(t, jwks.Config{}, i)
		synctest.Wait()
		want := http.Header{"Accept": {"application/jwk-set+json, application/json"}, "User-Agent": {"bearerguard"}}
		if diff := cmp.Diff(want, i.last().Header); diff != "" {
			t.Error(diff)
		}
	})
}

// An issuer, or a proxy in front of it, may answer 304 forever. An unknown kid must be found nevertheless,
// because it causes a fetch in full.
func TestDutyUnknownKeyIsNotAskedForByETag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stubborn := func(full reply) func(*http.Request) reply {
			full.header = http.Header{"Etag": {`"for ever"`}}
			return func(r *http.Request) reply {
				if r.Header.Get("If-None-Match") != "" {
					return reply{status: http.StatusNotModified}
				}
				return full
			}
		}
		i := &issuer{}
		i.answerBy(stubborn(ok(edJWK("a", 1))))
		c := start(t, jwks.Config{}, i)
		synctest.Wait()
		mustServe(t, c, "a")
		i.answerBy(stubborn(ok(edJWK("a", 1), edJWK("b", 2))))
		time.Sleep(time.Hour) // in which it is asked by its ETag
		mustServe(t, c, "b")
		time.Sleep(time.Hour)
		if got := i.last().Header.Get("If-None-Match"); got != `"for ever"` {
			t.Errorf("a refresh by schedule sends If-None-Match %q", got)
		}
	})
}
