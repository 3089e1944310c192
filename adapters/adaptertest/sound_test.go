package adaptertest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// The types of the functions that an adapter calls: the choice of a rule, and the guard's methods.
type (
	needFunc  = func(rules scopes.Rules, r *http.Request, served string) (need scopes.Requirement, route string)
	checkFunc = func(*middleware.Guard, context.Context, middleware.Request, scopes.Requirement) (middleware.Pass, error)
	whileFunc = func(
		*middleware.Guard, context.Context, middleware.Request, scopes.Requirement, func(context.Context) error,
	) error
)

// adapter is an adapter on net/http with a router of its own. Each field can be replaced by a
// broken function.
type adapter struct {
	request func(*http.Request, *middleware.Request)
	need    needFunc
	answer  func(http.ResponseWriter, *middleware.Error)
	check   checkFunc
	context func(r *http.Request, pass middleware.Pass) context.Context
	handle  func(func())
	ended   func(w http.ResponseWriter, refusal *middleware.Error, sent bool)
	while   whileFunc
}

// sound returns an adapter without a fault.
func sound() adapter {
	return adapter{
		request: func(*http.Request, *middleware.Request) {},
		need:    needOf,
		answer:  answer,
		check:   (*middleware.Guard).Check,
		context: func(_ *http.Request, pass middleware.Pass) context.Context { return pass.Context },
		handle:  func(f func()) { f() },
		while:   (*middleware.Guard).WhileAuthorized,
		ended: func(w http.ResponseWriter, refusal *middleware.Error, sent bool) {
			if !sent {
				answer(w, refusal)
			}
		},
	}
}

// needOf returns what r needs. served is the route that serves r, or "" if none does.
func needOf(rules scopes.Rules, r *http.Request, served string) (scopes.Requirement, string) {
	exact := r.Method + " " + r.URL.Path
	switch {
	case rules.Has(exact):
		return rules.Lookup(exact), exact
	case served != "":
		return rules.Lookup(served), served
	}
	return rules.Unrouted(), ""
}

func answer(w http.ResponseWriter, e *middleware.Error) {
	e.Apply(w.Header())
	contentType, body := e.Body()
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(e.Status())
	_, _ = w.Write(body)
}

func (a adapter) adapter() adaptertest.Adapter {
	return adaptertest.HTTP(func(s adaptertest.Setup) (http.Handler, error) {
		rules, err := s.Rules().Compile()
		if err != nil {
			return nil, err
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			served := r.Method + " " + r.URL.Path
			if get := "GET " + r.URL.Path; r.Method == http.MethodHead && !slices.Contains(s.Routes, served) {
				served = get
			}
			if !slices.Contains(s.Routes, served) {
				served = ""
			}
			need, route := a.need(rules, r, served)
			described := middleware.FromHTTP(r, route)
			a.request(r, &described)
			if s.Stream != nil {
				a.stream(w, r, s, described, need)
				return
			}
			pass, err := a.check(s.Guard, r.Context(), described, need)
			if err != nil {
				a.answer(w, err.(*middleware.Error))
				return
			}
			if served == "" {
				http.NotFound(w, r)
				return
			}
			a.handle(func() {
				if err := s.Handler(a.context(r, pass)); err != nil {
					a.answer(w, err.(*middleware.Error))
				}
			})
		}), nil
	})
}

func (a adapter) stream(
	w http.ResponseWriter, r *http.Request, s adaptertest.Setup, described middleware.Request, need scopes.Requirement,
) {
	sent := false
	err := a.while(s.Guard, r.Context(), described, need, func(ctx context.Context) error {
		return s.Stream(ctx, func(message string) error {
			sent = true
			_, _ = io.WriteString(w, message)
			return http.NewResponseController(w).Flush()
		})
	})
	var refusal *middleware.Error
	if errors.As(err, &refusal) {
		a.ended(w, refusal, sent)
	}
}
