package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/google/go-cmp/cmp"
)

// The authorization pages of the MCP specification say what a server must do and what it should do. Each row
// has the revision and the heading, and what is asked there.
//
// These are not here: what the pages ask of clients and of authorization servers, what they ask of proxies
// for other APIs, and TLS.
func TestTheAuthorizationPagesOfTheSpecification(t *testing.T) {
	url, issuers := start(t, newServer(), nil, authtest.Config{}, authtest.Config{URL: "https://other.test"})
	issuer, other := issuers[0], issuers[1]
	stranger := authtest.Start(t, authtest.Config{URL: "https://stranger.test", Audience: url})
	metadata := metadataOf(url)
	reader := issuer.Mint(authtest.Token{Scope: "orders:read"})
	session := open(t, url, reader)
	claims := func(name string, value any) string {
		return issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{name: value}})
	}
	login := func(acr string, ago time.Duration) string {
		return issuer.Mint(authtest.Token{Scope: "orders:write", ACR: acr, AuthTime: time.Now().Add(-ago)})
	}
	const (
		realm   = `Bearer realm="api"`
		invalid = realm + `, error="invalid_token"`
	)
	place := `, resource_metadata="` + metadata + `"`
	stronger := realm + `, error="insufficient_user_authentication", scope="orders:write", ` +
		`acr_values="gold", max_age="300"` + place
	tests := []struct {
		section, must string
		sent          sent
		at            string // "": the endpoint
		status        int
		challenge     string
	}{
		{"2025-11-25 discovery requirements", "a 401 has the URL of the metadata", sent{body: whoAmI}, "", 401, realm + place},
		{"2025-11-25 discovery requirements", "a 401 should name the scopes that the request needs", sent{body: initialize}, "", 401, realm + `, scope="orders:read"` + place},
		{"2026-07-28 scope selection", "the first message of newer clients, too", sent{body: `{"jsonrpc":"2.0","id":1,"method":"server/discover"}`}, "", 401, realm + `, scope="orders:read"` + place},
		{"2025-11-25 discovery requirements", "the metadata are at the well-known URI", sent{method: "GET"}, metadata, 200, ""},
		{"2025-11-25 token requirements", "each request of a session has a token", sent{body: whoAmI, session: session}, "", 401, realm + place},
		{"2025-11-25 token requirements", "the request for the stream has one, too", sent{method: "GET", session: session}, "", 401, realm + place},
		{"2025-11-25 token requirements", "the end of the session has one, too", sent{method: "DELETE", session: session}, "", 401, realm + place},
		{"2025-11-25 token requirements", "a token in the query is none", sent{body: whoAmI, session: session}, url + "?access_token=" + reader, 401, realm + place},
		{"2025-11-25 token handling", "a good token passes", sent{token: reader, session: session, body: whoAmI}, "", 200, ""},
		{"2025-11-25 token handling", "an expired token gets 401", sent{token: claims("exp", time.Now().Add(-time.Hour)), session: session, body: whoAmI}, "", 401, invalid + `, error_description="the token has expired"` + place},
		{"2025-11-25 token handling", "a forged token gets 401", sent{token: issuer.Mint(authtest.Token{Algorithm: "none"}), session: session, body: whoAmI}, "", 401, invalid + place},
		{"2025-11-25 token handling", "what is no token gets 401", sent{token: "opaque", session: session, body: whoAmI}, "", 401, invalid + place},
		{"2025-11-25 token handling", "a token for another server is refused", sent{token: claims("aud", "https://other.example/mcp"), session: session, body: whoAmI}, "", 401, invalid + place},
		{"2025-11-25 token handling", "a token for the host alone is refused", sent{token: claims("aud", strings.TrimSuffix(url, "/mcp")), session: session, body: whoAmI}, "", 401, invalid + place},
		{"2025-11-25 token handling", "a token for nobody is refused", sent{token: claims("aud", nil), session: session, body: whoAmI}, "", 401, invalid + place},
		{"2025-11-25 token handling", "a token of another authorization server is refused", sent{token: stranger.Mint(authtest.Token{}), session: session, body: whoAmI}, "", 401, invalid + place},
		{"2025-11-25 token handling", "an ID token is no access token", sent{token: issuer.Mint(authtest.Token{Header: map[string]any{"typ": "JWT"}, Claims: map[string]any{"at_hash": "x"}}), session: session, body: whoAmI}, "", 401, invalid + place},
		{"2025-11-25 error handling", "a malformed authorization gets 400", sent{session: session, body: whoAmI, header: http.Header{"Authorization": {"Bearer " + reader, "Bearer " + reader}}}, "", 400, realm + `, error="invalid_request"` + place},
		{"2025-11-25 scope challenge handling", "too few scopes get 403, and the challenge names what is needed", sent{token: reader, session: session, body: cancelOrder}, "", 403, realm + `, error="insufficient_scope", scope="orders:write"` + place},
		{"2025-11-25 error handling", "too weak a login gets 401, and the challenge names what is needed (RFC 9470)", sent{token: login("silver", 0), session: session, body: refundOrder}, "", 401, stronger},
		{"2025-11-25 error handling", "and so does one that is too old", sent{token: login("gold", 6*time.Minute), session: session, body: refundOrder}, "", 401, stronger},
		{"2025-11-25 error handling", "a login that is good enough passes", sent{token: login("gold", 4*time.Minute), session: session, body: refundOrder}, "", 200, ""},
		{"2026-07-28 scope challenge handling", "one challenge names all scopes that the request needs, and they come before the login", sent{token: reader, session: session, body: refundOrder}, "", 403, realm + `, error="insufficient_scope", scope="orders:write"` + place},
		{"2026-07-28 step-up authorization flow", "a broader scope implies a narrower one", sent{token: issuer.Mint(authtest.Token{Scope: "orders:write"}), session: session, body: strings.Replace(whoAmI, "whoami", "list_orders", 1)}, "", 200, ""},
		{"2025-11-25 session hijacking", "a session is bound to its user", sent{token: claims("sub", "mallory"), session: session, body: whoAmI}, "", 403, ""},
		{"2025-11-25 session hijacking", "and to the issuer of the user", sent{token: other.Mint(authtest.Token{}), session: session, body: whoAmI}, "", 403, ""},
		{"2025-11-25 transports, security warning", "a page of another origin gets 403", sent{token: reader, session: session, body: whoAmI, header: http.Header{"Origin": {"https://evil.example"}}}, "", 403, ""},
	}
	for _, tt := range tests {
		t.Run(tt.section+": "+tt.must, func(t *testing.T) {
			at := tt.at
			if at == "" {
				at = url
			}
			status, header, answer := tt.sent.do(t, at)
			if got := header.Get("WWW-Authenticate"); status != tt.status || got != tt.challenge {
				t.Errorf("got  %d %s\nwant %d %s\n%s", status, got, tt.status, tt.challenge, answer)
			}
		})
	}
}

// metadataOf returns the URL of the metadata of the server at url, as a client makes it (RFC 9728 §3.1).
func metadataOf(url string) string {
	return strings.Replace(url, "/mcp", "/.well-known/oauth-protected-resource/mcp", 1)
}

func TestTheMetadata(t *testing.T) {
	url, issuer := startOne(t, authtest.Config{})
	_, header, body := sent{method: "GET"}.do(t, metadataOf(url))
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil || header.Get("Content-Type") != "application/json" {
		t.Fatalf("%v %s %v", header, body, err)
	}
	want := map[string]any{
		"resource":                 url,
		"authorization_servers":    []any{issuer.URL()},
		"scopes_supported":         []any{"orders:read"}, // what is needed to begin (2025-11-25 scope selection)
		"bearer_methods_supported": []any{"header"},      // 2025-11-25 token requirements
		"resource_name":            "Orders",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
