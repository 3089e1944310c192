package grpcauth

import (
	"context"
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// values is incoming metadata as the guard reads it.
type values func(name string) []string

func (f values) Values(name string) []string { return f(name) }

// describe tells what the guard is to know about the call that ctx belongs to, and
// what rules ask of it. method is what the interceptor was told, and srv the service,
// if it is registered.
func describe(
	ctx context.Context, rules scopes.Rules, method string, srv any,
) (middleware.Request, scopes.Requirement) {
	route, need := rule(rules, method, srv != nil)
	// gRPC finds the handler by the name in the call. The interceptor is told another one
	// if an interceptor further out has changed it, for a unary method of a service that is
	// registered under a second name, and where a program calls itself in the context of
	// another call. Then the rules of both names must let the caller in.
	if called, _ := grpc.Method(ctx); called != method && called != "" {
		var other scopes.Requirement
		route, other = rule(rules, called, srv != nil)
		need = need.And(other)
	}
	r := middleware.Request{
		Route:  route,
		Method: http.MethodPost, // of every call of gRPC
		Header: values(func(name string) []string { return metadata.ValueFromIncomingContext(ctx, name) }),
	}
	if authority := r.Header.Values(":authority"); len(authority) > 0 {
		r.Host = authority[0]
	}
	if p, ok := peer.FromContext(ctx); ok {
		if p.Addr != nil {
			r.RemoteAddr = p.Addr.String()
		}
		if info, ok := p.AuthInfo.(credentials.TLSInfo); ok {
			r.TLS = &info.State
		}
	}
	return r, need
}

// rule finds what method asks for, and the route's name for the observer. If it isn't
// registered, [grpc.UnknownServiceHandler] serves it: unless a rule names it, its name
// is text of the caller's, which has no place in a log.
func rule(rules scopes.Rules, method string, registered bool) (route string, need scopes.Requirement) {
	// gRPC, too, takes all up to the last slash for the service.
	slash := strings.LastIndexByte(method, '/')
	if slash <= 0 || method[0] != '/' {
		return "", scopes.Requirement{} // no method of gRPC has such a name
	}
	key := method
	if !rules.Has(key) {
		key = method[:slash+1] + "*"
	}
	switch need = rules.Lookup(key); {
	case registered:
		return method, need
	case rules.Has(key):
		return key, need
	}
	return "", need
}
