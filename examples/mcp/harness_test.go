package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"golang.org/x/oauth2"
)

// start starts mcpServer on loopback behind a guard, and returns the URL of its endpoint. The guard trusts an
// issuer for each of cfgs.
func start(
	t *testing.T, mcpServer *mcp.Server, opts *mcp.StreamableHTTPOptions, cfgs ...authtest.Config,
) (url string, issuers []*authtest.Issuer) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	url = "http://" + server.Listener.Addr().String() + "/mcp"
	var trusted []middleware.JWTConfig
	for _, cfg := range cfgs {
		cfg.Audience = url
		issuer := authtest.Start(t, cfg)
		jwt := issuer.Config()
		jwt.Audience = nil // the URL of the resource
		issuers, trusted = append(issuers, issuer), append(trusted, jwt)
	}
	guard, err := middleware.NewMultiIssuer(trusted, options(url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = guard.Close() })
	server.Config.Handler, err = newHandler(guard, mcpServer, opts)
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	return url, issuers
}

// startOne is start for the server of the example and one issuer.
func startOne(t *testing.T, cfg authtest.Config) (string, *authtest.Issuer) {
	t.Helper()
	url, issuers := start(t, newServer(), nil, cfg)
	return url, issuers[0]
}

// A sent is one request by hand.
type sent struct {
	method, token, session, body string
	host                         string // "": that of the URL
	header                       http.Header
}

// do sends a request to url, and returns the status, the header and the body of the answer.
func (s sent) do(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	if s.method == "" {
		s.method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), s.method, url, strings.NewReader(s.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = s.host
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("MCP-Protocol-Version", "2025-06-18")
	for name, values := range s.header {
		r.Header[name] = values
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	if s.session != "" {
		r.Header.Set("Mcp-Session-Id", s.session)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",` +
		`"capabilities":{},"clientInfo":{"name":"by hand","version":"1"}}}`
	initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	whoAmI      = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"whoami","arguments":{}}}`
	refundOrder = `{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"refund_order","arguments":{"id":7}}}`
	cancelOrder = `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"cancel_order","arguments":{"id":7}}}`
)

// open opens a session by hand, and returns its id.
func open(t *testing.T, url, token string) string {
	t.Helper()
	status, header, body := sent{token: token, body: initialize}.do(t, url)
	session := header.Get("Mcp-Session-Id")
	if status != http.StatusOK || session == "" {
		t.Fatalf("initialize: %d, session %q: %s", status, session, body)
	}
	status, _, body = sent{token: token, session: session, body: initialized}.do(t, url)
	if status != http.StatusAccepted {
		t.Fatalf("initialized: %d %s", status, body)
	}
	return session
}

// renewable is the SDK's client side of OAuth, with a token that the test changes.
type renewable struct{ token atomic.Pointer[oauth2.Token] }

func (r *renewable) renew(token string) { r.token.Store(&oauth2.Token{AccessToken: token}) }

func (r *renewable) TokenSource(context.Context) (oauth2.TokenSource, error) {
	return oauth2.StaticTokenSource(r.token.Load()), nil
}

func (*renewable) Authorize(_ context.Context, _ *http.Request, resp *http.Response) error {
	return errors.Join(errors.New("refused"), resp.Body.Close())
}

// connect connects the SDK's client.
func connect(t *testing.T, url string, handler auth.OAuthHandler) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "v1.0.0"}, nil)
	transport := &mcp.StreamableClientTransport{Endpoint: url, OAuthHandler: handler}
	session, err := client.Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// call calls a tool, perhaps with the id of an order, and returns the text of the answer.
func call(t *testing.T, session *mcp.ClientSession, tool string, ids ...int) (string, error) {
	t.Helper()
	arguments := map[string]any{}
	for _, id := range ids {
		arguments["id"] = id
	}
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		return "", err
	}
	text, ok := result.Content[0].(*mcp.TextContent)
	if !ok || result.IsError {
		t.Fatalf("%s: %v", tool, result.Content)
	}
	return text.Text, nil
}
