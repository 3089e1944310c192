package authtest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// The example of RFC 7636, appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	callback  = "http://127.0.0.1:8080/callback"
)

// grantAll is a user who agrees to everything.
func grantAll(authtest.Authorization) (authtest.Token, error) { return authtest.Token{}, nil }

// send sends a request without following a redirect. A form is sent as the body of a POST.
func send(t *testing.T, issuer *authtest.Issuer, r *http.Request) (*http.Response, string) {
	t.Helper()
	client := issuer.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func request(t *testing.T, method, url, contentType, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

func members(t *testing.T, body string) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return document
}

// register registers a client, and returns its client_id.
func register(t *testing.T, issuer *authtest.Issuer, redirectURIs ...string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"redirect_uris": redirectURIs})
	if err != nil {
		t.Fatal(err)
	}
	resp, text := send(t, issuer, request(t, "POST", issuer.URL()+"/register", "application/json", string(body)))
	id, _ := members(t, text)["client_id"].(string)
	if resp.StatusCode != 201 || id == "" {
		t.Fatalf("registration: %d %s", resp.StatusCode, text)
	}
	return id
}

// change changes the parameters of a good request.
type change func(url.Values)

func with(name string, values ...string) change { return func(v url.Values) { v[name] = values } }

func without(name string) change { return func(v url.Values) { v.Del(name) } }

func changed(good url.Values, changes []change) url.Values {
	for _, change := range changes {
		change(good)
	}
	return good
}

// authorize asks for a code, and returns the answer.
func authorize(t *testing.T, issuer *authtest.Issuer, client string, changes ...change) (*http.Response, string) {
	t.Helper()
	query := changed(url.Values{
		"response_type":         {"code"},
		"client_id":             {client},
		"redirect_uri":          {callback},
		"state":                 {"a state"},
		"code_challenge":        {challenge},
		"code_challenge_method": {"S256"},
	}, changes)
	return send(t, issuer, request(t, "GET", issuer.URL()+"/authorize?"+query.Encode(), "", ""))
}

// redirected returns the parameters that the answer of authorize hands to the client.
func redirected(t *testing.T, resp *http.Response, body string) url.Values {
	t.Helper()
	location, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.StatusCode != 302 {
		t.Fatalf("%d to %q: %s", resp.StatusCode, resp.Header.Get("Location"), body)
	}
	return location.Query()
}

// codeFor returns a code for client.
func codeFor(t *testing.T, issuer *authtest.Issuer, client string, changes ...change) string {
	t.Helper()
	resp, body := authorize(t, issuer, client, changes...)
	answer := redirected(t, resp, body)
	if answer.Get("code") == "" {
		t.Fatalf("no code: %v", answer)
	}
	return answer.Get("code")
}

func form(client, code string, changes ...change) string {
	return changed(url.Values{
		"grant_type":    {"authorization_code"},
		"client_id":     {client},
		"redirect_uri":  {callback},
		"code":          {code},
		"code_verifier": {verifier},
	}, changes).Encode()
}

// exchange asks for a token, and returns the status and the document.
func exchange(t *testing.T, issuer *authtest.Issuer, form string) (int, map[string]any) {
	t.Helper()
	r := request(t, "POST", issuer.URL()+"/token", "application/x-www-form-urlencoded", form)
	resp, body := send(t, issuer, r)
	if resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", resp.Header)
	}
	return resp.StatusCode, members(t, body)
}

// claimsOf returns the claims of the token in document.
func claimsOf(t *testing.T, document map[string]any) map[string]any {
	t.Helper()
	token, _ := document["access_token"].(string)
	_, payload, _ := split(t, token)
	return members(t, payload)
}

func TestAClientGetsATokenThatAGuardAccepts(t *testing.T) {
	flow := func(t *testing.T, cfg authtest.Config) {
		cfg.Authorize = grantAll
		issuer := authtest.Start(t, cfg)
		client := register(t, issuer, callback)

		resp, body := authorize(t, issuer, client, with("scope", "orders:read"), with("resource", issuer.Audience()))
		answer := redirected(t, resp, body)
		if location := resp.Header.Get("Location"); !strings.HasPrefix(location, callback+"?") || body != "" {
			t.Errorf("redirects to %s with the body %q", location, body)
		}
		if resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("Cache-Control %q", resp.Header.Get("Cache-Control"))
		}
		if answer.Get("state") != "a state" || answer.Get("iss") != issuer.URL() || answer.Has("error") {
			t.Errorf("answers %v", answer)
		}

		status, document := exchange(t, issuer, form(client, answer.Get("code")))
		seconds, _ := document["expires_in"].(float64)
		if status != 200 || document["token_type"] != "Bearer" || document["scope"] != "orders:read" ||
			seconds < 290 || seconds > 300 {
			t.Errorf("%d %v", status, document)
		}

		guard := issuer.Guard(t, middleware.Options{})
		token := fmt.Sprint(document["access_token"])
		pass, err := guard.Check(t.Context(), middleware.Request{
			Header: http.Header{"Authorization": {"Bearer " + token}},
		}, scopes.All("orders:read"))
		if err != nil {
			t.Fatal(err)
		}
		if claims, _ := middleware.ClaimsFrom(pass.Context); claims.ClientID() != client {
			t.Errorf("the token is for the client %q", claims.ClientID())
		}
	}
	t.Run("in memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { flow(t, authtest.Config{}) })
	})
	t.Run("in memory, with a path", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { flow(t, authtest.Config{URL: "https://issuer.test/realms/shop"}) })
	})
	t.Run("on loopback", func(t *testing.T) { flow(t, authtest.Config{Addr: "127.0.0.1:0"}) })
}

func TestMetadataOfAnAuthorizationServer(t *testing.T) {
	const oidc, oauth = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
	for _, c := range []struct{ name, url, oidc, oauth, base string }{
		{"a bare host", "https://a.test", "https://a.test" + oidc, "https://a.test" + oauth, "https://a.test"},
		{"a final slash", "https://a.test/", "https://a.test" + oidc, "https://a.test" + oauth, "https://a.test"},
		{"a path", "https://a.test/b", "https://a.test/b" + oidc, "https://a.test" + oauth + "/b", "https://a.test/b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			issuer := newIssuer(t, authtest.Config{URL: c.url, Authorize: grantAll})
			for _, place := range []string{c.oidc, c.oauth} {
				_, body := get(t, issuer, place)
				got := members(t, body)
				for name, want := range map[string]any{
					"issuer":                                         c.url,
					"authorization_endpoint":                         c.base + "/authorize",
					"token_endpoint":                                 c.base + "/token",
					"registration_endpoint":                          c.base + "/register",
					"jwks_uri":                                       c.base + "/jwks",
					"response_types_supported":                       []any{"code"},
					"grant_types_supported":                          []any{"authorization_code"},
					"code_challenge_methods_supported":               []any{"S256"},
					"token_endpoint_auth_methods_supported":          []any{"none"},
					"authorization_response_iss_parameter_supported": true,
				} {
					if fmt.Sprint(got[name]) != fmt.Sprint(want) {
						t.Errorf("%s: %s is %v, want %v", place, name, got[name], want)
					}
				}
			}
		})
	}
}

func TestWithoutAuthorizeThereIsNothingForClients(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	_, body := get(t, issuer, issuer.URL()+"/.well-known/oauth-authorization-server")
	for _, name := range []string{"endpoint", "grant_types", "code_challenge", "iss_parameter"} {
		if strings.Contains(body, name) {
			t.Errorf("the metadata have %s: %s", name, body)
		}
	}
	for _, path := range []string{"/authorize", "/token", "/register"} {
		for _, method := range []string{"GET", "POST"} {
			if resp, _ := send(t, issuer, request(t, method, issuer.URL()+path, "", "")); resp.StatusCode != 404 {
				t.Errorf("%s %s: %d", method, path, resp.StatusCode)
			}
		}
	}
}

func TestEachEndpointHasOneMethod(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	for path, allowed := range map[string]string{"/authorize": "GET", "/token": "POST", "/register": "POST"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
			resp, _ := send(t, issuer, request(t, method, issuer.URL()+path, "", ""))
			refused := resp.StatusCode == 405 && resp.Header.Get("Allow") == allowed
			if refused != (method != allowed) {
				t.Errorf("%s %s: %d, Allow %q", method, path, resp.StatusCode, resp.Header.Get("Allow"))
			}
		}
	}
}

func TestFaultsMeetClients(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	client := register(t, issuer, callback)
	code := codeFor(t, issuer, client)
	request := func() int {
		r := request(t, "POST", issuer.URL()+"/token", "application/x-www-form-urlencoded", form(client, code))
		resp, _ := send(t, issuer, r)
		return resp.StatusCode
	}
	issuer.Break(authtest.Fault{Status: 503})
	if got := request(); got != 503 {
		t.Errorf("broken: %d", got)
	}
	issuer.Heal()
	if got := request(); got != 200 {
		t.Errorf("healed, with the code that the fault did not use: %d", got)
	}
}

func TestClientsAtOnce(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Authorize: grantAll})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			client := register(t, issuer, callback)
			for range 5 {
				code := codeFor(t, issuer, client)
				statuses := make([]int, 3)
				var same sync.WaitGroup
				for n := range statuses {
					same.Go(func() { statuses[n], _ = exchange(t, issuer, form(client, code)) })
				}
				same.Wait()
				if slices.Sort(statuses); !slices.Equal(statuses, []int{200, 400, 400}) {
					t.Errorf("one code, three times at once: %v", statuses)
				}
			}
		})
	}
	all.Wait()
}
