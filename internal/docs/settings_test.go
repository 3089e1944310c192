package docs_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// strictSettings has every setting of a guard that most programs leave alone.
func strictSettings() (middleware.JWTConfig, middleware.Options) {
	config := middleware.JWTConfig{
		Issuer:         "https://issuer.example",
		Audience:       []string{"https://api.example"},
		Algorithms:     []string{"ES256"},
		Leeway:         5 * time.Second,
		MaxLifetime:    time.Hour,
		RequireRFC9068: true,
		CacheBytes:     64 << 20,
	}
	options := middleware.Options{
		Realm:  "orders",
		Logger: slog.Default(),
	}
	return config, options
}

// quickKeys are for an issuer whose withdrawn keys must go soon.
func quickKeys() jwks.Config {
	return jwks.Config{
		Issuer:     "https://issuer.example",
		MaxRefresh: 5 * time.Minute,
		MaxStale:   2 * time.Hour,
	}
}

func TestTheSettingsOfThePageAreAccepted(t *testing.T) {
	if err := quickKeys().Validate(); err != nil {
		t.Error(err)
	}
	cfg, opts := strictSettings()
	issuer := authtest.Start(t, authtest.Config{URL: cfg.Issuer})
	cfg.Client = issuer.Client()
	guard, err := middleware.New(cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := guard.Close(); err != nil {
		t.Error(err)
	}
}
