package docs_test

import (
	"log/slog"

	"github.com/bearerguard/bearerguard/middleware"
)

func severalIssuers() (*middleware.Guard, error) {
	guard, err := middleware.NewMultiIssuer([]middleware.JWTConfig{
		{Issuer: "https://login.example", Audience: []string{"https://api.example"}},
		{Issuer: "https://partner.example", Audience: []string{"https://api.example"}},
	}, middleware.Options{Logger: slog.Default()})
	return guard, err
}

var _ = severalIssuers
