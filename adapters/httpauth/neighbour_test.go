package httpauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// The middleware of net/http works in front of the guard and behind it. It changes neither
// refusals nor handlers.
func TestTheStandardWrappersWorkOnBothSides(t *testing.T) {
	g := guardOf(t, granting("read"), middleware.Options{})
	guard := httpauth.Require(g, scopes.All("read"))
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		_, err := io.Copy(io.Discard, r.Body)
		var tooLarge *http.MaxBytesError
		_, _ = fmt.Fprint(w, claims.Subject(), " b=", r.URL.Query().Get("b"), " large=", errors.As(err, &tooLarge))
	})
	timeout := func(h http.Handler) http.Handler { return http.TimeoutHandler(h, time.Minute, "late") }
	limit := func(h http.Handler) http.Handler { return http.MaxBytesHandler(h, 4) }
	tests := []struct {
		name string
		h    http.Handler
		body string
		want string
	}{
		{"no wrapper", guard(handler), "12345", "user b= large=false"},
		{"TimeoutHandler in front", timeout(guard(handler)), "12345", "user b= large=false"},
		{"TimeoutHandler behind", guard(timeout(handler)), "12345", "user b= large=false"},
		{"MaxBytesHandler in front", limit(guard(handler)), "12345", "user b= large=true"},
		{"MaxBytesHandler behind", guard(limit(handler)), "12345", "user b= large=true"},
		{"MaxBytesHandler and a body that fits", guard(limit(handler)), "1234", "user b= large=false"},
		{"AllowQuerySemicolons in front", http.AllowQuerySemicolons(guard(handler)), "", "user b=1 large=false"},
		{"AllowQuerySemicolons behind", guard(http.AllowQuerySemicolons(handler)), "", "user b=1 large=false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, http2 bool) {
				server := serving(t, http2, tt.h)
				for _, token := range []string{"read", "", "forged"} {
					resp, body := send(t, server, post(t, server, "/?a=0;b=1", token, strings.NewReader(tt.body)))
					if token == "read" {
						if resp.StatusCode != 200 || body != tt.want {
							t.Errorf("%d %q, want %q", resp.StatusCode, body, tt.want)
						}
						// MaxBytesReader tells the server to close the connection. This works behind the
						// guard, because the guard does not wrap w.
						if large := strings.HasSuffix(tt.want, "true"); !http2 && resp.Close != large {
							t.Errorf("closes the connection: %t, want %t", resp.Close, large)
						}
						continue
					}
					if resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" || strings.Contains(body, "b=") {
						t.Errorf("%q: %d %v %q", token, resp.StatusCode, resp.Header, body)
					}
				}
			})
		})
	}
}

// If a TimeoutHandler answers while the check waits, the handler does not run after that.
func TestATimeoutDuringACheckNeverReachesTheHandler(t *testing.T) {
	reached, checked := false, make(chan struct{})
	hangs := verifierFunc(func(ctx context.Context, _ string) (middleware.Claims, error) {
		<-ctx.Done()
		return middleware.Claims{}, ctx.Err()
	})
	g := guardOf(t, hangs, middleware.Options{Observe: func(context.Context, middleware.Event) { close(checked) }})
	require := httpauth.Require(g, scopes.Authenticated())
	h := http.TimeoutHandler(require(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		reached = true
	})), 10*time.Millisecond, "late")
	server := serving(t, false, h)
	resp, _ := send(t, server, post(t, server, "/", "token", http.NoBody))
	<-checked
	server.Close()
	if resp.StatusCode != 503 || reached {
		t.Errorf("%d, reached: %t", resp.StatusCode, reached)
	}
}

// Refuse removes header fields that the handler has set for a body of its own.
func TestRefuseForgetsTheBodyThatTheHandlerDescribed(t *testing.T) {
	described := []string{
		"Content-Type", "Content-Encoding", "Content-Language", "Content-Location", "Content-Range", "Content-Disposition",
		"Content-Digest", "Repr-Digest", "Digest", "Accept-Ranges", "ETag", "Last-Modified", "Expires",
	}
	g := guardOf(t, granting("read"), middleware.Options{})
	h := httpauth.Require(g, scopes.Authenticated())(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range described {
			w.Header().Set(name, "the handler's")
		}
		w.Header().Set("Content-Length", "7")
		w.Header().Set("Cache-Control", "public")
		w.Header().Set("X-Request-Id", "7")
		httpauth.Refuse(w, g.Authorize(r.Context(), scopes.All("admin")))
	}))
	onBoth(t, func(t *testing.T, http2 bool) {
		server := serving(t, http2, h)
		resp, body := send(t, server, post(t, server, "/", "read", http.NoBody))
		for _, name := range described {
			if got := resp.Header.Get(name); strings.Contains(got, "the handler's") {
				t.Errorf("%s: %s", name, got)
			}
		}
		if resp.StatusCode != 403 || resp.ContentLength != int64(len(body)) ||
			resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("X-Request-Id") != "7" {
			t.Errorf("%d, %d of %d bytes, %v", resp.StatusCode, resp.ContentLength, len(body), resp.Header)
		}
	})
}
