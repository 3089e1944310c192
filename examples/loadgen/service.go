package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// service is a server on 127.0.0.1 and the client that calls it.
type service struct {
	transport string
	guarded   bool
	// call sends one request that bears token, and tells whether it was let through.
	// An answer that is neither yes nor a refusal of the token is an error.
	call  func(ctx context.Context, token string) (passed bool, err error)
	close func() error
}

var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	"GET /things": scopes.All(scope),
	grpc_health_v1.Health_Check_FullMethodName: scopes.All(scope),
}}.MustCompile()

func start(transport string, guarded bool, workers int, t *traffic) (*service, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	serve := startHTTP
	if transport == "grpc" {
		serve = startGRPC
	}
	s, err := serve(listener, guarded, workers, t)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.transport, s.guarded = transport, guarded
	return s, nil
}

func startHTTP(listener net.Listener, guarded bool, workers int, t *traffic) (*service, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"things":["a chair","a table"]}`)
	})
	var handler http.Handler = mux
	closeGuard := func() error { return nil }
	if guarded {
		g, err := t.guard()
		if err != nil {
			return nil, err
		}
		handler, closeGuard = httpauth.Mux(g, policy, mux), g.Close
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()

	// No proxy: the requests must not leave this machine.
	pool := &http.Transport{MaxIdleConnsPerHost: workers, MaxConnsPerHost: workers}
	client := &http.Client{Transport: pool, Timeout: 10 * time.Second}
	url := "http://" + listener.Addr().String() + "/things"
	return &service{
		call: func(ctx context.Context, token string) (bool, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
			if err != nil {
				return false, err
			}
			r.Header.Set("Authorization", "Bearer "+token)
			answer, err := client.Do(r)
			if err != nil {
				return false, err
			}
			_, err = io.Copy(io.Discard, answer.Body)
			if err = errors.Join(err, answer.Body.Close()); err != nil {
				return false, err
			}
			switch answer.StatusCode {
			case http.StatusOK:
				return true, nil
			case http.StatusUnauthorized:
				return false, nil
			}
			return false, fmt.Errorf("status %d", answer.StatusCode)
		},
		close: func() error {
			pool.CloseIdleConnections()
			err := server.Close()
			if served := <-done; !errors.Is(served, http.ErrServerClosed) {
				err = errors.Join(err, served)
			}
			return errors.Join(err, closeGuard())
		},
	}, nil
}

// startGRPC serves gRPC's own health service, which needs no generated code here.
func startGRPC(listener net.Listener, guarded bool, _ int, t *traffic) (*service, error) {
	var options []grpc.ServerOption
	closeGuard := func() error { return nil }
	if guarded {
		g, err := t.guard()
		if err != nil {
			return nil, err
		}
		options, closeGuard = grpcauth.ServerOptions(g, policy), g.Close
	}
	server := grpc.NewServer(options...)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()

	conn, err := grpc.NewClient("passthrough:///"+listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
	if err != nil {
		server.Stop()
		return nil, errors.Join(err, <-done, closeGuard())
	}
	client := grpc_health_v1.NewHealthClient(conn)
	return &service{
		call: func(ctx context.Context, token string) (bool, error) {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
			_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
			if status.Code(err) == codes.Unauthenticated {
				return false, nil
			}
			return err == nil, err
		},
		close: func() error {
			err := conn.Close()
			server.Stop()
			return errors.Join(err, <-done, closeGuard())
		},
	}, nil
}
