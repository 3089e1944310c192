package readme_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	thingsv1 "github.com/bearerguard/bearerguard/examples/grpc/things/v1"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// startIssuer starts an issuer on a socket, because the programs have no client for one in memory.
func startIssuer(t *testing.T) *authtest.Issuer {
	t.Helper()
	return authtest.Start(t, authtest.Config{Addr: "127.0.0.1:0", Audience: audience})
}

func TestEachProgramOfHTTPAnswersAsTheTextSays(t *testing.T) {
	for _, adapter := range []string{"httpauth", "echoauth", "ginauth"} {
		t.Run(adapter, func(t *testing.T) {
			t.Parallel()
			issuer := startIssuer(t)
			p := run(t, files(t)[adapter], issuer.URL())
			reader := issuer.Mint(authtest.Token{Scope: "orders:read"})
			other := issuer.Mint(authtest.Token{Scope: "profile"})
			for _, tt := range []struct {
				name, method, path, token string
				status                    int
				body                      string
			}{
				{"a public route needs no token", "GET", "/healthz", "", 200, ""},
				{"no token", "GET", "/me", "", 401, "authentication required"},
				{"a good token", "GET", "/me", other, 200, "hello user-1"},
				{"a good token with the scope", "GET", "/orders/7", reader, 200, "order 7"},
				{"a good token without the scope", "GET", "/orders/7", other, 403, "insufficient scope"},
				{"a route without a rule", "DELETE", "/orders/7", reader, 403, "access denied"},
			} {
				if status, body := ask(t, tt.method, "http://"+p.addr+tt.path, tt.token); status != tt.status ||
					!strings.Contains(body, tt.body) {
					t.Errorf("%s: %d %q, want %d %q", tt.name, status, body, tt.status, tt.body)
				}
			}
			p.stop(t)
		})
	}
}

func TestTheProgramOfGRPCAnswersAsTheTextSays(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t)
	p := run(t, files(t)["grpcauth"], issuer.URL())
	conn, err := grpc.NewClient(p.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	api := thingsv1.NewThingsClient(conn)
	public := func(ctx context.Context) (string, error) {
		got, err := api.Public(ctx, new(thingsv1.PublicRequest))
		return got.GetText(), err
	}
	me := func(ctx context.Context) (string, error) {
		got, err := api.Me(ctx, new(thingsv1.MeRequest))
		return got.GetSub(), err
	}
	read := func(ctx context.Context) (string, error) {
		got, err := api.Read(ctx, new(thingsv1.ReadRequest))
		return strings.Join(got.GetThings(), ", "), err
	}
	write := func(ctx context.Context) (string, error) {
		_, err := api.Write(ctx, new(thingsv1.WriteRequest))
		return "", err
	}
	reader := issuer.Mint(authtest.Token{Scope: "read:things"})
	other := issuer.Mint(authtest.Token{Scope: "profile"})
	for _, tt := range []struct {
		name   string
		call   func(context.Context) (string, error)
		token  string
		code   codes.Code
		answer string
	}{
		{"a public method needs no token", public, "", codes.OK, "hello"},
		{"no token", me, "", codes.Unauthenticated, ""},
		{"a good token", me, other, codes.OK, "user-1"},
		{"a good token with the scope", read, reader, codes.OK, "a chair"},
		{"a good token without the scope", read, other, codes.PermissionDenied, ""},
		{"a method without a rule", write, reader, codes.PermissionDenied, ""},
	} {
		ctx := t.Context()
		if tt.token != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+tt.token)
		}
		if answer, err := tt.call(ctx); status.Code(err) != tt.code || answer != tt.answer {
			t.Errorf("%s: %q, %v, want %q, %v", tt.name, answer, err, tt.answer, tt.code)
		}
	}
	p.stop(t)
}

// ask sends a request, with a token unless it is "".
func ask(t *testing.T, method, url, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, string(body)
}
