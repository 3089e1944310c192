// The gin example protects a small API of things on Gin with one policy.
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

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/examples/internal/demo"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	gin.SetMode(gin.ReleaseMode) // in debug mode Gin writes its routes to stdout
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "gin:", err)
		os.Exit(1)
	}
}

var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	"GET /public": scopes.Public(),
	"GET /me":     scopes.Authenticated(),
	"GET /read":   scopes.All("read:things"),
	"POST /write": scopes.All("write:things"),
}, Unrouted: scopes.Authenticated()} // a caller with a good token gets Gin's own 404 and 405

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

// routes returns the API behind its guard. Enforce comes before the first route.
func routes(guard *middleware.Guard) (*gin.Engine, error) {
	table := policy.MustCompile()
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	if err := ginauth.Enforce(engine, guard, table); err != nil {
		return nil, err
	}
	engine.GET("/public", say("hello, whoever you are"))
	engine.GET("/me", func(c *gin.Context) {
		claims, _ := ginauth.Claims(c)
		c.JSON(http.StatusOK, gin.H{"sub": claims.Subject()})
	})
	engine.GET("/read", say("here are the things"))
	engine.POST("/write", say("the thing is written"))
	return engine, ginauth.Audit(engine, table)
}

func say(text string) gin.HandlerFunc {
	return func(c *gin.Context) { c.String(http.StatusOK, text+"\n") }
}
