package authtest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestTokenEndpointRefuses(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	client := register(t, issuer, callback, callback+"/2")
	other := register(t, issuer, callback)
	for _, c := range []struct {
		name   string
		change change
		code   string
		text   string
		spent  bool // the code cannot be used any more
	}{
		{"no client", without("client_id"), "invalid_client", "client_id", false},
		{"an unknown client", with("client_id", "client-1"), "invalid_client", "client_id", false},
		{"a secret", with("client_secret", "a"), "invalid_client", "client_secret", false},
		{"no grant_type", without("grant_type"), "invalid_request", "grant_type", false},
		{"a refresh", with("grant_type", "refresh_token"), "unsupported_grant_type", "grant_type", false},
		{"no code", without("code"), "invalid_request", "code", false},
		{"no redirect URI", without("redirect_uri"), "invalid_request", "redirect_uri", false},
		{"no verifier", without("code_verifier"), "invalid_request", "code_verifier", false},
		{"a verifier that is too short", with("code_verifier", verifier[1:]), "invalid_request", "code_verifier", false},
		{
			"a verifier that is too long",
			with("code_verifier", strings.Repeat("a", 129)), "invalid_request", "code_verifier", false,
		},
		{"a verifier of another alphabet", with("code_verifier", verifier+"+"), "invalid_request", "code_verifier", false},
		{"a verifier with a line break", with("code_verifier", verifier+"\n"), "invalid_request", "code_verifier", false},
		{"a parameter twice", with("client_id", client, client), "invalid_request", "repeated", false},
		{"a resource with a fragment", with("resource", "https://api.test/mcp#a"), "invalid_target", "resource", false},
		{
			"two resources",
			with("resource", "https://api.test/mcp", "https://api.test/mcp"), "invalid_target", "resource", false,
		},
		{"a code that nobody made", with("code", "a"), "invalid_grant", "unknown", false},
		{"another client", with("client_id", other), "invalid_grant", "another client", true},
		{"another redirect URI", with("redirect_uri", callback+"/2"), "invalid_grant", "redirect_uri", true},
		{"another verifier", with("code_verifier", verifier+"a"), "invalid_grant", "code_challenge", true},
		{"the challenge in place of the verifier", with("code_verifier", challenge), "invalid_grant", "code_challenge", true},
		{"another resource", with("resource", "https://other.test"), "invalid_target", "resource", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			code := codeFor(t, issuer, client, with("resource", "https://api.test/mcp"))
			status, got := exchange(t, issuer, form(client, code, c.change))
			text, _ := got["error_description"].(string)
			if status != 400 || got["error"] != c.code || !strings.Contains(text, c.text) || got["access_token"] != nil {
				t.Errorf("%d %v, want %s and %q", status, got, c.code, c.text)
			}
			want := 200
			if c.spent {
				want = 400
			}
			if status, got := exchange(t, issuer, form(client, code)); status != want {
				t.Errorf("the good request afterwards: %d %v", status, got)
			}
		})
	}
}

func TestTokenEndpointTakesAFormOfAPublicClient(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	client := register(t, issuer, callback)
	code := codeFor(t, issuer, client)
	good := form(client, code)
	const contentType = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, contentType, body string
	}{
		{"another type", "application/json", good},
		{"no type", "", good},
		{"a malformed form", contentType, good + "&%zz"},
		{"a form that is too long", contentType, good + "&a=" + strings.Repeat("a", 16<<10)},
	} {
		resp, body := send(t, issuer, request(t, "POST", issuer.URL()+"/token", c.contentType, c.body))
		if resp.StatusCode != 400 || members(t, body)["error"] != "invalid_request" {
			t.Errorf("%s: %d %s", c.name, resp.StatusCode, body)
		}
	}

	resp, body := send(t, issuer, request(t, "POST", issuer.URL()+"/token?"+good, contentType, ""))
	if resp.StatusCode != 400 {
		t.Errorf("parameters in the URL: %d %s", resp.StatusCode, body)
	}

	r := request(t, "POST", issuer.URL()+"/token", contentType, good)
	r.SetBasicAuth(client, "")
	resp, body = send(t, issuer, r)
	if resp.StatusCode != 401 || members(t, body)["error"] != "invalid_client" ||
		!strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic ") {
		t.Errorf("a client that authenticates itself: %d %s", resp.StatusCode, body)
	}

	r = request(t, "POST", issuer.URL()+"/token", contentType+"; charset=UTF-8", good)
	if resp, body := send(t, issuer, r); resp.StatusCode != 200 {
		t.Errorf("the good request afterwards: %d %s", resp.StatusCode, body)
	}
}

func TestTheResourceMayBeNamedTwice(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	client := register(t, issuer, callback)
	const api = "https://api.test/mcp"
	for _, c := range []struct {
		name         string
		first, again string
		want         any // the aud
	}{
		{"in both requests", api, api, api},
		{"in the first alone", api, "", api},
		{"in the second alone", "", api, nil},
		{"in neither", "", "", "https://api.test"},
	} {
		code := codeFor(t, issuer, client, with("resource", c.first))
		_, document := exchange(t, issuer, form(client, code, with("resource", c.again)))
		switch {
		case c.want == nil:
			if document["error"] != "invalid_target" {
				t.Errorf("%s: %v", c.name, document)
			}
		case claimsOf(t, document)["aud"] != c.want:
			t.Errorf("%s: aud is %v", c.name, claimsOf(t, document)["aud"])
		}
	}
}

func TestACodeIsUsedOnceWithinAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.Start(t, authtest.Config{Authorize: grantAll})
		client := register(t, issuer, callback)
		expect := func(sentence, code string, want int) {
			t.Helper()
			if status, document := exchange(t, issuer, form(client, code)); status != want {
				t.Errorf("%s: %d %v", sentence, status, document)
			}
		}
		code := codeFor(t, issuer, client)
		time.Sleep(time.Minute)
		expect("after a minute", code, 200)
		expect("again", code, 400)

		code = codeFor(t, issuer, client)
		time.Sleep(time.Minute + 1)
		expect("after more than a minute", code, 400)
	})
}

func TestTheTokenIsSignedByTheKeyOfTheMomentOfTheExchange(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	client := register(t, issuer, callback)
	code := codeFor(t, issuer, client)
	key := issuer.Rotate()
	_, document := exchange(t, issuer, form(client, code))
	token, _ := document["access_token"].(string)
	if header, _, _ := split(t, token); members(t, header)["kid"] != key.ID() {
		t.Errorf("the header is %s, want the kid %s", header, key.ID())
	}
}
