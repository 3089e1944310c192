package peers

import (
	"errors"
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
)

// Frameworks, in the order of the tables.
const (
	NetHTTP  = "net/http"
	ServeMux = "ServeMux"
	Echo     = "Echo"
	Gin      = "Gin"
	GRPC     = "gRPC interceptor"
)

// Frameworks lists them.
var Frameworks = []string{NetHTTP, ServeMux, Echo, Gin, GRPC}

// Middleware is a protected handler that does nothing, or the same handler unprotected.
type Middleware struct {
	Framework, Name string
	Open            bool // no guard at all
	Unchecked       []string
	New             func(w *workload.World) (Handler, error)
}

// Handler answers a request to GET /orders that bears token. It returns an error if
// the request did not reach the handler inside.
type Handler func(token string) (call func() error)

// The names of bare frameworks and of ours.
const (
	Bare      = "empty handler, no guard"
	OursNew   = "bearerguard, new token"
	OursKnown = "bearerguard, known token"
)

// Middlewares are the bare frameworks, ours and the peers.
var Middlewares = []Middleware{
	{Framework: NetHTTP, Name: Bare, Open: true, New: bareHTTP},
	{Framework: NetHTTP, Name: OursNew, New: ours(-1, guardHTTP)},
	{Framework: NetHTTP, Name: OursKnown, New: ours(0, guardHTTP)},
	{Framework: NetHTTP, Name: "auth0 go-jwt-middleware v2", New: auth0v2},
	{Framework: NetHTTP, Name: "auth0 go-jwt-middleware v3", New: auth0v3},
	{Framework: NetHTTP, Name: "go-chi/jwtauth v5", New: chiJWTAuth},
	{Framework: ServeMux, Name: Bare, Open: true, New: bareMux},
	{Framework: ServeMux, Name: OursNew, New: ours(-1, guardMux)},
	{Framework: ServeMux, Name: OursKnown, New: ours(0, guardMux)},
	{Framework: Echo, Name: Bare, Open: true, New: bareEcho},
	{Framework: Echo, Name: OursNew, New: ours(-1, guardEcho)},
	{Framework: Echo, Name: OursKnown, New: ours(0, guardEcho)},
	{Framework: Echo, Name: "echo-jwt v4", New: echoJWT},
	{Framework: Gin, Name: Bare, Open: true, New: bareGin},
	{Framework: Gin, Name: OursNew, New: ours(-1, guardGin)},
	{Framework: Gin, Name: OursKnown, New: ours(0, guardGin)},
	{Framework: Gin, Name: "gin-jwt v3", New: ginJWT},
	{Framework: GRPC, Name: Bare, Open: true, New: bareGRPC},
	{Framework: GRPC, Name: OursNew, New: ours(-1, guardGRPC)},
	{Framework: GRPC, Name: OursKnown, New: ours(0, guardGRPC)},
	{Framework: GRPC, Name: "go-grpc-middleware v2 with golang-jwt v5", New: grpcGolangJWT},
}

// need is the requirement of the route: a scope of the good token.
var need = scopes.All(workload.Scope)

const (
	path  = "/orders"
	route = "GET " + path
)

var errRefused = errors.New("the request did not reach the handler")

// reached counts the requests that the innermost handler saw. Subjects run one at a time.
var reached int

// empty is the handler inside of net/http.
var empty = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ })

// discard is a response writer that keeps nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// overHTTP calls h with the same request each time, because a server makes the request, at the same cost
// for all handlers.
func overHTTP(h http.Handler) Handler {
	return func(token string) func() error {
		r, err := http.NewRequest(http.MethodGet, "http://api.example"+path, http.NoBody)
		if err != nil {
			panic(err) // the arguments are constant and good
		}
		r.Host, r.RemoteAddr, r.RequestURI = "api.example", "192.0.2.1:1234", path
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := &discard{header: make(http.Header)}
		return func() error {
			before := reached
			h.ServeHTTP(w, r)
			if reached == before {
				return errRefused
			}
			return nil
		}
	}
}

func bareHTTP(*workload.World) (Handler, error) { return overHTTP(empty), nil }

func bareMux(*workload.World) (Handler, error) { return overHTTP(mux()), nil }

func mux() *http.ServeMux {
	m := http.NewServeMux()
	m.Handle(route, empty)
	return m
}

func bareEcho(*workload.World) (Handler, error) { return overHTTP(withEcho()), nil }

func withEcho(m ...echo.MiddlewareFunc) *echo.Echo {
	e := echo.New()
	e.Use(m...)
	e.GET(path, func(echo.Context) error { reached++; return nil })
	return e
}

func bareGin(*workload.World) (Handler, error) { return overHTTP(withGin()), nil }

func withGin(m ...gin.HandlerFunc) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.Use(m...)
	e.GET(path, func(*gin.Context) { reached++ })
	return e
}

// ours makes a guard and puts it into a handler.
func ours(cacheBytes int, place func(*middleware.Guard) Handler) func(*workload.World) (Handler, error) {
	return func(w *workload.World) (Handler, error) {
		g, err := NewWithVerifier(w, cacheBytes)
		if err != nil {
			return nil, err
		}
		return place(g), nil
	}
}

func guardHTTP(g *middleware.Guard) Handler { return overHTTP(httpauth.Require(g, need)(empty)) }
func guardMux(g *middleware.Guard) Handler  { return overHTTP(httpauth.Mux(g, table(route), mux())) }
func guardEcho(g *middleware.Guard) Handler { return overHTTP(withEcho(echoauth.Require(g, need))) }
func guardGin(g *middleware.Guard) Handler  { return overHTTP(withGin(ginauth.Require(g, need))) }

func table(key string) *scopes.Table {
	return scopes.Policy{Routes: map[string]scopes.Requirement{key: need}}.MustCompile()
}
