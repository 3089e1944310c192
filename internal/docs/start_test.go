package docs_test

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// lines is where a logger writes. Each line can be received from it.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// The issuer's name has a slash at the end, and the configuration has none.
func Example_typoInTheIssuer() {
	issuer := must(authtest.New(authtest.Config{URL: "https://shop.eu.auth0.com/"}))
	defer issuer.Close()
	log := make(lines, 8)
	guard := must(middleware.New(middleware.JWTConfig{
		Issuer: "https://shop.eu.auth0.com", Audience: []string{"https://api.example"}, Client: issuer.Client(),
	}, middleware.Options{Logger: logTo(log)}))
	defer guard.Close()
	select {
	case line := <-log:
		fmt.Print(line)
	case <-time.After(time.Minute):
	}
	// Output:
	// level=WARN msg="keys cannot be fetched" issuer=https://shop.eu.auth0.com keys=0 error="jwks: \"https://shop.eu.auth0.com/.well-known/openid-configuration\" and \"https://shop.eu.auth0.com/.well-known/oauth-authorization-server\": the metadata name the issuer \"https://shop.eu.auth0.com/\", not \"https://shop.eu.auth0.com\": they differ only in the final slash; set Issuer to \"https://shop.eu.auth0.com/\""
}

// Faults that New finds before the program starts.
func Example_faults() {
	_, err := middleware.New(middleware.JWTConfig{
		Issuer:     "shop.eu.auth0.com",
		Algorithms: []string{"RS265"},
		Grants:     []middleware.Grant{{Path: "roles"}},
	}, middleware.Options{Logger: slog.Default()})
	fmt.Println(err)
	// Output:
	// bearerguard: JWTConfig.Issuer: "shop.eu.auth0.com" has no scheme: write "https://shop.eu.auth0.com"
	// bearerguard: JWTConfig.Audience: required: without it, tokens for other APIs of the issuer would be accepted
	// bearerguard: JWTConfig.Algorithms: "RS265" is not supported; perhaps RS256 is meant: write some of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519, HS256, HS384, HS512
	// bearerguard: JWTConfig.Grants[0].Prefix: required
}
