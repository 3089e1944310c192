package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// minute verifies tokens that expire a minute after their first check. It prolongs them a given
// number of times.
type minute struct{ prolong int }

func (m *minute) Verify(context.Context, string) (middleware.Claims, error) {
	if m.prolong--; m.prolong < -1 {
		return middleware.Claims{}, fmt.Errorf("%w: expired", middleware.ErrInvalidToken)
	}
	return middleware.NewClaims(map[string]any{"exp": time.Now().Add(time.Minute)})
}

// writer notes the deadlines that are set on it.
type writer struct {
	*httptest.ResponseRecorder
	read, write atomic.Pointer[time.Time]
}

func (w *writer) SetReadDeadline(t time.Time) error  { w.read.Store(&t); return nil }
func (w *writer) SetWriteDeadline(t time.Time) error { w.write.Store(&t); return nil }

type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func request() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "Bearer token")
	return r
}

func guard(t *testing.T, v middleware.Verifier, opts middleware.Options) *middleware.Guard {
	t.Helper()
	g, err := middleware.NewWithVerifier(v, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestTheRefusalSetsTheDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{ResponseRecorder: httptest.NewRecorder()}
		start := time.Now()
		err := nethttp.WhileAuthorized(guard(t, &minute{prolong: 1}, middleware.Options{}), wrapper{wrapper{w}}, request(),
			"GET /", scopes.Authenticated(), func(ctx context.Context) error {
				time.Sleep(90 * time.Second) // past a token that is prolonged
				if w.write.Load() != nil || w.read.Load() != nil {
					t.Error("a deadline is set ahead of time")
				}
				<-ctx.Done()
				synctest.Wait()
				return nil
			})
		var refusal *middleware.Error
		if !errors.As(err, &refusal) || refusal.Code() != "invalid" {
			t.Errorf("WhileAuthorized returns %v", err)
		}
		if want := start.Add(2*time.Minute + 5*time.Second); !w.write.Load().Equal(want) || !w.read.Load().Equal(want) {
			t.Errorf("deadlines %v and %v, want %v", w.write.Load(), w.read.Load(), want)
		}
	})
}

func TestACallerWhoLeavesSetsNoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{ResponseRecorder: httptest.NewRecorder()}
		ctx, leave := context.WithCancel(t.Context())
		err := nethttp.WhileAuthorized(guard(t, &minute{}, middleware.Options{}), w, request().WithContext(ctx), "GET /",
			scopes.Authenticated(), func(ctx context.Context) error {
				leave()
				<-ctx.Done()
				synctest.Wait()
				return ctx.Err()
			})
		if !errors.Is(err, context.Canceled) || w.write.Load() != nil {
			t.Errorf("WhileAuthorized returns %v, deadline %v", err, w.write.Load())
		}
	})
}

func TestAWriterWithoutDeadlinesIsAnError(t *testing.T) {
	called := false
	err := nethttp.WhileAuthorized(guard(t, &minute{}, middleware.Options{}), wrapper{httptest.NewRecorder()}, request(),
		"GET /", scopes.Authenticated(), func(context.Context) error {
			called = true
			return nil
		})
	if !errors.Is(err, http.ErrNotSupported) || called {
		t.Errorf("%v, called: %v", err, called)
	}
}

func TestGiveBackHandsOnWhatTheServerLooksFor(t *testing.T) {
	form, other := new(multipart.Form), new(multipart.Form)
	tests := []struct {
		name        string
		outer       *multipart.Form
		inner       *multipart.Form
		want        *multipart.Form
		before, set string
		pattern     string
	}{
		{"a form that the handler parsed", nil, form, form, "", "", ""},
		{"a form that was there before", form, form, form, "", "", ""},
		{"another form does not replace one that must be removed", form, other, form, "", "", ""},
		{"the pattern that an inner mux found", nil, nil, nil, "/api/", "GET /api/x", "GET /api/x"},
		{"no pattern does not replace one", nil, nil, nil, "GET /x", "", "GET /x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request()
			r.MultipartForm, r.Pattern = tt.outer, tt.before
			lent := nethttp.Lend(t.Context(), r)
			lent.MultipartForm, lent.Pattern = tt.inner, tt.set
			nethttp.GiveBack(r, lent)
			if r.MultipartForm != tt.want || r.Pattern != tt.pattern {
				t.Errorf("form %p, want %p; pattern %q, want %q", r.MultipartForm, tt.want, r.Pattern, tt.pattern)
			}
		})
	}
}

func TestTheHandlerSeesTrailersThatWereNotAnnounced(t *testing.T) {
	var seen http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		lent := nethttp.Lend(r.Context(), r)
		defer nethttp.GiveBack(r, lent)
		_, _ = io.Copy(io.Discard, lent.Body)
		seen = lent.Trailer.Clone()
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn,
		"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n"+
			"Digest: x\r\n\r\n")
	if _, err := io.ReadAll(conn); err != nil {
		t.Fatal(err)
	}
	if seen.Get("Digest") != "x" {
		t.Errorf("trailers %v", seen)
	}
}

func TestWhileAuthorizedReturnsTheErrorOfItsFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{ResponseRecorder: httptest.NewRecorder()}
		want := errors.New("its own")
		err := nethttp.WhileAuthorized(guard(t, &minute{}, middleware.Options{}), w, request(), "GET /",
			scopes.Authenticated(), func(context.Context) error {
				return want
			})
		if err != want || w.write.Load() != nil {
			t.Errorf("WhileAuthorized returns %v, deadline %v", err, w.write.Load())
		}
	})
}

// Middleware in front may copy its request while a handler reads a chunked body.
func TestLendWritesNothingToTheRequestThatCameIn(t *testing.T) {
	var copies sync.WaitGroup
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		copies.Go(func() { _ = r.Clone(r.Context()) })
		lent := nethttp.Lend(t.Context(), nethttp.Lend(t.Context(), r))
		if body, err := io.ReadAll(lent.Body); err != nil || string(body) != "body" {
			t.Errorf("read %q, %v", body, err)
		}
		copies.Wait()
	}))
	defer server.Close()
	for range 100 {
		resp, err := http.Post(server.URL, "text/plain", io.MultiReader(strings.NewReader("body"))) // of unknown length
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}

// A body is wrapped only if trailers that were not announced may come.
func TestLendLeavesOtherBodiesAsTheyAre(t *testing.T) {
	body := io.NopCloser(strings.NewReader("body"))
	tests := []struct {
		name    string
		length  int64
		proto   int
		trailer http.Header
		wrapped bool
	}{
		{"chunked", -1, 1, nil, true},
		{"of a known length", 4, 1, nil, false},
		{"empty", 0, 1, nil, false},
		{"with announced trailers", -1, 1, http.Header{"Digest": nil}, false},
		{"of HTTP/2, where trailers must be announced", -1, 2, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request()
			r.Body, r.ContentLength, r.ProtoMajor, r.Trailer = body, tt.length, tt.proto, tt.trailer
			if wrapped := nethttp.Lend(t.Context(), r).Body != body; wrapped != tt.wrapped {
				t.Errorf("wrapped: %v", wrapped)
			}
		})
	}
}

// If one of the two methods may change something, the check uses that one.
func TestAsRoutedTakesNoMethodForAHarmlessOne(t *testing.T) {
	for _, tt := range []struct{ request, routed, want string }{
		{"GET", "", "GET"},
		{"GET", "GET", "GET"},
		{"HEAD", "GET", "HEAD"},
		{"GET", "OPTIONS", "GET"},
		{"GET", "POST", "POST"},
		{"HEAD", "DELETE", "DELETE"},
		{"OPTIONS", "get", "get"},
		{"POST", "GET", "POST"},
		{"POST", "HEAD", "POST"},
		{"POST", "", "POST"},
		{"PUT", "POST", "PUT"},
	} {
		r := request()
		r.Method = tt.request
		if got := nethttp.AsRouted(r, tt.routed).Method; got != tt.want || r.Method != tt.request {
			t.Errorf("%s by a route for %q is checked as %s, want %s", tt.request, tt.routed, got, tt.want)
		}
	}
}
