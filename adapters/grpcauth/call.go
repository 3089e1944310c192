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

// values reads incoming metadata for the guard.
type values func(name string) []string

func (f values) Values(name string) []string { return f(name) }

// describe returns the request that the guard checks for the call of ctx, and the requirement
// of the call. method is the one that the interceptor was told. srv is the service, or nil if
// it is not registered.
func describe(
	ctx context.Context, rules scopes.Rules, method string, srv any,
) (middleware.Request, scopes.Requirement) {
	route, need := rule(rules, method, srv != nil)
	// gRPC finds the handler by the name in the call. The interceptor is told another name if
	// an outer interceptor has changed it, for a unary method of a service that is registered
	// under a second name, and if a program calls itself in the context of another call. Then
	// the rules of both names must admit the caller.
	if called, _ := grpc.Method(ctx); called != method && called != "" {
		var other scopes.Requirement
		route, other = rule(rules, called, srv != nil)
		need = need.And(other)
	}
	r := middleware.Request{
		Route:  route,
		Method: http.MethodPost, // every gRPC call is a POST
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

// rule returns what method needs, and the name of its route for the observer. If method is not
// registered, [grpc.UnknownServiceHandler] serves it. Its name is then text of the caller,
// which must not get into a log unless a rule has the same name.
func rule(rules scopes.Rules, method string, registered bool) (route string, need scopes.Requirement) {
	// The service is all up to the last slash, as in gRPC itself.
	slash := strings.LastIndexByte(method, '/')
	if slash <= 0 || method[0] != '/' {
		return "", scopes.Requirement{} // gRPC finds no method by such a name
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
