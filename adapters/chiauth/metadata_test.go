package chiauth_test

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-chi/chi/v5"
)

func TestTheMetadataOfAResourceAreReached(t *testing.T) {
	harness.Metadata(t, true, func(g *middleware.Guard, table *scopes.Table) (http.Handler, error) {
		router := chi.NewRouter()
		chiauth.Enforce(router, g, table)
		router.Get("/things", func(http.ResponseWriter, *http.Request) {})
		router.Method(http.MethodGet, g.MetadataPath(), g.Metadata())
		router.Method(http.MethodOptions, g.MetadataPath(), g.Metadata())
		return router, chiauth.Audit(router, table)
	})
}
