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

// grace is how long a refused stream may still write, and read the body of the request.
const grace = 5 * time.Second

var errDeadlines = fmt.Errorf(
	"bearerguard: WhileAuthorized needs a ResponseWriter that can set a write deadline: %w", http.ErrNotSupported,
)

// WhileAuthorized is [middleware.Guard.WhileAuthorized] for a function that writes to w or
// reads the body of r. The end of a context does not end a write to a client that does not
// read. Therefore a refusal sets the write and the read deadline of w to 5 s later. No deadline
// is set before that, so the server's WriteTimeout applies.
//
// If neither w nor a writer that it unwraps to (see [http.ResponseController]) has a write
// deadline, the error wraps [http.ErrNotSupported]. Then nothing is checked, and f is not
// called.
func WhileAuthorized(
	g *middleware.Guard, w http.ResponseWriter, r *http.Request, route string, need scopes.Requirement,
	f func(context.Context) error,
) error {
	if !hasDeadline(w) {
		return errDeadlines
	}
	return g.WhileAuthorized(r.Context(), middleware.FromHTTP(r, route), need, func(ctx context.Context) error {
		set := make(chan struct{})
		var panicked any // a panic of w goes to the handler's goroutine, where the server recovers
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
				<-set // w must not be touched after WhileAuthorized has returned
				if panicked != nil {
					panic(panicked)
				}
			}
		}()
		return f(ctx)
	})
}

// hasDeadline reports whether w, or a writer that it unwraps to, has a write deadline. It
// searches as [http.ResponseController] does.
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

// limit sets each deadline on the first writer that has it. A closed connection returns an
// error, which can be ignored, because its writes and reads fail anyway.
func limit(w http.ResponseWriter) {
	deadline, control := time.Now().Add(grace), http.NewResponseController(w)
	_ = control.SetWriteDeadline(deadline)
	_ = control.SetReadDeadline(deadline)
}
