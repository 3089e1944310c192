package main

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestOrders(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{}) // in memory; it ends with the test
	api := routes(issuer.Guard(t, middleware.Options{}))

	good := issuer.Mint(authtest.Token{Scope: "orders:read"})
	poor := issuer.Mint(authtest.Token{Scope: "profile"})
	late := issuer.Mint(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(-time.Hour)}})
	for _, c := range []struct {
		name, token string
		want        int
	}{
		{"a good token", good, 200},
		{"a token without the scope", poor, 403},
		{"a token that has expired", late, 401},
		{"a forged token", good[:len(good)-8] + "AAAAAAAA", 401},
	} {
		r := httptest.NewRequest("GET", "/orders", nil)
		r.Header.Set("Authorization", "Bearer "+c.token)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: got %d, want %d: %s", c.name, w.Code, c.want, w.Body)
		}
	}
}
