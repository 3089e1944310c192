package middleware_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

const (
	template = "https://login.test/{tenantid}/v2.0"
	tenantA  = "72f988bf-86f1-41af-91ab-2d7cd011db47"
	tenantB  = "9188040d-6c67-4c5b-b112-36a304b66dad"
)

// nameOf returns the name of a tenant's issuer.
func nameOf(tid string) string { return strings.Replace(template, "{tenantid}", tid, 1) }

// published returns a JWK Set that has key with members besides.
func published(t testing.TB, key *authtest.Key, members map[string]any) []byte {
	t.Helper()
	jwk := key.JWK()
	maps.Copy(jwk, members)
	text, err := json.Marshal(map[string]any{"keys": []any{jwk}})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func publishedFor(t testing.TB, key *authtest.Key, issuer any) jwks.Set {
	t.Helper()
	set, err := jwks.ParseSet(published(t, key, map[string]any{"issuer": issuer}))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func ofTenants(tenants ...string) func(*middleware.JWTConfig) {
	return func(c *middleware.JWTConfig) { c.Issuer, c.IssuerTemplate, c.Tenants = "", template, tenants }
}

func TestIssuerTemplate(t *testing.T) {
	const notGUID, notIssuer = "tid is not a GUID in lower case: it is ", "iss is not the issuer of the tenant: it is "
	of := func(tid any, iss string) authtest.Token { return claims("tid", tid, "iss", iss) }
	rest := `, tid is "` + tenantA + `", and JWTConfig.IssuerTemplate is "` + template + `"`
	upper := strings.ToUpper(tenantA)
	tests := []struct {
		name    string
		token   authtest.Token
		tenants []string
		key     any // its member issuer
		want    string
	}{
		{"a tenant", of(tenantA, nameOf(tenantA)), nil, nil, ""},
		{"another tenant", of(tenantB, nameOf(tenantB)), nil, nil, ""},
		{"a listed tenant", of(tenantA, nameOf(tenantA)), []string{tenantB, tenantA}, nil, ""},
		{"a key for every tenant", of(tenantA, nameOf(tenantA)), nil, template, ""},
		{"a key for the tenant", of(tenantA, nameOf(tenantA)), nil, nameOf(tenantA), ""},

		{"tid of another tenant than iss", of(tenantA, nameOf(tenantB)), nil, nil, notIssuer + `"` + nameOf(tenantB) + `"` + rest},
		{"iss of another issuer", of(tenantA, "https://evil.test/"+tenantA+"/v2.0"), nil, nil, notIssuer + `"https://evil.test/` + tenantA + `/v2.0"` + rest},
		{"iss of another version", of(tenantA, strings.TrimSuffix(nameOf(tenantA), "/v2.0")+"/v1.0"), nil, nil, notIssuer + `"https://login.test/` + tenantA + `/v1.0"` + rest},
		{"iss with something behind", of(tenantA, nameOf(tenantA)+"/"), nil, nil, notIssuer + `"` + nameOf(tenantA) + `/"` + rest},
		{"iss that is the template", of(tenantA, template), nil, nil, notIssuer + `"` + template + `"` + rest},
		{"no iss", claims("tid", tenantA, "iss", nil), nil, nil, notIssuer + "absent" + rest},
		{"iss in upper case, tid in lower case", of(tenantA, nameOf(upper)), nil, nil, notIssuer + `"` + nameOf(upper) + `"` + rest},

		{"tid in upper case", of(upper, nameOf(upper)), nil, nil, notGUID + `"` + upper + `"`},
		{"no tid", claims("iss", nameOf("")), nil, nil, notGUID + "absent"},
		{"tid empty", of("", nameOf("")), nil, nil, notGUID + "empty"},
		{"tid a number", of(7, nameOf("7")), nil, nil, notGUID + "a number"},
		{"tid the placeholder", of("{tenantid}", template), nil, nil, notGUID + `"{tenantid}"`},
		{"tid a name", of("contoso.test", nameOf("contoso.test")), nil, nil, notGUID + `"contoso.test"`},
		{"tid a path", of("../"+tenantA, nameOf("../"+tenantA)), nil, nil, notGUID + `"../` + tenantA + `"`},
		{"tid a path as long as a GUID", of(tenantA[:33]+"/..", nameOf(tenantA[:33]+"/..")), nil, nil, notGUID + `"` + tenantA[:33] + `/.."`},
		{"tid with a hyphen elsewhere", of("72f988bf86-f1-41af-91ab-2d7cd011db47", nameOf("72f988bf86-f1-41af-91ab-2d7cd011db47")), nil, nil, notGUID + `"72f988bf86-f1-41af-91ab-2d7cd011db47"`},
		{"tid without a hyphen", of("72f988bf086f1-41af-91ab-2d7cd011db47", nameOf("72f988bf086f1-41af-91ab-2d7cd011db47")), nil, nil, notGUID + `"72f988bf086f1-41af-91ab-2d7cd011db47"`},
		{"tid in braces", of("{"+tenantA+"}", nameOf("{"+tenantA+"}")), nil, nil, notGUID + `"{` + tenantA + `}"`},
		{"tid with a letter past f", of("g"+tenantA[1:], nameOf("g"+tenantA[1:])), nil, nil, notGUID + `"g` + tenantA[1:] + `"`},
		{"a long tid", of(strings.Repeat("a", 300), nameOf("x")), nil, nil, notGUID + `"` + strings.Repeat("a", 200) + `"...`},

		{"a tenant's token for another API", claims("tid", tenantA, "iss", nameOf(tenantA), "aud", "https://other.test"), nil, nil, "aud does not name this API: "},
		{"a tenant's ID token", authtest.Token{
			Claims: claims("tid", tenantA, "iss", nameOf(tenantA), "at_hash", "x").Claims, Header: header("typ", "JWT").Header,
		}, nil, nil, "an ID token: "},
		{"a tenant's token that is bound", claims("tid", tenantA, "iss", nameOf(tenantA), "cnf", map[string]any{"jkt": "x"}), nil, nil, "bound to its sender by cnf, which can't be confirmed"},
		{"a tenant that is not listed", of(tenantB, nameOf(tenantB)), []string{tenantA}, nil, `tid is not on the list of accepted tenants: it is "` + tenantB + `", and JWTConfig.Tenants is ["` + tenantA + `"]`},
		{"a key for another tenant", of(tenantA, nameOf(tenantA)), nil, nameOf(tenantB), `the key is that of another issuer: key "k" is published for "` + nameOf(tenantB) + `", and iss is "` + nameOf(tenantA) + `"`},
		{"a key for another template", of(tenantA, nameOf(tenantA)), nil, "https://evil.test/{tenantid}/v2.0", `the key is that of another issuer: key "k" is published for "https://evil.test/{tenantid}/v2.0", and iss is "` + nameOf(tenantA) + `"`},
		{"a listed tenant with a key for another tenant", of(tenantA, nameOf(tenantA)), []string{tenantA, tenantB}, nameOf(tenantB), "the key is that of another issuer: "},
	}
	key := newKey(t, "ES256")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			issuer := newIssuer(t, authtest.Config{})
			v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
				ofTenants(tt.tenants...)(c)
				c.Keys = publishedFor(t, key, tt.key)
			})
			tt.token.Key = key
			_, err := v.Verify(t.Context(), issuer.Mint(tt.token))
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			want := strings.ReplaceAll("invalid token: "+tt.want, `key "k"`, fmt.Sprintf("key %q", key.ID()))
			if !errors.Is(err, middleware.ErrInvalidToken) || !strings.HasPrefix(err.Error(), want) ||
				!strings.HasSuffix(want, ": ") && err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// The key that is remembered with a token is another one if its member issuer changes.
func TestARememberedTokenFollowsTheIssuerOfItsKey(t *testing.T) {
	issuer, key := newIssuer(t, authtest.Config{}), newKey(t, "ES256")
	every, other := publishedFor(t, key, template), publishedFor(t, key, nameOf(tenantB))
	now := every
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		ofTenants()(c)
		c.Keys = setFunc(func(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) { return now.Keys(ctx, q) })
	})
	token := claims("tid", tenantA, "iss", nameOf(tenantA))
	token.Key = key
	text := issuer.Mint(token)
	for _, step := range []struct {
		keys jwks.Set
		good bool
	}{{every, true}, {every, true}, {other, false}, {every, true}} {
		now = step.keys
		if _, err := v.Verify(t.Context(), text); (err == nil) != step.good {
			t.Errorf("got %v", err)
		}
	}
}

// entra publishes metadata whose issuer is the template.
type entra struct {
	keys  []byte
	asked atomic.Int32
}

const common = "https://login.test/common/v2.0/.well-known/openid-configuration"

func (e *entra) RoundTrip(r *http.Request) (*http.Response, error) {
	e.asked.Add(1)
	body := ""
	switch r.URL.String() {
	case common:
		body = fmt.Sprintf(`{"issuer":%q,"jwks_uri":"https://login.test/common/keys"}`, template)
	case "https://login.test/common/keys":
		body = string(e.keys)
	default:
		return nil, errors.New("another URL: " + r.URL.String())
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestTheKeysOfATemplateAreDiscovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer, key := newIssuer(t, authtest.Config{}), newKey(t, "ES256")
		provider := &entra{keys: published(t, key, map[string]any{"issuer": template})}
		g, err := middleware.New(middleware.JWTConfig{
			IssuerTemplate: template, MetadataURL: common, Audience: []string{issuer.Audience()},
			Client: &http.Client{Transport: provider},
		}, middleware.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := g.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		before := provider.asked.Load()
		for n := range 100 { // tenants cause no requests, whether they exist or are made up
			tid := fmt.Sprintf("%08x%s", n, tenantA[8:])
			token := claims("tid", tid, "iss", nameOf(tid))
			token.Key = key
			r := middleware.Request{Header: bearer(issuer.Mint(token))}
			if _, err := g.Check(t.Context(), r, scopes.Authenticated()); err != nil {
				t.Fatal(err)
			}
			token.Claims["iss"] = nameOf(tenantB)
			r.Header = bearer(issuer.Mint(token))
			if _, err := g.Check(t.Context(), r, scopes.Authenticated()); err == nil {
				t.Fatal("iss of another tenant passes")
			}
		}
		if after := provider.asked.Load(); after != before {
			t.Errorf("%d requests", after-before)
		}
	})
}

func TestFaultsOfATemplate(t *testing.T) {
	const discover = "MetadataURL: required beside IssuerTemplate: " +
		"write the URL of metadata whose issuer is the template, " +
		"such as https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"
	tests := []struct {
		name string
		edit func(*middleware.JWTConfig)
		want string
	}{
		{"beside an issuer", func(c *middleware.JWTConfig) { c.Issuer = "https://issuer.test" }, "Issuer: contradicts IssuerTemplate: set Issuer for one tenant, or IssuerTemplate for several"},
		{"no placeholder", func(c *middleware.JWTConfig) { c.IssuerTemplate = "https://login.test/{tenantId}/v2.0" }, "IssuerTemplate: has no {tenantid}: write it in place of the tenant's id, or set Issuer instead"},
		{"two placeholders", func(c *middleware.JWTConfig) { c.IssuerTemplate += "/{tenantid}" }, "IssuerTemplate: has { or } besides one {tenantid}"},
		{"another placeholder besides", func(c *middleware.JWTConfig) { c.IssuerTemplate += "/{policy}" }, "IssuerTemplate: has { or } besides one {tenantid}"},
		{"white space", func(c *middleware.JWTConfig) { c.IssuerTemplate += " " }, "IssuerTemplate: has white space around it: remove it"},
		{"nothing to discover keys by", func(c *middleware.JWTConfig) { c.Keys = nil }, discover},
		{"no tenants", func(c *middleware.JWTConfig) { c.Tenants = []string{} }, "Tenants: empty: no token could be accepted (nil: any tenant)"},
		{"a tenant in upper case", func(c *middleware.JWTConfig) { c.Tenants = []string{tenantA, strings.ToUpper(tenantA)} }, `Tenants[1]: "` + strings.ToUpper(tenantA) + `" is not a GUID in lower case`},
		{"a tenant's name", func(c *middleware.JWTConfig) { c.Tenants = []string{"contoso.test"} }, `Tenants[0]: "contoso.test" is not a GUID in lower case`},
		{"tenants without a template", func(c *middleware.JWTConfig) { c.Issuer, c.IssuerTemplate, c.Tenants = "a", "", []string{tenantA} }, "Tenants: has no effect without IssuerTemplate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := start(t, func(c *middleware.JWTConfig) { ofTenants()(c); tt.edit(c) })
			if want := "bearerguard: JWTConfig." + tt.want; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestATemplateIsNoNameAmongSeveral(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, ofTenants(tenantA))
	_, err := middleware.ByIssuer(map[string]middleware.Verifier{nameOf(tenantA): v})
	if err == nil || !strings.Contains(err.Error(), "a JWT with an IssuerTemplate, which has no iss to be chosen by") {
		t.Errorf("ByIssuer: %v", err)
	}
	_, err = middleware.NewMultiIssuer([]middleware.JWTConfig{{
		IssuerTemplate: template, Audience: []string{"a"}, Keys: trust(t, issuer.Key()),
	}}, middleware.Options{})
	if err == nil || !strings.Contains(err.Error(), "JWTConfig[0].IssuerTemplate: can't be one of several") {
		t.Errorf("NewMultiIssuer: %v", err)
	}
}
