package attack_test

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// TestIssuerDuties has the changes that a good issuer makes. The guard must follow each of them.
func TestIssuerDuties(t *testing.T) {
	for _, duty := range []struct {
		name string
		day  func(w *world)
	}{
		{"after a rotation, the new key serves at once, and the old one still serves", func(w *world) {
			w.expect(w.good(), passes, "")
			old := w.issuer.Key()
			w.issuer.Rotate()
			w.instantly(w.good(), passes, "")
			w.instantly(bearer(w.mint(authtest.Token{Key: old})), passes, "")
		}},
		{"a withdrawn key is removed at the next refresh, also for known tokens", func(w *world) {
			token := w.known(w.mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(time.Hour)}}))
			old := w.issuer.Key()
			w.issuer.Rotate()
			w.issuer.Withdraw(old)
			w.instantly(token, passes, "")
			time.Sleep(15 * time.Minute)
			w.expect(token, middleware.CodeInvalid, noKey)
		}},
		{"a known token waits no longer than others if the issuer hangs", func(w *world) {
			token := w.known(w.mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(time.Hour)}}))
			old := w.issuer.Key()
			w.issuer.Rotate()
			w.issuer.Withdraw(old)
			time.Sleep(20 * time.Minute)
			w.issuer.Break(authtest.Fault{Hang: true})
			w.within(patience, func() { w.expect(token, middleware.CodeUnavailable, "keys are unavailable") })
		}},
		{"a key that is replaced under its kid is removed at the next refresh", func(w *world) {
			token := w.known(w.mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(time.Hour)}}))
			old := w.issuer.Key()
			w.issuer.Rotate()
			w.issuer.Withdraw(old)
			w.issuer.PublishJWK(ecJWK(old.ID(), theirEC()))
			time.Sleep(15 * time.Minute)
			w.instantly(token, middleware.CodeInvalid, forged)
			w.instantly(
				bearer(seal(b64(`{"alg":"ES256","kid":"`+old.ID()+`"}`), b64("{"+goodClaims+"}"), es256(theirEC()))), passes, "",
			)
		}},
		{"a new key under an old kid serves at once, and the old key does not", func(w *world) {
			token := w.known(w.mint(authtest.Token{}))
			old := w.issuer.Key()
			w.issuer.Rotate()
			w.issuer.Withdraw(old)
			w.issuer.PublishJWK(ecJWK(old.ID(), theirEC()))
			w.instantly(
				bearer(seal(b64(`{"alg":"ES256","kid":"`+old.ID()+`"}`), b64("{"+goodClaims+"}"), es256(theirEC()))), passes, "",
			)
			w.instantly(token, middleware.CodeInvalid, forged)
		}},
		{"a forged signature is answered 401, also if the issuer fails", func(w *world) {
			w.expect(w.good(), passes, "")
			stolen := bearer(w.mint(authtest.Token{Key: stranger(), Header: map[string]any{"kid": w.issuer.Key().ID()}}))
			for _, fault := range []authtest.Fault{{Down: true}, {Status: 500}, {Status: 429}} {
				w.issuer.Break(fault)
				w.instantly(stolen, middleware.CodeInvalid, forged)
				time.Sleep(2 * time.Minute)
			}
			w.issuer.Break(authtest.Fault{Hang: true})
			w.within(patience, func() { w.expect(stolen, middleware.CodeInvalid, forged) })
			w.instantly(w.good(), passes, "")
		}},
		{"an empty set withdraws all keys", func(w *world) {
			w.expect(w.good(), passes, "")
			w.issuer.Break(authtest.Fault{OnlyKeys: true, Body: `{"keys":[]}`})
			time.Sleep(15 * time.Minute)
			w.expect(w.good(), middleware.CodeInvalid, noKey)
			badDay{}.heal(w)
		}},
		{"max-age is followed", func(w *world) { withdrawnAfter(w, "max-age=60", 61*time.Second) }},
		{"no-store means the shortest time", func(w *world) { withdrawnAfter(w, "no-store", 16*time.Second) }},
		{"a max-age of 0 means the shortest time", func(w *world) { withdrawnAfter(w, "max-age=0", 16*time.Second) }},
		{"a max-age of a year means the longest time", func(w *world) { withdrawnAfter(w, "max-age=31536000", 15*time.Minute+time.Second) }},
		{"the issuer sends its keys again only after a change", func(w *world) {
			var unchanged atomic.Int64
			w.issuer.Break(authtest.Fault{OnlyKeys: true, Handler: func(healthy http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					healthy.ServeHTTP(&statusWriter{rw, func(status int) {
						if status == http.StatusNotModified {
							unchanged.Add(1)
						}
					}}, r)
				})
			}})
			w.expect(w.good(), passes, "")
			time.Sleep(time.Hour)
			if n := int(unchanged.Load()); n < 4 || n != w.issuer.Fetches()-1 {
				w.Errorf("%d of %d answers were 304, want all but the first", n, w.issuer.Fetches())
			}
			w.instantly(w.good(), passes, "")
			withdrawnAfter(w, "", 15*time.Minute+time.Second)
		}},
		{"200 callers of a cold start cost one fetch", func(w *world) {
			w.issuer.Break(authtest.Fault{Delay: 200 * time.Millisecond})
			status := make(chan int)
			for range 200 {
				go func() {
					got, err := w.api(w.good())
					if err != nil {
						w.Error(err)
					}
					status <- got.status
				}()
			}
			for range 200 {
				if got := <-status; got != w.status(200, 0) {
					w.Fatalf("status %d", got)
				}
			}
			if w.issuer.Fetches() != 1 {
				w.Errorf("%d fetches", w.issuer.Fetches())
			}
		}},
		{"a redirect within the origin is followed", func(w *world) {
			w.issuer.Break(authtest.Fault{OnlyKeys: true, Handler: func(healthy http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if r.URL.RawQuery == "moved" {
						healthy.ServeHTTP(rw, r)
						return
					}
					http.Redirect(rw, r, "/jwks?moved", http.StatusFound)
				})
			}})
			w.expect(w.good(), passes, "")
		}},
		{"keys end after an outage of a day, and serve again after it", func(w *world) {
			w.expect(w.good(), passes, "")
			w.issuer.Break(authtest.Fault{Down: true})
			time.Sleep(23 * time.Hour)
			w.instantly(w.good(), passes, "")
			time.Sleep(90 * time.Minute)
			w.expect(w.good(), middleware.CodeUnavailable, "keys are unavailable")
			badDay{}.heal(w)
		}},
		{"if the clock jumps a month ahead, tokens expire and keys do not", func(w *world) {
			token := w.known(w.mint(authtest.Token{}))
			time.Sleep(30 * 24 * time.Hour)
			w.instantly(token, middleware.CodeInvalid, expired)
			w.instantly(w.good(), passes, "")
		}},
		{"a token from an issuer whose clock is ahead by more than the leeway is refused", func(w *world) {
			w.expect(w.good(), passes, "")
			w.instantly(
				bearer(w.mint(authtest.Token{Claims: map[string]any{
					"iat": time.Now().Add(time.Hour), "exp": time.Now().Add(2 * time.Hour),
				}})),
				middleware.CodeInvalid, "iat is in the future",
			)
		}},
	} {
		t.Run(duty.name, func(t *testing.T) {
			timeless(t, nil, duty.day)
		})
	}
}

// 10,000 unknown keys and forged signatures in five seconds do not hide a rotation, and cause five
// fetches at most. The test uses one transport, because on the others most of the time would be
// that of the servers.
func TestAFloodOfForgedTokensHidesNoRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, transports(true)[0])
		w.expect(w.good(), passes, "")
		before := w.issuer.Fetches()
		// Two good tokens are sent: one is known, and one is always new. A known key has signed
		// both.
		token := w.known(w.mint(authtest.Token{}))
		old := w.issuer.Key()
		var rotated time.Time
		seen := false
		for n := range 10_000 {
			kid := old.ID()
			if n%2 == 0 {
				kid = "random-" + strconv.Itoa(n)
			}
			got, err := w.api(bearer(w.mint(authtest.Token{Key: stranger(), Header: map[string]any{"kid": kid}})))
			if err != nil || got.status != w.status(401, 16) {
				w.Fatalf("kid %s: %d, %v", kid, got.status, err)
			}
			w.forget()
			switch {
			case n == 5000:
				w.issuer.Rotate()
				rotated = time.Now()
			case n > 5000 && !seen:
				got, err := w.api(w.good())
				seen = err == nil && got.status == w.status(200, 0)
				if !seen && time.Since(rotated) > 2*time.Second {
					w.Fatal("the rotation is not seen within two seconds")
				}
				w.forget()
			}
			if n%500 == 0 {
				w.instantly(token, passes, "")
				w.instantly(bearer(w.mint(authtest.Token{Key: old})), passes, "")
			}
			time.Sleep(500 * time.Microsecond)
		}
		if n := w.issuer.Fetches() - before; n > 5 || !seen {
			w.Errorf("%d fetches, the rotation was seen: %v", n, seen)
		}
	})
}

// withdrawnAfter withdraws a key while the issuer sends a Cache-Control. The guard must remove the
// key not before the next fetch is due, and not after limit.
func withdrawnAfter(w *world, control string, limit time.Duration) {
	w.Helper()
	if control != "" {
		w.issuer.Break(authtest.Fault{OnlyKeys: true, Handler: func(healthy http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Cache-Control", control)
				healthy.ServeHTTP(rw, r)
			})
		}})
	}
	w.issuer.Rotate()
	w.expect(w.good(), passes, "") // this fetches the keys, and so gets the header
	token := w.known(w.mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(time.Hour)}}))
	old, fetches := w.issuer.Key(), w.issuer.Fetches()
	w.issuer.Rotate()
	w.issuer.Withdraw(old)
	time.Sleep(limit * 4 / 5)
	w.instantly(token, passes, "")
	if w.issuer.Fetches() != fetches {
		w.Error("fetched early")
	}
	time.Sleep(limit - limit*4/5)
	w.expect(token, middleware.CodeInvalid, noKey)
}

type statusWriter struct {
	http.ResponseWriter
	note func(status int)
}

func (s *statusWriter) WriteHeader(status int) {
	s.note(status)
	s.ResponseWriter.WriteHeader(status)
}

// stranger is a key that no issuer has.
var stranger = sync.OnceValue(func() *authtest.Key { return must(authtest.NewKey("ES256")) })

// In TestRedirectsStayWithinTheOrigin the other origin exists and has keys. It must get no request.
func TestRedirectsStayWithinTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		evil := must(authtest.New(authtest.Config{URL: "https://evil.test"}))
		defer evil.Close()
		w := newWorld(t, func(w *world) {
			client := &http.Client{Transport: hosts{"issuer.test": w.issuer.Client(), "evil.test": evil.Client()}}
			keys := must(jwks.New(jwks.Config{Issuer: w.issuer.URL(), Client: client}))
			w.Cleanup(func() { _ = keys.Close() })
			w.config.Keys = keys
			away := redirectTo(evil.URL() + "/jwks")
			away.OnlyKeys = true
			w.issuer.Break(away)
		}, transports(true)[0])
		w.expect(
			bearer(evil.Mint(authtest.Token{Claims: map[string]any{"iss": w.issuer.URL()}})), middleware.CodeUnavailable,
			"redirects to another origin",
		)
		if n := evil.Fetches(); n != 0 {
			t.Errorf("the other origin was asked %d times", n)
		}
		w.issuer.Heal()
		time.Sleep(time.Minute)
		w.expect(w.good(), passes, "")
	})
}

// hosts is a network: it maps the name of a host to a client that reaches it.
type hosts map[string]*http.Client

func (h hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	return h[r.URL.Host].Transport.RoundTrip(r)
}
