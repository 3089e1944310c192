package adaptertest_test

import (
	"errors"
	"fmt"
	"net/http"

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
			Answer(c, err)
			return
		}
		c.Request = c.Request.WithContext(pass.Context)
		next(c)
	}
}

// Answer writes a refusal, of Check or of Guard.Authorize.
func Answer(c *Context, err error) {
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

// hold runs every case through an adapter, as Run does in a test.
func hold(adapter adaptertest.Adapter) {
	var passed, failed, skipped int
	for _, c := range adaptertest.Cases() {
		switch err := c.Run(adapter); {
		case errors.Is(err, errors.ErrUnsupported):
			skipped++
		case err != nil:
			failed++
		default:
			passed++
		}
	}
	fmt.Println("some passed:", passed > 0, "some were skipped:", skipped > 0, "failed:", failed)
}

// An adapter for a framework, and the function that serves a Setup by it.
func Example() {
	hold(adaptertest.HTTP(func(s adaptertest.Setup) (http.Handler, error) {
		if err := s.Unsupported(adaptertest.WholePolicy, adaptertest.Streams); err != nil {
			return nil, err
		}
		app := &App{routes: map[string]HandlerFunc{}}
		for _, route := range s.Routes {
			app.Handle(route, Require(s.Guard, s.Need, func(c *Context) {
				if err := s.Handler(c.Request.Context()); err != nil {
					Answer(c, err)
				}
			}))
		}
		return app, nil
	}))
	// Output: some passed: true some were skipped: true failed: 0
}

// An adapter must hand on the context in the Pass. This one hands on the request's own,
// in which no handler finds the claims, and the case says so.
func ExampleCase_Run_incorrect() {
	adapter := adaptertest.HTTP(func(s adaptertest.Setup) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c := &Context{Writer: w, Request: r, Route: r.Method + " " + r.URL.Path}
			if _, err := s.Guard.Check(r.Context(), middleware.FromHTTP(r, c.Route), s.Need); err != nil {
				Answer(c, err)
				return
			}
			_ = s.Handler(r.Context())
		}), nil
	})
	for _, c := range adaptertest.Cases() {
		if c.Name == "a token passes" {
			fmt.Println(c.Run(adapter))
		}
	}
	// Output: the handler saw claims of "", want "user-1"
}

// An adapter that serves no TLS, say, refuses the setups that ask for it.
func ExampleSetup_Unsupported() {
	s := adaptertest.Setup{Features: []adaptertest.Feature{adaptertest.OverTLS}}
	err := s.Unsupported(adaptertest.OverTLS, adaptertest.Streams)
	fmt.Println(err, errors.Is(err, errors.ErrUnsupported))
	fmt.Println(s.Unsupported(adaptertest.Streams))
	// Output:
	// adaptertest: TLS: unsupported operation true
	// <nil>
}
