package attack_test

import (
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/internal/faults"
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

func badDays() []badDay {
	retry := http.Header{"Retry-After": {"30"}}
	keys := func(f authtest.Fault) func(*world) authtest.Fault {
		f.OnlyKeys = true
		return always(f)
	}
	metadata := func(f authtest.Fault) func(*world) authtest.Fault {
		f.OnlyMetadata = true
		return always(f)
	}
	page := authtest.Fault{Header: http.Header{"Content-Type": {"text/html"}}, Body: "<!doctype html><title>Sorry</title>"}
	const evilMetadata = `{"issuer":"https://evil.test","jwks_uri":"https://issuer.test/jwks"}`
	const plainMetadata = `{"issuer":"https://issuer.test","jwks_uri":"http://127.0.0.1/jwks"}`
	halved := func(healthy http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { healthy.ServeHTTP(&half{rw}, r) })
	}
	return []badDay{
		{name: "connections without an answer", fault: always(authtest.Fault{Down: true})},
		{name: "status 500", fault: always(authtest.Fault{Status: 500})},
		{name: "status 503 with Retry-After", fault: always(authtest.Fault{Status: 503, Header: retry})},
		{name: "status 429 with Retry-After", fault: always(authtest.Fault{Status: 429, Header: retry})},
		{name: "status 404 for the keys", fault: keys(authtest.Fault{Status: 404})},
		{name: "status 204 for the keys", fault: keys(authtest.Fault{Status: 204})},
		{name: "status 304 whatever is asked", fault: keys(authtest.Fault{Status: 304})},
		{name: "no answer at all", fault: always(authtest.Fault{Hang: true})},
		{name: "no answer for the keys", fault: keys(authtest.Fault{Hang: true})},
		{name: "an answer after a minute", fault: always(authtest.Fault{Delay: time.Minute})},
		{name: "an octet every second", fault: changed(authtest.Fault{Handler: faults.Drip(time.Second)})},
		{name: "a body of 1 GB", fault: keys(authtest.Fault{Handler: faults.Oversized(1 << 30)}), bytes: 16 << 20},
		{name: "a gzip bomb of 1 GB", fault: keys(authtest.Fault{Handler: faults.GzipBomb(1 << 30)}), bytes: 16 << 20},
		{name: "metadata of 1 GB", fault: metadata(authtest.Fault{Handler: faults.Oversized(1 << 30)}), tells: true, bytes: 16 << 20},
		{name: "an HTML page", fault: always(page)},
		{name: "an HTML page for the keys", fault: keys(page)},
		{name: "an empty body", fault: keys(authtest.Fault{Status: 200})},
		{name: "half of the keys", fault: changed(authtest.Fault{OnlyKeys: true, Handler: halved})},
		{name: "keys null", fault: keys(inJSON(`{"keys":null}`))},
		{name: "keys an object", fault: keys(inJSON(`{"keys":{}}`))},
		{name: "keys missing", fault: keys(inJSON(`{}`))},
		{name: "keys twice", fault: keys(inJSON(`{"keys":[],"keys":[]}`))},
		{name: "keys without the set around", fault: keys(inJSON(`[]`))},
		{name: "keys of which none is of use", fault: keys(inJSON(`{"keys":[null,{"kty":"oct","k":"AAAA"}]}`))},
		{name: "keys behind a byte order mark", fault: keys(inJSON("\ufeff{\"keys\":[]}"))},
		{name: "a redirect to another origin", fault: keys(redirectTo("https://evil.test/jwks"))},
		{name: "a redirect to plain http", fault: keys(redirectTo("http://issuer.test/jwks?moved"))},
		{name: "a redirect without an end", fault: keys(redirectTo("/jwks"))},
		{name: "metadata that can't be had", fault: metadata(authtest.Fault{Status: 500}), tells: true},
		{name: "metadata of another issuer", fault: metadata(inJSON(evilMetadata)), tells: true},
		{name: "metadata with keys over plain http", fault: metadata(inJSON(plainMetadata)), tells: true},
	}
}

// inJSON answers with a document.
func inJSON(text string) authtest.Fault {
	return authtest.Fault{Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
}

func redirectTo(location string) authtest.Fault {
	return authtest.Fault{Status: http.StatusFound, Header: http.Header{"Location": {location}}}
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
	w.issuer.Heal()
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
