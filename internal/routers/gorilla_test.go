package routers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gorilla/mux"
)

// onGorilla spells the route that gorilla/mux has found: "GET,POST api.example/orders/{id}".
// It uses only the route and nothing of the request, so middleware that changes the method
// or the path after the routing does not change which rule applies.
//
// A route without methods or without a host is spelled without them. A route for all paths
// with a prefix has a * at the end. onGorilla is for Router.Use: elsewhere there is no
// route, and so no rule.
func onGorilla(r *http.Request) string {
	route := mux.CurrentRoute(r)
	if route == nil {
		return "no route"
	}
	var spelled strings.Builder
	if methods, err := route.GetMethods(); err == nil {
		spelled.WriteString(strings.Join(methods, ",") + " ")
	}
	if host, err := route.GetHostTemplate(); err == nil {
		spelled.WriteString(host)
	}
	if path, err := route.GetPathTemplate(); err == nil {
		spelled.WriteString(path)
	}
	if end, _ := route.GetPathRegexp(); !strings.HasSuffix(end, "$") || strings.HasSuffix(end, `\$`) {
		spelled.WriteString("*") // a prefix, or any path
	}
	return spelled.String()
}

// gorilla/mux by one policy.
func Example_gorilla() {
	guard, err := middleware.NewWithVerifier(known{}, middleware.Options{})
	if err != nil {
		panic(err)
	}
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders/{id}":        scopes.All("read"),
		"PUT,DELETE /orders/{id}": scopes.All("write"),
		"/static/*":               scopes.Public(),
	}}.MustCompile()
	orders := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "order ", mux.Vars(r)["id"]) }

	router := mux.NewRouter()
	router.Use(mux.MiddlewareFunc(httpauth.Enforce(guard, policy, onGorilla)))
	router.HandleFunc("/orders/{id}", orders).Methods("GET")
	router.HandleFunc("/orders/{id}", orders).Methods("PUT", "DELETE")
	router.PathPrefix("/static/").Handler(http.NotFoundHandler())

	for _, method := range []string{"GET", "DELETE"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "/orders/7", http.NoBody)
		r.Header.Set("Authorization", "Bearer good")
		router.ServeHTTP(w, r)
		fmt.Println(method, w.Code)
	}
	// Output:
	// GET 200
	// DELETE 403
}

// setMethod and setPath change a request as middleware of a user may do.
func setMethod(method string) mux.MiddlewareFunc {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { r.Method = method; next.ServeHTTP(w, r) })
	}
}

func setPath(path string) mux.MiddlewareFunc {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { r.URL.Path = path; next.ServeHTTP(w, r) })
	}
}

// The guard applies the rule of the route that serves, even if middleware changes the
// request before the routing, between the routing and the guard, or behind the guard.
// "secret" asks for a scope that the token "good" does not have.
func TestGorillaJudgesTheRouteThatServes(t *testing.T) {
	guard, err := middleware.NewWithVerifier(known{}, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	page := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "page") }
	secret := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "secret") }
	routes := map[string]scopes.Requirement{
		"GET /api/open": scopes.Public(), "DELETE /api/open": scopes.All("admin"), "GET /api/me": scopes.All("admin"),
		"GET /end/": scopes.All("admin"), "GET,POST /two": scopes.All("admin"), "/any": scopes.All("admin"),
		"GET /sub/me": scopes.All("admin"), "admin.example/host": scopes.All("admin"), "/host": scopes.Public(),
		"/tree*": scopes.All("admin"), "/tree": scopes.Public(), "/*": scopes.Public(), "/matched": scopes.All("admin"),
		"POST *": scopes.All("admin"), "/cost$*": scopes.All("admin"), "/cost$": scopes.Public(),
	}
	policy := scopes.Policy{Routes: routes, Unrouted: scopes.Public()}.MustCompile()
	guarded := mux.MiddlewareFunc(httpauth.Enforce(guard, policy, onGorilla))
	build := func(options func(*mux.Router), use ...mux.MiddlewareFunc) http.Handler {
		router := mux.NewRouter()
		if options != nil {
			options(router)
		}
		router.Use(use...)
		router.HandleFunc("/api/open", page).Methods("GET")
		router.HandleFunc("/api/open", secret).Methods("DELETE")
		router.HandleFunc("/api/me", secret).Methods("GET")
		router.HandleFunc("/end/", secret).Methods("GET")
		router.HandleFunc("/two", secret).Methods("GET", "POST")
		router.HandleFunc("/any", secret)
		router.PathPrefix("/sub").Methods("GET").Subrouter().HandleFunc("/me", secret)
		router.Host("admin.example").Subrouter().HandleFunc("/host", secret)
		router.HandleFunc("/host", page)
		router.HandleFunc("/tree", page)
		router.PathPrefix("/tree").HandlerFunc(secret)
		router.HandleFunc("/cost$", page)
		router.PathPrefix("/cost$").HandlerFunc(secret)
		router.MatcherFunc(
			func(r *http.Request, _ *mux.RouteMatch) bool { return r.Header.Get("X-Match") != "" },
		).Path("/matched").HandlerFunc(secret)
		router.Methods("POST").HandlerFunc(secret)
		router.HandleFunc("/unlisted", secret)
		return router
	}
	type router struct {
		name string
		h    http.Handler
	}
	plain := router{"as it is", build(nil, guarded)}
	strict := router{"StrictSlash", build(func(r *mux.Router) { r.StrictSlash(true) }, guarded)}
	encoded := router{"UseEncodedPath", build(func(r *mux.Router) { r.UseEncodedPath() }, guarded)}
	unclean := router{"SkipClean", build(func(r *mux.Router) { r.SkipClean(true) }, guarded)}
	inFront := router{"a method override in front", setMethod("DELETE")(build(nil, guarded))}
	between := router{"a method override between routing and guard", build(nil, setMethod("GET"), guarded)}
	behind := router{"a method override behind the guard", build(nil, guarded, setMethod("GET"))}
	path := router{"a path that is changed between routing and guard", build(nil, setPath("/api/open"), guarded)}
	outside := router{"the guard outside of the router", guarded(build(nil))}
	own := router{"custom answers", build(func(r *mux.Router) {
		r.NotFoundHandler, r.MethodNotAllowedHandler = http.HandlerFunc(page), http.HandlerFunc(page)
	}, guarded)}
	// A request that no route serves gets 405 here and not 404, because one route serves each
	// path for POST.
	tests := []struct {
		on             router
		method, target string
		status         int
	}{
		{plain, "GET", "/api/open", 200},
		{plain, "GET", "/api/me", 401},
		{plain, "DELETE", "/api/open", 401},
		{plain, "HEAD", "/api/open", 405},
		{plain, "GET", "/nowhere", 405},
		{plain, "PUT", "/api/open", 405},
		{plain, "GET", "//api/me", 301},
		{plain, "GET", "/x/../api/me", 301},
		{plain, "GET", "/api/me/", 405},
		{plain, "GET", "/api%2Fme", 401},
		{plain, "GET", "/two", 401},
		{plain, "POST", "/two", 401},
		{plain, "PATCH", "/any", 401},
		{plain, "GET", "/sub/me", 401},
		{plain, "GET", "http://admin.example/host", 401},
		{plain, "GET", "http://api.example/host", 200},
		{plain, "GET", "/tree", 200},
		{plain, "GET", "/trees", 401},
		{plain, "GET", "/cost$", 200},
		{plain, "GET", "/cost$s", 401},
		{plain, "GET", "/unlisted", 403},
		{plain, "POST", "/whatever", 401},
		{strict, "GET", "/end", 401},
		{strict, "GET", "/api/me/", 401},
		{encoded, "GET", "/api%2Fme", 405},
		{encoded, "GET", "/%61pi/me", 405},
		{encoded, "GET", "/api/me", 401},
		{unclean, "GET", "//api/me", 405},
		{unclean, "GET", "/api/me", 401},
		{inFront, "GET", "/api/open", 401},
		{between, "DELETE", "/api/open", 401},
		{between, "POST", "/two", 401},
		{behind, "DELETE", "/api/open", 401},
		{path, "GET", "/api/me", 401},
		{outside, "GET", "/api/me", 403},
		{own, "GET", "/nowhere", 200}, // unguarded: the package documentation says so
		{own, "GET", "/api/me", 401},
	}
	for _, tt := range tests {
		t.Run(strings.Join([]string{tt.on.name, tt.method, tt.target}, ", "), func(t *testing.T) {
			w := httptest.NewRecorder()
			tt.on.h.ServeHTTP(w, httptest.NewRequest(tt.method, tt.target, http.NoBody))
			if w.Code != tt.status || w.Body.String() == "secret" {
				t.Errorf("%d %q, want %d", w.Code, w.Body, tt.status)
			}
		})
	}
	t.Run("a custom matcher", func(t *testing.T) {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/matched", http.NoBody)
		r.Header.Set("X-Match", "yes")
		if plain.h.ServeHTTP(w, r); w.Code != 401 {
			t.Errorf("%d %q", w.Code, w.Body)
		}
	})
}
