package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
	"google.golang.org/grpc"
)

const hello = "here are the things"

// onNetHTTP, onEcho, onGin and onGRPC serve the same API. Each protects it with one
// statement.

func onNetHTTP(guard *middleware.Guard, s switches) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /read", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, hello) })
	s.register(mux)
	return httpauth.Mux(guard, policy, mux)
}

func onEcho(guard *middleware.Guard) http.Handler {
	e := echo.New()
	e.Use(echoauth.Enforce(guard, policy))
	e.GET("/read", func(c echo.Context) error { return c.String(http.StatusOK, hello+"\n") })
	return e
}

func onGin(guard *middleware.Guard) (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	if err := ginauth.Enforce(engine, guard, policy); err != nil {
		return nil, err
	}
	engine.GET("/read", func(c *gin.Context) { c.String(http.StatusOK, hello+"\n") })
	return engine, nil
}

func onGRPC(guard *middleware.Guard) *grpc.Server {
	server := grpc.NewServer(grpcauth.ServerOptions(guard, policy)...)
	thingsv1.RegisterThingsServer(server, things{})
	return server
}

type things struct {
	thingsv1.UnimplementedThingsServer
}

func (things) Read(context.Context, *thingsv1.ReadRequest) (*thingsv1.ReadResponse, error) {
	return &thingsv1.ReadResponse{Things: []string{hello}}, nil
}

// serve starts all four on ports that the system chooses. stop returns after the last
// request has been answered.
func serve(guard *middleware.Guard, s switches) (transports []transport, stop func() error, err error) {
	onGin, err := onGin(guard)
	if err != nil {
		return nil, nil, err
	}
	var stops []func() error
	stop = func() error {
		var faults []error
		for _, stop := range stops {
			faults = append(faults, stop())
		}
		return errors.Join(faults...)
	}
	for _, api := range []struct {
		name    string
		handler http.Handler
	}{
		{"net/http", onNetHTTP(guard, s)},
		{"Echo", onEcho(guard)},
		{"Gin", onGin},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, errors.Join(err, stop())
		}
		server := &http.Server{Handler: api.handler, ReadHeaderTimeout: 5 * time.Second}
		go func() { _ = server.Serve(listener) }()
		stops = append(stops, func() error {
			grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			return server.Shutdown(grace)
		})
		transports = append(transports, overHTTP{api.name, "http://" + listener.Addr().String()})
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	server := onGRPC(guard)
	go func() { _ = server.Serve(listener) }()
	stops = append(stops, func() error { server.GracefulStop(); return nil })
	client, err := newOverGRPC(listener.Addr().String())
	if err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	stops = append([]func() error{client.conn.Close}, stops...)
	return append(transports, client), stop, nil
}
