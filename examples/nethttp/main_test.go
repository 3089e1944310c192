package main

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/examples/internal/demotest"
)

func TestThings(t *testing.T) {
	demotest.Things(t, http.StatusNotFound, guarded)
}

func TestRun(t *testing.T) { demotest.Run(t, run) }
