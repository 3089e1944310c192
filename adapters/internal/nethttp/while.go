package nethttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// grace is how long a refused stream may still write, and read the request's body.
const grace = 5 * time.Second

var errDeadlines = fmt.Errorf(
	"bearerguard: the ResponseWriter can't set a write deadline, which WhileAuthorized needs: %w", http.ErrNotSupported,
)

// WhileAuthorized is [middleware.Guard.WhileAuthorized] for a function that writes to w, or reads r's
// body. A write to a client that does not read does not heed a context, so that a
// refusal would not end it. Therefore the refusal sets the write and the read
// deadline of w to 5 s from then. Until then no deadline is touched: the server's
// WriteTimeout holds.
//
// Where w and what it unwraps to (see [http.ResponseController]) have no write
// deadline, the error wraps [http.ErrNotSupported], and nothing was checked or called.
func WhileAuthorized(
	g *middleware.Guard, w http.ResponseWriter, r *http.Request, route string, need scopes.Requirement,
	f func(context.Context) error,
) error {
	if !hasDeadline(w) {
		return errDeadlines
	}
	return g.WhileAuthorized(r.Context(), middleware.FromHTTP(r, route), need, func(ctx context.Context) error {
		set := make(chan struct{})
		var panicked any // of w: for the handler's goroutine, where the server recovers
		stop := context.AfterFunc(ctx, func() {
			defer close(set)
			defer func() { panicked = recover() }()
			var refusal *middleware.Error
			if errors.As(context.Cause(ctx), &refusal) {
				limit(w)
			}
		})
		defer func() {
			if !stop() {
				<-set // it must not touch w when WhileAuthorized has returned
				if panicked != nil {
					panic(panicked)
				}
			}
		}()
		return f(ctx)
	})
}

// hasDeadline tells whether w, or one that it unwraps to, has a write deadline, as
// [http.ResponseController] looks for it.
func hasDeadline(w http.ResponseWriter) bool {
	for {
		switch writer := w.(type) {
		case interface{ SetWriteDeadline(time.Time) error }:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = writer.Unwrap()
		default:
			return false
		}
	}
}

// limit sets the deadlines, each on the first writer that has it. A connection that is
// closed has none: then there is nothing to wait for.
func limit(w http.ResponseWriter) {
	deadline, control := time.Now().Add(grace), http.NewResponseController(w)
	_ = control.SetWriteDeadline(deadline)
	_ = control.SetReadDeadline(deadline)
}
