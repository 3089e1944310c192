package shims_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/internal/migrate/shims"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

func TestAShimOnlyMovesTheToken(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{})
	var query string
	guarded := httpauth.Require(guard, scopes.Authenticated())(http.HandlerFunc(
		func(_ http.ResponseWriter, r *http.Request) {
			query = r.URL.RawQuery
			if r.Header.Get("X-Token") != "" {
				t.Error("the handler sees X-Token")
			}
		}))
	bare := shims.BareToken(guarded)
	inQuery := shims.QueryToken("token", guarded)
	inHeader := shims.OtherHeader("X-Token", guarded)
	good := issuer.Mint(authtest.Token{})
	bad := issuer.Mint(authtest.Token{Claims: map[string]any{"aud": "https://other.test"}})

	for _, test := range []struct {
		name    string
		handler http.Handler
		target  string
		header  http.Header
		status  int
		query   string
	}{
		{"bare: the token alone", bare, "/", http.Header{"Authorization": {good}}, 200, ""},
		{"bare: with Bearer", bare, "/", http.Header{"Authorization": {"Bearer " + good}}, 200, ""},
		{"bare: a bad token", bare, "/", http.Header{"Authorization": {bad}}, 401, ""},
		{"bare: another scheme", bare, "/", http.Header{"Authorization": {"Basic " + good}}, 401, ""},
		{"bare: two", bare, "/", http.Header{"Authorization": {good, bad}}, 400, ""},
		{"bare: no token", bare, "/", http.Header{}, 401, ""},
		{"query: the token", inQuery, "/?a=1&token=" + good, http.Header{}, 200, "a=1"},
		{"query: a bad token", inQuery, "/?token=" + bad, http.Header{}, 401, ""},
		{"query: an empty token", inQuery, "/?token=", http.Header{}, 400, ""},
		{"query: two tokens", inQuery, "/?token=" + good + "&token=" + bad, http.Header{}, 400, ""},
		{"query: another in the header", inQuery, "/?token=" + good, http.Header{"Authorization": {"Bearer " + bad}}, 400, ""},
		{"query: only in the header", inQuery, "/?a=%31", http.Header{"Authorization": {"Bearer " + good}}, 200, "a=%31"},
		{"header: the token", inHeader, "/", http.Header{"X-Token": {good}}, 200, ""},
		{"header: with Bearer", inHeader, "/", http.Header{"X-Token": {"Bearer " + good}}, 200, ""},
		{"header: a bad token", inHeader, "/", http.Header{"X-Token": {bad}}, 401, ""},
		{"header: two tokens", inHeader, "/", http.Header{"X-Token": {good, good}}, 400, ""},
		{"header: another in Authorization", inHeader, "/", http.Header{"X-Token": {good}, "Authorization": {"Bearer " + bad}}, 400, ""},
		{"header: only in Authorization", inHeader, "/", http.Header{"Authorization": {"Bearer " + good}}, 200, ""},
		{"header: no token", inHeader, "/", http.Header{}, 401, ""},
		{"header: the scheme of Basic inside", inHeader, "/", http.Header{"X-Token": {"Basic x"}}, 401, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			query = ""
			r := httptest.NewRequest(http.MethodGet, test.target, http.NoBody)
			r.Header = test.header
			w := httptest.NewRecorder()
			test.handler.ServeHTTP(w, r)
			if w.Code != test.status || query != test.query {
				t.Errorf("%d with the query %q, want %d with %q", w.Code, query, test.status, test.query)
			}
		})
	}
}

func TestTheOldBodyHasTheFixedText(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{Body: shims.OldBody})
	w := httptest.NewRecorder()
	httpauth.Require(guard, scopes.Authenticated())(http.NotFoundHandler()).ServeHTTP(
		w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	const want = `{"message":"authentication required"}`
	if w.Code != http.StatusUnauthorized || w.Body.String() != want ||
		w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
}

func TestBareTokenLeavesOtherCredentialsAlone(t *testing.T) {
	for _, value := range []string{"Negotiate", "secret", "Basic a.b.c", "a.b.c, d.e.f", "Bearer a.b.c", ""} {
		var got string
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header.Set("Authorization", value)
		shims.BareToken(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = r.Header.Get("Authorization")
		})).ServeHTTP(httptest.NewRecorder(), r)
		if got != value {
			t.Errorf("%q became %q", value, got)
		}
	}
}
