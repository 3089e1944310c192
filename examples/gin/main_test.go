package main

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/examples/internal/demotest"
	"github.com/bearerguard/bearerguard/middleware"
)

func TestThings(t *testing.T) {
	demotest.Things(t, http.StatusNotFound, func(g *middleware.Guard) (http.Handler, error) { return routes(g) })
}

func TestRun(t *testing.T) { demotest.Run(t, run) }
