package middleware

import "context"

// Forbid refuses the request of ctx, inside a handler that this Guard let through, for a
// reason that no requirement expresses: the order belongs to another tenant. ctx is the
// handler's context, or one made from it. The result is never nil. It is an [*Error] of
// [CodeDenied], 403, and the handler answers with it as with an error of [Guard.Authorize]:
//
//	httpauth.Refuse(w, guard.Forbid(r.Context(), err)) // likewise chiauth
//	return echoauth.Refuse(c, guard.Forbid(ctx, err))
//	ginauth.Refuse(c, guard.Forbid(ctx, err))
//	return nil, guard.Forbid(ctx, err) // gRPC
//
// cause is the reason, in words for an operator. Only the log and the observer get it, with
// the route of the request and the claims of the last check. It must not contain a token. If
// cause is nil, they get a fixed text. If cause is itself a refusal, such as an error of
// Authorize, the answer is still that of Forbid.
//
// Forbid always refuses, also where Options.InsecureReportOnly lets other requests pass. If
// this Guard has checked nothing in ctx, Forbid refuses, too, and the observer gets neither a
// route nor claims. To ask an anonymous caller for credentials, call Authorize with
// scopes.Authenticated, whose answer is 401.
func (g *Guard) Forbid(ctx context.Context, cause error) error {
	e := Event{Outcome: OutcomeRefused, Cause: cause}
	if isNil(cause) {
		e.Cause = errForbidden
	}
	var r Request
	if id := g.identityOf(ctx); id != nil {
		r, e.Claims = id.request, Claims{c: id.claims.Load()}
	}
	e.Route, e.RemoteAddr, e.TLS = r.Route, r.RemoteAddr, r.TLS
	e.Err = g.refusal(ctx, r, CodeDenied, nil)
	g.tell(ctx, e)
	return e.Err
}
