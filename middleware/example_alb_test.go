package middleware_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// albHeader is the header in which an Application Load Balancer sends its token.
const albHeader = "X-Amzn-Oidc-Data"

// albConfig says whose tokens are good. All fields are required, except for Transport.
type albConfig struct {
	// Signer is the ARN of the load balancer.
	Signer string
	// Issuer and Client are those of its authenticate action.
	Issuer, Client string
	// KeysURL is the URL of the keys of its region, to which a slash and a kid are appended:
	// https://public-keys.auth.elb.REGION.amazonaws.com
	KeysURL string
	// Transport fetches the keys. Nil stands for http.DefaultTransport.
	Transport http.RoundTripper
}

// An albVerifier verifies the tokens of one load balancer. They are no JWTs for middleware.New: base64url
// is padded, the padding is signed, iss and exp are in the header, and each key has a URL of its own.
type albVerifier struct {
	signer, issuer, client string
	keys                   albKeys
}

// newALBVerifier returns every fault of cfg at once. It fetches nothing.
func newALBVerifier(cfg albConfig) (*albVerifier, error) {
	var faults []error
	for _, field := range []struct{ name, value string }{
		{"Signer", cfg.Signer}, {"Issuer", cfg.Issuer}, {"Client", cfg.Client},
	} {
		if field.value == "" {
			faults = append(faults, fmt.Errorf("albConfig.%s: required", field.name))
		}
	}
	keys, err := url.Parse(cfg.KeysURL)
	if err != nil || keys.Scheme != "https" || keys.Host == "" || strings.ContainsAny(cfg.KeysURL, "@?#") {
		faults = append(faults, errors.New("albConfig.KeysURL: must be https://HOST, or https://HOST/PATH"))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &albVerifier{
		signer: cfg.Signer, issuer: cfg.Issuer, client: cfg.Client,
		keys: albKeys{
			url: strings.TrimSuffix(cfg.KeysURL, "/") + "/",
			client: http.Client{
				Transport:     cfg.Transport,
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			},
			turn:  make(chan struct{}, 1),
			known: make(map[string]albKey),
		},
	}, nil
}

// albRefuse returns the error for a token that is at fault. why has no text of the token, because nobody
// has verified that.
func albRefuse(why string) error { return fmt.Errorf("%w: ALB: %s", middleware.ErrInvalidToken, why) }

// Verify implements middleware.Verifier.
func (v *albVerifier) Verify(ctx context.Context, token string) (middleware.Claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsAny(token, "\r\n") { // package base64 skips line breaks
		return middleware.Claims{}, albRefuse("it does not consist of three parts")
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.URLEncoding.Strict().DecodeString(part); err != nil {
			return middleware.Claims{}, albRefuse("it is not base64url with padding")
		}
	}
	// The header holds claims. ParseClaims is strict: a name that is there twice is an error, for example.
	header, err := middleware.ParseClaims(decoded[0])
	if err != nil {
		return middleware.Claims{}, albRefuse("the header is malformed")
	}
	kid, err := v.checkHeader(header)
	if err != nil {
		return middleware.Claims{}, err
	}
	if err := v.keys.verify(ctx, kid, parts[0]+"."+parts[1], decoded[2]); err != nil {
		return middleware.Claims{}, err
	}
	return v.claims(header, decoded[1])
}

// albKID is the form of a kid. Nobody has verified the kid yet when it becomes a part of a URL.
var albKID = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// checkHeader checks all but the time, and returns the kid.
func (v *albVerifier) checkHeader(header middleware.Claims) (kid string, err error) {
	text := func(name string) string {
		value, _ := middleware.Claim[string](header, name) // "" if it is absent, or no string
		return value
	}
	switch kid = text("kid"); {
	case text("alg") != "ES256":
		err = albRefuse("alg is not ES256")
	case text("signer") != v.signer: // everybody's load balancers in the region have their keys at one place
		err = albRefuse("signer is another load balancer")
	case header.Issuer() != v.issuer:
		err = albRefuse("iss is another issuer")
	case text("client") != v.client:
		err = albRefuse("client is another one")
	case header.Expiry().IsZero():
		err = albRefuse("exp is missing")
	case !albKID.MatchString(kid):
		err = albRefuse("kid is not a UUID")
	}
	return kid, err
}

// claims returns the claims of a genuine token: those of the user, and iss, client and exp of the header.
func (v *albVerifier) claims(header middleware.Claims, payload []byte) (middleware.Claims, error) {
	user, err := middleware.ParseClaims(payload)
	if err != nil || user.Subject() == "" {
		return middleware.Claims{}, albRefuse("the payload is malformed, or has no sub")
	}
	var members map[string]json.RawMessage // numbers stay as they are
	if err := user.Decode(&members); err != nil {
		return middleware.Claims{}, err
	}
	all := make(map[string]any, len(members)+3)
	for name, value := range members {
		all[name] = value
	}
	// The user info of the issuer describes the user. It grants no scopes.
	delete(all, "scope")
	delete(all, "scp")
	until := header.Expiry()
	if exp := user.Expiry(); !exp.IsZero() && exp.Before(until) {
		until = exp
	}
	all["iss"], all["client_id"], all["exp"] = v.issuer, v.client, until
	claims, err := middleware.NewClaims(all)
	if err != nil {
		return middleware.Claims{}, err
	}
	if !time.Now().Before(until) { // the last of all checks, because the caller is told
		return middleware.Claims{}, fmt.Errorf("%w: ALB", middleware.ErrExpired)
	}
	return claims, nil
}

const (
	albKeyTime  = 2 * time.Second // how long a request waits for a key
	albKeyAge   = time.Hour       // how long a key is used before it is fetched again
	albKeyBytes = 8 << 10         // the largest answer
	albKeyCount = 16              // how many keys are remembered
)

// albKeys fetches public keys by their kid.
//
// Everybody who can send a token can make up a kid. So one request after the other fetches a key, and the
// others wait, for albKeyTime at most. A key is remembered after it has verified a token of the load
// balancer, so that nobody else can fill the memory. A load balancer never has two keys with one kid.
//
// If AWS does not answer, a key serves until it is albKeyAge old. Then callers get 503.
type albKeys struct {
	url    string // ends with a slash
	client http.Client
	turn   chan struct{} // full while a request fetches a key

	mu    sync.Mutex
	known map[string]albKey
}

type albKey struct {
	key     *jwks.Key
	fetched time.Time
}

// verify checks the signature of signed, which is the header and the payload, with their padding. An error
// that does not wrap middleware.ErrInvalidToken means that the key could not be fetched.
func (k *albKeys) verify(ctx context.Context, kid, signed string, signature []byte) error {
	if key := k.find(kid); key != nil {
		return albSignature(key, signed, signature)
	}
	ctx, cancel := context.WithTimeout(ctx, albKeyTime)
	defer cancel()
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return fmt.Errorf("ALB: waiting for other fetches of keys: %w", ctx.Err())
	}
	if key := k.find(kid); key != nil { // the request before this one has fetched it
		return albSignature(key, signed, signature)
	}
	key, err := k.fetch(ctx, kid)
	if err != nil {
		return err
	}
	if err := albSignature(key, signed, signature); err != nil {
		return err
	}
	k.add(kid, key)
	return nil
}

func albSignature(key *jwks.Key, signed string, signature []byte) error {
	if key.Verify("ES256", signed, signature) != nil {
		return albRefuse("the signature is not that of the key")
	}
	return nil
}

// find returns the key with kid, or nil.
func (k *albKeys) find(kid string) *jwks.Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	if found, ok := k.known[kid]; ok && time.Since(found.fetched) < albKeyAge {
		return found.key
	}
	return nil
}

// add remembers key, if there is room.
func (k *albKeys) add(kid string, key *jwks.Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.known, func(_ string, old albKey) bool { return time.Since(old.fetched) >= albKeyAge })
	if len(k.known) < albKeyCount {
		k.known[kid] = albKey{key, time.Now()}
	}
}

// fetch asks AWS for the key with kid.
func (k *albKeys) fetch(ctx context.Context, kid string) (*jwks.Key, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url+kid, nil)
	if err != nil {
		return nil, err
	}
	w, err := k.client.Do(r)
	if err != nil {
		if failed := (*url.Error)(nil); errors.As(err, &failed) {
			err = failed.Err // without the URL, because the kid is not verified
		}
		return nil, fmt.Errorf("ALB: fetching a key: %w", err)
	}
	defer w.Body.Close()
	switch w.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, albRefuse("there is no key with its kid")
	default: // not a fault of the token: a proxy may have answered, for example
		return nil, fmt.Errorf("ALB: fetching a key: status %d", w.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(w.Body, albKeyBytes+1))
	if err != nil {
		return nil, fmt.Errorf("ALB: fetching a key: %w", err)
	}
	if len(text) > albKeyBytes {
		return nil, fmt.Errorf("ALB: fetching a key: the answer is larger than %d bytes", albKeyBytes)
	}
	key, err := jwks.ParsePEM(kid, "ES256", text)
	if err != nil {
		return nil, fmt.Errorf("ALB: fetching a key: %w", err)
	}
	return key, nil
}

// An Application Load Balancer of AWS sends a token that is not quite a JWT. This is a whole Verifier for it.
func ExampleNewWithVerifier_applicationLoadBalancer() {
	aws := newFakeAWS() // signs tokens and publishes the key
	verifier, err := newALBVerifier(albConfig{
		Signer:    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/orders/a1b2c3d4e5f60718",
		Issuer:    "https://login.example",
		Client:    "orders-web",
		KeysURL:   "https://public-keys.auth.elb.eu-west-1.amazonaws.com",
		Transport: aws, // leave it out in a program
	})
	if err != nil {
		log.Fatal(err)
	}
	guard, err := middleware.NewWithVerifier(verifier, middleware.Options{Header: albHeader})
	if err != nil {
		log.Fatal(err)
	}
	defer guard.Close()

	good := aws.token(nil, nil)
	for _, token := range []string{good, strings.ReplaceAll(good, "=", "")} {
		request := middleware.Request{Method: http.MethodGet, Header: http.Header{albHeader: {token}}}
		pass, err := guard.Check(context.Background(), request, scopes.Authenticated())
		if err != nil {
			fmt.Println(err)
			continue
		}
		claims, _ := middleware.ClaimsFrom(pass.Context)
		fmt.Println(claims.Subject())
	}
	// Output:
	// alice
	// invalid token
}
