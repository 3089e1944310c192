// The echo example protects a small API of things on Echo with one policy.
//
//	GET  /public  open
//	GET  /me      any token of the issuer
//	GET  /read    read:things
//	POST /write   write:things
//
// It reads the environment:
//
//   - ISSUER is the issuer of the tokens. If it is empty, the example starts an
//     issuer on loopback, and prints curl commands with tokens.
//   - AUDIENCE is the audience of the tokens.
//   - ADDR is the address to listen on.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/examples/internal/demo"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/labstack/echo/v4"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

var policy = scopes.Policy{
	Routes: map[string]scopes.Requirement{
		"GET /public": scopes.Public(),
		"GET /me":     scopes.Authenticated(),
		"GET /read":   scopes.All("read:things"),
		"POST /write": scopes.All("write:things"),
	},
	Unrouted: scopes.Authenticated(), // a caller with a good token gets Echo's own 404 and 405
}

func run(ctx context.Context) (err error) {
	env, err := demo.Start("127.0.0.1:8080")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, env.Close()) }()

	guard, err := middleware.New(
		middleware.JWTConfig{Issuer: env.Issuer, Audience: []string{env.Audience}},
		middleware.Options{Logger: slog.Default()},
	)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close()) }() // the guard is closed after the server

	handler, err := routes(guard)
	if err != nil {
		return err
	}
	return env.Serve(ctx, handler)
}

// routes returns the API behind its guard.
func routes(guard *middleware.Guard) (*echo.Echo, error) {
	table := policy.MustCompile()
	e := echo.New()
	e.Use(echoauth.Enforce(guard, table))
	e.GET("/public", say("hello, whoever you are"))
	e.GET("/me", func(c echo.Context) error {
		claims, _ := echoauth.Claims(c)
		return c.JSON(http.StatusOK, map[string]string{"sub": claims.Subject()})
	})
	e.GET("/read", say("here are the things"))
	e.POST("/write", say("the thing is written"))
	return e, echoauth.Audit(e, table)
}

func say(text string) echo.HandlerFunc {
	return func(c echo.Context) error { return c.String(http.StatusOK, text+"\n") }
}
