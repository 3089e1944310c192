package docs_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/grpcauth"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
)

// inMemory connects a program to its own gRPC server. Calls over the connection run the interceptors.
func inMemory(server *grpc.Server) (*grpc.ClientConn, error) {
	listener := bufconn.Listen(1 << 20)
	go func() { _ = server.Serve(listener) }() // until server.Stop or GracefulStop
	return grpc.NewClient("passthrough:in-memory",
		grpc.WithTransportCredentials(insecure.NewCredentials()), // the bytes stay in this process
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
	)
}

func TestCallsInMemoryAreJudged(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	policy := scopes.Policy{Default: scopes.Authenticated()}.MustCompile()
	server := grpc.NewServer(grpcauth.ServerOptions(issuer.Guard(t, middleware.Options{}), policy)...)
	defer server.Stop()
	healthpb.RegisterHealthServer(server, health.NewServer())
	conn, err := inMemory(server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client, request := healthpb.NewHealthClient(conn), new(healthpb.HealthCheckRequest)
	if _, err := client.Check(t.Context(), request); status.Code(err) != codes.Unauthenticated {
		t.Errorf("without a token: %v", err)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+issuer.Mint(authtest.Token{}))
	if _, err := client.Check(ctx, request); err != nil {
		t.Errorf("with a token: %v", err)
	}
}

// loginFirst is for the pages of a site. It sends a browser without a good token to the login page. Everybody
// else gets the answer of next, which has a guard of its own.
func loginFirst(guard *middleware.Guard, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
			_, err := guard.Check(r.Context(), middleware.FromHTTP(r, r.Pattern), scopes.Authenticated())
			var refusal *middleware.Error
			if errors.As(err, &refusal) && refusal.Status() == http.StatusUnauthorized {
				w.Header().Set("Cache-Control", "no-store")
				http.Redirect(w, r, "/login", http.StatusSeeOther)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func TestOnlyBrowsersWithoutAGoodTokenGoToTheLoginPage(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{Cookie: "token"})
	page := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	site := loginFirst(guard, httpauth.Require(guard, scopes.All("orders:read"))(page))
	for _, tt := range []struct {
		method, accept, token string
		status                int
	}{
		{"GET", "text/html,*/*;q=0.8", "", http.StatusSeeOther},
		{"GET", "text/html,*/*;q=0.8", "forged", http.StatusSeeOther},
		{"GET", "text/html,*/*;q=0.8", issuer.Mint(authtest.Token{}), http.StatusForbidden},
		{"GET", "text/html,*/*;q=0.8", issuer.Mint(authtest.Token{Scope: "orders:read"}), http.StatusOK},
		{"GET", "application/json", "", http.StatusUnauthorized},
		{"POST", "text/html,*/*;q=0.8", "", http.StatusUnauthorized},
	} {
		r := httptest.NewRequest(tt.method, "/orders", http.NoBody)
		r.Header.Set("Accept", tt.accept)
		if tt.token != "" {
			r.AddCookie(&http.Cookie{Name: "token", Value: tt.token})
		}
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("%s %s %.20q: %d instead of %d", tt.method, tt.accept, tt.token, w.Code, tt.status)
		}
	}
}

func TestAnOutageIsNoReasonToLogIn(t *testing.T) {
	down := middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		return middleware.Claims{}, errors.New("the issuer does not answer")
	})
	guard, err := middleware.NewWithVerifier(down, middleware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/orders", http.NoBody)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Authorization", "Bearer token")
	w := httptest.NewRecorder()
	loginFirst(guard, httpauth.Require(guard, scopes.Authenticated())(http.NotFoundHandler())).ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable {
		t.Error(w.Code)
	}
}

// behindProxy makes a guard for an API behind an identity-aware proxy.
func behindProxy(config middleware.JWTConfig) (*middleware.Guard, error) {
	guard, err := middleware.New(config, middleware.Options{
		Header: "X-Proxy-Assertion", // whatever your proxy calls it
		Logger: slog.Default(),
	})
	return guard, err
}

func TestBehindAnIdentityAwareProxy(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard, err := behindProxy(issuer.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	api := httpauth.Require(guard, scopes.Authenticated())(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	token := issuer.Mint(authtest.Token{})
	for _, tt := range []struct {
		method string
		header http.Header
		status int
	}{
		{"GET", http.Header{"X-Proxy-Assertion": {token}}, 200},
		{"GET", http.Header{"X-Proxy-Assertion": {"forged"}}, 401},
		{"GET", http.Header{"X-Proxy-Assertion": {token, token}}, 400},
		{"GET", http.Header{"X-Proxy-Assertion": {token}, "Authorization": {"Bearer " + token}}, 400},
		{"GET", http.Header{"X-Proxy-Assertion": {token}, "Sec-Fetch-Site": {"cross-site"}}, 200},
		{"POST", http.Header{"X-Proxy-Assertion": {token}, "Sec-Fetch-Site": {"cross-site"}}, 403},
		{"GET", http.Header{"X-Proxy-Assertion": {token}, "Sec-Fetch-Site": {"cross-site"}, "Upgrade": {"websocket"}}, 403},
	} {
		r := httptest.NewRequest(tt.method, "/orders", http.NoBody)
		r.Header = tt.header
		w := httptest.NewRecorder()
		if api.ServeHTTP(w, r); w.Code != tt.status {
			t.Errorf("%s %.40q: %d instead of %d", tt.method, tt.header, w.Code, tt.status)
		}
	}
}

// A browser's cookie may become a token in Authorization, and then the guard cannot tell.
func TestAProxyThatPutsItsTokenIntoAuthorization(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{})
	api := httpauth.Require(guard, scopes.Authenticated())(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	token := issuer.Mint(authtest.Token{})
	protected := http.NewCrossOriginProtection().Handler(api)
	for _, tt := range []struct {
		name            string
		handler         http.Handler
		method, upgrade string
		status          int
	}{
		{"the guard alone, POST", api, "POST", "", 200},
		{"CrossOriginProtection in front, POST", protected, "POST", "", 403},
		{"CrossOriginProtection in front, GET", protected, "GET", "", 200},
		{"CrossOriginProtection in front, a WebSocket", protected, "GET", "websocket", 200},
	} {
		r := httptest.NewRequest(tt.method, "/orders", http.NoBody)
		r.Header = http.Header{"Authorization": {"Bearer " + token}, "Sec-Fetch-Site": {"cross-site"}}
		if tt.upgrade != "" {
			r.Header.Set("Upgrade", tt.upgrade)
		}
		w := httptest.NewRecorder()
		if tt.handler.ServeHTTP(w, r); w.Code != tt.status {
			t.Errorf("%s: %d instead of %d", tt.name, w.Code, tt.status)
		}
	}
}

// proxyFirst checks the token of the proxy, and leaves Authorization to the guard of api.
func proxyFirst(proxy *middleware.Guard, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request := middleware.FromHTTP(r, "")
		header := r.Header.Clone()
		header.Del("Authorization") // it is for the guard of the API
		request.Header = header
		if _, err := proxy.Check(r.Context(), request, scopes.Authenticated()); err != nil {
			httpauth.Refuse(w, err)
			return
		}
		api.ServeHTTP(w, r)
	})
}

func TestATokenOfTheProxyAndOneOfTheCaller(t *testing.T) {
	proxyIssuer, issuer := authtest.Start(t, authtest.Config{}), authtest.Start(t, authtest.Config{})
	proxy := proxyIssuer.Guard(t, middleware.Options{Header: "X-Proxy-Assertion"})
	guard := issuer.Guard(t, middleware.Options{})
	mux := http.NewServeMux()
	who := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := middleware.ClaimsFrom(r.Context())
		_, _ = io.WriteString(w, claims.Subject())
	})
	mux.Handle("/orders", httpauth.Require(guard, scopes.Authenticated())(who))
	mux.Handle("/public", httpauth.Require(guard, scopes.Public())(who))
	assertion := proxyIssuer.Mint(authtest.Token{Claims: map[string]any{"sub": "of the proxy"}})
	bearer := "Bearer " + issuer.Mint(authtest.Token{Claims: map[string]any{"sub": "of the API"}})
	for _, tt := range []struct {
		name, path, assertion, authorization, site string
		status                                     int
		body                                       string
	}{
		{"both", "/orders", assertion, bearer, "", 200, "of the API"},
		{"only the proxy's", "/orders", assertion, "", "", 401, ""},
		{"only the proxy's, on a public route", "/public", assertion, "", "", 200, ""},
		{"only the caller's", "/orders", "", bearer, "", 401, ""},
		{"only the caller's, on a public route", "/public", "", bearer, "", 401, ""},
		{"the caller's in both places", "/orders", bearer[len("Bearer "):], bearer, "", 401, ""},
		{"the proxy's in both places", "/orders", assertion, "Bearer " + assertion, "", 401, ""},
		{"both, and a page of another origin", "/orders", assertion, bearer, "cross-site", 403, ""},
	} {
		r := httptest.NewRequest(http.MethodPost, tt.path, http.NoBody)
		for name, value := range map[string]string{
			"X-Proxy-Assertion": tt.assertion, "Authorization": tt.authorization, "Sec-Fetch-Site": tt.site,
		} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		proxyFirst(proxy, mux).ServeHTTP(w, r)
		if w.Code != tt.status || w.Code == http.StatusOK && w.Body.String() != tt.body {
			t.Errorf("%s: %d %q instead of %d %q", tt.name, w.Code, w.Body, tt.status, tt.body)
		}
	}
}

// signInBody is an Options.Body. A browser gets a page with a link, and everybody else gets JSON.
func signInBody(_ context.Context, r middleware.Request, e *middleware.Error) (contentType string, body []byte) {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if e.Status() == http.StatusUnauthorized && strings.Contains(accept, "text/html") {
		return "text/html; charset=utf-8", []byte(`<!doctype html><p>Please <a href="/login">sign in</a>.`)
	}
	body, err := json.Marshal(map[string]string{"error": e.Error()}) // a fixed text
	if err != nil {
		return "text/plain; charset=utf-8", []byte(e.Error())
	}
	return "application/json", body
}

func TestABrowserGetsAPageWithALink(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{Body: signInBody})
	for accept, want := range map[string]string{
		"text/html":        `<!doctype html><p>Please <a href="/login">sign in</a>.`,
		"application/json": `{"error":"authentication required"}`,
	} {
		r := httptest.NewRequest(http.MethodGet, "/orders", http.NoBody)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		httpauth.Require(guard, scopes.Authenticated())(http.NotFoundHandler()).ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || w.Body.String() != want {
			t.Errorf("%s: %d %s", accept, w.Code, w.Body)
		}
	}
}

// resolver has the methods that a GraphQL library calls for the fields of a query.
type resolver struct{ guard *middleware.Guard }

func (r resolver) Orders(ctx context.Context) ([]string, error) {
	if err := r.guard.Authorize(ctx, scopes.All("orders:read")); err != nil {
		return nil, err // a fixed text: "insufficient scope"
	}
	return []string{"order 7"}, nil
}

func TestEachResolverJudges(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	guard := issuer.Guard(t, middleware.Options{})
	for scope, want := range map[string]string{"orders:read": "", "profile": "insufficient scope"} {
		var got string
		endpoint := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if _, err := (resolver{guard}).Orders(r.Context()); err != nil {
				got = err.Error()
			}
		})
		r := httptest.NewRequest(http.MethodPost, "/graphql", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{Scope: scope}))
		httpauth.Require(guard, scopes.Optional())(endpoint).ServeHTTP(httptest.NewRecorder(), r)
		if got != want {
			t.Errorf("%s: %q instead of %q", scope, got, want)
		}
	}
}

// chain wraps h. The first of around sees a request first.
func chain(h http.Handler, around ...func(http.Handler) http.Handler) http.Handler {
	for i := len(around) - 1; i >= 0; i-- {
		h = around[i](h)
	}
	return h
}

// withEverything shows the order of middleware around a guarded mux.
func withEverything(
	guard *middleware.Guard, policy scopes.Rules, mux *http.ServeMux,
	recoverPanics, requestID, limitByAddress, cors func(http.Handler) http.Handler,
) http.Handler {
	return chain(httpauth.Mux(guard, policy, mux),
		recoverPanics,  // first, because it also recovers the panics of your Validate and Verifier
		requestID,      // before the guard, because the guard logs with the context of the request
		limitByAddress, // before the guard, because a signature check costs time
		cors,           // before the guard, because a preflight request has no token
	)
}

func TestTheGuardIsTheLastOfTheChain(t *testing.T) {
	issuer := authtest.Start(t, authtest.Config{})
	var order []string
	step := func(name string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name)
				next.ServeHTTP(w, r)
			})
		}
	}
	guard := issuer.Guard(t, middleware.Options{Observe: func(context.Context, middleware.Event) {
		order = append(order, "guard")
	}})
	mux := http.NewServeMux()
	mux.Handle("GET /orders", http.NotFoundHandler())
	h := withEverything(guard, nil, mux, step("recover"), step("id"), step("limit"), step("cors"))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/orders", http.NoBody))
	if got := strings.Join(order, " "); got != "recover id limit cors guard" {
		t.Error(got)
	}
}
