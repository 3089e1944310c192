package authtest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// sabotage says in what an adapter differs from one that does all right.
type sabotage struct {
	request func(*http.Request, *middleware.Request)
	answer  func(w http.ResponseWriter, e *middleware.Error) // nil: as it should be
	passAll bool
	context bool // the handler gets the request's context, without the claims
}

// adapter is a whole one, save for the sabotage.
func (s sabotage) adapter() authtest.Adapter {
	answer := func(w http.ResponseWriter, e *middleware.Error) {
		e.Apply(w.Header())
		contentType, body := e.Body()
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(e.Status())
		_, _ = w.Write(body)
	}
	if s.answer != nil {
		answer = s.answer
	}
	return authtest.HTTP(func(g *middleware.Guard, need scopes.Requirement, handler authtest.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			described := middleware.Request{Method: r.Method, Host: r.Host, RemoteAddr: r.RemoteAddr, Header: r.Header}
			if s.request != nil {
				s.request(r, &described)
			}
			pass, err := g.Check(r.Context(), described, need)
			if err != nil && !s.passAll {
				answer(w, err.(*middleware.Error))
				return
			}
			ctx := pass.Context
			if ctx == nil || s.context {
				ctx = r.Context()
			}
			if err := handler(ctx); err != nil {
				answer(w, err.(*middleware.Error))
			}
		})
	})
}

// only yields the first value of each field.
type only struct{ http.Header }

func (o only) Values(name string) []string {
	return o.Header.Values(name)[:min(1, len(o.Header.Values(name)))]
}

// without hides a field.
type without struct {
	http.Header
	name string
}

func (w without) Values(name string) []string {
	if strings.EqualFold(name, w.name) {
		return nil
	}
	return w.Header.Values(name)
}

func TestTheConformanceTableFindsEachBrokenAdapter(t *testing.T) {
	refusal := func(change func(h http.Header, e *middleware.Error) (status int, body string)) func(http.ResponseWriter, *middleware.Error) {
		return func(w http.ResponseWriter, e *middleware.Error) {
			e.Apply(w.Header())
			_, b := e.Body()
			status, body := change(w.Header(), e)
			if body == "" {
				body = string(b)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	tests := []struct {
		name   string
		broken sabotage
		sound  bool
	}{
		{"none", sabotage{}, true},
		{"it lets all pass", sabotage{passAll: true}, false},
		{"it forgets the claims", sabotage{context: true}, false},
		{"it reads the first of two headers", sabotage{request: func(r *http.Request, d *middleware.Request) { d.Header = only{r.Header} }}, false},
		{"it hides cookies", sabotage{request: func(r *http.Request, d *middleware.Request) { d.Header = without{r.Header, "Cookie"} }}, false},
		{"it hides Origin", sabotage{request: func(r *http.Request, d *middleware.Request) { d.Header = without{r.Header, "Origin"} }}, false},
		{"it hides Sec-Fetch-Site", sabotage{request: func(r *http.Request, d *middleware.Request) { d.Header = without{r.Header, "Sec-Fetch-Site"} }}, false},
		{"it hides Upgrade", sabotage{request: func(r *http.Request, d *middleware.Request) { d.Header = without{r.Header, "Upgrade"} }}, false},
		{"it leaves out the method", sabotage{request: func(_ *http.Request, d *middleware.Request) { d.Method = "GET" }}, false},
		{"it leaves out the host", sabotage{request: func(_ *http.Request, d *middleware.Request) { d.Host = "" }}, false},
		{"it leaves out the peer", sabotage{request: func(_ *http.Request, d *middleware.Request) { d.RemoteAddr = "" }}, false},
		{"another status", sabotage{answer: refusal(func(_ http.Header, e *middleware.Error) (int, string) { return 400, "" })}, false},
		{"no challenge", sabotage{answer: refusal(func(h http.Header, e *middleware.Error) (int, string) {
			h.Del("WWW-Authenticate")
			return e.Status(), ""
		})}, false},
		{"no Retry-After", sabotage{answer: refusal(func(h http.Header, e *middleware.Error) (int, string) {
			h.Del("Retry-After")
			return e.Status(), ""
		})}, false},
		{"another body", sabotage{answer: refusal(func(_ http.Header, e *middleware.Error) (int, string) { return e.Status(), "no" })}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sound := true
			for _, c := range authtest.Cases() {
				if err := c.Run(tt.broken.adapter()); err != nil {
					sound = false
					if tt.sound {
						t.Errorf("%s: %v", c.Name, err)
					}
				}
			}
			if sound != tt.sound {
				t.Error("the table finds nothing")
			}
		})
	}
}

func TestTheConformanceTableFindsLeaks(t *testing.T) {
	leak := func(text func(*http.Request) string) authtest.Adapter {
		return authtest.HTTP(func(g *middleware.Guard, need scopes.Requirement, handler authtest.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				pass, err := g.Check(r.Context(), middleware.Request{Method: r.Method, Host: r.Host, RemoteAddr: r.RemoteAddr, Header: r.Header}, need)
				if err == nil {
					err = handler(pass.Context)
				}
				if err != nil {
					e := err.(*middleware.Error)
					e.Apply(w.Header())
					w.WriteHeader(e.Status())
					_, body := e.Body()
					_, _ = w.Write(append(body, text(r)...))
				}
			})
		})
	}
	found := false
	for _, c := range authtest.Cases() {
		if err := c.Run(leak(func(r *http.Request) string { return r.Header.Get("Authorization") })); err != nil && strings.Contains(err.Error(), "the answer holds") {
			found = true
		}
	}
	if !found {
		t.Error("a token in the answer was not found")
	}
}

func TestWithClaims(t *testing.T) {
	ctx := authtest.WithClaims(context.Background(), map[string]any{"sub": "alice", "scope": "read"})
	claims, ok := middleware.ClaimsFrom(ctx)
	if !ok || claims.Subject() != "alice" || !claims.Has("read") {
		t.Errorf("%v, %t", claims, ok)
	}
	defer func() {
		if recover() == nil {
			t.Error("claims that no token could hold were taken")
		}
	}()
	authtest.WithClaims(context.Background(), map[string]any{"sub": 7})
}
