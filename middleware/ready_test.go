package middleware_test

import (
	"context"
	"errors"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
)

// starting is a Verifier that is not ready yet.
type starting struct{ middleware.Verifier }

var errStarting = errors.New("still starting")

func (starting) Ready(context.Context) error { return errStarting }

func TestAGuardIsReadyWhenItsVerifierIs(t *testing.T) {
	if err := newGuard(t, starting{opaque}, middleware.Options{}).Ready(t.Context()); !errors.Is(err, errStarting) {
		t.Errorf("err = %v, want the verifier's own", err)
	}
}
