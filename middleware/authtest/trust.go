package authtest

import (
	"log/slog"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// Config returns the configuration of an API that trusts the issuer, for the caller to adjust and to
// give to middleware.New. The keys are fetched from the issuer. With a symmetric Algorithm, Keys holds the
// key that signs now, because no issuer publishes its secrets.
func (i *Issuer) Config() middleware.JWTConfig {
	cfg := middleware.JWTConfig{Issuer: i.name, Audience: []string{i.audience}}
	key := i.Key()
	switch key.algorithm {
	case "RS256", "PS256", "ES256", "EdDSA": // JWTConfig accepts these by default
	default:
		cfg.Algorithms = []string{key.algorithm}
	}
	if key.Public() == nil {
		cfg.Keys = key.static()
	} else {
		cfg.Client = i.Client()
	}
	return cfg
}

// Guard returns a guard that trusts the issuer. It fails the test on an error, and closes the guard when
// the test ends. Without opts.Logger, nothing is logged, not even that the keys cannot be fetched, because
// tests with a [Fault] cause that on purpose.
func (i *Issuer) Guard(t testing.TB, opts middleware.Options) *middleware.Guard {
	t.Helper()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	guard, err := middleware.New(i.Config(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := guard.Close(); err != nil {
			t.Errorf("authtest: closing the guard: %v", err)
		}
	})
	return guard
}

// static returns the set of a symmetric key, which NewKey has made long enough.
func (k *Key) static() jwks.Set {
	secret, err := jwks.NewSecret(k.id, k.algorithm, k.Secret())
	if err != nil {
		panic(err)
	}
	keys, err := jwks.Static(secret)
	if err != nil {
		panic(err)
	}
	return keys
}
