package adaptertest_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// App is a small framework. Its handlers get a Context.
type App struct{ routes map[string]HandlerFunc }

type HandlerFunc func(*Context)

type Context struct {
	Writer  http.ResponseWriter
	Request *http.Request
	Route   string
}

func (a *App) Handle(route string, f HandlerFunc) { a.routes[route] = f }

func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route := r.Method + " " + r.URL.Path
	f, found := a.routes[route]
	if !found {
		http.NotFound(w, r)
		return
	}
	f(&Context{Writer: w, Request: r, Route: route})
}

// Require is the adapter for it.
func Require(g *middleware.Guard, need scopes.Requirement, next HandlerFunc) HandlerFunc {
	return func(c *Context) {
		pass, err := g.Check(c.Request.Context(), middleware.FromHTTP(c.Request, c.Route), need)
		if err != nil {
			Refuse(c, err)
			return
		}
		c.Request = c.Request.WithContext(pass.Context)
		next(c)
	}
}

// Refuse writes a refusal, of Check or of Guard.Authorize.
func Refuse(c *Context, err error) {
	var refusal *middleware.Error
	if !errors.As(err, &refusal) || refusal == nil {
		http.Error(c.Writer, "internal error", http.StatusInternalServerError)
		return
	}
	contentType, body := refusal.Body()
	refusal.Apply(c.Writer.Header())
	c.Writer.Header().Set("Content-Type", contentType)
	c.Writer.WriteHeader(refusal.Status())
	_, _ = c.Writer.Write(body)
}

// serve serves s by the adapter.
func serve(s adaptertest.Setup) (http.Handler, error) {
	app := &App{routes: map[string]HandlerFunc{}}
	for _, route := range s.Routes {
		app.Handle(route, Require(s.Guard, s.Need, func(c *Context) {
			if err := s.Handler(c.Request.Context()); err != nil {
				Refuse(c, err)
			}
		}))
	}
	return app, nil
}

// An adapter for a framework, the function that serves a Setup by it, and its test.
func Example() {
	var t *testing.T // of TestConformance
	if t == nil {
		return // there is no test in an example
	}
	adaptertest.Run(t, adaptertest.HTTP(serve), adaptertest.WholePolicy, adaptertest.Streams)
	// Output:
}

// serveWrongly passes the request's own context to the handler, not that of the Pass.
func serveWrongly(s adaptertest.Setup) (http.Handler, error) {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &Context{Writer: w, Request: r, Route: r.Method + " " + r.URL.Path}
		if _, err := s.Guard.Check(r.Context(), middleware.FromHTTP(r, c.Route), s.Need); err != nil {
			Refuse(c, err)
			return
		}
		_ = s.Handler(r.Context())
	}), nil
}

// An adapter must pass the context of the Pass to the handler. This one passes the
// request's own, in which the handler finds no claims. Run reports that:
//
//	the handler saw claims of "", want "user-1"
func ExampleRun_incorrect() {
	var t *testing.T // of TestConformance
	if t == nil {
		return // there is no test in an example
	}
	adaptertest.Run(t, adaptertest.HTTP(serveWrongly))
	// Output:
}
