package oracle_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v2/jwk"
	jwxjwt "github.com/lestrrat-go/jwx/v2/jwt"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// The policy of all judges: this issuer, one of these audiences, exp required, only the algorithms of the
// issuer's keys, 30 seconds of leeway, and iat not in the future.
const (
	issuer        = "https://issuer.test"
	audience      = "https://api.test"
	otherAudience = "https://api.test/v2"
	leeway        = 30 * time.Second
)

// judge is one library. accept returns nil if the library accepts the token. Its clock is time.Now.
type judge struct {
	name   string
	accept func(token string) error
}

// panel returns every judge for one issuer. Ours is the first.
func panel(t *testing.T, keys []*key) []judge {
	t.Helper()
	return []judge{
		{"bearerguard", newBearerguard(t, keys)},
		{"golang-jwt", newGolangJWT(keys)},
		{"go-jose", newGoJOSE(keys)},
		{"jwx", newJWX(t, keys)},
	}
}

func algorithmsOf(keys []*key) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.alg
	}
	return names
}

func newBearerguard(t *testing.T, keys []*key) func(string) error {
	t.Helper()
	own := make([]*jwks.Key, len(keys))
	for i, k := range keys {
		var err error
		if secret, ok := k.private.([]byte); ok {
			own[i], err = jwks.NewSecret(k.kid, k.alg, secret)
		} else {
			own[i], err = jwks.NewKey(k.kid, k.alg, k.public())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	set, err := jwks.Static(own...)
	if err != nil {
		t.Fatal(err)
	}
	v, err := middleware.NewJWT(middleware.JWTConfig{
		Issuer: issuer, Audience: []string{audience, otherAudience}, Keys: set,
		Algorithms: algorithmsOf(keys), Leeway: leeway,
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(token string) error {
		_, err := v.Verify(context.Background(), token)
		if err != nil && !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("refused with an outage: %v", err)
		}
		// Good tokens are remembered. This must not change the verdict.
		if _, again := v.Verify(context.Background(), token); (again == nil) != (err == nil) {
			t.Errorf("%v at first, then %v: %s", err, again, token)
		}
		return err
	}
}

// newGolangJWT follows the package's Example of a custom claims type and the parser options that the policy
// needs. The package leaves the choice of the key to the caller. Here it is the key with the kid and the
// alg of the token.
func newGolangJWT(keys []*key) func(string) error {
	parser := jwt.NewParser(
		jwt.WithValidMethods(algorithmsOf(keys)), jwt.WithIssuer(issuer), jwt.WithAudience(audience, otherAudience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway),
	)
	keyOf := func(token *jwt.Token) (any, error) {
		for _, k := range keys {
			if k.kid == token.Header["kid"] && k.alg == token.Method.Alg() {
				return k.public(), nil
			}
		}
		return nil, errors.New("no such key")
	}
	return func(token string) error {
		_, err := parser.ParseWithClaims(token, &jwt.RegisteredClaims{}, keyOf)
		return err
	}
}

// newGoJOSE follows the Examples of package jwt. It checks itself that there is an exp, because the package
// leaves that to its caller.
func newGoJOSE(keys []*key) func(string) error {
	var set jose.JSONWebKeySet
	var algorithms []jose.SignatureAlgorithm
	for _, k := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.public(), KeyID: k.kid, Algorithm: k.alg, Use: "sig"})
		algorithms = append(algorithms, jose.SignatureAlgorithm(k.alg))
	}
	return func(text string) error {
		token, err := josejwt.ParseSigned(text, algorithms)
		if err != nil {
			return err
		}
		var claims josejwt.Claims
		if err := token.Claims(set, &claims); err != nil {
			return err
		}
		if claims.Expiry == nil {
			return errors.New("no exp")
		}
		return claims.ValidateWithLeeway(
			josejwt.Expected{Issuer: issuer, AnyAudience: []string{audience, otherAudience}, Time: time.Now()}, leeway,
		)
	}
}

// newJWX follows the documentation's jwt.Parse with a key set whose keys all have a kid and an alg.
// WithAudience takes one name. The policy has several, so the caller needs a validator for them.
func newJWX(t *testing.T, keys []*key) func(string) error {
	t.Helper()
	set := jwk.NewSet()
	for _, k := range keys {
		own, err := jwk.FromRaw(k.public())
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(
			own.Set(jwk.KeyIDKey, k.kid), own.Set(jwk.AlgorithmKey, k.alg), own.Set(jwk.KeyUsageKey, "sig"), set.AddKey(own),
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	forUs := jwxjwt.ValidatorFunc(func(_ context.Context, token jwxjwt.Token) jwxjwt.ValidationError {
		if slices.Contains(token.Audience(), audience) || slices.Contains(token.Audience(), otherAudience) {
			return nil
		}
		return jwxjwt.ErrInvalidAudience()
	})
	return func(token string) error {
		_, err := jwxjwt.Parse([]byte(token), jwxjwt.WithKeySet(set), jwxjwt.WithIssuer(issuer), jwxjwt.WithValidator(forUs),
			jwxjwt.WithRequiredClaim(jwxjwt.ExpirationKey), jwxjwt.WithAcceptableSkew(leeway))
		return err
	}
}

// keysOf are the keys of an owner, one for each algorithm.
func keysOf(owner string, algorithms []string) []*key {
	keys := make([]*key, len(algorithms))
	for i, alg := range algorithms {
		keys[i] = newKey(owner, alg)
	}
	return keys
}
