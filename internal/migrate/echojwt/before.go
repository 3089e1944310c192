package echojwt

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
)

// Before is the API with echo-jwt. It signs its tokens itself.
func Before(secret []byte) *echo.Echo {
	e := echo.New()
	e.POST("/login", loginBefore(secret))

	api := e.Group("/api")
	api.Use(echojwt.WithConfig(echojwt.Config{
		SigningKey: secret,
	}))
	api.GET("/orders", ordersBefore)
	return e
}

func loginBefore(secret []byte) echo.HandlerFunc {
	return func(c echo.Context) error {
		// ... check the password
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"sub": "alice", "scope": "orders:read",
			"exp": time.Now().Add(time.Hour).Unix(),
		}).SignedString(secret)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, echo.Map{"token": token})
	}
}

func ordersBefore(c echo.Context) error {
	token, ok := c.Get("user").(*jwt.Token)
	if !ok {
		return echo.ErrUnauthorized
	}
	claims, ok := token.Claims.(jwt.MapClaims)
	if !ok {
		return echo.ErrUnauthorized
	}
	scope, _ := claims["scope"].(string)
	if !slices.Contains(strings.Fields(scope), "orders:read") {
		return echo.ErrForbidden
	}
	subject, _ := claims["sub"].(string)
	return c.String(http.StatusOK, "Hello, "+subject)
}
