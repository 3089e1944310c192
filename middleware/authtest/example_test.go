package authtest_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
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

func ExampleNew() {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	// Whatever fetches keys gets the issuer's name and its client.
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

// Header changes what a token says and not how it is signed. The first token below is no
// unsigned token, and an API that refuses it has not shown that it refuses unsigned ones.
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
