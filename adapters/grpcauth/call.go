package grpcauth

import (
	"context"
	"net/http"

	"github.com/bearerguard/bearerguard/middleware"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// values is incoming metadata as the guard reads it.
type values func(name string) []string

func (f values) Values(name string) []string { return f(name) }

// describe tells the guard about the call that ctx belongs to.
func describe(ctx context.Context, route string) middleware.Request {
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
	return r
}

// metadataOf spells h as metadata, whose names are in lower case.
func metadataOf(h http.Header) metadata.MD {
	md := make(metadata.MD, len(h))
	for name, values := range h {
		md.Append(name, values...)
	}
	return md
}
