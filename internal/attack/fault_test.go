package attack_test

import (
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// patience is the longest that anybody waits for keys.
const patience = 2 * time.Second

// A bad day of an issuer. In each of them the keys that are known go on serving for a day, and an
// unknown key is an outage, since nobody can tell.
type badDay struct {
	name  string
	fault func(*world) authtest.Fault
	tells bool   // the key set can still be had once its place is known: an unknown key is the token's fault
	bytes uint64 // that one fetch may allocate; 0: not looked at
}

func always(f authtest.Fault) func(*world) authtest.Fault {
	return func(*world) authtest.Fault { return f }
}

// changed has the issuer send its keys in full, which it does not as long as they are those that
// we know.
func changed(f authtest.Fault) func(*world) authtest.Fault {
	return func(w *world) authtest.Fault {
		w.issuer.PublishJWK(ecJWK("more", theirEC()))
		return f
	}
}

func body(text string) func(*world) authtest.Fault {
	return always(authtest.OnlyJWKS(authtest.Body("application/json", text)))
}

func badDays() []badDay {
	retry := http.Header{"Retry-After": {"30"}}
	return []badDay{
		{name: "refused connections", fault: always(authtest.Down())},
		{name: "status 500", fault: always(authtest.Status(500, nil))},
		{name: "status 503 with Retry-After", fault: always(authtest.Status(503, retry))},
		{name: "status 429 with Retry-After", fault: always(authtest.Status(429, retry))},
		{name: "status 404 for the keys", fault: always(authtest.OnlyJWKS(authtest.Status(404, nil)))},
		{name: "status 204 for the keys", fault: always(authtest.OnlyJWKS(authtest.Status(204, nil)))},
		{name: "status 304 whatever is asked", fault: always(authtest.OnlyJWKS(authtest.Status(304, nil)))},
		{name: "no answer at all", fault: always(authtest.Hang())},
		{name: "no answer for the keys", fault: always(authtest.OnlyJWKS(authtest.Hang()))},
		{name: "an answer after a minute", fault: always(authtest.Slow(time.Minute))},
		{name: "an octet every second", fault: changed(authtest.Drip(time.Second))},
		{name: "a body of 1 GB", fault: always(authtest.OnlyJWKS(authtest.Oversized(1 << 30))), bytes: 16 << 20},
		{name: "a gzip bomb of 1 GB", fault: always(authtest.OnlyJWKS(authtest.GzipBomb(1 << 30))), bytes: 16 << 20},
		{name: "metadata of 1 GB", fault: always(authtest.OnlyMetadata(authtest.Oversized(1 << 30))), tells: true, bytes: 16 << 20},
		{name: "an HTML page", fault: always(authtest.Body("text/html", "<!doctype html><title>Sorry</title>"))},
		{name: "an HTML page for the keys", fault: always(authtest.OnlyJWKS(authtest.Body("text/html", "<!doctype html><title>Sorry</title>")))},
		{name: "an empty body", fault: body("")},
		{name: "half of the keys", fault: changed(authtest.OnlyJWKS(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { next.ServeHTTP(&half{rw}, r) })
		}))},
		{name: "keys null", fault: body(`{"keys":null}`)},
		{name: "keys an object", fault: body(`{"keys":{}}`)},
		{name: "keys missing", fault: body(`{}`)},
		{name: "keys twice", fault: body(`{"keys":[],"keys":[]}`)},
		{name: "keys without the set around", fault: body(`[]`)},
		{name: "keys of which none is of use", fault: body(`{"keys":[null,{"kty":"oct","k":"AAAA"}]}`)},
		{name: "keys behind a byte order mark", fault: body("\ufeff{\"keys\":[]}")},
		{name: "a redirect to another origin", fault: always(authtest.OnlyJWKS(authtest.RedirectTo("https://evil.test/jwks")))},
		{name: "a redirect to plain http", fault: always(authtest.OnlyJWKS(authtest.RedirectTo("http://issuer.test/jwks?moved")))},
		{name: "a redirect without an end", fault: always(authtest.OnlyJWKS(authtest.Status(302, http.Header{"Location": {"/jwks"}})))},
		{name: "metadata that can't be had", fault: always(authtest.OnlyMetadata(authtest.Status(500, nil))), tells: true},
		{name: "metadata of another issuer", fault: always(authtest.OnlyMetadata(authtest.Body("application/json", `{"issuer":"https://evil.test","jwks_uri":"https://issuer.test/jwks"}`))), tells: true},
		{name: "metadata with keys over plain http", fault: always(authtest.OnlyMetadata(authtest.Body("application/json", `{"issuer":"https://issuer.test","jwks_uri":"http://127.0.0.1/jwks"}`))), tells: true},
	}
}

// half cuts a body short without saying so.
type half struct{ http.ResponseWriter }

func (h *half) Write(octets []byte) (int, error) {
	h.Header().Del("Content-Length")
	_, err := h.ResponseWriter.Write(octets[:len(octets)/2])
	return len(octets), err
}

func (h *half) WriteHeader(status int) {
	h.Header().Del("Content-Length")
	h.ResponseWriter.WriteHeader(status)
}

// TestIssuerFaults is the matrix: each bad day with keys that are known and without any, up to its
// end, on each transport.
func TestIssuerFaults(t *testing.T) {
	for _, day := range badDays() {
		t.Run(day.name, func(t *testing.T) {
			t.Run("with known keys", func(t *testing.T) {
				timeless(t, nil, func(w *world) {
					w.expect(w.good(), passes, "")
					w.issuer.Break(day.fault(w))
					// At once; after the keys were due; and after an hour, when their place is looked for anew.
					for _, pass := range []time.Duration{2 * time.Second, 16 * time.Minute, time.Hour} {
						if day.bytes != 0 && pass > time.Minute {
							break // a gigabyte for each fetch keeps the issuer busy, too
						}
						time.Sleep(pass)
						day.unknown(w)
						w.instantly(w.good(), passes, "")
					}
					day.heal(w)
				})
			})
			t.Run("from the start", func(t *testing.T) {
				timeless(t, func(w *world) { w.issuer.Break(day.fault(w)) }, func(w *world) {
					w.within(patience, func() { w.expect(w.good(), middleware.CodeUnavailable, "keys are unavailable") })
					time.Sleep(10 * time.Second)
					w.within(patience, func() { w.expect(w.good(), middleware.CodeUnavailable, "keys are unavailable") })
					day.heal(w)
				})
			})
		})
	}
}

// timeless has a day on each transport, on a clock that moves when everybody waits.
func timeless(t *testing.T, prepare func(*world), day func(*world)) {
	for _, tr := range transports(true) {
		t.Run(tr.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { day(newWorld(t, prepare, tr)) })
		})
	}
}

// unknown asks for a key that nobody knows, and while that waits, once more for a known one.
func (d badDay) unknown(w *world) {
	w.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan answer)
	start := time.Now()
	go func() {
		got, err := w.api(bearer(w.mint(authtest.Token{Header: map[string]any{"kid": "unknown"}})))
		if err != nil {
			w.Error(err)
		}
		done <- got
	}()
	synctest.Wait()
	if runtime.ReadMemStats(&after); d.bytes != 0 && after.TotalAlloc-before.TotalAlloc > d.bytes {
		w.Errorf("a fetch has allocated %d octets, want at most %d", after.TotalAlloc-before.TotalAlloc, d.bytes)
	}
	w.forget()
	w.instantly(w.good(), passes, "")
	got, want := <-done, w.status(503, 14)
	if d.tells {
		want = w.status(401, 16)
	}
	if got.status != want {
		w.Errorf("an unknown key: status %d, want %d", got.status, want)
	}
	if waited := time.Since(start); waited > patience {
		w.Errorf("an unknown key: waited %v", waited)
	}
	w.forget()
}

// heal ends the bad day: a key that has come meanwhile serves within two minutes, by itself.
func (badDay) heal(w *world) {
	w.Helper()
	w.issuer.Break(nil)
	w.issuer.Rotate()
	time.Sleep(2 * time.Minute)
	// Nobody has asked for the new key, and whoever does so now may have to wait for the answer of
	// a healthy issuer, which takes no time here.
	w.instantly(w.good(), passes, "")
}

// forget drops what was seen so far.
func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events, w.reached = nil, nil
}

// instantly is expect, in no time at all: the clock of the bubble only moves when everybody waits.
func (w *world) instantly(r request, code middleware.Code, reason string) {
	w.Helper()
	w.within(0, func() { w.expect(r, code, reason) })
}

func (w *world) within(limit time.Duration, f func()) {
	w.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > limit {
		w.Errorf("waited %v, want at most %v", took, limit)
	}
}
