package middleware

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/jwks"
)

// JWTConfig says which tokens are good. Issuer and Audience are required; the
// zero value of all else is the safest choice.
type JWTConfig struct {
	// Issuer is the one value of iss that is accepted, compared to the letter
	// (RFC 7519 §4.1.1).
	Issuer string

	// Audience lists the names of this API. A token is accepted if its aud holds
	// one of them (RFC 7519 §4.1.3).
	Audience []string

	// Keys are what signatures are verified with. Nil: those that Issuer
	// publishes, found by discovery, fetched in the background and refreshed until
	// Close. A Set that is given here stays the giver's to close.
	Keys jwks.Set

	// Client fetches the keys that are found by discovery: for a private CA, a proxy, or
	// client certificates. It is trusted, because whoever controls it chooses the keys. Its
	// Transport and Timeout are used as in jwks.Config. It has no meaning with Keys.
	Client *http.Client

	// Algorithms lists the accepted values of alg: RS256, RS384, RS512, PS256,
	// PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519, or else HS256, HS384,
	// HS512; never both kinds, since a public key must not serve as a secret.
	// Nil: RS256, PS256, ES256, EdDSA.
	Algorithms []string

	// Leeway is how far the issuer's clock may be off when exp, nbf and iat are
	// judged. 0: 30 seconds; -1: none; 5 minutes at most.
	Leeway time.Duration

	// MaxLifetime bounds how long a token may be good for, from iat to exp; for a
	// token without iat, from now to exp. 0: no bound.
	MaxLifetime time.Duration

	// RequireRFC9068 demands the access token profile of RFC 9068: typ at+jwt, and
	// the claims of its §2.2.
	RequireRFC9068 bool

	// Grants make claims with roles or groups count as scopes.
	Grants []Grant

	// Validate judges claims that are good in all else, on every request, and must be safe
	// for concurrent use. An error that wraps [ErrForbidden] turns the caller away with
	// 403, one that wraps [ErrInvalidToken] with 401; any other says that Validate
	// could not tell, 503.
	Validate func(context.Context, Claims) error

	// CacheBytes bounds the memory for tokens that were verified already, whose
	// signatures are then not computed again. 0: 16 MiB; -1: none are remembered.
	CacheBytes int

	// InsecureNoAudience accepts tokens whatever their aud, also without one, for
	// issuers that set none (Amazon Cognito's access tokens). Any API of the same
	// issuer can then replay its callers' tokens here, so Audience must be empty
	// and Validate must tell this API's tokens apart, by client_id say.
	InsecureNoAudience bool
}

const (
	defaultLeeway = 30 * time.Second
	maxLeeway     = 5 * time.Minute
)

var defaultAlgorithms = []string{"RS256", "PS256", "ES256", "EdDSA"}

// compile checks the whole of cfg and returns a JWT that shares nothing with it.
// With Keys to be discovered, the background work has begun when there is no error.
func (cfg JWTConfig) compile(faults *faults) (*JWT, error) {
	v := &JWT{
		issuer:         cfg.Issuer,
		audience:       slices.Clone(cfg.Audience),
		keys:           cfg.Keys,
		anyAudience:    cfg.InsecureNoAudience,
		leeway:         cfg.Leeway,
		maxLifetime:    cfg.MaxLifetime,
		requireRFC9068: cfg.RequireRFC9068,
		validate:       cfg.Validate,
	}
	if cfg.Issuer == "" {
		faults.add("Issuer", "required")
	}
	switch {
	case !cfg.InsecureNoAudience && len(cfg.Audience) == 0:
		faults.add("Audience", "required: without it, tokens for other APIs of the issuer would be accepted")
	case slices.Contains(cfg.Audience, ""):
		faults.add("Audience", "holds an empty name")
	case cfg.InsecureNoAudience && len(cfg.Audience) > 0:
		faults.add("InsecureNoAudience", "contradicts Audience")
	}
	if cfg.InsecureNoAudience && cfg.Validate == nil {
		faults.add("InsecureNoAudience", "needs Validate, which tells this API's tokens from others")
	}

	symmetric := v.allow(cfg.Algorithms, faults)
	cache, remote := cfg.Keys.(*jwks.Cache)
	if cfg.Client != nil && cfg.Keys != nil {
		faults.add("Client", "has no effect beside Keys")
	}
	if remote && cache == nil {
		faults.add("Keys", "a nil *jwks.Cache")
	}
	if symmetric && (cfg.Keys == nil || remote) {
		faults.add("Algorithms", "HMAC needs Keys of your own: an issuer does not publish its secrets")
	}

	switch {
	case cfg.Leeway == 0:
		v.leeway = defaultLeeway
	case cfg.Leeway == -1:
		v.leeway = 0
	case cfg.Leeway < time.Second || cfg.Leeway > maxLeeway: // 30 without a unit is 30 ns
		faults.add("Leeway", "%v is outside of 1s to %v (0: %v, -1: none)", cfg.Leeway, maxLeeway, defaultLeeway)
	}
	if cfg.MaxLifetime != 0 && cfg.MaxLifetime < time.Second {
		faults.add("MaxLifetime", "%v is less than a second", cfg.MaxLifetime)
	}
	switch {
	case cfg.CacheBytes == 0:
		v.memory = newTokenCache(defaultCacheBytes)
	case cfg.CacheBytes < -1:
		faults.add("CacheBytes", "%d is negative (-1: off)", cfg.CacheBytes)
	default:
		v.memory = newTokenCache(cfg.CacheBytes)
	}
	for i, g := range cfg.Grants {
		v.grants = append(v.grants, g.compile(fmt.Sprintf("Grants[%d].", i), faults))
	}
	for _, a := range v.grants {
		for _, b := range v.grants {
			if a.prefix != b.prefix && a.prefix != "" && strings.HasPrefix(b.prefix, a.prefix) {
				faults.add("Grants", "prefix %q begins with %q: names under one could pass for names under the other", b.prefix, a.prefix)
			}
		}
	}

	// Last, since this one starts something. Its own faults are told with the rest.
	if cfg.Keys == nil && cfg.Issuer != "" {
		owned, err := jwks.New(jwks.Config{Issuer: cfg.Issuer, Client: cfg.Client})
		if err != nil {
			faults.add("Issuer", "%w", err)
		} else if len(faults.list) > 0 {
			_ = owned.Close()
		}
		v.keys, v.owned = owned, owned
	}
	if err := faults.join(); err != nil {
		return nil, err
	}
	v.prompt = prompt(v.keys)
	return v, nil
}

// prompt tells whether keys is of package jwks, whose sets answer at once for a key that
// they know. A Set of the user's may take its time for any.
func prompt(keys jwks.Set) bool {
	t := reflect.TypeOf(keys)
	return t.Kind() == reflect.Pointer && t.Elem().PkgPath() == reflect.TypeFor[jwks.Key]().PkgPath()
}

// allow fills v's allow-list. It tells whether HMAC is on it.
func (v *JWT) allow(names []string, faults *faults) (symmetric bool) {
	if names == nil {
		names = defaultAlgorithms
	}
	if len(names) == 0 {
		faults.add("Algorithms", "empty: no token could be accepted")
	}
	var asymmetric bool
	for _, name := range names {
		alg, known := jose.ParseAlgorithm(name)
		switch {
		case !known:
			faults.add("Algorithms", "%q is not supported", name)
			continue
		case alg.Symmetric():
			symmetric = true
		default:
			asymmetric = true
		}
		v.algorithms |= 1 << alg
	}
	if symmetric && asymmetric {
		faults.add("Algorithms", "HMAC beside public-key algorithms: a public key could be taken for a secret")
	}
	return symmetric
}
