package authtest

import (
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// Config returns the configuration of an API that trusts the issuer, for the caller to adjust and to
// give to middleware.New. Keys that it fetches end with the issuer. The keys of a symmetric Algorithm,
// which no issuer publishes, are the one that signs now.
func (i *Issuer) Config() middleware.JWTConfig {
	cfg, stop := i.config()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stops = append(i.stops, stop)
	return cfg
}

// Guard returns a guard that trusts the issuer. It fails the test on an error, and closes the guard when
// the test ends.
func (i *Issuer) Guard(t testing.TB, opts middleware.Options) *middleware.Guard {
	t.Helper()
	cfg, stop := i.config()
	guard, err := middleware.New(cfg, opts)
	if err != nil {
		_ = stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, end := range []func() error{guard.Close, stop} {
			if err := end(); err != nil {
				t.Errorf("authtest: closing the guard: %v", err)
			}
		}
	})
	return guard
}

// config returns the configuration, and what ends its Keys.
func (i *Issuer) config() (middleware.JWTConfig, func() error) {
	cfg := middleware.JWTConfig{Issuer: i.name, Audience: []string{i.audience}}
	key := i.Key()
	switch key.algorithm {
	case "RS256", "PS256", "ES256", "EdDSA": // what JWTConfig accepts by itself
	default:
		cfg.Algorithms = []string{key.algorithm}
	}
	if key.Public() == nil {
		cfg.Keys = must(jwks.Static(must(jwks.NewSecret(key.id, key.algorithm, key.Secret()))))
		return cfg, func() error { return nil }
	}
	keys := must(jwks.New(jwks.Config{Issuer: i.name, Client: i.Client()}))
	cfg.Keys = keys
	return cfg, keys.Close
}

// must is for what cannot fail with the values of an issuer.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
