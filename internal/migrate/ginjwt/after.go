package ginjwt

import (
	"log/slog"
	"net/http"
	"time"

	jwt "github.com/appleboy/gin-jwt/v3"
	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
	gojwt "github.com/golang-jwt/jwt/v5"
)

// The names of the issuer and of the API, which the login writes into each token.
const (
	issuer   = "https://shop.example"
	audience = "https://api.shop.example"
)

var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	"POST /login":     scopes.Public(),
	"POST /refresh":   scopes.Public(),
	"POST /logout":    scopes.Public(),
	"GET /api/orders": scopes.All("role:clerk"),
}, Unrouted: scopes.Authenticated()}.MustCompile()

// After is the API with bearerguard. gin-jwt still logs users in. Close the guard after the server.
func After(secret []byte) (*gin.Engine, *middleware.Guard, error) {
	auth, err := jwt.New(&jwt.GinJWTMiddleware{
		Realm:      "api",
		Key:        secret,
		Timeout:    time.Hour,
		MaxRefresh: time.Hour,
		PayloadFunc: func(data any) gojwt.MapClaims {
			user, _ := data.(*User)
			return gojwt.MapClaims{"iss": issuer, "aud": audience, "sub": user.Name, "role": user.Role}
		},
		Authenticator: logIn,
	})
	if err != nil {
		return nil, nil, err
	}
	guard, err := newGuard(secret)
	if err != nil {
		return nil, nil, err
	}
	engine := gin.New()
	if err := ginauth.Enforce(engine, guard, policy); err != nil { // before the first route
		return nil, nil, err
	}
	engine.POST("/login", auth.LoginHandler)
	engine.POST("/refresh", auth.RefreshHandler)
	engine.POST("/logout", auth.LogoutHandler)
	engine.GET("/api/orders", func(c *gin.Context) {
		claims, _ := ginauth.Claims(c)
		c.String(http.StatusOK, "Hello, "+claims.Subject())
	})
	return engine, guard, ginauth.Audit(engine, policy)
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
		Grants: []middleware.Grant{{Path: "role", Prefix: "role:"}},
	}, middleware.Options{Logger: slog.Default(), Cookie: "jwt"})
}
