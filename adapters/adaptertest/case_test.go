package adaptertest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/middleware"
)

// sabotage says in what an adapter differs from one that does all right.
type sabotage struct {
	request func(*http.Request, *middleware.Request)
	answer  func(w http.ResponseWriter, e *middleware.Error) // nil: as it should be
	passAll bool
	context bool // the handler gets the request's context, without the claims
}

// adapter is a whole one, save for the sabotage.
func (b sabotage) adapter() adaptertest.Adapter {
	answer := func(w http.ResponseWriter, e *middleware.Error) {
		e.Apply(w.Header())
		contentType, body := e.Body()
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(e.Status())
		_, _ = w.Write(body)
	}
	if b.answer != nil {
		answer = b.answer
	}
	return adaptertest.HTTP(func(s adaptertest.Setup) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			described := middleware.FromHTTP(r, "")
			if b.request != nil {
				b.request(r, &described)
			}
			pass, err := s.Guard.Check(r.Context(), described, s.Need)
			if err != nil && !b.passAll {
				answer(w, err.(*middleware.Error))
				return
			}
			ctx := pass.Context
			if ctx == nil || b.context {
				ctx = r.Context()
			}
			if err := s.Handler(ctx); err != nil {
				answer(w, err.(*middleware.Error))
			}
		}), nil
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
		{"it leaves out TLS", sabotage{request: func(_ *http.Request, d *middleware.Request) { d.TLS = nil }}, false},
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
			for _, c := range adaptertest.Cases() {
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
	leak := func(text func(*http.Request) string) adaptertest.Adapter {
		return adaptertest.HTTP(func(s adaptertest.Setup) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				pass, err := s.Guard.Check(r.Context(), middleware.FromHTTP(r, ""), s.Need)
				if err == nil {
					err = s.Handler(pass.Context)
				}
				if err != nil {
					e := err.(*middleware.Error)
					e.Apply(w.Header())
					w.WriteHeader(e.Status())
					_, body := e.Body()
					_, _ = w.Write(append(body, text(r)...))
				}
			}), nil
		})
	}
	found := false
	for _, c := range adaptertest.Cases() {
		if err := c.Run(leak(func(r *http.Request) string { return r.Header.Get("Authorization") })); err != nil && strings.Contains(err.Error(), "the answer holds") {
			found = true
		}
	}
	if !found {
		t.Error("a token in the answer was not found")
	}
}
