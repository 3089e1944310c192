package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// enforced returns a handler that enforce guards by policy. It answers with the body that it gets.
func enforced(
	t *testing.T, opts middleware.Options, policy scopes.Policy, resources ...string,
) (http.Handler, *authtest.Issuer) {
	t.Helper()
	issuer := authtest.Start(t, authtest.Config{})
	guarded, err := enforce(issuer.Guard(t, opts), policy.MustCompile(), resources...)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/mcp", guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	})))
	return mux, issuer
}

func TestTheRuleIsThatOfTheMessage(t *testing.T) {
	var routes []string
	policy := scopes.Policy{
		Routes: map[string]scopes.Requirement{
			"tools/list":                           scopes.All("list"),
			"tools/call refund":                    scopes.All("refund"),
			"prompts/get":                          scopes.All("prompts"),
			"prompts/get secret":                   scopes.All("secret"),
			"resources/read orders://terms":        scopes.All("terms"),
			"resources/read orders://{id}":         scopes.All("orders"),
			"resources/read files://{+path}":       scopes.All("files"),
			"resources/read files://secret/{name}": scopes.All("secrets"),
			"resources/subscribe":                  scopes.All("subscribe"),
			"a response":                           scopes.All("respond"),
			"/mcp":                                 scopes.All("stream"),
		},
		Default: scopes.All("default"), Unrouted: scopes.Public(),
	}
	server, issuer := enforced(t, middleware.Options{Observe: func(_ context.Context, e middleware.Event) {
		routes = append(routes, e.Route)
	}}, policy, "orders://{id}", "orders://terms", "files://{+path}", "files://secret/{name}")
	ask := func(method, member, value string) string {
		return `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{"` + member + `":"` + value + `"}}`
	}
	tests := []struct {
		name, method, body string
		need, route        string
	}{
		{"a method", "POST", ask("tools/list", "cursor", "x"), "list", "tools/list"},
		{"a tool", "POST", ask("tools/call", "name", "refund"), "refund", "tools/call refund"},
		{"a tool without a rule", "POST", ask("tools/call", "name", "made-up"), "default", "tools/call"},
		{"a tool without a rule, and its method has none", "POST", ask("tools/call", "name", "list"), "default", "tools/call"},
		{"a tool in capitals", "POST", ask("tools/call", "name", "REFUND"), "default", "tools/call"},
		{"a prompt", "POST", ask("prompts/get", "name", "secret"), "secret", "prompts/get secret"},
		{"a prompt without a rule, and its method has one", "POST", ask("prompts/get", "name", "made-up"), "prompts", "prompts/get"},
		{"a resource", "POST", ask("resources/read", "uri", "orders://terms"), "terms", "resources/read orders://terms"},
		{"a template", "POST", ask("resources/read", "uri", "orders://7"), "orders", "resources/read orders://{id}"},
		{"a template whose variable takes slashes", "POST", ask("resources/read", "uri", "files://a/b"), "files", "resources/read files://{+path}"},
		{"no such resource", "POST", ask("resources/read", "uri", "orders://7/8"), "default", "resources/read"},
		{"the text of a template", "POST", ask("resources/read", "uri", "orders://{id}"), "default", "resources/read"},
		{"a resource to subscribe to", "POST", ask("resources/subscribe", "uri", "orders://7"), "subscribe", "resources/subscribe"},
		{"a method that is unknown", "POST", ask("made/up", "name", "refund"), "default", "a message without a rule"},
		{"a method of the specification that has no rule", "POST", ask("ping", "name", "refund"), "default", "ping"},
		{"a response", "POST", `{"jsonrpc":"2.0","id":1,"result":{}}`, "respond", "a response"},
		{"the stream", "GET", "", "stream", "/mcp"},
		{"the end", "DELETE", "", "stream", "/mcp"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for scope, status := range map[string]int{tt.need: 200, "other": 403} {
				routes = nil
				r := httptest.NewRequest(tt.method, "/mcp", strings.NewReader(tt.body))
				r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{Scope: scope}))
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				if w.Code != status || len(routes) != 1 || routes[0] != tt.route {
					t.Errorf("with %s: %d, route %q: %s", scope, w.Code, routes, w.Body)
				}
				if status == 200 && w.Body.String() != tt.body {
					t.Errorf("the server reads %q", w.Body)
				}
			}
		})
	}
}

// Without a ServeMux, nobody knows the pattern. Unrouted is not for what the server serves.
func TestAStreamWithoutAPatternGetsTheDefault(t *testing.T) {
	guard := authtest.Start(t, authtest.Config{}).Guard(t, middleware.Options{})
	guarded, err := enforce(guard, scopes.Policy{Unrouted: scopes.Public()}.MustCompile())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	guarded(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/mcp", http.NoBody))
	if w.Code != http.StatusForbidden {
		t.Error(w.Code)
	}
}

func TestAURIThatFitsTwoTemplatesIsRefused(t *testing.T) {
	server, issuer := enforced(t, middleware.Options{}, scopes.Policy{Default: scopes.Authenticated()},
		"files://{+path}", "files://secret/{name}")
	body := `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"files://secret/key"}}`
	r := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{}))
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestATemplateThatIsNoneIsAFault(t *testing.T) {
	guard := authtest.Start(t, authtest.Config{}).Guard(t, middleware.Options{})
	if _, err := enforce(guard, policy, "orders://{id"); err == nil || !strings.Contains(err.Error(), `"orders://{id"`) {
		t.Error(err)
	}
}

// A name that a caller has made up would fill logs and metrics.
func TestTheLogHasNoNameThatACallerMadeUp(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	server, issuer := enforced(t, middleware.Options{Logger: logger}, scopes.Policy{}, "orders://{id}")
	for _, body := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"made-up"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"orders://made-up"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"made-up"}`,
		`{"jsonrpc":"2.0","id":1,"method":"made-up"`,
	} {
		r := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{}))
		server.ServeHTTP(httptest.NewRecorder(), r)
	}
	got := log.String()
	if strings.Contains(got, "made-up") || strings.Count(got, "route=") != 3 {
		t.Error(got)
	}
	for _, route := range []string{"tools/call", "resources/read", `"a message without a rule"`} {
		if !strings.Contains(got, "route="+route+" ") {
			t.Errorf("no route %s in %s", route, got)
		}
	}
}

func TestABodyThatDoesNotArriveIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, _ := enforced(t, middleware.Options{}, scopes.Policy{})
		ours, theirs := net.Pipe()
		listener := &one{conns: make(chan net.Conn, 1)}
		listener.conns <- theirs
		server := &http.Server{Handler: handler}
		go func() { _ = server.Serve(listener) }()
		defer server.Close()
		start := time.Now()
		go func() { _, _ = io.WriteString(ours, "POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{") }()
		answer, _ := io.ReadAll(ours) // the server closes the connection, because the body is not at its end
		took := time.Since(start)
		if !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) || took < patience || took > 2*patience {
			t.Errorf("after %s: %s", took, answer)
		}
	})
}

// one is a listener with one connection.
type one struct{ conns chan net.Conn }

func (o *one) Accept() (net.Conn, error) {
	conn, ok := <-o.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (o *one) Close() error   { close(o.conns); return nil }
func (o *one) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// A tool without a rule is denied, and a rule without a tool is a misspelling. Both are found here.
func TestEachToolResourceAndPromptHasARule(t *testing.T) {
	ctx := t.Context()
	server, client := mcp.NewInMemoryTransports()
	if _, err := newServer().Connect(ctx, server, nil); err != nil {
		t.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "audit", Version: "v1.0.0"}, nil).Connect(ctx, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	routes := []string{ // what a client of this server sends besides
		"server/discover", "initialize", "notifications/initialized", "notifications/cancelled", "ping",
		"GET /mcp", "subscriptions/listen", "DELETE /mcp",
		"tools/list", "resources/list", "resources/templates/list", "prompts/list",
	}
	for tool, err := range session.Tools(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		routes = append(routes, "tools/call "+tool.Name)
	}
	for resource, err := range session.Resources(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		routes = append(routes, "resources/read "+resource.URI)
	}
	for template, err := range session.ResourceTemplates(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		routes = append(routes, "resources/read "+template.URITemplate)
	}
	for prompt, err := range session.Prompts(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		routes = append(routes, "prompts/get "+prompt.Name)
	}
	if err := policy.Audit(routes); err != nil {
		t.Error(err)
	}
}
