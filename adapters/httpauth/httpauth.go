package httpauth

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Require returns a middleware that lets those requests reach a handler that g
// lets through for need. It fits every router that takes func(http.Handler)
// http.Handler. It panics if g is nil: an API that starts without its guard is
// worse than one that doesn't start.
func Require(g *middleware.Guard, need scopes.Requirement) func(http.Handler) http.Handler {
	mustGuard(g)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			serve(w, r, g, r.Pattern, need, next)
		})
	}
}

// Mux guards mux as a whole by t, whose keys are the patterns as they were
// registered ("GET /orders/{id}"). Patterns without a rule get the table's
// default, which denies unless told otherwise. A request that no pattern
// matches reaches no handler of the mux, so it isn't judged: the mux answers 404
// or 405 itself.
//
// A HEAD request is judged by the rule of the GET pattern that serves it. Of a
// mux mounted under a pattern, only that pattern is seen ("/api/"): guard the
// inner mux.
func Mux(g *middleware.Guard, t *scopes.Table, mux *http.ServeMux) http.Handler {
	mustGuard(g)
	if mux == nil {
		panic("httpauth: nil *http.ServeMux")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, route := mux.Handler(r)
		if route == "" {
			mux.ServeHTTP(w, r)
			return
		}
		if r.Method == http.MethodConnect && !t.Has(route) {
			route = "" // what redirects a CONNECT goes by its path
		}
		serve(w, r, g, route, t.Lookup(route), mux)
	})
}

// Enforce returns a middleware that guards a whole router by t; route names the
// route of a request as the table spells it, and returns "" if no route serves it,
// which gets the table's default.
//
// The route must be known when the middleware runs. gorilla/mux routes first:
// mux.CurrentRoute(r).GetPathTemplate() tells. chi runs the middleware of Use before
// it routes, and can be asked what it will find, by its Match. internal/routers has
// both, tested.
func Enforce(g *middleware.Guard, t *scopes.Table, route func(*http.Request) string) func(http.Handler) http.Handler {
	mustGuard(g)
	if route == nil {
		panic("httpauth: nil route function")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			name := route(r)
			serve(w, r, g, name, t.Lookup(name), next)
		})
	}
}

func mustGuard(g *middleware.Guard) {
	if g == nil {
		panic("httpauth: nil *middleware.Guard")
	}
}

// serve passes r on to next, or answers it. w is never wrapped: streaming and
// hijacking work as without a guard.
func serve(w http.ResponseWriter, r *http.Request, g *middleware.Guard, route string, need scopes.Requirement, next http.Handler) {
	pass, err := g.Check(r.Context(), middleware.FromHTTP(r, route), need)
	if err != nil {
		Answer(w, err)
		return
	}
	next.ServeHTTP(w, r.WithContext(pass.Context))
}

// Answer writes a refusal: the status, WWW-Authenticate and Retry-After of the
// answer table, and the body. Handlers use it for the errors of
// [middleware.Guard.Authorize]. Any other error is a bug of the handler, and its
// text not for the caller: 500.
func Answer(w http.ResponseWriter, err error) {
	var refusal *middleware.Error
	if !errors.As(err, &refusal) || refusal == nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	contentType, body := refusal.Body()
	refusal.Apply(w.Header())
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(refusal.Status())
	_, _ = w.Write(body) // nobody is left to tell if the caller is gone
}
