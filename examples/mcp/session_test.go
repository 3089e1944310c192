package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestASessionBelongsToWhoeverHasOpenedIt(t *testing.T) {
	url, issuers := start(t, newServer(), nil, authtest.Config{}, authtest.Config{URL: "https://other.test"})
	issuer, other := issuers[0], issuers[1]
	alice := authtest.Token{Scope: "orders:read", Claims: map[string]any{"sub": "alice"}}
	mallory := authtest.Token{Scope: "orders:read", Claims: map[string]any{"sub": "mallory"}}
	session := open(t, url, issuer.Mint(alice))
	tests := []struct {
		name, method, token string
		status              int
	}{
		{"the same token", "POST", issuer.Mint(alice), 200},
		{"a renewed token", "POST", issuer.Mint(alice), 200},
		{"nobody", "POST", "", 401},
		{"a forged token", "POST", issuer.Mint(authtest.Token{Algorithm: "none"}), 401},
		{"somebody else", "POST", issuer.Mint(mallory), 403},
		{"the same subject of another issuer", "POST", other.Mint(alice), 403},
		{"somebody else wants the stream", "GET", issuer.Mint(mallory), 403},
		{"somebody else wants to end it", "DELETE", issuer.Mint(mallory), 403},
		{"nobody wants to end it", "DELETE", "", 401},
		{"its owner still has it", "POST", issuer.Mint(alice), 200},
		{"its owner ends it", "DELETE", issuer.Mint(alice), 204},
		{"it has ended", "POST", issuer.Mint(alice), 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := whoAmI
			if tt.method != "POST" {
				body = ""
			}
			status, _, answer := sent{method: tt.method, token: tt.token, session: session, body: body}.do(t, url)
			if status != tt.status {
				t.Errorf("%d instead of %d: %s", status, tt.status, answer)
			}
			if status == 200 && !strings.Contains(answer, "alice, until ") {
				t.Error(answer)
			}
		})
	}
}

// A new token would not help, so the answer is no 401.
func TestATokenWithoutASubjectOpensNoSession(t *testing.T) {
	url, issuer := startOne(t, authtest.Config{})
	token := issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"sub": nil}})
	status, header, body := sent{token: token, body: initialize}.do(t, url)
	if status != 403 || header.Get("Mcp-Session-Id") != "" {
		t.Errorf("%d %s", status, body)
	}
}

// A session of nobody would be open to everybody.
func TestNobodyOpensASession(t *testing.T) {
	open := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the message is served") })
	report := func(context.Context, middleware.Request) bool { return true }
	for _, tt := range []struct {
		name      string
		rule      scopes.Requirement
		report    func(context.Context, middleware.Request) bool
		challenge string
	}{
		{"on a route for everybody", scopes.Public(), nil, `Bearer realm="api"`},
		{"on a route with an optional token", scopes.Optional(), nil, `Bearer realm="api"`},
		{"on a route that only reports", scopes.All("orders:read"), report, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			guard := authtest.Start(t, authtest.Config{}).Guard(t, middleware.Options{InsecureReportOnly: tt.report})
			guarded, err := enforce(guard, scopes.Policy{Default: tt.rule}.MustCompile())
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(initialize))
			guarded(pinned(guard, open)).ServeHTTP(w, r)
			if got := w.Header().Get("WWW-Authenticate"); w.Code != http.StatusUnauthorized || got != tt.challenge {
				t.Errorf("%d %s", w.Code, got)
			}
		})
	}
}

// The SDK compares Mcp-Method and Mcp-Name with the body from protocol 2026-07-28 on. With older protocols it
// runs what the body says, whatever they say.
func TestAHeaderThatLiesChangesNothing(t *testing.T) {
	url, issuer := startOne(t, authtest.Config{})
	token := issuer.Mint(authtest.Token{Scope: "orders:read"})
	session := open(t, url, token)
	lie := func(method, name string) http.Header {
		return http.Header{"Mcp-Method": {method}, "Mcp-Name": {name}}
	}
	tests := []struct {
		name   string
		header http.Header
		body   string
		status int
		answer string
	}{
		{"the header names a tool that is allowed", lie("tools/call", "whoami"), cancelOrder, 403, "insufficient scope"},
		{"the header names a method that is allowed", lie("ping", ""), cancelOrder, 403, "insufficient scope"},
		{"the header names a tool that is not allowed", lie("tools/call", "cancel_order"), whoAmI, 200, "user-1, until "},
		{"the header names no tool", nil, whoAmI, 200, "user-1, until "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, _, answer := sent{token: token, session: session, header: tt.header, body: tt.body}.do(t, url)
			if status != tt.status || !strings.Contains(answer, tt.answer) {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
}

// Without sessions, the SDK serves the newest protocol. There it does compare the header with the body.
func TestAServerWithoutSessionsIsGuardedAlike(t *testing.T) {
	url, issuers := start(t, newServer(), &mcp.StreamableHTTPOptions{Stateless: true}, authtest.Config{})
	token := issuers[0].Mint(authtest.Token{Scope: "orders:read"})
	newest := func(body, name string) sent {
		const version = "2026-07-28"
		meta := `"params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"` + version + `",` +
			`"io.modelcontextprotocol/clientInfo":{"name":"by hand","version":"1"},` +
			`"io.modelcontextprotocol/clientCapabilities":{}},`
		return sent{
			token: token, body: strings.Replace(body, `"params":{`, meta, 1),
			header: http.Header{
				"Mcp-Protocol-Version": {version}, "Mcp-Method": {"tools/call"}, "Mcp-Name": {name},
			},
		}
	}
	tests := []struct {
		name   string
		sent   sent
		status int
	}{
		{"a tool", newest(whoAmI, "whoami"), 200},
		{"a tool that needs more", newest(cancelOrder, "cancel_order"), 403},
		{"a tool that needs more, and a header that lies", newest(cancelOrder, "whoami"), 403},
		{"a tool, and a header that lies", newest(whoAmI, "cancel_order"), 400},
		{"an older protocol", sent{token: token, body: whoAmI}, 200},
		{"nobody", sent{body: whoAmI}, 401},
		{"a stream", sent{token: token, method: "GET"}, 405},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if status, _, answer := tt.sent.do(t, url); status != tt.status {
				t.Errorf("%d instead of %d: %s", status, tt.status, answer)
			}
		})
	}
}

// This is what a tool sees of its caller, with and without byMessage.
func TestAToolSeesTheTokenOfItsMessage(t *testing.T) {
	soon, later := time.Now().Add(time.Minute).UTC(), time.Now().Add(time.Hour).UTC()
	bare := mcp.NewServer(&mcp.Implementation{Name: "bare", Version: "v1.0.0"}, nil)
	mcp.AddTool(bare, &mcp.Tool{Name: "whoami"}, whoami)
	sdk := mcp.NewServer(&mcp.Implementation{Name: "sdk", Version: "v1.0.0"}, nil)
	sdk.AddReceivingMiddleware(byMessage)
	mcp.AddTool(sdk, &mcp.Tool{Name: "whoami"},
		func(ctx context.Context, req *mcp.CallToolRequest, in nothing) (*mcp.CallToolResult, any, error) {
			first, _ := auth.TokenInfoFromContext(ctx).Extra[contextOfMessage].(context.Context)
			return whoami(first, req, in)
		})
	stateless := &mcp.StreamableHTTPOptions{Stateless: true}
	for _, tt := range []struct {
		name   string
		server *mcp.Server
		opts   *mcp.StreamableHTTPOptions
		want   time.Time // after the client has renewed its token
	}{
		{"with byMessage, that of the call", newServer(), nil, later},
		{"without it, that of the first message of the session", bare, nil, soon},
		{"by TokenInfoFromContext of the SDK, that of the first message, too", sdk, nil, soon},
		{"without sessions, that of the call", newServer(), stateless, later},
		{"without sessions and without byMessage, too", bare, stateless, later},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, issuers := start(t, tt.server, tt.opts, authtest.Config{})
			issuer := issuers[0]
			mint := func(until time.Time) string {
				return issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"exp": until}})
			}
			token := &renewable{}
			token.renew(mint(soon))
			session := connect(t, url, token)
			if got, err := call(t, session, "whoami"); err != nil || got != "user-1, until "+soon.Format(time.RFC3339) {
				t.Errorf("%s, %v", got, err)
			}
			token.renew(mint(later))
			if got, err := call(t, session, "whoami"); err != nil || got != "user-1, until "+tt.want.Format(time.RFC3339) {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
}

// A client may get the answer of a tool on another request than that of the call. So the context of a tool
// ends with the session, and not with the request.
func TestTheContextOfAToolEndsWithTheSession(t *testing.T) {
	closed := errors.New("the session is closed")
	session, closeSession := context.WithCancelCause(t.Context())
	request, endRequest := context.WithCancel(authtest.WithClaims(t.Context(), map[string]any{"iss": "i", "sub": "alice"}))
	info, err := whoever(request, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	call := &mcp.CallToolRequest{Extra: &mcp.RequestExtra{TokenInfo: info}}
	_, _ = byMessage(func(ctx context.Context, _ string, _ mcp.Request) (mcp.Result, error) {
		endRequest()
		if claims, _ := middleware.ClaimsFrom(ctx); claims.Subject() != "alice" {
			t.Errorf("%q", claims.Subject())
		}
		if ctx.Err() != nil || context.Cause(ctx) != nil {
			t.Errorf("%v, %v", ctx.Err(), context.Cause(ctx))
		}
		closeSession(closed)
		if ctx.Err() == nil || context.Cause(ctx) != closed {
			t.Errorf("%v, %v", ctx.Err(), context.Cause(ctx))
		}
		return nil, nil
	})(session, "tools/call", call)
}

// Without byMessage, a tool would be refused once the token has expired that opened the session.
func TestAuthorizeInAToolIsAboutItsMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.Start(t, authtest.Config{})
		guard := issuer.Guard(t, middleware.Options{})
		message := func(scope string) context.Context {
			r := httptest.NewRequest(http.MethodPost, "/mcp", http.NoBody)
			r.Header.Set("Authorization", "Bearer "+issuer.Mint(authtest.Token{Scope: scope}))
			pass, err := guard.Check(t.Context(), middleware.FromHTTP(r, ""), scopes.Authenticated())
			if err != nil {
				t.Fatal(err)
			}
			return pass.Context
		}
		first := message("orders:read")
		time.Sleep(time.Hour) // it has expired
		info, err := whoever(message("orders:write"), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		call := &mcp.CallToolRequest{Extra: &mcp.RequestExtra{TokenInfo: info}}
		tool := func(ctx context.Context, _ string, _ mcp.Request) (mcp.Result, error) {
			return nil, guard.Authorize(ctx, scopes.All("orders:write"))
		}
		if _, err := byMessage(tool)(first, "tools/call", call); err != nil {
			t.Error(err)
		}
		var refusal *middleware.Error
		if _, err := tool(first, "tools/call", call); !errors.As(err, &refusal) || !refusal.Expired() {
			t.Error(err)
		}
	})
}

func TestARefusalDoesNotEndTheClientsSession(t *testing.T) {
	url, issuer := startOne(t, authtest.Config{})
	token := &renewable{}
	token.renew(issuer.Mint(authtest.Token{Scope: "orders:read"}))
	session := connect(t, url, token)
	if _, err := call(t, session, "unknown"); err == nil {
		t.Error("a tool without a rule is served")
	}
	if got, err := call(t, session, "list_orders"); err != nil || got != "order 7, order 8" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestEachBodyIsOneMessage(t *testing.T) {
	url, issuer := startOne(t, authtest.Config{})
	token := issuer.Mint(authtest.Token{Scope: "orders:read"})
	session := open(t, url, token)
	tests := []struct {
		name, version, body string
		status              int
	}{
		{"a batch", "2025-06-18", "[" + whoAmI + "]", 400},
		{"a batch of the protocol that has batches", "2025-03-26", "[" + whoAmI + "," + cancelOrder + "]", 400},
		{"two messages", "2025-06-18", whoAmI + cancelOrder, 400},
		{"a duplicate name", "2025-06-18", strings.Replace(cancelOrder, `"name":`, `"name":"whoami","name":`, 1), 400},
		{"nothing", "2025-06-18", "", 400},
		{"1 MiB", "2025-06-18", whoAmI + strings.Repeat(" ", 1<<20-len(whoAmI)), 200},
		{"more than 1 MiB", "2025-06-18", whoAmI + strings.Repeat(" ", 1<<20-len(whoAmI)+1), 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{"Mcp-Protocol-Version": {tt.version}}
			status, _, answer := sent{token: token, session: session, header: header, body: tt.body}.do(t, url)
			if status != tt.status {
				t.Errorf("%d instead of %d: %s", status, tt.status, answer)
			}
		})
	}
}

// A body of unknown length is bounded, too.
func TestAChunkedBodyIsBounded(t *testing.T) {
	url, _ := startOne(t, authtest.Config{})
	body := io.MultiReader(strings.NewReader(whoAmI), bytes.NewReader(bytes.Repeat([]byte(" "), 1<<20)))
	resp, err := http.Post(url, "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(resp.Status)
	}
}

// The stream of what the server sends by itself ends with its token, and the session goes on.
func TestTheStreamEndsWithItsToken(t *testing.T) {
	url, issuer := startOne(t, authtest.Config{})
	mint := func(until time.Duration) string {
		// The guard accepts a token for half a minute longer, because clocks differ.
		exp := time.Now().Add(until - 30*time.Second)
		return issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"exp": exp}})
	}
	session := open(t, url, mint(time.Hour))
	start := time.Now()
	status, _, _ := sent{method: http.MethodGet, token: mint(2 * time.Second), session: session}.do(t, url)
	if took := time.Since(start); status != http.StatusOK || took > 20*time.Second {
		t.Errorf("%d, and the stream has ended after %s", status, took)
	}
	status, _, answer := sent{token: mint(time.Hour), session: session, body: whoAmI}.do(t, url)
	if status != http.StatusOK {
		t.Errorf("%d %s", status, answer)
	}
}

// Newer clients open that stream by a message. It ends with its token, too.
func TestTheStreamOfNewerClientsEndsWithItsToken(t *testing.T) {
	url, issuers := start(t, newServer(), &mcp.StreamableHTTPOptions{Stateless: true}, authtest.Config{})
	exp := time.Now().Add(2*time.Second - 30*time.Second) // the leeway of the guard
	listen := sent{
		token: issuers[0].Mint(authtest.Token{Claims: map[string]any{"exp": exp}}),
		body: `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` +
			`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
			`"io.modelcontextprotocol/clientInfo":{"name":"by hand","version":"1"},` +
			`"io.modelcontextprotocol/clientCapabilities":{}}}}`,
		header: http.Header{"Mcp-Protocol-Version": {"2026-07-28"}, "Mcp-Method": {"subscriptions/listen"}},
	}
	start := time.Now()
	status, _, answer := listen.do(t, url)
	if took := time.Since(start); status != http.StatusOK || took < time.Second || took > 20*time.Second {
		t.Errorf("%d, and the stream has ended after %s: %s", status, took, answer)
	}
}
