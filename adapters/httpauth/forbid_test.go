package httpauth_test

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

func TestAHandlerForbids(t *testing.T) {
	harness.Forbid(t, func(g *middleware.Guard) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
			httpauth.Refuse(w, g.Forbid(r.Context(), harness.ErrCause))
		})
		return httpauth.Mux(g, scopes.Policy{Default: scopes.Authenticated()}.MustCompile(), mux)
	})
}
