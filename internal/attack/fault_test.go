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

// patience is the longest time that a request waits for keys.
const patience = 2 * time.Second

// A badDay is a fault of an issuer. During each fault, known keys serve for a day. A token with an
// unknown key is answered as in an outage, because nobody can tell whether it is good.
type badDay struct {
	name       string
	fault      func(*world) authtest.Fault
	servesKeys bool   // a known keys URL still has the key set, so a token of an unknown key is answered 401
	bytes      uint64 // one fetch may allocate this many bytes; 0 means that it is not checked
}

func always(f authtest.Fault) func(*world) authtest.Fault {
	return func(*world) authtest.Fault { return f }
}

// changed makes the issuer send its keys in full. It does not do that while the guard has the same
// keys.
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
		{name: "status 304 for every request", fault: keys(authtest.Fault{Status: 304})},
		{name: "no answer at all", fault: always(authtest.Fault{Hang: true})},
		{name: "no answer for the keys", fault: keys(authtest.Fault{Hang: true})},
		{name: "an answer after a minute", fault: always(authtest.Fault{Delay: time.Minute})},
		{name: "an octet every second", fault: changed(authtest.Fault{Handler: faults.Drip(time.Second)})},
		{name: "a body of 1 GB", fault: keys(authtest.Fault{Handler: faults.Oversized(1 << 30)}), bytes: 16 << 20},
		{name: "a gzip bomb of 1 GB", fault: keys(authtest.Fault{Handler: faults.GzipBomb(1 << 30)}), bytes: 16 << 20},
		{name: "metadata of 1 GB", fault: metadata(authtest.Fault{Handler: faults.Oversized(1 << 30)}), servesKeys: true, bytes: 16 << 20},
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
		{name: "keys after a byte order mark", fault: keys(inJSON("\ufeff{\"keys\":[]}"))},
		{name: "a redirect to another origin", fault: keys(redirectTo("https://evil.test/jwks"))},
		{name: "a redirect to plain http", fault: keys(redirectTo("http://issuer.test/jwks?moved"))},
		{name: "a redirect without an end", fault: keys(redirectTo("/jwks"))},
		{name: "metadata that cannot be fetched", fault: metadata(authtest.Fault{Status: 500}), servesKeys: true},
		{name: "metadata of another issuer", fault: metadata(inJSON(evilMetadata)), servesKeys: true},
		{name: "metadata with keys over plain http", fault: metadata(inJSON(plainMetadata)), servesKeys: true},
	}
}

// inJSON answers with a document.
func inJSON(text string) authtest.Fault {
	return authtest.Fault{Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
}

func redirectTo(location string) authtest.Fault {
	return authtest.Fault{Status: http.StatusFound, Header: http.Header{"Location": {location}}}
}

// half cuts a body short without an error.
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

// TestIssuerFaults runs each fault on each transport, with known keys and without any, until the
// fault ends.
func TestIssuerFaults(t *testing.T) {
	for _, day := range badDays() {
		t.Run(day.name, func(t *testing.T) {
			t.Run("with known keys", func(t *testing.T) {
				timeless(t, nil, func(w *world) {
					w.expect(w.good(), passes, "")
					w.issuer.Break(day.fault(w))
					// The test asks three times: at once, after the keys were due, and after an hour, when
					// their URL is discovered again.
					for _, pass := range []time.Duration{2 * time.Second, 16 * time.Minute, time.Hour} {
						if day.bytes != 0 && pass > time.Minute {
							break // a gigabyte for each fetch also keeps the issuer busy
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

// timeless runs a day on each transport. Its clock moves only when every goroutine waits.
func timeless(t *testing.T, prepare func(*world), day func(*world)) {
	for _, tr := range transports(true) {
		t.Run(tr.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { day(newWorld(t, prepare, tr)) })
		})
	}
}

// unknown sends a token of an unknown key. While that request waits, it sends one of a known key.
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
	if d.servesKeys {
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

// heal ends the fault. A key that the issuer has added meanwhile must serve within two minutes,
// although no request asks for it.
func (badDay) heal(w *world) {
	w.Helper()
	w.issuer.Heal()
	w.issuer.Rotate()
	time.Sleep(2 * time.Minute)
	// No request has asked for the new key yet. The next one may wait for a healthy issuer, which
	// takes no time here.
	w.instantly(w.good(), passes, "")
}

// forget drops the events and subjects seen so far.
func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events, w.reached = nil, nil
}

// instantly is expect for a request that must not wait: the clock of the bubble must not move.
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
