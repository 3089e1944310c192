package authtest_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// show prints the parts of a token that do not change from run to run.
func show(token string, names ...string) {
	for _, part := range strings.Split(token, ".")[:2] {
		octets, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			log.Fatal(err)
		}
		var members map[string]any
		if err := json.Unmarshal(octets, &members); err != nil {
			log.Fatal(err)
		}
		for _, name := range names {
			if value, ok := members[name]; ok {
				fmt.Printf("%s: %v\n", name, value)
			}
		}
	}
}

// In a test file this function is TestOrders. Its first two statements end with the test.
func ExampleStart() {
	orders := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		fmt.Fprintf(w, "orders of %s", claims.Subject())
	})

	_ = func(t *testing.T) {
		issuer := authtest.Start(t, authtest.Config{})
		guard := issuer.Guard(t, middleware.Options{})

		api := httpauth.Require(guard, scopes.All("orders:read"))(orders)
		hourAgo := time.Now().Add(-time.Hour)
		for _, c := range []struct {
			name  string
			token authtest.Token
			want  int
		}{
			{"a good token", authtest.Token{Scope: "orders:read"}, 200},
			{"without the scope", authtest.Token{}, 403},
			{"expired", authtest.Token{Scope: "orders:read", Claims: map[string]any{"exp": hourAgo}}, 401},
		} {
			r := httptest.NewRequest("GET", "/orders", nil)
			r.Header.Set("Authorization", "Bearer "+issuer.Mint(c.token))
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("%s: got %d, want %d", c.name, w.Code, c.want)
			}
		}
	}
}

// A program has no test to fail, so it calls New and then gives Config to its guard.
func ExampleIssuer_Config() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	cfg := issuer.Config()
	cfg.Grants = []middleware.Grant{{Path: "roles", Prefix: "role:"}}
	guard, err := middleware.New(cfg, middleware.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()

	api := httpauth.Require(guard, scopes.All("role:admin"))(http.NotFoundHandler())
	admin := authtest.Token{Claims: map[string]any{"roles": []string{"admin"}}}
	r := httptest.NewRequest("GET", "/nothing", nil)
	r.Header.Set("Authorization", "Bearer "+issuer.Mint(admin))
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output: 404
}

// The test of a single handler needs neither an issuer nor a guard.
func ExampleWithClaims() {
	hello := func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		fmt.Fprintf(w, "hello %s", claims.Subject())
	}
	ctx := authtest.WithClaims(context.Background(), map[string]any{"sub": "alice"})
	w := httptest.NewRecorder()
	hello(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	fmt.Println(w.Body)
	// Output: hello alice
}

func ExampleNew() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	resp, err := issuer.Client().Get(issuer.URL() + "/.well-known/openid-configuration")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var metadata struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&metadata); err != nil {
		log.Fatal(err)
	}
	fmt.Println(metadata.Issuer, metadata.JWKS)
	// Output: https://issuer.test https://issuer.test/jwks
}

// A program that cannot be given a client reaches an issuer on loopback.
func ExampleNew_loopback() {
	issuer, err := authtest.New(authtest.Config{Addr: "127.0.0.1:0", Audience: "https://orders.test"})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	resp, err := http.Get(issuer.URL() + "/jwks")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, resp.Header.Get("Content-Type"))
	// Output: 200 OK application/jwk-set+json
}

// A client registers, sends its user to the authorization endpoint, and exchanges the code for a token. The
// function Authorize plays the user.
func ExampleConfig_authorize() {
	issuer, err := authtest.New(authtest.Config{
		Authorize: func(asked authtest.Authorization) (authtest.Token, error) {
			if slices.Contains(asked.Scopes, "orders:delete") {
				return authtest.Token{}, errors.New("alice may not delete orders")
			}
			return authtest.Token{Claims: map[string]any{"sub": "alice"}}, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()
	client := issuer.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	const callback = "http://127.0.0.1:8080/callback"
	resp, err := client.Post(issuer.URL()+"/register", "application/json",
		strings.NewReader(`{"redirect_uris":["`+callback+`"]}`))
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var registered struct {
		ID string `json:"client_id"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&registered); err != nil {
		log.Fatal(err)
	}

	const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // a client makes a new one each time
	challenge := sha256.Sum256([]byte(verifier))
	authorize := func(scope string) url.Values {
		resp, err := client.Get(issuer.URL() + "/authorize?" + url.Values{
			"response_type":         {"code"},
			"client_id":             {registered.ID},
			"redirect_uri":          {callback},
			"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
			"code_challenge_method": {"S256"},
			"scope":                 {scope},
			"resource":              {"https://orders.test"},
		}.Encode())
		if err != nil {
			log.Fatal(err)
		}
		defer resp.Body.Close()
		location, err := resp.Location()
		if err != nil {
			log.Fatal(err)
		}
		return location.Query()
	}
	denied := authorize("orders:delete")
	fmt.Println(denied.Get("error"), "because", denied.Get("error_description"))

	resp, err = client.PostForm(issuer.URL()+"/token", url.Values{
		"grant_type":    {"authorization_code"},
		"client_id":     {registered.ID},
		"redirect_uri":  {callback},
		"code":          {authorize("orders:read").Get("code")},
		"code_verifier": {verifier},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&granted); err != nil {
		log.Fatal(err)
	}
	show(granted.Token, "iss", "aud", "sub", "scope")
	// Output:
	// access_denied because alice may not delete orders
	// iss: https://issuer.test
	// aud: https://orders.test
	// sub: alice
	// scope: orders:read
}

func ExampleIssuer_Mint() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	show(issuer.Mint(authtest.Token{
		Scope:  "orders:read",
		Claims: map[string]any{"sub": "alice", "exp": time.Unix(1_700_000_000, 0), "client_id": nil},
		Header: map[string]any{"typ": "JWT"},
	}), "alg", "typ", "iss", "aud", "sub", "client_id", "scope")
	// Output:
	// alg: ES256
	// typ: JWT
	// iss: https://issuer.test
	// aud: https://api.test
	// sub: alice
	// scope: orders:read
}

// Header changes the text of the token's header, but not the signature algorithm. The first token below
// is signed, so an API that refuses it may still accept tokens without a signature.
func ExampleIssuer_Mint_incorrect() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	incorrect := issuer.Mint(authtest.Token{Header: map[string]any{"alg": "none"}})
	correct := issuer.Mint(authtest.Token{Algorithm: "none"})
	fmt.Println(strings.HasSuffix(incorrect, "."), strings.HasSuffix(correct, "."))
	// Output: false true
}

// The attacker knows the public key and hopes that the API takes it for a shared secret.
func ExampleKeyFromSecret() {
	issuer, err := authtest.New(authtest.Config{Algorithm: "RS256"})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	der, err := x509.MarshalPKIXPublicKey(issuer.Key().Public())
	if err != nil {
		log.Fatal(err)
	}
	forged := issuer.Mint(authtest.Token{Key: authtest.KeyFromSecret(issuer.Key().ID(), der)})
	show(forged, "alg")
	// Output: alg: HS256
}

// A stranger's key forges a token: everything is right except for the signature.
func ExampleNewKey() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	stranger, err := authtest.NewKey("ES256")
	if err != nil {
		log.Fatal(err)
	}
	forged := issuer.Mint(authtest.Token{
		Key:    stranger,
		Header: map[string]any{"kid": issuer.Key().ID()},
	})
	show(forged, "alg", "sub")
	// Output:
	// alg: ES256
	// sub: user-1
}

func ExampleIssuer_Rotate() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	old := issuer.Key()
	issuer.Rotate()
	issuer.Withdraw(old)
	withdrawn := issuer.Mint(authtest.Token{Key: old})
	show(withdrawn, "iss")
	// Output: iss: https://issuer.test
}

func ExampleIssuer_Break() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	ask := func() {
		resp, err := issuer.Client().Get(issuer.URL() + "/jwks")
		if err != nil {
			fmt.Println("no answer")
			return
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		fmt.Println(resp.StatusCode, resp.Header.Get("Retry-After"), len(body), err)
	}
	issuer.Break(authtest.Fault{Down: true})
	ask()
	issuer.Break(authtest.Fault{Status: 429, Header: http.Header{"Retry-After": {"30"}}})
	ask()
	issuer.Break(authtest.Fault{OnlyKeys: true, Body: `{"keys":[`})
	ask()
	issuer.Heal()
	fmt.Println(issuer.Fetches(), "requests")
	// Output:
	// no answer
	// 429 30 0 <nil>
	// 200  9 <nil>
	// 3 requests
}

// A handler of your own may keep state: this issuer fails twice and then answers.
func ExampleFault() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	issuer.Break(authtest.Fault{Handler: func(healthy http.Handler) http.Handler {
		var asked atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) <= 2 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			healthy.ServeHTTP(w, r)
		})
	}})
	for range 3 {
		resp, err := issuer.Client().Get(issuer.URL() + "/jwks")
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
		fmt.Println(resp.StatusCode)
	}
	// Output:
	// 502
	// 502
	// 200
}
