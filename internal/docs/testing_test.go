package docs_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

func hello(w http.ResponseWriter, r *http.Request) {
	claims, _ := middleware.ClaimsFrom(r.Context())
	fmt.Fprintf(w, "hello %s", claims.Subject())
}

// call sends a request with a token, and returns the status.
func call(h http.Handler, token string) int { return ask(h, "GET", "/", token).Code }

func TestHello(t *testing.T) {
	ctx := authtest.WithClaims(t.Context(), map[string]any{"sub": "alice", "scope": "orders:read"})
	w := httptest.NewRecorder()
	hello(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	if w.Body.String() != "hello alice" {
		t.Errorf("got %q", w.Body)
	}
}

func TestAdminsOnly(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	cfg := issuer.Config() // Issuer, Audience and Client are those of the test issuer
	cfg.Grants = []middleware.Grant{{Path: "realm_access.roles", Prefix: "role:"}}
	guard, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()

	api := httpauth.Require(guard, scopes.All("role:admin"))(http.HandlerFunc(hello))
	admin := issuer.Mint(authtest.Token{Claims: map[string]any{
		"realm_access": map[string]any{"roles": []string{"admin"}},
	}})
	if got := call(api, admin); got != 200 {
		t.Errorf("an admin: got %d", got)
	}
	if got := call(api, issuer.Mint(authtest.Token{Scope: "role:admin"})); got != 403 {
		t.Errorf("a scope with the name of the role: got %d", got)
	}
}

func TestTheIssuerGoesDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.Start(t, authtest.Config{}) // in the bubble, with its t
		api := httpauth.Require(issuer.Guard(t, middleware.Options{}), scopes.Authenticated())(http.HandlerFunc(hello))

		token := issuer.Mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(8 * time.Hour)}})
		if got := call(api, token); got != 200 {
			t.Errorf("at first: got %d", got)
		}
		issuer.Break(authtest.Fault{Status: 503})
		time.Sleep(time.Hour) // passes at once
		if got := call(api, token); got != 200 {
			t.Errorf("after an hour without the issuer: got %d", got)
		}
		issuer.Rotate()
		rotated := issuer.Mint(authtest.Token{})
		if got := call(api, rotated); got != 503 {
			t.Errorf("a key that the guard cannot know: got %d", got)
		}
		issuer.Heal()
		time.Sleep(time.Minute) // the guard tries again by itself
		if got := call(api, rotated); got != 200 {
			t.Errorf("when the issuer is up again: got %d", got)
		}
	})
}

func TestTheTokenExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.Start(t, authtest.Config{})
		api := httpauth.Require(issuer.Guard(t, middleware.Options{}), scopes.Authenticated())(http.HandlerFunc(hello))

		token := issuer.Mint(authtest.Token{}) // good for five minutes
		time.Sleep(4 * time.Minute)
		if got := call(api, token); got != 200 {
			t.Errorf("after four minutes: got %d", got)
		}
		time.Sleep(2 * time.Minute) // five minutes, and 30 s of leeway
		if got := call(api, token); got != 401 {
			t.Errorf("after six minutes: got %d", got)
		}
	})
}
