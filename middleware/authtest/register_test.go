package authtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestRegistration(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	for _, c := range []struct{ name, body, redirects string }{
		{"http on loopback", `{"redirect_uris":["http://127.0.0.1:1/cb"]}`, "[http://127.0.0.1:1/cb]"},
		{"IPv6 and localhost", `{"redirect_uris":["http://[::1]/","http://localhost"]}`, "[http://[::1]/ http://localhost]"},
		{"https anywhere, with a query", `{"redirect_uris":["https://a.test/cb?x=y"]}`, "[https://a.test/cb?x=y]"},
		{
			"all that a public client says of itself",
			`{"redirect_uris":["https://a.test"],"token_endpoint_auth_method":"none",
			"grant_types":["authorization_code","refresh_token"],"response_types":["code"],
			"client_name":"a","application_type":"web","software_id":"b"}`,
			"[https://a.test]",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body := send(t, issuer, request(t, "POST", issuer.URL()+"/register", "application/json", c.body))
			got := members(t, body)
			if resp.StatusCode != 201 || resp.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%d %v %s", resp.StatusCode, resp.Header, body)
			}
			for name, want := range map[string]string{
				"redirect_uris":              c.redirects,
				"token_endpoint_auth_method": "none",
				"grant_types":                "[authorization_code]",
				"response_types":             "[code]",
			} {
				if fmt.Sprint(got[name]) != want {
					t.Errorf("%s is %v, want %s", name, got[name], want)
				}
			}
			if issued, _ := got["client_id_issued_at"].(float64); issued == 0 || got["client_secret"] != nil {
				t.Errorf("got %s", body)
			}
		})
	}
	if first, second := register(t, issuer, callback), register(t, issuer, callback); first == second {
		t.Error("two clients have one client_id")
	}
}

func TestRegistrationRefuses(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	const good = `"redirect_uris":["https://a.test/cb"]`
	const contentType = "application/json"
	for _, c := range []struct{ name, contentType, body, code, text string }{
		{"another type", "text/plain", `{` + good + `}`, "invalid_client_metadata", "JSON"},
		{"no JSON", contentType, `{` + good, "invalid_client_metadata", "JSON"},
		{"something after it", contentType, `{` + good + `}{}`, "invalid_client_metadata", "JSON"},
		{"an array", contentType, `[]`, "invalid_client_metadata", "JSON"},
		{"a string for the redirect URIs", contentType, `{"redirect_uris":"https://a.test"}`, "invalid_client_metadata", "JSON"},
		{
			"too long a body", contentType,
			`{` + good + `,"a":"` + strings.Repeat("a", 16<<10) + `"}`, "invalid_client_metadata", "too long",
		},
		{
			"spaces that make it too long", contentType,
			`{` + good + `}` + strings.Repeat(" ", 16<<10), "invalid_client_metadata", "too long",
		},
		{"no redirect URI", contentType, `{}`, "invalid_redirect_uri", "absent"},
		{"an empty list", contentType, `{"redirect_uris":[]}`, "invalid_redirect_uri", "absent"},
		{"a redirect URI of null", contentType, `{"redirect_uris":[null]}`, "invalid_redirect_uri", "https"},
		{"http beyond loopback", contentType, `{"redirect_uris":["http://a.test/cb"]}`, "invalid_redirect_uri", "https"},
		{"a scheme of an app", contentType, `{"redirect_uris":["com.example:/cb"]}`, "invalid_redirect_uri", "https"},
		{"a script", contentType, `{"redirect_uris":["javascript:alert(1)"]}`, "invalid_redirect_uri", "https"},
		{"a fragment", contentType, `{"redirect_uris":["https://a.test/#b"]}`, "invalid_redirect_uri", "fragment"},
		{
			"one bad redirect URI of two", contentType,
			`{"redirect_uris":["https://a.test/cb","http://a.test/cb"]}`, "invalid_redirect_uri", "https",
		},
		{
			"a client with a secret", contentType,
			`{` + good + `,"token_endpoint_auth_method":"client_secret_basic"}`, "invalid_client_metadata", "auth_method",
		},
		{
			"other grants", contentType,
			`{` + good + `,"grant_types":["client_credentials"]}`, "invalid_client_metadata", "grant_types",
		},
		{
			"other answers", contentType,
			`{` + good + `,"response_types":["token"]}`, "invalid_client_metadata", "response_types",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body := send(t, issuer, request(t, "POST", issuer.URL()+"/register", c.contentType, c.body))
			got := members(t, body)
			text, _ := got["error_description"].(string)
			if resp.StatusCode != 400 || got["error"] != c.code || !strings.Contains(text, c.text) || got["client_id"] != nil {
				t.Errorf("%d %s, want %s and %q", resp.StatusCode, body, c.code, c.text)
			}
		})
	}
}

func TestClientsAreBounded(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	first := register(t, issuer, callback)
	for range 999 {
		register(t, issuer, callback)
	}
	const body = `{"redirect_uris":["https://a.test/cb"]}`
	resp, text := send(t, issuer, request(t, "POST", issuer.URL()+"/register", "application/json", body))
	if resp.StatusCode != 503 || members(t, text)["error"] != "temporarily_unavailable" {
		t.Errorf("the client too many: %d %s", resp.StatusCode, text)
	}
	codeFor(t, issuer, first)
}
