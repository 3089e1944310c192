package chiauth_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
)

func mount(t *testing.T) harness.Mount {
	return func(serve func(http.ResponseWriter)) http.Handler {
		r := chi.NewRouter()
		chiauth.Enforce(r, newGuard(t), scopes.Policy{Default: scopes.Authenticated()}.MustCompile())
		r.Get("/", func(w http.ResponseWriter, _ *http.Request) { serve(w) })
		return r
	}
}

func TestServerSentEventsFlowThroughTheGuard(t *testing.T) { harness.Events(t, mount(t)) }

func TestAConnectionCanBeHijackedBehindTheGuard(t *testing.T) { harness.Hijack(t, mount(t)) }

// soon is a verifier whose token expires within half a second. Later checks prolong the
// token until begun is closed. After that they refuse it.
type soon struct{ begun <-chan struct{} }

func (s soon) Verify(context.Context, string) (middleware.Claims, error) {
	select {
	case <-s.begun:
		return middleware.Claims{}, middleware.ErrInvalidToken
	default:
		until := time.Now().Add(500 * time.Millisecond)
		return middleware.NewClaims(map[string]any{"sub": "user", "exp": until})
	}
}

func TestAStreamEndsWithItsToken(t *testing.T) {
	o, begun := &told{}, make(chan struct{})
	g, err := middleware.NewWithVerifier(soon{begun}, middleware.Options{Observe: o.observe})
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	chiauth.Enforce(r, g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile())
	ended := make(chan error, 1)
	r.Route("/events", func(r chi.Router) {
		r.Get("/{topic}", func(w http.ResponseWriter, r *http.Request) {
			ended <- chiauth.WhileAuthorized(g, w, r, scopes.Authenticated(), func(ctx context.Context) error {
				fmt.Fprint(w, "data: hello\n\n")
				if err := http.NewResponseController(w).Flush(); err != nil {
					return err
				}
				close(begun)
				<-ctx.Done()
				return context.Cause(ctx)
			})
		})
	})
	server := httptest.NewServer(r)
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/events/orders", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer token")
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	events := bufio.NewReader(resp.Body)
	if line, err := events.ReadString('\n'); err != nil || line != "data: hello\n" {
		t.Errorf("%q, %v", line, err)
	}
	var refusal *middleware.Error
	if err := <-ended; !errors.As(err, &refusal) || refusal.Code() != middleware.CodeInvalid {
		t.Errorf("ended with %v", err)
	}
	if got := o.last(); got != "GET /events/{topic}" {
		t.Errorf("the observer is told %q", got)
	}
}
