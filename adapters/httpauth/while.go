package httpauth

import (
	"context"
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// WhileAuthorized checks r for need, and runs f for as long as r passes. It is for a handler
// whose response may outlive the token, such as server-sent events. It is
// [middleware.Guard.WhileAuthorized] for a function that writes to w or reads the body of r.
// The observer is told r.Pattern as the route.
//
// f runs in the handler's own goroutine, and WhileAuthorized returns when f has returned. When
// the token expires, or when the login is older than a [scopes.MaxAge] of need, r is checked
// again. If that check refuses r, the context of f ends, and 5 s later every write to w and
// every read from the body fails. So f ends even if the client does not read what f writes.
// Until a refusal, WhileAuthorized sets no deadline, and the server's WriteTimeout applies.
//
// The error is what f returned, or the refusal as a [*middleware.Error]. If f did not run or
// has written nothing, answer with [Refuse]. If f has written, the status is sent already, and
// the handler must only return: Refuse would write its body into the stream. The Example shows
// how to tell the two apart.
//
// If w has no write deadline, the error wraps [http.ErrNotSupported], and f does not run. This
// includes the writers that w unwraps to, see [http.ResponseController].
func WhileAuthorized(
	g *middleware.Guard, w http.ResponseWriter, r *http.Request, need scopes.Requirement, f func(context.Context) error,
) error {
	return nethttp.WhileAuthorized(g, w, asRouted(r), r.Pattern, need, f)
}
