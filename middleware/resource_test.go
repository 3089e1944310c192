package middleware_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// described returns a guard for r, whose issuer is https://issuer.test.
func described(
	t *testing.T, r middleware.Resource, edit func(*middleware.JWTConfig),
) (*middleware.Guard, *authtest.Issuer) {
	t.Helper()
	issuer := newIssuer(t, authtest.Config{Audience: r.URL})
	cfg := middleware.JWTConfig{Issuer: issuer.URL(), Keys: trust(t, issuer.Key())}
	if edit != nil {
		edit(&cfg)
	}
	g, err := middleware.New(cfg, middleware.Options{Resource: &r})
	if err != nil {
		t.Fatal(err)
	}
	return g, issuer
}

// document returns what the metadata of g say.
func document(t *testing.T, g *middleware.Guard) string {
	t.Helper()
	w := httptest.NewRecorder()
	g.Metadata().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	return w.Body.String()
}

// The examples of RFC 9728 §2, §3.1 and §5.1, and what §3.1 says about a slash behind the host.
func TestTheMetadataAreWhereRFC9728PutsThem(t *testing.T) {
	rows := []struct{ name, url, path, metadata string }{
		{"the example of §3.1", "https://resource.example.com", "/.well-known/oauth-protected-resource", "https://resource.example.com/.well-known/oauth-protected-resource"},
		{"the example of §3.1 with a path", "https://resource.example.com/resource1", "/.well-known/oauth-protected-resource/resource1", "https://resource.example.com/.well-known/oauth-protected-resource/resource1"},
		{"a slash behind the host is removed", "https://resource.example.com/", "/.well-known/oauth-protected-resource", "https://resource.example.com/.well-known/oauth-protected-resource"},
		{"a slash behind a path stays", "https://resource.example.com/a/", "/.well-known/oauth-protected-resource/a/", "https://resource.example.com/.well-known/oauth-protected-resource/a/"},
		{"a port", "https://resource.example.com:8443/a/b", "/.well-known/oauth-protected-resource/a/b", "https://resource.example.com:8443/.well-known/oauth-protected-resource/a/b"},
		{"a path in percent-encoding", "https://resource.example.com/a%2Fb:c", "/.well-known/oauth-protected-resource/a%2Fb:c", "https://resource.example.com/.well-known/oauth-protected-resource/a%2Fb:c"},
		{"the last characters of ASCII", "https://resource.example.com/~a!", "/.well-known/oauth-protected-resource/~a!", "https://resource.example.com/.well-known/oauth-protected-resource/~a!"},
		{"http on loopback", "http://localhost:8080/mcp", "/.well-known/oauth-protected-resource/mcp", "http://localhost:8080/.well-known/oauth-protected-resource/mcp"},
		{"http on an address of loopback", "http://[::1]:8080", "/.well-known/oauth-protected-resource", "http://[::1]:8080/.well-known/oauth-protected-resource"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			g, _ := described(t, middleware.Resource{URL: row.url}, nil)
			if got := g.MetadataPath(); got != row.path {
				t.Errorf("path %q, want %q", got, row.path)
			}
			e := refuse(t, g, t.Context(), http.Header{}, scopes.Authenticated())
			if got, want := challenge(e), `Bearer realm="api", resource_metadata="`+row.metadata+`"`; got != want {
				t.Errorf("challenge %s\nwant      %s", got, want)
			}
			if e.ResourceMetadata() != row.metadata {
				t.Errorf("ResourceMetadata %q", e.ResourceMetadata())
			}
		})
	}
}

func TestTheMetadataSayWhatIsConfigured(t *testing.T) {
	whole := middleware.Resource{
		URL:                  "https://resource.example.com",
		AuthorizationServers: []string{"https://as1.example.com", "https://as2.example.net"},
		Scopes:               []string{"profile", "email", "role:admin", "phone"},
		Name:                 "Resource & more",
		Documentation:        "https://resource.example.com/resource_documentation.html#a",
	}
	rows := []struct {
		name     string
		resource middleware.Resource
		want     string
	}{
		{"the example of RFC 9728 §2, without a role", whole, `{
			"resource": "https://resource.example.com",
			"authorization_servers": ["https://as1.example.com", "https://as2.example.net"],
			"scopes_supported": ["profile", "email", "phone"],
			"bearer_methods_supported": ["header"],
			"resource_name": "Resource & more",
			"resource_documentation": "https://resource.example.com/resource_documentation.html#a"}`},
		{"the URL alone", middleware.Resource{URL: "https://resource.example.com/"}, `{
			"resource": "https://resource.example.com/",
			"authorization_servers": ["https://issuer.test"],
			"bearer_methods_supported": ["header"]}`},
		{"only roles", middleware.Resource{URL: "https://resource.example.com", Scopes: []string{"role:admin"}}, `{
			"resource": "https://resource.example.com",
			"authorization_servers": ["https://issuer.test"],
			"bearer_methods_supported": ["header"]}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			g, _ := described(t, row.resource, func(c *middleware.JWTConfig) {
				c.Grants = []middleware.Grant{{Path: "roles", Prefix: "role:"}}
			})
			var got, want any
			if err := json.Unmarshal([]byte(document(t, g)), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(row.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if !strings.HasPrefix(whole.Scopes[2], "role:") {
		t.Error("New changed its argument")
	}
}

// A client may send the token in the Authorization header, and a cookie is no method of RFC 6750.
func TestTheMetadataSayHowATokenIsSent(t *testing.T) {
	for want, opts := range map[string]middleware.Options{
		`["header"]`: {Cookie: "session"},
		`[]`:         {Header: "X-Token"},
	} {
		opts.Resource = &middleware.Resource{
			URL: "https://api.test", AuthorizationServers: []string{"https://issuer.test"},
		}
		got := document(t, newGuard(t, opaque, opts))
		if !strings.Contains(got, `"bearer_methods_supported":`+want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTheAuthorizationServersAreTheIssuersOfTheVerifier(t *testing.T) {
	resource := middleware.Options{Resource: &middleware.Resource{URL: "https://api.test"}}
	config := func(name string) middleware.JWTConfig {
		issuer := newIssuer(t, authtest.Config{URL: name})
		return middleware.JWTConfig{Issuer: name, Keys: trust(t, issuer.Key())}
	}
	verifier := func(name string) middleware.Verifier {
		cfg := config(name)
		cfg.Audience = []string{"https://api.test"}
		v, err := middleware.NewJWT(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	two := map[string]middleware.Verifier{
		"https://b.test": opaque, "https://a.test": verifier("https://a.test"),
	}
	union, err := middleware.ByIssuer(two)
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name string
		make func() (*middleware.Guard, error)
		want string
	}{
		{"New", func() (*middleware.Guard, error) {
			return middleware.New(config("https://a.test"), resource)
		}, `["https://a.test"]`},
		{"NewMultiIssuer", func() (*middleware.Guard, error) {
			cfgs := []middleware.JWTConfig{config("https://b.test"), config("https://a.test")}
			return middleware.NewMultiIssuer(cfgs, resource)
		}, `["https://b.test","https://a.test"]`},
		{"NewJWT", func() (*middleware.Guard, error) {
			return middleware.NewWithVerifier(verifier("https://a.test"), resource)
		}, `["https://a.test"]`},
		{"ByIssuer", func() (*middleware.Guard, error) {
			return middleware.NewWithVerifier(union, resource)
		}, `["https://a.test","https://b.test"]`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			g, err := row.make()
			if err != nil {
				t.Fatal(err)
			}
			if got := document(t, g); !strings.Contains(got, `"authorization_servers":`+row.want) {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestAFaultOfTheResourceSaysWhatToWrite(t *testing.T) {
	const url = "https://api.test"
	const loopback = `is http, and its host is not a loopback host, so anybody on the network path could send ` +
		`clients to a false authorization server: write https`
	type resource = middleware.Resource
	rows := []struct {
		name     string
		resource resource
		edit     func(*middleware.JWTConfig)
		want     string // after "bearerguard: Options.Resource."
	}{
		{"no URL", resource{}, audience("a"), `URL: required`},
		{"no scheme", resource{URL: "api.test"}, nil, `URL: "api.test" has no scheme: write "https://api.test"`},
		{"http", resource{URL: "http://api.test"}, nil, `URL: "http://api.test" ` + loopback},
		{"another scheme", resource{URL: "api://0c7d"}, nil, `URL: "api://0c7d" has the scheme "api": write https`},
		{"a fragment", resource{URL: url + "#a"}, nil, `URL: "https://api.test" has a fragment: leave it out`},
		{"an empty fragment", resource{URL: url + "#"}, nil, `URL: "https://api.test" has a fragment: leave it out`},
		{"a query", resource{URL: url + "/?a=b"}, nil, `URL: "https://api.test/?..." has a query: leave it out, because no route is chosen by a query`},
		{"credentials", resource{URL: "https://u:secret@api.test"}, nil, `URL: "https://api.test" has credentials: write "https://api.test", and let the HTTP client authenticate itself`},
		{"white space around it", resource{URL: url + " "}, nil, `URL: has white space around it: remove it`},
		{"a quotation mark", resource{URL: url + `/"`}, nil, `URL: "https://api.test/\"" has "\"", which a URL has only percent-encoded (RFC 3986)`},
		{"a space", resource{URL: url + `/a b`}, nil, `URL: "https://api.test/a b" has " ", which a URL has only percent-encoded (RFC 3986)`},
		{"a wildcard of a router", resource{URL: url + `/{id}`}, nil, `URL: "https://api.test/{id}" has "{", which a URL has only percent-encoded (RFC 3986)`},
		{"a letter beyond ASCII", resource{URL: url + `/é`}, nil, `URL: "https://api.test/é" has "é", which a URL has only percent-encoded (RFC 3986)`},
		{"capitals in the scheme", resource{URL: "HTTPS://api.test/A"}, nil, `URL: "HTTPS://api.test/A" has capitals in its scheme or host: write "https://api.test/A", because clients write them so`},
		{"capitals in the host", resource{URL: "https://API.test/A"}, nil, `URL: "https://API.test/A" has capitals in its scheme or host: write "https://api.test/A", because clients write them so`},
		{"the default port", resource{URL: "https://api.test:443/A"}, nil, `URL: "https://api.test:443/A" has the port that clients leave out: write "https://api.test/A"`},
		{"the default port of http", resource{URL: "http://[::1]:80"}, nil, `URL: "http://[::1]:80" has the port that clients leave out: write "http://[::1]"`},
		{"an empty port", resource{URL: "https://api.test:/"}, nil, `URL: "https://api.test:/" has the port that clients leave out: write "https://api.test/"`},
		{"two dots", resource{URL: url + "/a/../b"}, nil, `URL: "https://api.test/a/../b" has an empty, . or .. segment in its path: write it without, because clients and routers take those out`},
		{"a dot at the end", resource{URL: url + "/a/."}, nil, `URL: "https://api.test/a/." has an empty, . or .. segment in its path: write it without, because clients and routers take those out`},
		{"two dots in percent-encoding", resource{URL: url + "/a/%2E%2e"}, nil, `URL: "https://api.test/a/%2E%2e" has an empty, . or .. segment in its path: write it without, because clients and routers take those out`},
		{"two slashes", resource{URL: url + "//a"}, nil, `URL: "https://api.test//a" has an empty, . or .. segment in its path: write it without, because clients and routers take those out`},
		{"the metadata", resource{URL: url + "/.well-known/oauth-protected-resource/a"}, nil, `URL: "https://api.test/.well-known/oauth-protected-resource/a" is the URL of the metadata: write the URL of the API`},

		{"an audience without the final slash", resource{URL: url + "/"}, audience("api://0c7d", url), `URL: "https://api.test/" and the Audience "https://api.test" differ only in the final slash: write the same in both places, or add the URL to Audience`},
		{"an audience in capitals", resource{URL: url + "/orders"}, audience(url + "/Orders"), `URL: "https://api.test/orders" and the Audience "https://api.test/Orders" differ only in the case of letters: write the same in both places, or add the URL to Audience`},

		{"a template and no server", resource{URL: url}, byTemplate, `AuthorizationServers: required, because the issuers of the verifier are not known`},
		{"an issuer that is no URL", resource{URL: url}, issuer("our issuer"), `AuthorizationServers: required, because clients can't find the verifier's issuer by its name: "our issuer" has no scheme: write "https://our issuer"`},
		{"an issuer by http", resource{URL: url}, issuer("http://issuer.test"), `AuthorizationServers: required, because clients can't find the verifier's issuer by its name: "http://issuer.test" ` + loopback},
		{"a server by http", resource{URL: url, AuthorizationServers: []string{"https://a.test", "http://b.test"}}, nil, `AuthorizationServers[1]: "http://b.test" ` + loopback},
		{"a server with a query", resource{URL: url, AuthorizationServers: []string{"https://a.test?a"}}, nil, `AuthorizationServers[0]: "https://a.test?..." has a query, and the name of an issuer has none: write "https://a.test"`},
		{"the metadata of a server", resource{URL: url, AuthorizationServers: []string{"https://a.test/.well-known/oauth-authorization-server"}}, nil, `AuthorizationServers[0]: "https://a.test/.well-known/oauth-authorization-server" is the URL of a document that the issuer publishes: write "https://a.test"`},
		{"a server with a slash that the issuer does not have", resource{URL: url, AuthorizationServers: []string{"https://issuer.test/"}}, nil, `AuthorizationServers[0]: "https://issuer.test/" and the verifier's issuer "https://issuer.test" differ only in the final slash: write the same`},

		{"two scopes in one", resource{URL: url, Scopes: []string{"a", "b c"}}, nil, `Scopes[1]: "b c" is not one scope name (RFC 6749 §3.3)`},
		{"a name that is no text", resource{URL: url, Name: "\xff"}, nil, `Name: "\xff" is not valid UTF-8`},
		{"documentation at a path", resource{URL: url, Documentation: "/docs"}, nil, `Documentation: is not the URL of a page: write https, :// and the host, without credentials`},
		{"documentation with a bad port", resource{URL: url, Documentation: "https://api.test:x"}, nil, `Documentation: is not the URL of a page: write https, :// and the host, without credentials`},
		{"documentation by FTP", resource{URL: url, Documentation: "ftp://api.test"}, nil, `Documentation: is not the URL of a page: write https, :// and the host, without credentials`},
		{"documentation without a host", resource{URL: url, Documentation: "https:///docs"}, nil, `Documentation: is not the URL of a page: write https, :// and the host, without credentials`},
		{"documentation with credentials", resource{URL: url, Documentation: "https://u:secret@api.test"}, nil, `Documentation: is not the URL of a page: write https, :// and the host, without credentials`},
		{"documentation as a script", resource{URL: url, Documentation: "javascript:alert(1)"}, nil, `Documentation: is not the URL of a page: write https, :// and the host, without credentials`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			key := newIssuer(t, authtest.Config{}).Key()
			cfg := middleware.JWTConfig{Issuer: "https://issuer.test", Keys: trust(t, key)}
			if row.edit != nil {
				row.edit(&cfg)
			}
			opts := middleware.Options{Resource: &row.resource}
			_, err := middleware.New(cfg, opts)
			if want := "bearerguard: Options.Resource." + row.want; err == nil || err.Error() != want {
				t.Errorf("New:\ngot  %v\nwant %s", err, want)
			}
			if cfg.IssuerTemplate != "" {
				return
			}
			_, err = middleware.NewMultiIssuer([]middleware.JWTConfig{cfg}, opts)
			if err == nil || !strings.HasSuffix(err.Error(), row.want) {
				t.Errorf("NewMultiIssuer:\ngot  %v\nwant %s", err, row.want)
			}
		})
	}
}

func audience(names ...string) func(*middleware.JWTConfig) {
	return func(c *middleware.JWTConfig) { c.Audience = names }
}

func issuer(name string) func(*middleware.JWTConfig) {
	return func(c *middleware.JWTConfig) { c.Issuer = name }
}

func byTemplate(c *middleware.JWTConfig) {
	c.Issuer, c.IssuerTemplate = "", template
}

func TestWhatIsNoFaultOfTheResource(t *testing.T) {
	entra := middleware.Resource{URL: "https://api.test", AuthorizationServers: []string{"https://issuer.test/common"}}
	rows := []struct {
		name     string
		resource middleware.Resource
		edit     func(*middleware.JWTConfig)
	}{
		{"an audience with a name of its own", middleware.Resource{URL: "https://api.test/mcp"}, audience("api://0c7d")},
		{"the origin as the audience", middleware.Resource{URL: "https://api.test/mcp"}, audience("https://api.test")},
		{"both spellings", middleware.Resource{URL: "https://api.test/"}, audience("https://api.test", "https://api.test/")},
		{"a template with a server", entra, byTemplate},
		{"another server than the issuer", entra, nil},
		{"both spellings of a server", middleware.Resource{
			URL: "https://api.test", AuthorizationServers: []string{"https://issuer.test/", "https://issuer.test"},
		}, nil},
		{"a server on loopback", middleware.Resource{
			URL: "https://api.test", AuthorizationServers: []string{"http://localhost:8080"},
		}, nil},
		{"documentation by http, with a query and a fragment", middleware.Resource{
			URL: "https://api.test", Documentation: "http://api.test/docs?v=1#a",
		}, nil},
		{"any audience", middleware.Resource{URL: "https://api.test"}, func(c *middleware.JWTConfig) {
			c.InsecureNoAudience, c.Validate = true, func(context.Context, middleware.Claims) error { return nil }
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { described(t, row.resource, row.edit) })
	}
}

// What is wrong with the issuer, or with the audience, is said once.
func TestAFaultOfTheConfigurationIsNoFaultOfTheResource(t *testing.T) {
	key := newIssuer(t, authtest.Config{}).Key()
	rows := []struct {
		name     string
		cfg      middleware.JWTConfig
		resource middleware.Resource
		want     string
	}{
		{"a placeholder in the issuer", middleware.JWTConfig{Issuer: "https://issuer.test/{tenant}"}, middleware.Resource{URL: "https://api.test"}, "bearerguard: JWTConfig.Issuer: has { or }"},
		{"white space around the issuer", middleware.JWTConfig{Issuer: " https://issuer.test"}, middleware.Resource{URL: "https://api.test"}, "bearerguard: JWTConfig.Issuer: has white space"},
		{"no URL and no audience", middleware.JWTConfig{Issuer: "https://issuer.test"}, middleware.Resource{}, "bearerguard: JWTConfig.Audience: required"},
	}
	for _, row := range rows {
		row.cfg.Keys = trust(t, key)
		_, err := middleware.New(row.cfg, middleware.Options{Resource: &row.resource})
		if err == nil || !strings.HasPrefix(err.Error(), row.want) || strings.Contains(err.Error(), "AuthorizationServers") {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

func TestTheAudiencesOfAGivenVerifierAreCompared(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	jwt := newJWT(t, issuer, audience("https://api.test"))
	union, err := middleware.ByIssuer(map[string]middleware.Verifier{issuer.URL(): jwt})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]middleware.Verifier{"a JWT": jwt, "ByIssuer": union} {
		_, err := middleware.NewWithVerifier(v, middleware.Options{
			Resource: &middleware.Resource{URL: "https://api.test/"},
		})
		if err == nil || !strings.Contains(err.Error(), "differ only in the final slash") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheURLIsTheAudienceOfAConfigurationWithoutOne(t *testing.T) {
	g, issuer := described(t, middleware.Resource{URL: "https://api.test/mcp"}, nil)
	r := middleware.Request{Header: bearer(issuer.Mint(authtest.Token{}))}
	if _, err := g.Check(t.Context(), r, scopes.Authenticated()); err != nil {
		t.Error(err)
	}
	other := issuer.Mint(claims("aud", "https://api.test"))
	if e := refuse(t, g, t.Context(), bearer(other), scopes.Authenticated()); e.Code() != middleware.CodeInvalid {
		t.Errorf("a token for another API: %s", e.Code())
	}
}

// A verifier of the user's own tells no issuer, so it is a fault to leave the list out.
func TestAVerifierOfTheUsersNeedsAuthorizationServers(t *testing.T) {
	opts := middleware.Options{Resource: &middleware.Resource{URL: "https://api.test"}}
	const want = "bearerguard: Options.Resource.AuthorizationServers: " +
		"required, because the issuers of the verifier are not known"
	if _, err := middleware.NewWithVerifier(opaque, opts); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	opts.Resource.AuthorizationServers = []string{"https://issuer.test"}
	if _, err := middleware.NewWithVerifier(opaque, opts); err != nil {
		t.Error(err)
	}
	if _, err := middleware.NewWithVerifier((*middleware.JWT)(nil), opts); err == nil {
		t.Error("a nil verifier is accepted")
	}
}

func TestChallengesWithAResource(t *testing.T) {
	g, issuer := described(t, middleware.Resource{URL: "https://api.test"}, func(c *middleware.JWTConfig) {
		c.Grants = []middleware.Grant{{Path: "roles", Prefix: "role:"}, {Path: "permissions", InsecureNoPrefix: true}}
	})
	const metadata = `, resource_metadata="https://api.test/.well-known/oauth-protected-resource"`
	good := bearer(issuer.Mint(claims("scope", "orders:read")))
	bad := bearer("e30.e30.e30")
	rows := []struct {
		name   string
		header http.Header
		need   string
		want   string
	}{
		{"no token", nil, "orders:read & orders:write", `Bearer realm="api", scope="orders:read orders:write"` + metadata},
		{"another scheme", fields("Authorization", "Basic eDp5"), "orders:read", `Bearer realm="api", scope="orders:read"` + metadata},
		{"a bad token", bad, "orders:read", `Bearer realm="api", error="invalid_token", scope="orders:read"` + metadata},
		{"malformed", fields("Authorization", "Bearer"), "orders:read", `Bearer realm="api", error="invalid_request"` + metadata},
		{"too few scopes", good, "orders:write", `Bearer realm="api", error="insufficient_scope", scope="orders:write"` + metadata},
		{"a stronger login", good, "orders:read & acr(gold | silver) & max_age(5m)", `Bearer realm="api", error="insufficient_user_authentication", scope="orders:read", acr_values="gold silver", max_age="300"` + metadata},
		{"no token where a stronger login is needed", nil, "orders:read & acr(gold)", `Bearer realm="api", scope="orders:read"` + metadata},
		{"the nearest alternative for nobody", nil, "a & b | c", `Bearer realm="api", scope="c"` + metadata},
		{"a scope rather than a role", nil, "role:admin | a & b", `Bearer realm="api", scope="a b"` + metadata},
		{"a role alone", nil, "role:admin", `Bearer realm="api"` + metadata},
		{"a role beside a scope", bad, "role:admin & a", `Bearer realm="api", error="invalid_token", scope="a"` + metadata},
		{"a role that the token does not have", good, "role:admin", `Bearer realm="api", error="insufficient_scope"` + metadata},
		{"any verified token", nil, "authenticated", `Bearer realm="api"` + metadata},
		{"a bad token where none is needed", bad, "optional", `Bearer realm="api", error="invalid_token"` + metadata},
		{"no rule", nil, "deny", ``},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			e := refuse(t, g, t.Context(), row.header, requirement(t, row.need))
			if got := challenge(e); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
			if row.want == "" && e.ResourceMetadata() != "" {
				t.Errorf("ResourceMetadata is %q without a challenge", e.ResourceMetadata())
			}
		})
	}
}

func requirement(t *testing.T, text string) scopes.Requirement {
	t.Helper()
	switch text {
	case "authenticated":
		return scopes.Authenticated()
	case "optional":
		return scopes.Optional()
	case "deny":
		return scopes.Deny()
	}
	need, err := scopes.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return need
}

func TestAuthorizeNamesTheMetadataToo(t *testing.T) {
	g, issuer := described(t, middleware.Resource{URL: "https://api.test"}, nil)
	const metadata = `, resource_metadata="https://api.test/.well-known/oauth-protected-resource"`
	anonymous, err := g.Check(t.Context(), middleware.Request{}, scopes.Optional())
	if err != nil {
		t.Fatal(err)
	}
	r := middleware.Request{Header: bearer(issuer.Mint(authtest.Token{}))}
	caller, err := g.Check(t.Context(), r, scopes.Optional())
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name string
		err  error
		want string
	}{
		{"anonymous", g.Authorize(anonymous.Context, scopes.All("a")), `Bearer realm="api", scope="a"` + metadata},
		{"without a check", g.Authorize(t.Context(), scopes.All("a")), `Bearer realm="api", scope="a"` + metadata},
		{"a caller", g.Authorize(caller.Context, scopes.All("a")), `Bearer realm="api", error="insufficient_scope", scope="a"` + metadata},
		{"forbidden", g.Forbid(caller.Context, nil), ``},
	}
	for _, row := range rows {
		if got := challenge(row.err.(*middleware.Error)); got != row.want {
			t.Errorf("%s:\ngot  %s\nwant %s", row.name, got, row.want)
		}
	}
}

// prefixed is a verifier of the user's own that tells its prefixes.
type prefixed struct{ middleware.VerifierFunc }

func (prefixed) GrantPrefixes() []string { return []string{"group:", ""} }

// One of several verifiers may have a prefix that the token's own verifier does not know.
func TestNoNameOfAnyGrantGoesOut(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	jwt := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = trust(t, issuer.Key()) })
	union, err := middleware.ByIssuer(map[string]middleware.Verifier{
		issuer.URL(): jwt, "https://other.test": prefixed{},
	})
	if err != nil {
		t.Fatal(err)
	}
	g := newGuard(t, union, middleware.Options{Resource: &middleware.Resource{
		URL: issuer.Audience(), Scopes: []string{"group:a", "b"},
	}})
	need := scopes.All("group:a", "b")
	for name, header := range map[string]http.Header{
		"nobody": nil, "a bad token": bearer("x"), "a good token": bearer(issuer.Mint(authtest.Token{})),
	} {
		e := refuse(t, g, t.Context(), header, need)
		if got := strings.Join(e.Scopes(), " "); got != "b" {
			t.Errorf("%s: %s: scope %q", name, e.Code(), got)
		}
	}
	either := scopes.All("group:a").Or(need).Or(scopes.All("b", "c"))
	e := refuse(t, g, t.Context(), bearer(issuer.Mint(authtest.Token{})), either)
	if got := strings.Join(e.Scopes(), " "); got != "b c" {
		t.Errorf("an alternative with a role is nearer than one without: scope %q", got)
	}
	if got := document(t, g); !strings.Contains(got, `"scopes_supported":["b"]`) {
		t.Error(got)
	}
}

// Claims know the prefixes of their own verifier, also if nobody has told the guard.
func TestARoleOfTheTokensVerifierIsNoScope(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	jwt := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Keys, c.Grants = trust(t, issuer.Key()), []middleware.Grant{{Path: "groups", Prefix: "group:"}}
	})
	g := newGuard(t, middleware.VerifierFunc(jwt.Verify), middleware.Options{Resource: &middleware.Resource{
		URL: issuer.Audience(), AuthorizationServers: []string{issuer.URL()},
	}})
	e := refuse(t, g, t.Context(), bearer(issuer.Mint(authtest.Token{})), scopes.All("group:a").Or(scopes.All("b", "c")))
	if got := strings.Join(e.Scopes(), " "); got != "b c" {
		t.Errorf("scope %q", got)
	}
}

func TestTheHandlerOfTheMetadata(t *testing.T) {
	g, _ := described(t, middleware.Resource{URL: "https://api.test"}, nil)
	first := httptest.NewRecorder()
	g.Metadata().ServeHTTP(first, httptest.NewRequest(http.MethodGet, "/", nil))
	etag, document := first.Header().Get("Etag"), first.Body.String()
	if len(etag) < 10 || document == "" {
		t.Fatalf("Etag %s, document %q", etag, document)
	}
	rows := []struct {
		name, method string
		header       http.Header
		status       int
		body         string
		want         map[string]string // fields of the answer
	}{
		{"GET", "GET", nil, 200, document, map[string]string{
			"Content-Type": "application/json", "Etag": etag, "Cache-Control": "public, max-age=300", "Vary": "",
		}},
		{"HEAD", "HEAD", nil, 200, "", map[string]string{"Content-Type": "application/json", "Etag": etag}},
		{"the same document", "GET", fields("If-None-Match", etag), 304, "", map[string]string{"Etag": etag}},
		{"another document", "GET", fields("If-None-Match", `"x"`), 200, document, nil},
		{"a preflight of a browser", "OPTIONS", fields("Origin", "https://app.test", "Access-Control-Request-Method", "GET"), 204, "", map[string]string{
			"Allow": "GET, HEAD, OPTIONS", "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
			"Access-Control-Allow-Headers": "*", "Access-Control-Allow-Credentials": "",
		}},
		{"POST", "POST", nil, 405, "Method Not Allowed\n", map[string]string{"Allow": "GET, HEAD, OPTIONS"}},
		{"a method of no meaning", "FETCH", nil, 405, "Method Not Allowed\n", nil},
		{"fields that lie about the host", "GET", fields("X-Forwarded-Host", "evil.test", "Forwarded", "host=evil.test"), 200, document, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest(row.method, "https://evil.test/elsewhere?resource=https://evil.test", nil)
			for name, values := range row.header {
				r.Header[name] = values
			}
			w := httptest.NewRecorder()
			g.Metadata().ServeHTTP(w, r)
			if w.Code != row.status || w.Body.String() != row.body {
				t.Errorf("%d %q, want %d %q", w.Code, w.Body, row.status, row.body)
			}
			if h := w.Header(); h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("fields %v", h)
			}
			for name, want := range row.want {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestAGuardWithoutAResourceHasNoMetadata(t *testing.T) {
	g := newGuard(t, opaque, middleware.Options{})
	if got := g.MetadataPath(); got != "" {
		t.Errorf("path %q", got)
	}
	e := refuse(t, g, t.Context(), nil, scopes.All("a"))
	if e.ResourceMetadata() != "" || e.Scopes() != nil || challenge(e) != `Bearer realm="api"` {
		t.Errorf("%q %q %s", e.ResourceMetadata(), e.Scopes(), challenge(e))
	}
	defer func() {
		if got := recover(); got != "bearerguard: Metadata: the Guard has no Options.Resource" {
			t.Errorf("panic %v", got)
		}
	}()
	g.Metadata()
}
