package jwks_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

// Here the issuer's URL is not its name in tokens, and its certificate is of a private CA. Only the verifier
// needs the name.
func ExampleNew() {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[%s]}`, edJWK("2026-11", 1))
	}))
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())

	keys, err := jwks.New(jwks.Config{
		KeysURL: srv.URL + "/keys",
		Client: &http.Client{Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{RootCAs: roots},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keys.Close()

	found, err := keys.Keys(context.Background(), jwks.Query{KeyID: "2026-11", Algorithm: "EdDSA"})
	fmt.Println(len(found), err)
	_, err = keys.Keys(context.Background(), jwks.Query{KeyID: "2025-11", Algorithm: "EdDSA"})
	fmt.Println(errors.Is(err, jwks.ErrKeyNotFound))
	// Output:
	// 1 <nil>
	// true
}

// The error names every fault of a configuration, before anything is fetched.
func ExampleNew_incorrect() {
	_, err := jwks.New(jwks.Config{KeysURL: "http://issuer.example/keys", MaxBytes: -1})
	fmt.Println(err)
	// Output:
	// jwks: Config.KeysURL: "http://issuer.example/keys" is http, and its host is not a loopback host, so anybody on the network path could replace the keys: write https, or set jwks.Config.InsecureAllowHTTP
	// jwks: Config.MaxBytes: must be between 1 byte and 16 MiB
}

// A readiness probe waits for the first keys until its context ends.
func ExampleCache_Ready() {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[%s]}`, edJWK("2026-11", 1))
	}))
	defer srv.Close()
	keys, err := jwks.New(jwks.Config{KeysURL: srv.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keys.Close()

	fmt.Println(keys.Ready(context.Background()))
	s := keys.Status()
	fmt.Println(s.Keys, s.KeyIDs, s.Stale, s.LastError)
	// Output:
	// <nil>
	// 1 [2026-11] false <nil>
}

// An operator has rotated the keys, and this program is told.
func ExampleCache_Refresh() {
	var kid atomic.Value
	kid.Store("leaked")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[%s]}`, edJWK(kid.Load().(string), 1))
	}))
	defer srv.Close()
	keys, err := jwks.New(jwks.Config{KeysURL: srv.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keys.Close()
	fmt.Println(keys.Ready(context.Background()))

	kid.Store("2026-11")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Println(keys.Refresh(ctx), keys.Status().KeyIDs)
	// Output:
	// <nil>
	// <nil> [2026-11]
}

// If no key of an answer verifies the signature, a verifier asks for the others.
func ExampleQuery() {
	older, _ := jwks.NewKey("2026", "EdDSA", edPublic(1))
	newer, _ := jwks.NewKey("2026", "EdDSA", edPublic(2))
	set, err := jwks.Static(older, newer)
	if err != nil {
		fmt.Println(err)
		return
	}
	q := jwks.Query{KeyID: "2026", Algorithm: "EdDSA"}
	found, err := set.Keys(context.Background(), q)
	fmt.Println(len(found), err)

	q.Tried = found
	_, err = set.Keys(context.Background(), q)
	fmt.Println(err)
	// Output:
	// 2 <nil>
	// jwks: key not found
}

// If the kid is empty, the key serves tokens with any kid.
func ExampleStatic_withoutKid() {
	key, err := jwks.NewKey("", "EdDSA", edPublic(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := jwks.Static(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := set.Keys(context.Background(), jwks.Query{KeyID: "whatever the issuer calls it", Algorithm: "EdDSA"})
	fmt.Println(len(found), err)
	// Output: 1 <nil>
}

// The secret is shared with the issuer.
func ExampleStatic() {
	secret := []byte(strings.Repeat("a secret of 32 bytes or more ", 2))
	key, err := jwks.NewSecret("shared", "HS256", secret)
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := jwks.Static(key)
	if err != nil {
		fmt.Println(err)
		return
	}

	const signingInput = "header.payload"
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signingInput))
	found, err := set.Keys(context.Background(), jwks.Query{KeyID: "shared", Algorithm: "HS256"})
	fmt.Println(len(found), err)
	fmt.Println(found[0].Verify("HS256", signingInput, mac.Sum(nil)))
	// Output:
	// 1 <nil>
	// <nil>
}

// A secret beside a public key would allow algorithm confusion: an attacker signs a token with HMAC, and uses
// the text of the public key as the secret.
func ExampleStatic_incorrect() {
	secret, _ := jwks.NewSecret("shared", "HS256", []byte(strings.Repeat("s", 32)))
	public, _ := jwks.NewKey("public", "EdDSA", edPublic(1))
	_, err := jwks.Static(secret, public)
	fmt.Println(err)
	// Output: jwks: a static set cannot have both secrets and public keys: join two sets by Union
}

// The issuer signed with a secret, and now signs with a key. A verifier accepts both kinds of tokens.
func ExampleUnion() {
	secret, _ := jwks.NewSecret("legacy", "HS256", []byte(strings.Repeat("s", 32)))
	public, _ := jwks.NewKey("2026-11", "EdDSA", edPublic(1))
	secrets, _ := jwks.Static(secret)
	keys, _ := jwks.Static(public) // or a cache
	both, err := jwks.Union(secrets, keys)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, q := range []jwks.Query{
		{KeyID: "legacy", Algorithm: "HS256"},
		{KeyID: "2026-11", Algorithm: "EdDSA"},
		{KeyID: "2026-11", Algorithm: "HS256"}, // a forged token: the public key does not serve as a secret
	} {
		found, err := both.Keys(context.Background(), q)
		fmt.Println(q.KeyID, q.Algorithm, len(found), err)
	}
	// Output:
	// legacy HS256 1 <nil>
	// 2026-11 EdDSA 1 <nil>
	// 2026-11 HS256 0 jwks: key not found
}

func ExampleParsePEM() {
	key, err := jwks.ParsePEM("2026-11", "EdDSA", []byte(`
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(key.ID())
	// Output: 2026-11
}

// The set comes from a file. Keys that cannot be used are left out.
func ExampleParseSet() {
	set, err := jwks.ParseSet([]byte(`{"keys":[
		{"kty":"OKP","crv":"Ed25519","kid":"2026-11","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
		{"kty":"oct","kid":"leaked","k":"c2VjcmV0"}
	]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := set.Keys(context.Background(), jwks.Query{KeyID: "2026-11", Algorithm: "EdDSA"})
	fmt.Println(len(found), err)
	_, err = set.Keys(context.Background(), jwks.Query{KeyID: "leaked", Algorithm: "HS256"})
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// jwks: key not found
}
