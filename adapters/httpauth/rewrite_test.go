package httpauth_test

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// override is the usual middleware that lets a header say the method.
func override(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if method := r.Header.Get("X-Http-Method-Override"); method != "" {
			r.Method = method
		}
		next.ServeHTTP(w, r)
	})
}

// clean is middleware that cleans the path and removes the slash at its end.
func clean(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for strings.Contains(r.URL.Path, "//") {
			r.URL.Path = strings.ReplaceAll(r.URL.Path, "//", "/")
		}
		r.URL.Path, r.URL.RawPath = strings.TrimSuffix(r.URL.Path, "/"), ""
		next.ServeHTTP(w, r)
	})
}

// hosted is a middleware that takes the host from a header.
func hosted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := r.Header.Get("X-Forwarded-Host"); host != "" {
			r.Host = host
		}
		next.ServeHTTP(w, r)
	})
}

// api has a public page and secrets that need a scope. Everything else is denied.
func api() (*http.ServeMux, *scopes.Table) {
	mux := http.NewServeMux()
	routes := map[string]scopes.Requirement{
		"/":                     scopes.Public(),
		"GET /api/open":         scopes.Public(),
		"GET /api/me":           scopes.All("admin"),
		"DELETE /api/open":      scopes.All("admin"),
		"GET /tree/":            scopes.All("admin"),
		"GET /files/{path...}":  scopes.All("admin"),
		"admin.example/api/":    scopes.All("admin"),
		"CONNECT /api/tunnel":   scopes.All("admin"),
		"GET /api/end/{$}":      scopes.All("admin"),
		"POST /api/me/{action}": scopes.All("admin"),
	}
	for pattern, need := range routes {
		if need.Level() == scopes.LevelPublic {
			mux.Handle(pattern, named("page"))
		} else {
			mux.Handle(pattern, named("secret"))
		}
	}
	return mux, scopes.Policy{Routes: routes}.MustCompile()
}

// TestRewriters tests the table of the package documentation: what changes a request in front
// of the guard or behind it, and what happens then. The token "read" does not have the scope
// for the secrets; "admin" has it.
func TestRewriters(t *testing.T) {
	g := guardOf(t, granting("read", "admin"), middleware.Options{})
	mux, table := api()
	guarded := httpauth.Mux(g, table, mux)

	mounted := http.NewServeMux()
	mounted.Handle("/v1/", http.StripPrefix("/v1", mux))
	mounted.Handle("POST /v2/", override(mux))
	mounted.Handle("/v3/", http.StripPrefix("/v3", guarded))
	mounted.Handle("POST /v4/", http.StripPrefix("/v4", override(guarded)))
	outer := httpauth.Mux(g, scopes.Policy{Routes: map[string]scopes.Requirement{
		"/v1/": scopes.All("admin"), "POST /v2/": scopes.All("admin"), "/v3/": scopes.Public(), "POST /v4/": scopes.Public(),
	}}.MustCompile(), mounted)

	forwarding := http.NewServeMux()
	forwarding.HandleFunc("/alias/unguarded", func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/api/me"
		mux.ServeHTTP(w, r)
	})
	forwarding.HandleFunc("/alias/guarded", func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/api/me"
		guarded.ServeHTTP(w, r)
	})
	forwarder := httpauth.Mux(g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile(), forwarding)

	enforced := func(router http.Handler) http.Handler {
		return httpauth.Enforce(g, table, func(r *http.Request) string { _, p := mux.Handler(r); return p })(router)
	}
	required := httpauth.Require(g, scopes.All("admin"))

	type arrangement struct {
		name string
		h    http.Handler
	}
	plain := arrangement{"Mux", guarded}
	stripped := arrangement{"StripPrefix in front of Mux", http.StripPrefix("/v1", guarded)}
	nested := arrangement{"a mux within Mux", outer}
	overridden := arrangement{"a method override in front of Mux", override(guarded)}
	cleaned := arrangement{"a path cleaner in front of Mux", clean(guarded)}
	rehosted := arrangement{"a host from a header in front of Mux", hosted(guarded)}
	semicolons := arrangement{"AllowQuerySemicolons in front of Mux", http.AllowQuerySemicolons(guarded)}
	limited := arrangement{"MaxBytesHandler in front of Mux", http.MaxBytesHandler(guarded, 1000)}
	wrapped := arrangement{"rewriters behind Require", required(clean(override(http.StripPrefix("/v1", mux))))}
	behindEnforce := arrangement{"Enforce in front of its router", enforced(mux)}
	beforeEnforce := arrangement{"rewriters in front of Enforce", clean(override(enforced(mux)))}
	forwards := arrangement{"a handler that forwards", forwarder}

	const del = "X-HTTP-Method-Override: DELETE"
	const get = "X-HTTP-Method-Override: GET"
	tests := []struct {
		on     arrangement
		line   string
		fields []string
		token  string
		status int
		body   string // of the handler; "" if none is reached
	}{
		{plain, "GET /api/me", nil, "", 401, ""},
		{plain, "GET /api/me", nil, "read", 403, ""},
		{plain, "GET /api/me", nil, "admin", 200, "secret"},
		{plain, "HEAD /api/me", nil, "", 401, ""},
		{plain, "HEAD /api/me", nil, "admin", 200, ""},
		{plain, "get /api/me", nil, "", 200, "page"},
		{plain, "GET //api/me", nil, "", 401, ""},
		{plain, "GET //api/me", nil, "admin", 307, ""},
		{plain, "GET /api//me", nil, "", 401, ""},
		{plain, "GET /x/../api/me", nil, "", 401, ""},
		{plain, "GET /./api/me", nil, "", 401, ""},
		{plain, "GET /api/open/../me", nil, "", 401, ""},
		{plain, "GET /api/open/%2E%2E/me", nil, "", 200, "page"}, // no rule for a parent: the root serves
		{plain, "GET /%61pi/me", nil, "", 401, ""},
		{plain, "GET /api%2Fme", nil, "", 200, "page"}, // "api%2Fme" is one segment, so the root serves it
		{plain, "GET /api/me/", nil, "", 200, "page"},  // the same
		{plain, "GET /api/me?x", nil, "", 401, ""},
		{plain, "GET /api/me;x", nil, "", 200, "page"},
		{plain, "GET /API/me", nil, "", 200, "page"},
		{plain, "GET /tree", nil, "", 401, ""},
		{plain, "GET /tree", nil, "admin", 307, ""},
		{plain, "GET /tree/x", nil, "", 401, ""},
		{plain, "GET /api/end", nil, "", 401, ""},
		{plain, "GET /api/end", nil, "admin", 307, ""},
		{plain, "GET /files", nil, "admin", 307, ""},
		{plain, "GET /files/a%2F..%2F..%2Fapi/open", nil, "", 401, ""},
		{plain, "GET /files/../api/open", nil, "", 307, ""}, // judged by the rule of the target
		{plain, "GET http://other.example/api/me", nil, "", 401, ""},
		{plain, "GET http://admin.example/api/open", nil, "", 401, ""},
		{plain, "GET /api/open", []string{"Host: admin.example"}, "", 401, ""},
		{plain, "GET /api/open", []string{"Host: admin.example:8080"}, "", 401, ""},
		{plain, "GET /api/open", []string{"Host: ADMIN.example"}, "", 200, "page"}, // another host for the mux
		{plain, "GET /api/open", []string{"Host: admin.example."}, "", 200, "page"},
		{plain, "GET /api/open", []string{"X-Forwarded-Host: admin.example"}, "", 200, "page"},
		{plain, "CONNECT /api/me", nil, "", 200, "page"},
		{plain, "CONNECT /api/tunnel", nil, "", 401, ""},
		{plain, "CONNECT /x/../api/tunnel", nil, "", 200, "page"}, // the path of a CONNECT is not cleaned
		{plain, "CONNECT api.example:443", nil, "admin", 404, ""},
		{plain, "OPTIONS *", nil, "", 200, ""}, // the server's own answer
		{plain, "GET *", nil, "", 400, ""},
		{plain, "GET /api/open", []string{del}, "", 200, "page"},
		{plain, "GET /api/open", []string{"X-Original-URL: /api/me", "X-Rewrite-URL: /api/me"}, "", 200, "page"},

		{stripped, "GET /v1/api/me", nil, "", 401, ""},
		{stripped, "GET /v1/api/me", nil, "admin", 200, "secret"},
		{stripped, "GET /v1//api/me", nil, "", 401, ""},
		{stripped, "GET /v1%2Fapi/me", nil, "", 307, ""},
		{stripped, "GET /v1", nil, "", 307, ""},
		{stripped, "GET /api/me", nil, "admin", 404, ""},
		{stripped, "GET /v1/x/../../v1/api/me", nil, "", 307, ""},

		{nested, "GET /v1/api/open", nil, "", 401, ""}, // the outer pattern is judged, and nothing else
		{nested, "GET /v1/api/open", nil, "read", 403, ""},
		{nested, "GET /v1/api/me", nil, "admin", 200, "secret"},
		{nested, "POST /v2/x", []string{del}, "read", 403, ""},
		{nested, "GET /v3/api/me", nil, "", 401, ""},
		{nested, "GET /v3/api/me", nil, "read", 403, ""},
		{nested, "GET /v3/api/me", nil, "admin", 200, "secret"},
		{nested, "GET /v3/../v3/api/me", nil, "", 307, ""},
		{nested, "POST /v4/api/open", []string{del}, "read", 403, ""},
		{nested, "POST /v4/api/open", []string{del}, "admin", 200, "secret"},

		{overridden, "POST /api/me", []string{get}, "", 401, ""},
		{overridden, "GET /api/open", []string{del}, "read", 403, ""},
		{overridden, "GET /api/open", []string{del}, "admin", 200, "secret"},
		{overridden, "GET /api/tunnel", []string{"X-HTTP-Method-Override: CONNECT"}, "", 401, ""},
		{overridden, "OPTIONS *", []string{get}, "", 200, ""},

		{cleaned, "GET //api//me/", nil, "", 401, ""},
		{cleaned, "GET //api//me/", nil, "admin", 200, "secret"},
		{cleaned, "GET /api%2Fme", nil, "", 401, ""},
		{rehosted, "GET /api/open", []string{"X-Forwarded-Host: admin.example"}, "", 401, ""},
		{semicolons, "GET /api/me?a;b", nil, "", 401, ""},
		{semicolons, "GET /api/me?a;b", nil, "admin", 200, "secret"},
		{limited, "GET /api/me", nil, "", 401, ""},
		{limited, "GET /api/me", nil, "admin", 200, "secret"},

		{wrapped, "GET /v1/api/open", []string{del}, "read", 403, ""}, // one requirement for all
		{wrapped, "GET /v1//api/open/", []string{del}, "admin", 200, "secret"},
		{behindEnforce, "GET /api/me", nil, "", 401, ""},
		{behindEnforce, "GET //api/me", nil, "", 401, ""},
		{behindEnforce, "GET /nowhere%2F", nil, "", 200, "page"},
		{beforeEnforce, "GET //api/open/", []string{del}, "read", 403, ""},
		{beforeEnforce, "GET //api/open/", []string{del}, "admin", 200, "secret"},

		{forwards, "GET /alias/guarded", nil, "read", 403, ""},
		{forwards, "GET /alias/guarded", nil, "admin", 200, "secret"},
		{forwards, "GET /alias/unguarded", nil, "", 401, ""},
		{forwards, "GET /alias/unguarded", nil, "read", 200, "secret"}, // the handler has signaled that
	}
	for _, tt := range tests {
		name := strings.Join(append([]string{tt.on.name, tt.line, tt.token}, tt.fields...), ", ")
		t.Run(name, func(t *testing.T) {
			status, body := raw(t, serving(t, false, tt.on.h), tt.line, tt.token, tt.fields...)
			if status != tt.status || tt.body != "" && body != tt.body {
				t.Errorf("%d %q, want %d %q", status, body, tt.status, tt.body)
			}
			if tt.body == "" && (body == "secret" || body == "page") {
				t.Errorf("the handler answers %q", body)
			}
		})
	}
}

// A reverse proxy behind the guard may send the request anywhere. The request is judged by the
// rule of the pattern that the proxy serves. A proxy in front sends the request that is judged.
func TestReverseProxies(t *testing.T) {
	g := guardOf(t, granting("read", "admin"), middleware.Options{})
	mux, table := api()
	guarded := serving(t, false, httpauth.Mux(g, table, mux))
	to, err := url.Parse(guarded.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := func(path string) http.Handler {
		return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.URL.Path, r.Out.URL.RawPath = path, ""
		}}
	}
	front := http.NewServeMux()
	front.Handle("GET /open", proxy("/api/open"))
	front.Handle("GET /me", proxy("/api/me"))
	behind := httpauth.Mux(g, scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /open": scopes.All("admin"), "GET /me": scopes.Public(),
	}}.MustCompile(), front)

	for _, tt := range []struct {
		name, line, token string
		fields            []string
		status            int
	}{
		{"a proxy behind the guard", "GET /open", "", nil, 401},
		{"a proxy behind the guard, without the scope", "GET /open", "read", nil, 403},
		{"a proxy behind the guard, with the scope", "GET /open", "admin", nil, 200},
		{"a proxy in front of a guard", "GET /me", "", nil, 401},
		{"a proxy in front of a guard, without the scope", "GET /me", "read", nil, 403},
		{"a proxy in front of a guard passes the token on", "GET /me", "admin", nil, 200},
		{"a field that the proxy must drop: the token", "GET /me", "admin", []string{"Connection: Authorization"}, 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if status, body := raw(t, serving(t, false, behind), tt.line, tt.token, tt.fields...); status != tt.status {
				t.Errorf("%d %q, want %d", status, body, tt.status)
			}
		})
	}
}
