package main

import (
	"context"
	"net/http"
	"strconv"

	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// transport is a client of the API on one transport.
type transport interface {
	String() string
	// addr returns the address of the API.
	addr() string
	// read asks for the things, with a token unless it is "". It returns the status
	// as the transport names it.
	read(ctx context.Context, token string) (verdict string, err error)
	// command returns a shell command that does the same. token is the variable that has the
	// token, or "".
	command(token string) string
	// verdict returns the transport's name for an HTTP status.
	verdict(status int) string
}

type overHTTP struct{ name, base string }

func (t overHTTP) String() string            { return t.name }
func (t overHTTP) addr() string              { return t.base }
func (t overHTTP) verdict(status int) string { return strconv.Itoa(status) }

func (t overHTTP) read(ctx context.Context, token string) (string, error) {
	return t.send(ctx, http.MethodGet, "/read", token)
}

func (t overHTTP) command(token string) string {
	if token == "" {
		return "curl -i " + t.base + "/read"
	}
	return `curl -i -H "Authorization: Bearer $` + token + `" ` + t.base + "/read"
}

func (t overHTTP) send(ctx context.Context, method, path, token string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, t.base+path, nil)
	if err != nil {
		return "", err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	return strconv.Itoa(resp.StatusCode), nil
}

type overGRPC struct{ conn *grpc.ClientConn }

func newOverGRPC(addr string) (overGRPC, error) {
	// The connection has no TLS, because it is on loopback.
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	return overGRPC{conn}, err
}

func (t overGRPC) String() string { return "gRPC" }
func (t overGRPC) addr() string   { return t.conn.Target() }

func (t overGRPC) read(ctx context.Context, token string) (string, error) {
	if token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	_, err := thingsv1.NewThingsClient(t.conn).Read(ctx, new(thingsv1.ReadRequest))
	return status.Code(err).String(), nil
}

func (t overGRPC) command(token string) string {
	return `READER="$` + token + `" ADDR=` + t.addr() + " go run ./examples/grpc/client Read"
}

func (t overGRPC) verdict(status int) string {
	return map[int]codes.Code{
		http.StatusOK:                 codes.OK,
		http.StatusUnauthorized:       codes.Unauthenticated,
		http.StatusForbidden:          codes.PermissionDenied,
		http.StatusServiceUnavailable: codes.Unavailable,
	}[status].String()
}
