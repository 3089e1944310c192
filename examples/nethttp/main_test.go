package main

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/examples/internal/demotest"
	"github.com/bearerguard/bearerguard/middleware"
)

func TestThings(t *testing.T) {
	demotest.Things(t, http.StatusNotFound, func(g *middleware.Guard) (http.Handler, error) {
		return httpauth.Mux(g, policy.MustCompile(), routes()), nil
	})
}

func TestRun(t *testing.T) { demotest.Run(t, run) }
