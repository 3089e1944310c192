package chiauth

import (
	"context"

	"github.com/go-chi/chi/v5"
)

// MustHoldWith does what Enforce does first, with pins that change has changed.
func MustHoldWith(change func(context.Context) context.Context) {
	mustHold(func(e *enforcer, ctx context.Context, outer *chi.Context, v verdict) context.Context {
		return change(e.pin(ctx, outer, v))
	})
}
