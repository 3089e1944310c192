package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// The issuer and the keys of the examples. In a program, the issuer is somebody
// else's, and its keys are found by discovery.
func exampleIssuer() (*authtest.Issuer, *jwks.Cache) {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		panic(err)
	}
	keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
	if err != nil {
		panic(err)
	}
	return issuer, keys
}

func request(token string) middleware.Request {
	return middleware.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
}

// plainLog writes lines without a time to standard output.
func plainLog() *slog.Logger {
	options := slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	return slog.New(slog.NewTextHandler(os.Stdout, &options))
}

func ExampleNew() {
	issuer, keys := exampleIssuer()
	defer issuer.Close()
	defer keys.Close()

	guard, err := middleware.New(
		middleware.JWTConfig{
			Issuer:   issuer.URL(),
			Audience: []string{"https://api.test"},
			Keys:     keys, // leave it out: the issuer's own, by discovery
		},
		middleware.Options{},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer guard.Close()

	// Adapters do this for every request.
	pass, err := guard.Check(
		context.Background(), request(issuer.Mint(authtest.Token{Scope: "orders:read"})), scopes.All("orders:read"),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, _ := middleware.ClaimsFrom(pass.Context)
	fmt.Println(claims.Subject(), claims.Scopes())

	_, err = guard.Check(context.Background(), request("forged"), scopes.All("orders:read"))
	fmt.Println(err)
	// Output:
	// user-1 [orders:read]
	// invalid token
}

// The error names every fault of a configuration, so that you can correct all of them at
// once.
func ExampleNew_incorrect() {
	_, err := middleware.New(
		middleware.JWTConfig{
			Issuer:     "https://issuer.example",
			Algorithms: []string{"HS256", "RS256"}, // a public key could be taken for a secret
			Leeway:     time.Hour,                  // tokens would outlive themselves
			// no Audience: tokens for other APIs of the issuer would be accepted
		},
		middleware.Options{},
	)
	fmt.Println(err)
	// Output:
	// bearerguard: JWTConfig.Audience: required: without it, tokens for other APIs of the issuer would be accepted
	// bearerguard: JWTConfig.Algorithms: HMAC beside public-key algorithms: a public key could be taken for a secret. If the issuer has both, join a set of its secrets and sets of its public keys by jwks.Union
	// bearerguard: JWTConfig.Algorithms: HMAC needs Keys of your own: an issuer does not publish its secrets
	// bearerguard: JWTConfig.Leeway: 1h0m0s is outside of 1s to 5m0s (0: 30s, -1: none)
}

// If the issuer shares a secret with the API, set Keys. For keys in a file, also set Keys;
// see jwks.ParseSet and jwks.ParsePEM.
func ExampleNewJWT() {
	secret, err := jwks.NewSecret("", "HS256", []byte("an-example-secret-of-32-bytes-or-more"))
	if err != nil {
		fmt.Println(err)
		return
	}
	keys, err := jwks.Static(secret)
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := middleware.NewJWT(middleware.JWTConfig{
		Issuer:     "billing",
		Audience:   []string{"orders"},
		Keys:       keys,
		Algorithms: []string{"HS256"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer verifier.Close()

	_, err = verifier.Verify(context.Background(), "eyJhbGciOiJub25lIn0.e30.")
	fmt.Println(errors.Is(err, middleware.ErrInvalidToken))
	// Output: true
}

// The API accepts tokens of the company's own issuer, and tokens of a partner. A verifier
// that the company wrote checks the tokens of the partner.
func ExampleByIssuer() {
	ours := exampleJWT("https://login.example")
	defer ours.Close()
	theirs := middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		return middleware.Claims{}, fmt.Errorf("%w: the contract has ended", middleware.ErrForbidden)
	})

	verifier, err := middleware.ByIssuer(map[string]middleware.Verifier{
		"https://login.example":   ours,
		"https://partner.example": theirs,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	guard, err := middleware.NewWithVerifier(verifier, middleware.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = guard.Check(context.Background(), request("forged"), scopes.Authenticated())
	fmt.Println(err)
	// Output: invalid token
}

// The guard trusts two issuers. The certificate of one of them is from a private CA. Close
// ends the background work for both.
func ExampleNewMultiIssuer() {
	issuer, err := authtest.New(authtest.Config{URL: "https://login.internal"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer issuer.Close()
	audience := []string{issuer.Audience()}

	guard, err := middleware.NewMultiIssuer([]middleware.JWTConfig{
		{Issuer: "https://login.internal", Audience: audience, Client: issuer.Client()},
		{Issuer: "https://partner.example", Audience: audience, Keys: exampleKeys()},
	}, middleware.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer guard.Close()
	_, err = guard.Check(context.Background(), request(issuer.Mint(authtest.Token{})), scopes.Authenticated())
	fmt.Println(err)
	// Output: <nil>
}

// A function can be a Verifier. This one accepts one fixed token, for an API in a test
// program.
func ExampleVerifierFunc() {
	verifier := middleware.VerifierFunc(func(_ context.Context, token string) (middleware.Claims, error) {
		if token != "fixed" {
			return middleware.Claims{}, fmt.Errorf("%w: not the fixed one", middleware.ErrInvalidToken)
		}
		return middleware.NewClaims(map[string]any{"sub": "alice", "scope": "orders:read"})
	})
	guard, err := middleware.NewWithVerifier(verifier, middleware.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pass, err := guard.Check(context.Background(), request("fixed"), scopes.All("orders:read"))
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, _ := middleware.ClaimsFrom(pass.Context)
	fmt.Println(claims.Subject())
	// Output: alice
}

func exampleKeys() jwks.Set {
	key, err := authtest.NewKey("ES256")
	if err != nil {
		panic(err)
	}
	public, err := jwks.NewKey(key.ID(), "ES256", key.Public())
	if err != nil {
		panic(err)
	}
	keys, err := jwks.Static(public)
	if err != nil {
		panic(err)
	}
	return keys
}

func exampleJWT(issuer string) *middleware.JWT {
	v, err := middleware.NewJWT(middleware.JWTConfig{
		Issuer: issuer, Audience: []string{"https://api.example"}, Keys: exampleKeys(),
	})
	if err != nil {
		panic(err)
	}
	return v
}

// This Verifier is for reference tokens. It asks an authorization server about each token
// (RFC 7662). Its errors tell an outage from a bad token.
type introspector struct {
	ask func(ctx context.Context, token string) (response []byte, active bool, err error)
}

func (i introspector) Verify(ctx context.Context, token string) (middleware.Claims, error) {
	response, active, err := i.ask(ctx, token)
	switch {
	case err != nil:
		return middleware.Claims{}, err // could not tell: 503
	case !active:
		return middleware.Claims{}, fmt.Errorf("%w: not active", middleware.ErrInvalidToken) // 401
	}
	return middleware.ParseClaims(response)
}

func ExampleNewWithVerifier() {
	verifier := introspector{ask: func(_ context.Context, token string) ([]byte, bool, error) {
		return []byte(`{"active":true,"sub":"alice","scope":"orders:read"}`), token == "reference", nil
	}}
	guard, err := middleware.NewWithVerifier(verifier, middleware.Options{Realm: "orders"})
	if err != nil {
		fmt.Println(err)
		return
	}
	pass, err := guard.Check(context.Background(), request("reference"), scopes.Authenticated())
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, _ := middleware.ClaimsFrom(pass.Context)
	fmt.Println(claims.Subject())
	// Output: alice
}

// The handler makes a decision that depends on more than the route.
func ExampleGuard_Authorize() {
	guard, err := middleware.NewWithVerifier(opaque, middleware.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pass, err := guard.Check(context.Background(), request("reader"), scopes.Authenticated())
	if err != nil {
		fmt.Println(err)
		return
	}
	// In the handler:
	fmt.Println(guard.Authorize(pass.Context, scopes.All("read")))
	fmt.Println(guard.Authorize(pass.Context, scopes.All("write")))
	// Output:
	// <nil>
	// insufficient scope
}

// The handler refuses for a reason of its own. The log gets the reason. The caller is told
// "access denied", whatever the reason is.
func ExampleGuard_Forbid() {
	guard, err := middleware.NewWithVerifier(opaque, middleware.Options{Logger: plainLog()})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := request("reader")
	r.Route, r.RemoteAddr = "GET /orders/{id}", "192.0.2.1:50000"
	pass, err := guard.Check(context.Background(), r, scopes.All("read"))
	if err != nil {
		fmt.Println(err)
		return
	}
	order := struct{ owner string }{"writer"}
	// In the handler:
	claims, _ := middleware.ClaimsFrom(pass.Context)
	if claims.Subject() != order.owner {
		err = guard.Forbid(pass.Context, errors.New("the order is another user's"))
	}
	fmt.Println("the caller is told:", err)
	// Output:
	// level=INFO msg="bearer token refused" code=denied cause="the order is another user's" route="GET /orders/{id}" remote_addr=192.0.2.1:50000 key_id=""
	// the caller is told: access denied
}

// ClaimsAs decodes the claims into a type of the program's own. This token has one group, as
// a string. Another one may have an array.
// A client that knows only the URL of the API reads where it gets a token.
func ExampleGuard_Metadata() {
	issuer, keys := exampleIssuer()
	defer issuer.Close()
	defer keys.Close()
	guard, err := middleware.New(
		middleware.JWTConfig{Issuer: issuer.URL(), Keys: keys}, // Audience is the URL below
		middleware.Options{Resource: &middleware.Resource{
			URL: "https://api.test/orders", Scopes: []string{"orders:read", "orders:write"},
		}},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer guard.Close()

	// The rules of both routes must be scopes.Public.
	mux := http.NewServeMux()
	mux.Handle("GET "+guard.MetadataPath(), guard.Metadata())
	mux.Handle("OPTIONS "+guard.MetadataPath(), guard.Metadata())

	_, err = guard.Check(context.Background(), middleware.Request{}, scopes.All("orders:read"))
	var refusal *middleware.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Challenges()[0])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/.well-known/oauth-protected-resource/orders", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// Bearer realm="api", scope="orders:read", resource_metadata="https://api.test/.well-known/oauth-protected-resource/orders"
	// 200 {"resource":"https://api.test/orders","authorization_servers":["https://issuer.test"],"scopes_supported":["orders:read","orders:write"],"bearer_methods_supported":["header"]}
}

func ExampleClaimsAs() {
	type user struct {
		Sub    string             `json:"sub"`
		Tenant string             `json:"tenant"`
		Groups middleware.Strings `json:"groups"`
	}
	ctx := authtest.WithClaims(context.Background(), map[string]any{
		"sub": "alice", "tenant": "acme", "groups": "staff",
	})
	u, err := middleware.ClaimsAs[user](ctx)
	fmt.Println(u, err)
	// Output: {alice acme [staff]} <nil>
}

// Claim decodes one claim. Dots lead into nested objects.
func ExampleClaim() {
	ctx := authtest.WithClaims(context.Background(), map[string]any{
		"tenant":                       "acme",
		"org":                          map[string]any{"seats": 12},
		"https://example.com/customer": "c-7",
	})
	claims, _ := middleware.ClaimsFrom(ctx)

	tenant, err := middleware.Claim[string](claims, "tenant")
	fmt.Println(tenant, err)
	seats, err := middleware.Claim[int](claims, "org.seats")
	fmt.Println(seats, err)
	customer, err := middleware.Claim[string](claims, `https://example\.com/customer`)
	fmt.Println(customer, err)
	_, err = middleware.Claim[string](claims, "team")
	fmt.Println(err)
	// Output:
	// acme <nil>
	// 12 <nil>
	// c-7 <nil>
	// claim "team": absent
}

// Strings takes both forms of aud, and of other claims that are a string or an array.
func ExampleStrings() {
	for _, payload := range []string{`{"aud": "orders", "groups": ["a", "b"]}`, `{"aud": ["orders", "bills"]}`} {
		var token struct {
			Aud    middleware.Strings `json:"aud"`
			Groups middleware.Strings `json:"groups"`
		}
		claims, err := middleware.ParseClaims([]byte(payload))
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := claims.Decode(&token); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(token.Aud, token.Groups)
	}
	// Output:
	// [orders] [a b]
	// [orders bills] []
}

func ExampleClaimsFrom() {
	ctx := authtest.WithClaims(context.Background(), map[string]any{"sub": "alice", "scope": "read"})
	if claims, ok := middleware.ClaimsFrom(ctx); ok {
		fmt.Println(claims.Subject(), claims.HasScope("read"), claims.HasScope("write"))
	}
	_, ok := middleware.ClaimsFrom(context.Background())
	fmt.Println(ok)
	// Output:
	// alice true false
	// false
}

// The log has the reason for each refusal. The caller gets only the fixed text.
func ExampleOptions_logger() {
	issuer, keys := exampleIssuer()
	defer issuer.Close()
	defer keys.Close()
	guard, err := middleware.New(
		middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: keys},
		middleware.Options{Logger: plainLog()},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := request(issuer.Mint(authtest.Token{Claims: map[string]any{"aud": "https://other.test"}}))
	r.Route, r.RemoteAddr = "GET /orders", "192.0.2.1:50000"
	_, err = guard.Check(context.Background(), r, scopes.Authenticated())
	fmt.Println("the caller is told:", err)
	// Output:
	// level=INFO msg="bearer token refused" code=invalid cause="invalid token: aud does not name this API: it is [\"https://other.test\"], and JWTConfig.Audience is [\"https://api.test\"]" route="GET /orders" remote_addr=192.0.2.1:50000
	// the caller is told: invalid token
}

// The token has roles in a nested claim. A requirement asks for them by name.
func ExampleGrant() {
	issuer, keys := exampleIssuer()
	defer issuer.Close()
	defer keys.Close()
	verifier, err := middleware.NewJWT(middleware.JWTConfig{
		Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: keys,
		Grants: []middleware.Grant{{Path: "realm_access.roles", Prefix: "role:"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, err := verifier.Verify(context.Background(), issuer.Mint(authtest.Token{
		Scope:  "orders:read role:root", // a scope does not pass for a role
		Claims: map[string]any{"realm_access": map[string]any{"roles": []string{"admin"}}},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(claims.Scopes())
	// Output: [orders:read role:admin]
}

// The roles are the keys of an object, and one has a space. The groups are in one string.
func ExampleGrant_shapes() {
	issuer, keys := exampleIssuer()
	defer issuer.Close()
	defer keys.Close()
	verifier, err := middleware.NewJWT(middleware.JWTConfig{
		Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: keys,
		Grants: []middleware.Grant{
			{Path: "urn:zitadel:iam:org:project:roles", Prefix: "role:", Keys: true},
			{Path: "groups", Prefix: "group:", Separator: ","},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, err := verifier.Verify(context.Background(), issuer.Mint(authtest.Token{Payload: `{` +
		`"iss":"` + issuer.URL() + `","aud":"` + issuer.Audience() + `","exp":4000000000,` +
		`"urn:zitadel:iam:org:project:roles":{"Order Admin":{"org-7":"acme.example"},"off":false},` +
		`"groups":"sales,support"}`}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(claims.Scopes())
	// Output: [role:Order%20Admin group:sales group:support]
}

func ExampleNewClaims() {
	claims, err := middleware.NewClaims(map[string]any{
		"sub": "alice", "scope": "read write", "exp": time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(claims.Subject(), claims.Scopes(), claims.Expiry().UTC())
	_, err = middleware.NewClaims(map[string]any{"sub": 7})
	fmt.Println(err)
	// Output:
	// alice [read write] 2030-01-01 00:00:00 +0000 UTC
	// bearerguard: NewClaims: claim "sub": sub must be a string, and is a number
}

func ExampleParseClaims() {
	claims, err := middleware.ParseClaims([]byte(`{"sub":"alice","scope":"read write"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(claims.Subject(), claims.Scopes())
	_, err = middleware.ParseClaims([]byte(`{"sub":"alice","sub":"root"}`))
	fmt.Println(err)
	// Output:
	// alice [read write]
	// claims: JSON object with a duplicate member name
}
