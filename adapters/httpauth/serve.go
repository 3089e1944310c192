package httpauth

import (
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
)

// asRouted returns r with the method of the pattern by which a mux has chosen the handler. The
// check needs that method for cookies: another origin may send a cookie with a GET, but not
// with a POST that middleware has changed into a GET since then.
func asRouted(r *http.Request) *http.Request {
	method, _, ok := strings.Cut(r.Pattern, " ")
	if !ok || method == r.Method || method == http.MethodGet && r.Method == http.MethodHead {
		return r
	}
	routed := r.WithContext(r.Context())
	routed.Method = method
	return routed
}

// serve calls next for a request that has passed. It does not wrap w, so that streaming and
// hijacking work as they do without a guard.
func serve(w http.ResponseWriter, r *http.Request, pass middleware.Pass, next http.Handler) {
	lent := nethttp.Lend(pass.Context, r)
	defer nethttp.GiveBack(r, lent)
	next.ServeHTTP(w, lent)
}
