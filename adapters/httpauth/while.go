package httpauth

import (
	"context"
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// WhileAuthorized checks r, and calls f for as long as r passes: for a handler whose response may
// outlive the token, such as server-sent events. See [middleware.Guard.WhileAuthorized], which it
// is for functions that write to w or read the body of r. The route that the observer
// is told is r.Pattern.
//
// f runs in the handler's own goroutine, and WhileAuthorized returns after f. When the token
// expires, r is checked again. If it is refused, f's context ends, and 5 s later every
// write to w and every read from the body fails: so f ends even if the client doesn't
// read what f writes. Until a refusal WhileAuthorized sets no deadline, and the server's
// WriteTimeout holds.
//
// The error is what f returned, or the refusal as a [*middleware.Error]. If f has not
// run, or has written nothing, the handler answers with [Refuse]. Once f has written, the
// status is sent, and the handler only returns: Refuse would write its body into the
// stream. The Example shows how to tell the two apart.
//
// Where w and what it unwraps to (see [http.ResponseController]) have no write
// deadline, the error wraps [http.ErrNotSupported], and f does not run.
func WhileAuthorized(
	g *middleware.Guard, w http.ResponseWriter, r *http.Request, need scopes.Requirement, f func(context.Context) error,
) error {
	return nethttp.WhileAuthorized(g, w, asRouted(r), r.Pattern, need, f)
}
