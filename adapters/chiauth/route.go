package chiauth

import (
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/go-chi/chi/v5"
)

// routeOf spells the route of r as far as chi has found it, or "" if chi has found nothing. It
// also returns the request for the check. In it, the method by which chi routes counts for the
// origin of a cookie, too.
func routeOf(r *http.Request) (string, *http.Request) {
	route := chi.RouteContext(r.Context())
	if route == nil {
		return "", r
	}
	method, _ := target(route, r)
	routed := nethttp.AsRouted(r, method)
	if len(route.RoutePatterns) == 0 {
		return "", routed
	}
	return method + " " + spell(route.RoutePatterns), routed
}

// spell joins the patterns that led to a route.
func spell(patterns []string) string {
	if len(patterns) == 0 {
		return ""
	}
	last := len(patterns) - 1
	return prefix(patterns[:last]) + patterns[last]
}

// prefix joins the patterns that led to a router.
func prefix(patterns []string) string {
	var joined string
	for _, pattern := range patterns {
		joined += mountPoint(pattern)
	}
	return joined
}

// mountPoint returns the path at which a router is mounted, from the pattern of the mount.
func mountPoint(pattern string) string {
	return strings.TrimSuffix(strings.TrimSuffix(pattern, "*"), "/")
}

// target returns the method and the path by which chi will route r next.
func target(route *chi.Context, r *http.Request) (method, path string) {
	method, path = route.RouteMethod, route.RoutePath
	if method == "" {
		method = r.Method
	}
	if path == "" {
		path = r.URL.RawPath
	}
	if path == "" {
		path = r.URL.Path
	}
	if path == "" {
		path = "/"
	}
	return method, path
}
