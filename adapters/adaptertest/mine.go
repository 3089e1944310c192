package adaptertest

import (
	"context"
	"sync/atomic"

	"github.com/bearerguard/bearerguard/middleware"
)

// mine panics in the first call of step.
type mine struct {
	value any
	steps atomic.Int32
}

func (m *mine) step() {
	if m.steps.Add(1) == 1 {
		panic(m.value)
	}
}

// trap holds the functions of a case in which a mine can be put.
type trap struct {
	config   func(*middleware.JWTConfig)
	options  func(*middleware.Options)
	verifier func(*middleware.JWT) (middleware.Verifier, error)
	handler  func(context.Context) // nil: it does nothing
}

// mined is a verifier that steps on a mine before each check.
type mined struct {
	middleware.Verifier
	mine *mine
}

func (v mined) Verify(ctx context.Context, token string) (middleware.Claims, error) {
	v.mine.step()
	return v.Verifier.Verify(ctx, token)
}
