package middleware

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/internal/urls"
	"github.com/bearerguard/bearerguard/jwks"
)

// JWTConfig says which tokens are good. Issuer (or IssuerTemplate) and Audience are required. The zero value
// of each other field is the safest choice.
type JWTConfig struct {
	// Issuer is the only value of iss that is accepted, to the letter (RFC 7519 §4.1.1).
	Issuer string

	// IssuerTemplate, in place of Issuer, is for an issuer that has a name for each of its
	// tenants, as Microsoft Entra ID has: "https://login.microsoftonline.com/{tenantid}/v2.0".
	// iss must be the template with the token's own tid in place of {tenantid}, and tid must be
	// a GUID in lower case. If the key has a member issuer, that must be the template or iss.
	// A key without one may sign for each tenant, so no tenant may have a say in the keys. They
	// are those of MetadataURL, whose issuer must be the template, or Keys.
	// sub is unique within a tenant only.
	IssuerTemplate string

	// Tenants lists the accepted values of tid beside IssuerTemplate. Nil stands for any tenant:
	// then everybody who has an account there can get a token for this API, if the issuer lets
	// all tenants use it.
	Tenants []string

	// MetadataURL is the URL of the metadata of Issuer, for an issuer that publishes them at
	// another place than discovery tries, or that is reached under another URL than its name.
	// The issuer in the metadata must still be Issuer, to the letter. It is a fault to set
	// both MetadataURL and Keys.
	MetadataURL string

	// Audience lists the names of this API. A token is accepted if its aud has one of
	// them (RFC 7519 §4.1.3). Beside Options.Resource, nil stands for Resource.URL in [New] and
	// [NewMultiIssuer].
	Audience []string

	// Keys verify the signatures. If Keys is nil, they are the keys that Issuer publishes:
	// they are found by discovery, and fetched and refreshed in the background until Close. If
	// you give a Set here, close it yourself.
	Keys jwks.Set

	// Client fetches the keys that are found by discovery: for a private CA, a proxy, or
	// client certificates. Use one that you trust, because it decides which keys are fetched.
	// Its Transport and Timeout are used as in jwks.Config. It is a fault to set both Client
	// and Keys.
	Client *http.Client

	// Algorithms lists the accepted values of alg: RS256, RS384, RS512, PS256, PS384,
	// PS512, ES256, ES384, ES512, EdDSA, Ed25519, or else HS256, HS384, HS512. A list has
	// both kinds only if Keys is a [jwks.Union] with a set of secrets and one of public keys.
	// Nil stands for RS256, PS256, ES256, EdDSA. Fixed Keys must serve one of them, so with
	// secrets the list is required.
	Algorithms []string

	// Leeway is how far the issuer's clock may be off when exp, nbf and iat are checked.
	// It is 5 minutes at most. 0 stands for 30 seconds, and -1 for none.
	Leeway time.Duration

	// MaxLifetime bounds how long a token may be good for, from iat to exp, or from now to
	// exp if it has no iat. 0 is no bound.
	MaxLifetime time.Duration

	// Types lists the accepted values of typ in the header. It is for an issuer that has a type of
	// its own for access tokens (RFC 8725 §3.11), or that writes "JOSE". Nil stands for "JWT",
	// "at+jwt" and none. A token without typ is accepted only if "" is in the list. Case does not
	// count, and "application/" may be left out. Types that mark other kinds of tokens, such as
	// dpop+jwt, logout+jwt and secevent+jwt, are faults. A token of a type of your own is
	// refused if it has at_hash or events, as one of type JWT is.
	Types []string

	// RequireRFC9068 accepts only tokens that follow the profile of RFC 9068 for access
	// tokens: typ is at+jwt, and the claims of §2.2 are there.
	RequireRFC9068 bool

	// Grants make roles or groups in other claims count as scopes.
	Grants []Grant

	// Validate is a last check of claims that have passed all others, on every request. It is
	// not asked about a token that has expired, and the caller is told that it has. It must be
	// safe for concurrent use. If its error wraps [ErrForbidden], the caller is answered 403; if
	// it wraps [ErrInvalidToken], 401. Any other error means that Validate can't tell: 503.
	Validate func(context.Context, Claims) error

	// CacheBytes bounds the memory for verified tokens. The signature of a remembered
	// token is not verified again. 0 stands for 16 MiB; with -1 none are remembered.
	CacheBytes int

	// InsecureNoAudience accepts tokens with any aud or none, for issuers that set none
	// (Amazon Cognito's access tokens). Then any API of the same issuer can replay its
	// callers' tokens here. Therefore Validate must tell this API's tokens from others, by
	// client_id for example. Audience must be empty.
	InsecureNoAudience bool

	// InsecureIDTokens accepts tokens that have at_hash, c_hash or s_hash, as ID tokens do. It is
	// for issuers whose clients have no other JWT to send (Google, Apple), and for those whose
	// access tokens have at_hash (Dex). An ID token tells a client who has logged in. It was not
	// made for an API, and grants no scopes. Clients pass it on and log it as data about the user,
	// and anybody who gets it can call this API as the user. Audience has the ids of the clients,
	// because aud of an ID token names its client. So a signed authorization response (JARM)
	// passes, too. It has no sub, so let Validate ask for one if the issuer makes those. All other
	// rules hold: aud, cnf and events are checked as always.
	InsecureIDTokens bool
}

const (
	defaultLeeway = 30 * time.Second
	maxLeeway     = 5 * time.Minute
)

var defaultAlgorithms = []string{"RS256", "PS256", "ES256", "EdDSA"}

// compile checks cfg as a whole, and adds what is wrong to faults. The JWT shares nothing
// with cfg. It has no keys yet if they are to be discovered: see start.
func (cfg JWTConfig) compile(faults *faults) (*JWT, error) {
	v := &JWT{
		issuer:         cfg.Issuer,
		audience:       slices.Clone(cfg.Audience),
		keys:           cfg.Keys,
		anyAudience:    cfg.InsecureNoAudience,
		leeway:         cfg.Leeway,
		maxLifetime:    cfg.MaxLifetime,
		requireRFC9068: cfg.RequireRFC9068,
		idTokens:       cfg.InsecureIDTokens,
		validate:       cfg.Validate,
	}
	v.tenants = cfg.tenants(faults)
	if cfg.Issuer == "" {
		if v.tenants == nil {
			faults.add("Issuer", "required")
		}
	} else if err := cfg.checkIssuer(); err != nil {
		faults.add("Issuer", "%w", err)
	}
	switch {
	case !cfg.InsecureNoAudience && len(cfg.Audience) == 0:
		faults.add("Audience", "required: without it, tokens for other APIs of the issuer would be accepted")
	case slices.Contains(cfg.Audience, ""):
		faults.add("Audience", "has an empty name")
	case cfg.InsecureNoAudience && len(cfg.Audience) > 0:
		faults.add("InsecureNoAudience", "contradicts Audience")
	}
	if cfg.InsecureNoAudience && cfg.Validate == nil {
		faults.add("InsecureNoAudience", "needs Validate, which tells this API's tokens from others")
	}
	v.types = cfg.types(faults)
	switch {
	case cfg.InsecureIDTokens && cfg.InsecureNoAudience:
		faults.add("InsecureIDTokens", "needs Audience, and InsecureNoAudience has none: "+
			"an ID token of any client of the issuer would be accepted")
	case cfg.InsecureIDTokens && onlyATJWT(v.types):
		faults.add("InsecureIDTokens", "has no effect where typ must be at+jwt, because an ID token is not typed so")
	}
	for i, name := range cfg.Audience {
		if spaced(name) {
			faults.add(fmt.Sprintf("Audience[%d]", i), "%s has white space around it: write %s",
				say.Quote(name), say.Quote(strings.TrimSpace(name)))
		}
	}

	symmetric, asymmetric := v.allow(cfg.Algorithms, faults)
	has := kindsOf(cfg.Keys)
	if symmetric && asymmetric && !(has.union && has.secrets && has.public) {
		faults.add("Algorithms", "HMAC beside public-key algorithms: a public key could be taken for a secret. "+
			"If the issuer has both, join a set of its secrets and sets of its public keys by jwks.Union")
	}
	if cfg.Client != nil && cfg.Keys != nil {
		faults.add("Client", "has no effect beside Keys")
	}
	if cfg.MetadataURL != "" {
		if err := cfg.checkMetadataURL(); err != nil {
			faults.add("MetadataURL", "%w", err)
		}
	}
	switch {
	case cfg.Keys == nil:
	case isNil(cfg.Keys):
		faults.add("Keys", "a nil %T", cfg.Keys)
	default:
		v.fit(cfg.Keys, faults)
	}
	if symmetric && !has.secrets && has.remote {
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
		v.tokens = newTokenCache(defaultCacheBytes)
	case cfg.CacheBytes < -1:
		faults.add("CacheBytes", "%d is negative (-1: off)", cfg.CacheBytes)
	case cfg.CacheBytes > 0 && cfg.CacheBytes < rememberedBytes: // 16 without a unit is 16 bytes
		faults.add("CacheBytes", "%d bytes hold no token (0: 16 MiB, -1: off)", cfg.CacheBytes)
	default:
		v.tokens = newTokenCache(cfg.CacheBytes)
	}
	v.grants = compileGrants(cfg.Grants, faults)

	v.discovery = jwks.Config{
		Issuer: cmp.Or(cfg.Issuer, cfg.IssuerTemplate), MetadataURL: cfg.MetadataURL, Client: cfg.Client,
	}
	if err := faults.join(); err != nil {
		return nil, err
	}
	return v, nil
}

// checkIssuer returns what is wrong with Issuer as a name and, if keys are discovered by it, as a URL.
func (cfg JWTConfig) checkIssuer() error {
	if err := urls.Name(cfg.Issuer); err != nil || cfg.Keys != nil || cfg.MetadataURL != "" {
		return err
	}
	return urls.Rules{
		OrHTTP: "set MetadataURL if this is only a name, or give Keys a cache of " +
			"jwks.New(jwks.Config{Issuer: " + urls.Quote(cfg.Issuer) + ", InsecureAllowHTTP: true})",
	}.Check(cfg.Issuer)
}

// checkMetadataURL returns what is wrong with MetadataURL.
func (cfg JWTConfig) checkMetadataURL() error {
	if cfg.Keys != nil {
		return errors.New("has no effect beside Keys")
	}
	return urls.Rules{
		Query:  true,
		OrHTTP: "give Keys a cache of jwks.New with jwks.Config.MetadataURL and InsecureAllowHTTP",
	}.Check(cfg.MetadataURL)
}

// start begins to fetch the keys, if they are to be discovered. It is called after all
// checks, so that a configuration with a fault causes no request.
func (v *JWT) start() error {
	if v.keys == nil {
		owned, err := jwks.New(v.discovery)
		if err != nil {
			return err
		}
		v.keys, v.owned = owned, owned
	}
	v.prompt = prompt(v.keys)
	return nil
}
