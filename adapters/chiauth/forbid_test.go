package chiauth_test

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/go-chi/chi/v5"
)

func TestAHandlerForbids(t *testing.T) {
	harness.Forbid(t, func(g *middleware.Guard) http.Handler {
		r := chi.NewRouter()
		chiauth.Enforce(r, g, policy(t, map[string]string{"default": "authenticated"}))
		r.Get("/", func(w http.ResponseWriter, r *http.Request) {
			chiauth.Refuse(w, g.Forbid(r.Context(), harness.ErrCause))
		})
		return r
	})
}
