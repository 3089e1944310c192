package httpauth

import (
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
)

// asRouted returns the request for a check of r. In it, the method of the pattern by which
// a mux has chosen the handler counts for the origin of a cookie, too.
func asRouted(r *http.Request) *http.Request {
	end := strings.IndexAny(r.Pattern, " \t") // as ServeMux parses it
	return nethttp.AsRouted(r, r.Pattern[:max(end, 0)])
}

// serve calls next for a request that has passed. It does not wrap w, so that streaming and
// hijacking work as they do without a guard.
func serve(w http.ResponseWriter, r *http.Request, pass middleware.Pass, next http.Handler) {
	lent := nethttp.Lend(pass.Context, r)
	defer nethttp.GiveBack(r, lent)
	next.ServeHTTP(w, lent)
}
