package docs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// browse opens the page to which a client sends its user, and returns what the issuer answers the client.
func browse(issuer *authtest.Issuer, page string) (url.Values, error) {
	browser := issuer.Client()
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := browser.Get(page)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	location, err := resp.Location()
	if err != nil {
		why, _ := io.ReadAll(resp.Body) // no redirect: the client_id or the redirect_uri is wrong
		return nil, fmt.Errorf("%s: %s", resp.Status, why)
	}
	return location.Query(), nil // code, state and iss, or error
}

func TestABrowserGetsACodeOrAnError(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{
		Authorize: func(asked authtest.Authorization) (authtest.Token, error) {
			if slices.Contains(asked.Scopes, "orders:delete") {
				return authtest.Token{}, errors.New("alice may not delete orders")
			}
			return authtest.Token{Claims: map[string]any{"sub": "alice"}}, nil
		},
	})
	const callback = "https://app.test/callback"
	resp, err := issuer.Client().Post(issuer.URL()+"/register", "application/json",
		strings.NewReader(`{"redirect_uris":["`+callback+`"]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var client struct {
		ID string `json:"client_id"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&client); err != nil {
		t.Fatal(err)
	}
	page := func(clientID, scope string) string {
		return issuer.URL() + "/authorize?" + url.Values{
			"response_type":         {"code"},
			"client_id":             {clientID},
			"redirect_uri":          {callback},
			"scope":                 {scope},
			"code_challenge":        {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"},
			"code_challenge_method": {"S256"},
		}.Encode()
	}
	if got, err := browse(issuer, page(client.ID, "orders:read")); err != nil || got.Get("code") == "" {
		t.Errorf("a user who agrees: %v, %v", got, err)
	}
	if got, err := browse(issuer, page(client.ID, "orders:delete")); err != nil || got.Get("error") != "access_denied" {
		t.Errorf("a user who denies: %v, %v", got, err)
	}
	if got, err := browse(issuer, page("stranger", "orders:read")); err == nil {
		t.Errorf("an unknown client is sent to %v", got)
	}
}
