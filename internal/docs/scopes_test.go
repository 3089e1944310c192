package docs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// The expressions that the page lists.
func Example_expressions() {
	for _, text := range []string{
		"orders:read", "orders:read & orders:write", "orders:write | orders:admin", "orders:write & (admin | support)",
		"authenticated", "optional", "public", "deny", "acr(gold | silver)", "max_age(5m)",
	} {
		fmt.Println(must(scopes.Parse(text)))
	}
	// Output:
	// orders:read
	// orders:read & orders:write
	// orders:write | orders:admin
	// orders:write & admin | orders:write & support
	// authenticated
	// optional
	// public
	// deny
	// acr(gold | silver)
	// max_age(5m)
}

func withRoles(cfg middleware.JWTConfig) (*middleware.Guard, error) {
	cfg.Grants = []middleware.Grant{
		{Path: "realm_access.roles", Prefix: "role:"},           // scopes.All("role:admin")
		{Path: `https://example\.com/groups`, Prefix: "group:"}, // scopes.All("group:sales")
	}
	return middleware.New(cfg, middleware.Options{})
}

func withKeysAndStrings(cfg middleware.JWTConfig) (*middleware.Guard, error) {
	cfg.Grants = []middleware.Grant{
		// {"admin": {"org-7": "acme.example"}}
		{Path: "urn:zitadel:iam:org:project:roles", Prefix: "role:", Keys: true},
		// "sales,support"
		{Path: "groups", Prefix: "group:", Separator: ","},
	}
	return middleware.New(cfg, middleware.Options{})
}

func withPermissions(cfg middleware.JWTConfig) (*middleware.Guard, error) {
	cfg.Grants = []middleware.Grant{
		{Path: "permissions", InsecureNoPrefix: true}, // scopes.All("read:orders")
	}
	return middleware.New(cfg, middleware.Options{})
}

func me(w http.ResponseWriter, r *http.Request) {
	claims, _ := middleware.ClaimsFrom(r.Context())
	name, err := middleware.Claim[string](claims, "profile.name")
	if err != nil {
		name = claims.Subject() // the token has no such claim
	}
	fmt.Fprintf(w, "%s, by %s, until %s", name, claims.ClientID(), claims.Expiry())
}

type user struct {
	Tenant string             `json:"tenant"`
	Groups middleware.Strings `json:"groups"` // "sales" or ["sales", "support"]
}

func groups(w http.ResponseWriter, r *http.Request) {
	u, err := middleware.ClaimsAs[user](r.Context())
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(u.Groups)
}

func ordersOfTenant(guard *middleware.Guard) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		tenant, err := middleware.Claim[string](claims, "tenant")
		if err == nil && tenant != r.PathValue("tenant") {
			err = errors.New("an order of another tenant")
		}
		if err != nil {
			httpauth.Refuse(w, guard.Forbid(r.Context(), err))
			return
		}
		fmt.Fprintln(w, "the orders of", tenant)
	}
}

func export(guard *middleware.Guard) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("all") {
			if err := guard.Authorize(r.Context(), scopes.All("orders:admin")); err != nil {
				httpauth.Refuse(w, err)
				return
			}
		}
		fmt.Fprintln(w, "the export")
	}
}

// suspended reports whether a tenant is suspended.
type suspended interface {
	Suspended(ctx context.Context, tenant string) (bool, error)
}

func checked(cfg middleware.JWTConfig, tenants suspended) (*middleware.Guard, error) {
	cfg.Validate = func(ctx context.Context, c middleware.Claims) error {
		tenant, err := middleware.Claim[string](c, "tenant")
		if err != nil {
			return fmt.Errorf("%w: %w", middleware.ErrInvalidToken, err) // 401
		}
		off, err := tenants.Suspended(ctx, tenant)
		if err != nil {
			return err // nobody knows whether it is suspended: 503
		}
		if off {
			return fmt.Errorf("%w: the tenant is suspended", middleware.ErrForbidden) // 403
		}
		return nil
	}
	return middleware.New(cfg, middleware.Options{})
}

type tenants map[string]error

var errSuspended = errors.New("suspended")

func (s tenants) Suspended(_ context.Context, tenant string) (bool, error) {
	if s[tenant] == errSuspended {
		return true, nil
	}
	return false, s[tenant]
}

func TestHandlersThatReadClaims(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard, err := checked(issuer.Config(), tenants{"gone": errSuspended, "lost": errors.New("no database")})
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	mux := http.NewServeMux()
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET /me": me, "GET /groups": groups, "GET /export": export(guard), "GET /tenants/{tenant}": ordersOfTenant(guard),
	} {
		mux.Handle(pattern, httpauth.Require(guard, scopes.Authenticated())(handler))
	}
	for _, c := range []struct {
		target string
		claims map[string]any
		want   int
	}{
		{"/me", map[string]any{"tenant": "acme"}, 200},
		{"/me", nil, 401},
		{"/me", map[string]any{"tenant": "gone"}, 403},
		{"/me", map[string]any{"tenant": "lost"}, 503},
		{"/groups", map[string]any{"tenant": "acme", "groups": "sales"}, 200},
		{"/groups", map[string]any{"tenant": "acme", "groups": []string{"sales", "support"}}, 200},
		{"/export", map[string]any{"tenant": "acme"}, 200},
		{"/export?all", map[string]any{"tenant": "acme"}, 403},
		{"/export?all", map[string]any{"tenant": "acme", "scope": "orders:admin"}, 200},
		{"/tenants/acme", map[string]any{"tenant": "acme"}, 200},
		{"/tenants/other", map[string]any{"tenant": "acme"}, 403},
	} {
		w := ask(mux, "GET", c.target, issuer.Mint(authtest.Token{Claims: c.claims}))
		if w.Code != c.want {
			t.Errorf("%s with %v: got %d, want %d: %s", c.target, c.claims, w.Code, c.want, w.Body)
		}
	}
}

func TestRolesOfTwoClaims(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard, err := withRoles(issuer.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	token := issuer.Mint(authtest.Token{Scope: "role:root", Claims: map[string]any{
		"realm_access": map[string]any{"roles": []string{"admin"}}, "https://example.com/groups": "sales",
	}})
	if _, err := guard.Check(t.Context(), requestWith(token), scopes.All("role:admin", "group:sales")); err != nil {
		t.Error(err)
	}
	if _, err := guard.Check(t.Context(), requestWith(token), scopes.All("role:root")); err == nil {
		t.Error("a scope counts as a role")
	}
}

func TestRolesOfOtherShapes(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	token := issuer.Mint(authtest.Token{Scope: "role:root", Claims: map[string]any{
		"urn:zitadel:iam:org:project:roles": map[string]any{
			"Order Admin": map[string]any{"org-7": "acme.example"}, "off": false,
		},
		"realm_access": map[string]any{"roles": []string{"Order Admin", "Käufer", "50%"}},
		"groups":       "sales,support",
		"permissions":  []string{"read:orders"},
	}})
	for _, tt := range []struct {
		name   string
		make   func(middleware.JWTConfig) (*middleware.Guard, error)
		pass   scopes.Requirement
		refuse []string
	}{
		{"odd names", withRoles, scopes.All("role:Order%20Admin", "role:K%C3%A4ufer", "role:50%25"), []string{"role:50%", "role:root"}},
		{"keys and strings", withKeysAndStrings, scopes.All("role:Order%20Admin", "group:sales", "group:support"), []string{"role:off", "role:root"}},
		{"no prefix", withPermissions, scopes.All("read:orders", "role:root"), []string{"write:orders"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			guard, err := tt.make(issuer.Config())
			if err != nil {
				t.Fatal(err)
			}
			defer guard.Close()
			if _, err := guard.Check(t.Context(), requestWith(token), tt.pass); err != nil {
				t.Error(err)
			}
			for _, name := range tt.refuse {
				if _, err := guard.Check(t.Context(), requestWith(token), scopes.All(name)); err == nil {
					t.Errorf("passes as %s", name)
				}
			}
		})
	}
}
