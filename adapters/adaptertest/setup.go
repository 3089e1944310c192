package adaptertest

import (
	"context"
	"crypto/tls"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Setup says which API an [Adapter] must serve. An adapter that ignores a field fails at least
// one case.
type Setup struct {
	// Guard is the guard in front of the API.
	Guard *middleware.Guard

	// Routes are all routes of the API, mostly "GET /things" and "POST /things". All of them
	// are served by Handler or by Stream. If routes have no method in the framework, they are
	// one route.
	Routes []string

	// Need is what each route needs if Policy is nil.
	Need scopes.Requirement

	// Policy, if not nil, is the policy of the whole API and replaces Need. It spells routes
	// as Routes does. Only cases that need [WholePolicy] set it.
	Policy *scopes.Policy

	// Handler serves the routes if Stream is nil. The adapter's own handler calls it with its
	// own context. It returns nil or the error of Guard.Authorize, which the handler answers
	// as the adapter prescribes.
	Handler func(ctx context.Context) error

	// Stream, if not nil, serves the routes in place of Handler. The adapter's own handler
	// calls it inside the adapter's form of [middleware.Guard.WhileAuthorized]. send sends a
	// message to the caller at once. If no message was sent before, the handler answers an
	// error of WhileAuthorized as the adapter prescribes. On HTTP it is too late for that
	// after a message. Only cases that need [Streams] set it.
	Stream func(ctx context.Context, send func(message string) error) error

	// Recover, if not nil, must be called with the value of each panic. A recovery of the
	// framework's own kind, in front of the guard, must make the call and do nothing else: it
	// neither aborts nor answers. [HTTP] has a recovery in front of everything.
	Recover func(value any)

	// TLS, if not nil, is the configuration of the server, with one self-signed certificate.
	// If it is nil, the server speaks no TLS. Only cases that need [OverTLS] set it.
	TLS *tls.Config
}

// Rules returns the policy for the whole API. It is Policy. If Policy is nil, each of
// Routes needs Need.
func (s Setup) Rules() scopes.Policy {
	if s.Policy != nil {
		return *s.Policy
	}
	rules := make(map[string]scopes.Requirement, len(s.Routes))
	for _, route := range s.Routes {
		rules[route] = s.Need
	}
	return scopes.Policy{Routes: rules}
}
