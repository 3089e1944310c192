package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// resources are the resources of the server and its templates.
var resources = []string{"orders://terms", "orders://by-id/{id}"}

// newServer returns an MCP server with made-up orders.
func newServer() *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "orders", Version: "v1.0.0"}, nil)
	server.AddReceivingMiddleware(byMessage)

	mcp.AddTool(server, &mcp.Tool{Name: "whoami", Description: "Says who you are"}, whoami)
	mcp.AddTool(server, &mcp.Tool{Name: "list_orders", Description: "Lists your orders"},
		func(context.Context, *mcp.CallToolRequest, nothing) (*mcp.CallToolResult, any, error) {
			return say("order 7, order 8"), nil, nil
		})
	mcp.AddTool(server, &mcp.Tool{Name: "cancel_order", Description: "Cancels an order"},
		func(_ context.Context, _ *mcp.CallToolRequest, o order) (*mcp.CallToolResult, any, error) {
			return say("order %d is cancelled", o.ID), nil, nil
		})
	mcp.AddTool(server, &mcp.Tool{Name: "refund_order", Description: "Pays the price of an order back"},
		func(_ context.Context, _ *mcp.CallToolRequest, o order) (*mcp.CallToolResult, any, error) {
			return say("order %d is refunded", o.ID), nil, nil
		})

	server.AddResource(&mcp.Resource{URI: resources[0], Name: "terms"}, document("You pay on delivery."))
	server.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: resources[1], Name: "order"}, document("An order"))
	server.AddPrompt(&mcp.Prompt{Name: "summarize_orders"},
		func(context.Context, *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			text := &mcp.TextContent{Text: "Summarize my orders."}
			return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: text}}}, nil
		})
	return server
}

type nothing struct{}

type order struct {
	ID int `json:"id"`
}

// whoami shows what a tool sees of its caller.
func whoami(ctx context.Context, _ *mcp.CallToolRequest, _ nothing) (*mcp.CallToolResult, any, error) {
	claims, _ := middleware.ClaimsFrom(ctx) // of the token that came with this call
	return say("%s, until %s", claims.Subject(), claims.Expiry().UTC().Format(time.RFC3339)), nil, nil
}

func say(format string, args ...any) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: fmt.Sprintf(format, args...)}}}
}

func document(text string) mcp.ResourceHandler {
	return func(_ context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: req.Params.URI, Text: text}}}, nil
	}
}
