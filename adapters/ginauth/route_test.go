package ginauth_test

import (
	"context"
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"
)

func TestEnforceJudgesByTheRouteThatServes(t *testing.T) {
	rules := map[string]scopes.Requirement{
		"GET /things":           scopes.Public(),
		"POST /things":          scopes.All("read"),
		"GET /things/:id":       scopes.All("write"),
		"PUT /things/:id":       scopes.Authenticated(),
		"GET /both":             scopes.Public(),
		"HEAD /both":            scopes.Authenticated(),
		"OPTIONS /both":         scopes.Public(),
		"GET /api/v1/inner":     scopes.Authenticated(),
		"GET /files/*path":      scopes.All("read"),
		"GET /tree/":            scopes.Authenticated(),
		"PURGE /cache":          scopes.Authenticated(),
		"DELETE /things":        scopes.Public(),
		"GET /nowhere":          scopes.Public(),
		"GET /static/*filepath": scopes.Public(),
	}
	engine := enforced(newGuard(t, middleware.Options{}), rules)
	engine.HandleMethodNotAllowed = true
	engine.NoRoute(named("no route"))
	engine.NoMethod(named("no method"))
	for _, route := range []struct{ method, path string }{
		{"GET", "/things"},
		{"POST", "/things"},
		{"GET", "/things/:id"},
		{"PUT", "/things/:id"},
		{"GET", "/unlisted"},
		{"GET", "/both"},
		{"HEAD", "/both"},
		{"OPTIONS", "/both"},
		{"GET", "/files/*path"},
		{"GET", "/tree/"},
		{"PURGE", "/cache"},
	} {
		engine.Handle(route.method, route.path, named(route.method+" "+route.path))
	}
	engine.Group("/api").Group("/v1").GET("/inner", named("inner"))
	engine.StaticFS("/static", http.FS(fstest.MapFS{"there": {Data: []byte("a file")}}))

	tests := []struct {
		name, method, target, token string
		status                      int
		body                        string // of a handler; "" if none is reached
	}{
		{"a public route", "GET", "/things", "", 200, "GET /things"},
		{"another method, another rule", "POST", "/things", "", 401, ""},
		{"another method, with its scope", "POST", "/things", "good", 200, "POST /things"},
		{"a parameter", "GET", "/things/1", "good", 403, ""},
		{"a parameter, another method", "PUT", "/things/1", "good", 200, "PUT /things/:id"},
		{"a route without a rule", "GET", "/unlisted", "good", 403, ""},
		{"HEAD is not GET", "HEAD", "/things", "good", 403, ""},
		{"HEAD has a rule of its own", "HEAD", "/both", "", 401, ""},
		{"HEAD with a handler", "HEAD", "/both", "good", 200, "HEAD /both"},
		{"OPTIONS is not answered by Gin", "OPTIONS", "/things", "good", 403, ""},
		{"OPTIONS with a handler", "OPTIONS", "/both", "", 200, "OPTIONS /both"},
		{"the handler for 405 is denied", "PATCH", "/things", "good", 403, ""},
		{"the handler for 405 is denied whatever a rule says", "DELETE", "/things", "good", 403, ""},
		{"the handler for 404 is denied", "GET", "/elsewhere", "good", 403, ""},
		{"the handler for 404 is denied whatever a rule says", "GET", "/nowhere", "good", 403, ""},
		{"a group within a group", "GET", "/api/v1/inner", "good", 200, "inner"},
		{"a wildcard", "GET", "/files/a/b", "good", 200, "GET /files/*path"},
		{"a wildcard without a token", "GET", "/files/a/b", "", 401, ""},
		{"a method of the user's own", "PURGE", "/cache", "", 401, ""},
		{"a method of the user's own, with a token", "PURGE", "/cache", "good", 200, "PURGE /cache"},
		{"Gin itself redirects to a slash", "GET", "/tree", "", 301, ""},
		{"the target of the redirect is judged", "GET", "/tree/", "", 401, ""},
		{"a path is not cleaned", "GET", "//things", "good", 403, ""},
		{"a static file", "GET", "/static/there", "", 200, "a file"},
		{"a missing static file, by the rule of the static route", "GET", "/static/nowhere", "", 200, "no route"},
		{"HEAD of a static file", "HEAD", "/static/there", "", 403, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := do(engine, tt.method, tt.target, tt.token)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			if w.Code == 200 && w.Body.String() != tt.body {
				t.Errorf("answered by %q, want %q", w.Body, tt.body)
			}
		})
	}
}

func TestTheObserverIsToldTheRouteAndNothingOfTheCaller(t *testing.T) {
	var routes []string
	g := newGuard(t, middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		routes = append(routes, e.Route)
	}})
	engine := enforced(g, nil)
	engine.HandleMethodNotAllowed = true
	engine.GET("/things/:id", named("thing"))
	required := gin.New()
	required.GET("/own/:id", ginauth.Require(g, scopes.Authenticated()), named("own"))

	do(engine, "GET", "/things/7", "")
	do(engine, "EVIL", "/things/7", "")
	do(engine, "GET", "/nowhere/7", "")
	do(required, "GET", "/own/7", "")
	if want := []string{"GET /things/:id", "", "", "GET /own/:id"}; !cmp.Equal(routes, want) {
		t.Errorf("routes %q, want %q", routes, want)
	}
}
