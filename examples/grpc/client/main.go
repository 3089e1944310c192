// The client of the grpc example calls the methods of the things API without a token, with
// a token that may read, and with a token that may write. It prints the answer to each call.
//
//	go run ./examples/grpc/client        every method
//	go run ./examples/grpc/client Read   this method only
//
// The environment has the two tokens in READER and WRITER, and the address of the API
// in ADDR. The example prints a command with all three. Without a token in WRITER, or in
// READER, there are no calls with it.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) error {
	addr := cmp.Or(os.Getenv("ADDR"), "127.0.0.1:50051")
	// Use a connection without TLS on loopback only, because others could read the tokens.
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("%w (the address is from ADDR)", err)
	}
	defer conn.Close()
	called, err := choose(methods(thingsv1.NewThingsClient(conn)), names)
	if err != nil {
		return err
	}
	if !reaches(ctx, conn) {
		return fmt.Errorf("no answer at %s (from ADDR): is the server running?", addr)
	}
	return verdicts(ctx, os.Stdout, called, os.Getenv("READER"), os.Getenv("WRITER"))
}

// reaches tells whether a server answers within five seconds.
func reaches(ctx context.Context, conn *grpc.ClientConn) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn.Connect()
	for {
		switch state := conn.GetState(); state {
		case connectivity.Ready:
			return true
		case connectivity.TransientFailure:
			return false
		default:
			if !conn.WaitForStateChange(ctx, state) {
				return false
			}
		}
	}
}

// choose returns the methods with these names, or all if there are no names.
func choose(all []method, names []string) ([]method, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []method
	for _, name := range names {
		i := slices.IndexFunc(all, func(m method) bool { return m.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no method %q", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

type method struct {
	name string
	call func(context.Context, ...grpc.CallOption) error
}

func methods(api thingsv1.ThingsClient) []method {
	return []method{
		{"Public", func(ctx context.Context, opts ...grpc.CallOption) error {
			_, err := api.Public(ctx, new(thingsv1.PublicRequest), opts...)
			return err
		}},
		{"Me", func(ctx context.Context, opts ...grpc.CallOption) error {
			_, err := api.Me(ctx, new(thingsv1.MeRequest), opts...)
			return err
		}},
		{"Read", func(ctx context.Context, opts ...grpc.CallOption) error {
			_, err := api.Read(ctx, new(thingsv1.ReadRequest), opts...)
			return err
		}},
		{"Write", func(ctx context.Context, opts ...grpc.CallOption) error {
			_, err := api.Write(ctx, &thingsv1.WriteRequest{Thing: "another thing"}, opts...)
			return err
		}},
		{"Watch", func(ctx context.Context, opts ...grpc.CallOption) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := api.Watch(ctx, new(thingsv1.WatchRequest), opts...)
			if err != nil {
				return err
			}
			_, err = stream.Recv()
			cancel() // the first thing is enough
			for end := err; end == nil; {
				_, end = stream.Recv() // the trailer is set when the stream has ended
			}
			return err
		}},
	}
}

// verdicts writes a line for each method and token. It returns an error only if it cannot
// write to w.
func verdicts(ctx context.Context, w io.Writer, methods []method, reader, writer string) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "METHOD\tTOKEN\tSTATUS\tREASON\tCHALLENGE")
	for _, m := range methods {
		for _, t := range []struct{ name, token string }{{"none", ""}, {"reader", reader}, {"writer", writer}} {
			ctx := ctx
			if t.name != "none" {
				if t.token == "" {
					continue
				}
				ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+t.token)
			}
			var trailer metadata.MD
			st := status.Convert(m.call(ctx, grpc.Trailer(&trailer)))
			challenge := strings.Join(trailer["www-authenticate"], ", ")
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", m.name, t.name, st.Code(), reason(st), challenge)
		}
	}
	return out.Flush()
}

// reason returns why a call was refused: the reason in the error details, which is meant
// for programs, or else the text of the status.
func reason(st *status.Status) string {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return st.Message()
}
