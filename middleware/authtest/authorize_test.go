package authtest_test

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestAuthorizeSeesWhatTheClientAsksFor(t *testing.T) {
	var seen authtest.Authorization
	issuer := newIssuer(t, authtest.Config{Authorize: func(a authtest.Authorization) (authtest.Token, error) {
		seen = a
		return authtest.Token{}, nil
	}})
	client := register(t, issuer, callback)
	const none = -1
	for _, c := range []struct {
		name    string
		changes []change
		want    authtest.Authorization
	}{
		{"nothing", nil, authtest.Authorization{MaxAge: none}},
		{
			"parameters without a value, which are as if absent",
			[]change{with("scope", ""), with("acr_values", ""), with("max_age", ""), with("resource", "")},
			authtest.Authorization{MaxAge: none},
		},
		{
			"scopes in the client's order",
			[]change{with("scope", "b a")},
			authtest.Authorization{Scopes: []string{"b", "a"}, MaxAge: none},
		},
		{
			"a resource",
			[]change{with("resource", "https://api.test/mcp?a=b")},
			authtest.Authorization{Resource: "https://api.test/mcp?a=b", MaxAge: none},
		},
		{
			"a resource that is no URL",
			[]change{with("resource", "urn:orders")},
			authtest.Authorization{Resource: "urn:orders", MaxAge: none},
		},
		{
			"a stronger login",
			[]change{with("acr_values", "gold urn:silver"), with("max_age", "300")},
			authtest.Authorization{ACRValues: []string{"gold", "urn:silver"}, MaxAge: 5 * time.Minute},
		},
		{"a new login", []change{with("max_age", "0")}, authtest.Authorization{}},
		{
			"a parameter that nobody knows",
			[]change{with("prompt", "login")},
			authtest.Authorization{MaxAge: none},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			codeFor(t, issuer, client, c.changes...)
			c.want.ClientID, c.want.RedirectURI = client, callback
			if !reflect.DeepEqual(seen, c.want) {
				t.Errorf("got %+v, want %+v", seen, c.want)
			}
		})
	}
}

func TestAuthorizeDecidesWhatTheTokenSays(t *testing.T) {
	var token authtest.Token
	issuer := newIssuer(t, authtest.Config{Authorize: func(authtest.Authorization) (authtest.Token, error) {
		return token, nil
	}})
	client := register(t, issuer, callback)
	asked := []change{with("scope", "read write"), with("resource", "https://api.test/mcp")}
	good := map[string]any{
		"aud": "https://api.test/mcp", "scope": "read write", "client_id": client, "sub": "user-1",
	}
	for _, c := range []struct {
		name    string
		token   authtest.Token
		changes []change
		want    map[string]any // how the claims differ from the good ones
		scope   any            // in the answer
	}{
		{"nothing", authtest.Token{}, asked, nil, "read write"},
		{"without a resource", authtest.Token{}, asked[:1], map[string]any{"aud": "https://api.test"}, "read write"},
		{"without scopes", authtest.Token{}, asked[1:], map[string]any{"scope": nil}, nil},
		{"fewer scopes", authtest.Token{Scope: "read"}, asked, map[string]any{"scope": "read"}, "read"},
		{
			"scopes among the claims",
			authtest.Token{Claims: map[string]any{"scope": "write"}},
			asked,
			map[string]any{"scope": "write"},
			"write",
		},
		{
			"no scope",
			authtest.Token{Claims: map[string]any{"scope": nil}},
			asked,
			map[string]any{"scope": nil},
			nil,
		},
		{
			"other claims",
			authtest.Token{Claims: map[string]any{"aud": "https://other.test", "client_id": "x", "sub": "alice", "acr": "gold"}},
			asked,
			map[string]any{"aud": "https://other.test", "client_id": "x", "sub": "alice", "acr": "gold"},
			"read write",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			token = c.token
			_, document := exchange(t, issuer, form(client, codeFor(t, issuer, client, c.changes...)))
			got := claimsOf(t, document)
			for name, want := range good {
				if other, said := c.want[name]; said {
					want = other
				}
				if got[name] != want {
					t.Errorf("%s is %v, want %v", name, got[name], want)
				}
			}
			for name, want := range c.want {
				if got[name] != want {
					t.Errorf("%s is %v, want %v", name, got[name], want)
				}
			}
			if document["scope"] != c.scope {
				t.Errorf("the answer says the scope %v, want %v", document["scope"], c.scope)
			}
		})
	}
}

func TestTheAnswerTellsHowLongTheTokenLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var token authtest.Token
		issuer := authtest.Start(t, authtest.Config{Authorize: func(authtest.Authorization) (authtest.Token, error) {
			return token, nil
		}})
		client := register(t, issuer, callback)
		for _, c := range []struct {
			name  string
			token authtest.Token
			want  any
		}{
			{"a good token", authtest.Token{}, 300.0},
			{"an hour", authtest.Token{Claims: map[string]any{"exp": time.Now().Add(time.Hour)}}, 3600.0},
			{"a token that has expired", authtest.Token{Claims: map[string]any{"exp": time.Now()}}, nil},
			{"a token without an end", authtest.Token{Claims: map[string]any{"exp": nil}}, nil},
			{"an end that is no number", authtest.Token{Claims: map[string]any{"exp": "soon"}}, nil},
			{"a payload that is no JSON", authtest.Token{Payload: "?"}, nil},
			{"no JWT", authtest.Token{Tamper: func(string) string { return "opaque" }}, nil},
		} {
			token = c.token
			status, document := exchange(t, issuer, form(client, codeFor(t, issuer, client)))
			if status != 200 || document["expires_in"] != c.want {
				t.Errorf("%s: %d %v, want expires_in %v", c.name, status, document, c.want)
			}
		}
	})
}

func TestTheTokenIsThatOfTheMomentOfAuthorize(t *testing.T) {
	claims, header := map[string]any{"sub": "alice"}, map[string]any{"typ": "JWT"}
	issuer := newIssuer(t, authtest.Config{Authorize: func(authtest.Authorization) (authtest.Token, error) {
		return authtest.Token{Claims: claims, Header: header}, nil
	}})
	client := register(t, issuer, callback)
	code := codeFor(t, issuer, client)
	if len(claims) != 1 {
		t.Errorf("the issuer changes the claims of the function: %v", claims)
	}
	claims["sub"], header["typ"] = "mallory", make(chan int)
	_, document := exchange(t, issuer, form(client, code))
	if got := claimsOf(t, document)["sub"]; got != "alice" {
		t.Errorf("sub is %v", got)
	}
}

func TestAuthorizeRefuses(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: func(a authtest.Authorization) (authtest.Token, error) {
		if len(a.Scopes) > 0 {
			return authtest.Token{}, errors.New("alice \"may\" not\\\n")
		}
		return authtest.Token{}, nil
	}})
	client := register(t, issuer, callback)
	for _, c := range []struct {
		name   string
		change change
		code   string
		text   string
	}{
		{"the user denies", with("scope", "admin"), "access_denied", "alice ?may? not??"},
		{"no response_type", without("response_type"), "invalid_request", "response_type"},
		{"another response_type", with("response_type", "token"), "unsupported_response_type", "response_type"},
		{"no PKCE", without("code_challenge"), "invalid_request", "PKCE"},
		{"no method of PKCE, which means plain", without("code_challenge_method"), "invalid_request", "method"},
		{"the method plain", with("code_challenge_method", "plain"), "invalid_request", "method"},
		{"a challenge that is too short", with("code_challenge", challenge[1:]), "invalid_request", "SHA-256"},
		{"a challenge with padding", with("code_challenge", challenge+"="), "invalid_request", "SHA-256"},
		{"a challenge of another alphabet", with("code_challenge", "+"+challenge[1:]), "invalid_request", "SHA-256"},
		{"a challenge with a line break", with("code_challenge", challenge+"\n"), "invalid_request", "SHA-256"},
		{
			"a challenge of 30 octets and a line break",
			with("code_challenge", challenge[:40]+"\n\n\n"), "invalid_request", "SHA-256",
		},
		{"scopes two spaces apart", with("scope", "a  b"), "invalid_scope", "scope"},
		{"a scope with a quote", with("scope", `a"`), "invalid_scope", "scope"},
		{"a scope of another alphabet", with("scope", "ä"), "invalid_scope", "scope"},
		{"a space after the last acr value", with("acr_values", "gold "), "invalid_request", "acr_values"},
		{"a negative age", with("max_age", "-1"), "invalid_request", "max_age"},
		{"an age with a unit", with("max_age", "5m"), "invalid_request", "max_age"},
		{"an age past all bounds", with("max_age", "99999999999"), "invalid_request", "max_age"},
		{"a resource with a fragment", with("resource", "https://api.test/#a"), "invalid_target", "resource"},
		{"a resource with an empty fragment", with("resource", "https://api.test/#"), "invalid_target", "resource"},
		{"a relative resource", with("resource", "/mcp"), "invalid_target", "resource"},
		{"a malformed resource", with("resource", "https://api.test:x"), "invalid_target", "resource"},
		{"two resources", with("resource", "https://a.test", "https://b.test"), "invalid_target", "resource"},
		{"an empty resource and another", with("resource", "", "https://a.test"), "invalid_target", "resource"},
		{"an unknown parameter twice", with("x", "a", "a"), "invalid_request", "repeated"},
		{"scope twice", with("scope", "a", "b"), "invalid_request", "repeated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body := authorize(t, issuer, client, c.change)
			got := redirected(t, resp, body)
			if got.Get("error") != c.code || !strings.Contains(got.Get("error_description"), c.text) || got.Has("code") {
				t.Errorf("got %v, want %s and %q", got, c.code, c.text)
			}
			if got.Get("state") != "a state" || got.Get("iss") != issuer.URL() {
				t.Errorf("the error has no state or issuer: %v", got)
			}
		})
	}
}

func TestAuthorizeSendsNobodyToAStrangersURL(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	client := register(t, issuer, callback)
	register(t, issuer, "https://other.test/cb")
	for _, c := range []struct {
		name   string
		change change
		text   string
	}{
		{"no client", without("client_id"), "client_id"},
		{"an unknown client", with("client_id", "client-1"), "client_id"},
		{"two clients", with("client_id", client, client), "client_id"},
		{"no redirect URI", without("redirect_uri"), "redirect_uri"},
		{"the redirect URI of another client", with("redirect_uri", "https://other.test/cb"), "redirect_uri"},
		{"a redirect URI that only begins alike", with("redirect_uri", callback+"/x"), "redirect_uri"},
		{"another port", with("redirect_uri", "http://127.0.0.1:8081/callback"), "redirect_uri"},
		{"two redirect URIs", with("redirect_uri", callback, callback), "redirect_uri"},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body := authorize(t, issuer, client, c.change)
			if resp.StatusCode != 400 || resp.Header.Get("Location") != "" || !strings.Contains(body, c.text) {
				t.Errorf("%d to %q: %s", resp.StatusCode, resp.Header.Get("Location"), body)
			}
		})
	}
	resp, body := send(t, issuer, request(t, "GET", issuer.URL()+"/authorize?client_id=%zz", "", ""))
	if resp.StatusCode != 400 || !strings.Contains(body, "malformed") {
		t.Errorf("a malformed query: %d %s", resp.StatusCode, body)
	}
}

func TestTheQueryIsBounded(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	client := register(t, issuer, callback)
	for _, c := range []struct {
		length, want int
	}{{16 << 10, 302}, {16<<10 + 1, 400}} {
		pad := func(query url.Values) {
			query.Set("state", "")
			query.Set("state", strings.Repeat("a", c.length-len(query.Encode())))
		}
		if resp, body := authorize(t, issuer, client, pad); resp.StatusCode != c.want {
			t.Errorf("%d octets: %d %s", c.length, resp.StatusCode, body)
		}
	}
}

func TestAuthorizeKeepsTheQueryOfTheRedirectURI(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	client := register(t, issuer, callback, callback+"?a=b")
	resp, body := authorize(t, issuer, client, with("redirect_uri", callback+"?a=b"), without("state"))
	got := redirected(t, resp, body)
	if got.Get("a") != "b" || got.Get("code") == "" || got.Has("state") {
		t.Errorf("got %v", got)
	}
}

func TestCodesThatWaitAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.Start(t, authtest.Config{Authorize: grantAll})
		client := register(t, issuer, callback)
		first := codeFor(t, issuer, client)
		for range 999 {
			codeFor(t, issuer, client)
		}
		full := func(sentence string) {
			t.Helper()
			resp, body := authorize(t, issuer, client)
			if got := redirected(t, resp, body); got.Get("error") != "temporarily_unavailable" || got.Has("code") {
				t.Errorf("%s: %v", sentence, got)
			}
		}
		full("the code too many")
		if status, document := exchange(t, issuer, form(client, first)); status != 200 {
			t.Errorf("the first code: %d %v", status, document)
		}
		codeFor(t, issuer, client) // in its place

		time.Sleep(time.Minute)
		full("when the codes still serve")
		time.Sleep(time.Nanosecond)
		codeFor(t, issuer, client) // the old ones have made room
	})
}
