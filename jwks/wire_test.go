package jwks_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

type spyJar struct{ used bool }

func (j *spyJar) Cookies(*url.URL) []*http.Cookie         { j.used = true; return nil }
func (j *spyJar) SetCookies(_ *url.URL, _ []*http.Cookie) { j.used = true }

// firstResult returns the Status after the first fetch from a real server.
func firstResult(t *testing.T, cfg jwks.Config, h http.HandlerFunc) jwks.Status {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	cfg.KeysURL = srv.URL + "/keys"
	c := must(jwks.New(cfg))
	t.Cleanup(func() { c.Close() })
	return landed(t, c)
}

func landed(t *testing.T, c *jwks.Cache) jwks.Status {
	t.Helper()
	for {
		if s := c.Status(); s.LastError != nil || !s.LastSuccess.IsZero() {
			return s
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		c.Ready(ctx)
		cancel()
	}
}

func write(w http.ResponseWriter, text string) { w.Write([]byte(text)) }

func TestDutyResponseIsCappedAfterDecompression(t *testing.T) {
	exact := keySet(edJWK("a", 1))
	exact += strings.Repeat(" ", 1<<20-len(exact))
	packed, bomb := pack(exact), pack(exact+strings.Repeat(" ", 4<<20)) // before the clock of a request runs
	rows := []struct {
		name string
		ok   bool
		h    http.HandlerFunc
	}{
		{"1 MiB", true, func(w http.ResponseWriter, _ *http.Request) { write(w, exact) }},
		{"1 MiB and a byte", false, func(w http.ResponseWriter, _ *http.Request) { write(w, exact+" ") }},
		{"without an end", false, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				write(w, strings.Repeat(" ", 64<<10))
			}
		}},
		{"gzip", true, func(w http.ResponseWriter, _ *http.Request) { zipped(w, packed) }},
		{"a gzip bomb", false, func(w http.ResponseWriter, _ *http.Request) { zipped(w, bomb) }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := firstResult(t, jwks.Config{}, row.h)
			if got := s.LastError == nil; got != row.ok {
				t.Fatalf("LastError: %v", s.LastError)
			}
			if !row.ok && !strings.Contains(s.LastError.Error(), "MaxBytes") {
				t.Errorf("LastError: %v", s.LastError)
			}
		})
	}
}

func TestDutyHeadersAreCapped(t *testing.T) {
	s := firstResult(t, jwks.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 100<<10))
		write(w, keySet(edJWK("a", 1)))
	})
	if s.LastError == nil {
		t.Error("100 KB of headers are taken")
	}
}

// A program may replace http.DefaultTransport.
func TestAProgramsOwnDefaultTransport(t *testing.T) {
	std := http.DefaultTransport
	defer func() { http.DefaultTransport = std }()
	http.DefaultTransport = hidden{std}
	s := firstResult(t, jwks.Config{}, func(w http.ResponseWriter, _ *http.Request) { write(w, keySet(edJWK("a", 1))) })
	if s.LastError != nil {
		t.Error(s.LastError)
	}
}

// A program may set how http.DefaultTransport connects.
func TestTheDefaultTransportsSettingsAreKept(t *testing.T) {
	std := http.DefaultTransport
	defer func() { http.DefaultTransport = std }()
	var dialed atomic.Int64
	own := std.(*http.Transport).Clone()
	own.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialed.Add(1)
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	http.DefaultTransport = own
	s := firstResult(t, jwks.Config{}, func(w http.ResponseWriter, _ *http.Request) { write(w, keySet(edJWK("a", 1))) })
	if s.LastError != nil || dialed.Load() == 0 {
		t.Errorf("%v, dialed %d times", s.LastError, dialed.Load())
	}
}

type hidden struct{ http.RoundTripper }

func pack(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.Bytes()
}

func zipped(w http.ResponseWriter, packed []byte) {
	w.Header().Set("Content-Encoding", "gzip")
	w.Write(packed)
}

// The five seconds of a request are tested with synctest. Here the client's own Timeout is shorter.
func TestDutySlowServersTimeOut(t *testing.T) {
	rows := []struct {
		name string
		h    http.HandlerFunc
	}{
		{"hangs before its header", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"drips its body", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				write(w, " ")
				w.(http.Flusher).Flush()
				select {
				case <-time.After(time.Millisecond):
				case <-r.Context().Done():
				}
			}
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := firstResult(t, jwks.Config{Client: &http.Client{Timeout: 100 * time.Millisecond}}, row.h)
			if s.LastError == nil || !strings.HasSuffix(s.LastError.Error(), `/keys": the issuer did not answer in time`) {
				t.Fatalf("LastError: %v", s.LastError)
			}
			if errors.Is(s.LastError, context.DeadlineExceeded) {
				t.Error("a caller could take the deadline for its own")
			}
		})
	}
}

func TestDutyRedirectsOnlyWithinTheOrigin(t *testing.T) {
	var strayed atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		strayed.Store(true)
		write(w, keySet(edJWK("evil", 1)))
	}))
	defer other.Close()
	hops := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if hop := len(r.URL.Query().Get("hop")); hop < n {
				http.Redirect(w, r, "/keys?hop="+strings.Repeat("x", hop+1), http.StatusFound)
				return
			}
			write(w, keySet(edJWK("a", 1)))
		}
	}
	to := func(target string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) }
	}
	rows := []struct {
		name string
		ok   bool
		h    http.HandlerFunc
	}{
		{"three within the origin", true, hops(3)},
		{"four within the origin", false, hops(4)},
		{"to another port", false, to(other.URL)},
		{"to another scheme", false, func(w http.ResponseWriter, r *http.Request) { to("https://"+r.Host)(w, r) }},
		{"to another name of the same host", false, func(w http.ResponseWriter, r *http.Request) {
			to("http://"+strings.Replace(r.Host, "127.0.0.1", "localhost", 1))(w, r)
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			followAll := func(*http.Request, []*http.Request) error { return nil }
			for _, client := range []*http.Client{nil, {CheckRedirect: followAll}} {
				s := firstResult(t, jwks.Config{Client: client}, row.h)
				if got := s.LastError == nil; got != row.ok {
					t.Errorf("LastError: %v", s.LastError)
				}
				if !row.ok && !strings.Contains(s.LastError.Error(), "redirect") {
					t.Errorf("LastError: %v", s.LastError)
				}
			}
		})
	}
	if strayed.Load() {
		t.Error("another origin was asked")
	}
}

func TestRedirectToTheSpelledOutDefaultPortIsTheSameOrigin(t *testing.T) {
	i := &issuer{}
	i.answerBy(func(r *http.Request) reply {
		if r.URL.Port() == "" {
			return reply{status: 302, header: http.Header{"Location": {"https://Issuer.example:443/keys"}}}
		}
		return ok(edJWK("a", 1))
	})
	c := start(t, jwks.Config{}, i)
	if err := landed(t, c).LastError; err != nil {
		t.Error(err)
	}
}

func TestLastErrorNamesWhatAnOperatorCanActUpon(t *testing.T) {
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = nil
	defer untrusted.Close()
	const gone = "http://127.0.0.1:0" // nobody can listen on port 0: a port that was closed may be somebody else's by now
	unresolved := &http.Client{Transport: answering(reply{err: &net.DNSError{Name: "hostile\n.example"}})}
	rows := []struct {
		name, want string
		cfg        jwks.Config
		cause      func(error) bool
	}{
		{"an untrusted certificate", "certificate", jwks.Config{KeysURL: untrusted.URL}, as[*tls.CertificateVerificationError]},
		{"a closed port", "connected", jwks.Config{KeysURL: gone}, as[*net.OpError]},
		{"a name that is unknown", "resolved", jwks.Config{KeysURL: keysURL, Client: unresolved}, as[*net.DNSError]},
	}
	for _, row := range rows {
		c := must(jwks.New(row.cfg))
		defer c.Close()
		err := landed(t, c).LastError
		if err == nil || !strings.Contains(err.Error(), row.want) || !row.cause(err) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func TestDutyCloseLeavesNoGoroutineBehindOnRealSockets(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang" {
			<-r.Context().Done()
		}
		write(w, keySet(edJWK("a", 1)))
	}))
	defer srv.Close()
	before := runtime.NumGoroutine()
	for n := range 20 {
		c := must(jwks.New(jwks.Config{KeysURL: srv.URL + []string{"/keys", "/hang"}[n%2]}))
		if n%2 == 0 {
			landed(t, c)
		}
		c.Close()
	}
	// The goroutines of a connection end shortly after it is closed, here and in the server. If one stays,
	// this loop runs until the timeout of the tests prints it.
	for runtime.NumGoroutine() > before {
		runtime.Gosched()
	}
}
