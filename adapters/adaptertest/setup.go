package adaptertest

import (
	"context"
	"crypto/tls"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// Setup says what an [Adapter] has to serve: one API. A field that an adapter doesn't
// heed makes some case fail.
type Setup struct {
	// Guard stands in front of the API.
	Guard *middleware.Guard

	// Routes are those that the API has, and no others: "GET /things" and "POST
	// /things", mostly. All are served by Handler, or by Stream. A framework in which a
	// route has no method has one route.
	Routes []string

	// Need is what each route asks for if Policy is nil.
	Need scopes.Requirement

	// Policy is that of the whole API, in place of Need, where the case asks for
	// [WholePolicy]. It spells routes as Routes does.
	Policy *scopes.Policy

	// Handler serves the routes if Stream is nil.
	Handler func(ctx context.Context) error

	// Stream serves the routes, in place of Handler, where the case asks for [Streams].
	Stream func(ctx context.Context, send func(message string) error) error

	// Recover, if not nil, is called with the value of each panic by a recovery of the
	// framework's own kind, which stands in front of the guard and does nothing else:
	// it neither aborts nor answers. [HTTP] has one in front of everything.
	Recover func(value any)

	// TLS is the configuration of the server, with one certificate that is signed by
	// itself, where the case asks for [OverTLS]. Nil: the server speaks no TLS.
	TLS *tls.Config
}

// Rules is the whole policy that s asks for: Policy, or else Need for each of Routes.
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
