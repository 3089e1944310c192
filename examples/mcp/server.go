package main

import (
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// mayRead is met by orders:write as well, and asks for orders:read.
var mayRead = scopes.Any("orders:read", "orders:write")

// recentLogin asks for a login with a second factor, at most five minutes ago.
var recentLogin = scopes.ACR("gold").And(scopes.MaxAge(5 * time.Minute))

// policy says what each message needs. A message that it does not list is denied.
var policy = scopes.Policy{Routes: map[string]scopes.Requirement{
	// A client begins with one of these. The 401 tells it which scope to ask for.
	"server/discover": mayRead,
	"initialize":      mayRead,

	"notifications/initialized": scopes.Authenticated(),
	"notifications/cancelled":   scopes.Authenticated(),
	"ping":                      scopes.Authenticated(),
	"GET /mcp":                  scopes.Authenticated(), // the stream of what the server sends by itself
	"subscriptions/listen":      scopes.Authenticated(), // the same stream for newer clients
	"DELETE /mcp":               scopes.Authenticated(), // ends a session

	"tools/list":              scopes.Authenticated(),
	"tools/call whoami":       scopes.Authenticated(),
	"tools/call list_orders":  mayRead,
	"tools/call cancel_order": scopes.All("orders:write"),
	"tools/call refund_order": scopes.All("orders:write").And(recentLogin),

	"resources/list":                     scopes.Authenticated(),
	"resources/templates/list":           scopes.Authenticated(),
	"resources/read orders://terms":      scopes.Authenticated(),
	"resources/read orders://by-id/{id}": mayRead,

	"prompts/list":                 scopes.Authenticated(),
	"prompts/get summarize_orders": mayRead,
}}.MustCompile()

// options are those of the guard for the MCP server at url.
func options(url string) middleware.Options {
	return middleware.Options{
		Resource: &middleware.Resource{
			URL:    url,
			Scopes: []string{"orders:read"}, // what a client needs to begin; refusals name the others
			Name:   "Orders",
		},
		Body: jsonRPC,
	}
}

// newHandler returns server at /mcp, behind guard, and the metadata of guard at their path.
func newHandler(
	guard *middleware.Guard, server *mcp.Server, opts *mcp.StreamableHTTPOptions,
) (http.Handler, error) {
	enforced, err := enforce(guard, policy, resources...)
	if err != nil {
		return nil, err
	}
	streamable := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, opts)
	protected := enforced(whileAuthorized(guard, policy, pinned(guard, streamable)))
	mux := http.NewServeMux()
	mux.Handle("POST /mcp", protected)
	mux.Handle("GET /mcp", protected)
	mux.Handle("DELETE /mcp", protected)
	mux.Handle(guard.MetadataPath(), guard.Metadata()) // for clients without a token
	return http.NewCrossOriginProtection().Handler(mux), nil
}
