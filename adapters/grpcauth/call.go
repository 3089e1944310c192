package grpcauth

import (
	"context"
	"net/http"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// values is incoming metadata as the guard reads it.
type values func(name string) []string

func (f values) Values(name string) []string { return f(name) }

// describe tells what the guard is to know about the call that ctx belongs to, and
// what t asks for.
func describe(ctx context.Context, t *scopes.Table, method string, srv any) (middleware.Request, scopes.Requirement) {
	route, need := rule(t, method, srv)
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
