package echojwt

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/golang-jwt/jwt/v5"
	"github.com/labstack/echo/v4"
)

// The names of the issuer and of the API, which the login writes into each token.
const (
	issuer   = "https://shop.example"
	audience = "https://api.shop.example"
)

var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	"POST /login":     scopes.Public(),
	"GET /api/orders": scopes.All("orders:read"),
}, Unrouted: scopes.Authenticated()}.MustCompile()

// After is the API with bearerguard. golang-jwt still signs the tokens. Close the guard after the
// server.
func After(secret []byte) (*echo.Echo, *middleware.Guard, error) {
	guard, err := newGuard(secret)
	if err != nil {
		return nil, nil, err
	}
	e := echo.New()
	e.Use(echoauth.Enforce(guard, policy))
	e.POST("/login", login(secret))
	e.GET("/api/orders", orders)
	return e, guard, echoauth.Audit(e, policy)
}

func newGuard(secret []byte) (*middleware.Guard, error) {
	key, err := jwks.NewSecret("", "HS256", secret)
	if err != nil {
		return nil, err
	}
	keys, err := jwks.Static(key)
	if err != nil {
		return nil, err
	}
	return middleware.New(middleware.JWTConfig{
		Issuer: issuer, Audience: []string{audience},
		Keys: keys, Algorithms: []string{"HS256"},
	}, middleware.Options{Logger: slog.Default()})
}

func login(secret []byte) echo.HandlerFunc {
	return func(c echo.Context) error {
		// ... check the password
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"iss": issuer, "aud": audience,
			"sub": "alice", "scope": "orders:read",
			"exp": time.Now().Add(time.Hour).Unix(),
		}).SignedString(secret)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, echo.Map{"token": token})
	}
}

func orders(c echo.Context) error {
	claims, _ := echoauth.Claims(c)
	return c.String(http.StatusOK, "Hello, "+claims.Subject())
}
