package peers

import (
	"context"

	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// Config has the policy for tokens of w. All other fields have their defaults. cacheBytes
// is JWTConfig.CacheBytes: 0 is the default, -1 makes every token a new one.
func Config(w *workload.World, cacheBytes int) (middleware.JWTConfig, error) {
	key, err := ourKey(w)
	if err != nil {
		return middleware.JWTConfig{}, err
	}
	keys, err := jwks.Static(key)
	if err != nil {
		return middleware.JWTConfig{}, err
	}
	return ConfigWith(w, keys, cacheBytes), nil
}

// ConfigWith is Config with the keys of the caller.
func ConfigWith(w *workload.World, keys jwks.Set, cacheBytes int) middleware.JWTConfig {
	return middleware.JWTConfig{
		Issuer:     w.Issuer,
		Audience:   []string{w.Audience},
		Keys:       keys,
		Algorithms: []string{w.Algorithm},
		CacheBytes: cacheBytes,
	}
}

func ourKey(w *workload.World) (*jwks.Key, error) {
	if secret := w.Key.Secret(); secret != nil {
		return jwks.NewSecret(w.Key.ID(), w.Algorithm, secret)
	}
	return jwks.NewKey(w.Key.ID(), w.Algorithm, w.Public())
}

// newOurs turns off the cache of tokens, because none of the peers remembers tokens.
func newOurs(w *workload.World) (Verify, error) { return NewOurs(w, -1) }

// newOursRoles also makes the roles count as scopes, because the peers decode both.
func newOursRoles(w *workload.World) (Verify, error) {
	cfg, err := Config(w, -1)
	if err != nil {
		return nil, err
	}
	cfg.Grants = []middleware.Grant{{Path: "realm_access.roles", Prefix: "role:"}}
	return verifier(cfg, "role:"+workload.Role)
}

// NewOurs is bearerguard's verifier alone.
func NewOurs(w *workload.World, cacheBytes int) (Verify, error) {
	cfg, err := Config(w, cacheBytes)
	if err != nil {
		return nil, err
	}
	return OursWith(cfg)
}

// OursWith is bearerguard's verifier alone, configured by the caller.
func OursWith(cfg middleware.JWTConfig) (Verify, error) { return verifier(cfg, workload.Scope) }

func verifier(cfg middleware.JWTConfig, granted string) (Verify, error) {
	v, err := middleware.NewJWT(cfg)
	if err != nil {
		return nil, err
	}
	return func(token string) (string, error) {
		claims, err := v.Verify(context.Background(), token)
		if err != nil {
			return "", err
		}
		if !claims.HasScope(granted) {
			return "", errPayload
		}
		return claims.Subject(), nil
	}, nil
}

// NewWithVerifier is bearerguard's guard, as the adapters take it.
func NewWithVerifier(w *workload.World, cacheBytes int) (*middleware.Guard, error) {
	cfg, err := Config(w, cacheBytes)
	if err != nil {
		return nil, err
	}
	return middleware.New(cfg, middleware.Options{})
}
