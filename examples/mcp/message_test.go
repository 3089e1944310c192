package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestParseMessage(t *testing.T) {
	tests := []struct {
		name, body         string
		method, about, err string
	}{
		{"a call", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, "tools/list", "", ""},
		{"a notification", `{"jsonrpc":"2.0","method":"notifications/initialized"}`, "notifications/initialized", "", ""},
		{"a response", `{"jsonrpc":"2.0","id":1,"result":{}}`, "a response", "", ""},
		{"a response with an error", `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}`, "a response", "", ""},
		{"a tool", `{"method":"tools/call","params":{"name":"refund","arguments":{"name":"whoami"}}}`, "tools/call", "refund", ""},
		{"a tool with a space in its name", `{"method":"tools/call","params":{"name":"a b"}}`, "tools/call", "a b", ""},
		{"a prompt", `{"method":"prompts/get","params":{"name":"summary"}}`, "prompts/get", "summary", ""},
		{"a resource", `{"method":"resources/read","params":{"uri":"orders://7"}}`, "resources/read", "orders://7", ""},
		{"escapes count as what they stand for", `{"\u006dethod":"tools\/call","p\u0061rams":{"n\u0061me":"r\u0065fund"}}`, "tools/call", "refund", ""},
		{"params of another method do not count", `{"method":"ping","params":{"name":"refund"}}`, "ping", "", ""},
		{"white space around", " \r\n\t{\"method\":\"ping\"} \n", "ping", "", ""},

		{"a batch", `[{"method":"ping"}]`, "", "", "batches are not accepted"},
		{"a batch after white space", ` [{"method":"ping"}]`, "", "", "batches are not accepted"},
		{"two messages", `{"method":"ping"}{"method":"tools/call","params":{"name":"refund"}}`, "", "", "not one JSON-RPC message"},
		{"two methods", `{"method":"ping","method":"tools/list"}`, "", "", "not one JSON-RPC message"},
		{"two methods, one of them with an escape", `{"method":"ping","\u006dethod":"tools/list"}`, "", "", "not one JSON-RPC message"},
		{"two params", `{"method":"tools/call","params":{"name":"whoami"},"params":{"name":"refund"}}`, "", "", "not one JSON-RPC message"},
		{"two names", `{"method":"tools/call","params":{"name":"whoami","name":"refund"}}`, "", "", "not one JSON-RPC message"},
		{"a duplicate far below", `{"method":"ping","params":{"a":{"b":1,"b":2}}}`, "", "", "not one JSON-RPC message"},
		{"a method in capitals is no method", `{"Method":"ping"}`, "", "", "neither a request nor a response"},
		{"a name in capitals is no name", `{"method":"tools/call","params":{"Name":"refund"}}`, "", "", "tools/call needs a name"},
		{"a request that is a response, too", `{"method":"ping","result":{}}`, "", "", "neither a request nor a response"},
		{"neither", `{"jsonrpc":"2.0","id":1}`, "", "", "neither a request nor a response"},
		{"a method of null", `{"method":null}`, "", "", "the method is not a name"},
		{"a method that is a number", `{"method":1}`, "", "", "the method is not a name"},
		{"an empty method", `{"method":""}`, "", "", "the method is not a name"},
		{"a method that looks like a tool", `{"method":"tools/call refund"}`, "", "", "the method is not a name"},
		{"a method that looks like a response", `{"method":"a response"}`, "", "", "the method is not a name"},
		{"a tool without a name", `{"method":"tools/call","params":{}}`, "", "", "tools/call needs a name"},
		{"a tool with an empty name", `{"method":"tools/call","params":{"name":""}}`, "", "", "tools/call needs a name"},
		{"a tool whose name is a number", `{"method":"tools/call","params":{"name":7}}`, "", "", "tools/call needs a name"},
		{"a tool without params", `{"method":"tools/call"}`, "", "", "tools/call needs a name"},
		{"a tool with params of null", `{"method":"tools/call","params":null}`, "", "", "tools/call needs a name"},
		{"a tool with a list of params", `{"method":"tools/call","params":["refund"]}`, "", "", "tools/call needs a name"},
		{"a resource by name", `{"method":"resources/read","params":{"name":"x"}}`, "", "", "resources/read needs a uri"},
		{"not UTF-8", "{\"method\":\"tools/call\",\"params\":{\"name\":\"\xff\"}}", "", "", "not one JSON-RPC message"},
		{"half a surrogate pair", `{"method":"tools/call","params":{"name":"\ud800"}}`, "", "", "not one JSON-RPC message"},
		{"a byte order mark", "\ufeff{\"method\":\"ping\"}", "", "", "not one JSON-RPC message"},
		{"half a message", `{"method":"ping"`, "", "", "not one JSON-RPC message"},
		{"no JSON", `method=ping`, "", "", "not one JSON-RPC message"},
		{"a text", `"ping"`, "", "", "not one JSON-RPC message"},
		{"null", `null`, "", "", "neither a request nor a response"},
		{"nothing", ``, "", "", "not one JSON-RPC message"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := parseMessage([]byte(tt.body))
			if m.method != tt.method || m.name != tt.about {
				t.Errorf("method %q, name %q", m.method, m.name)
			}
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

// ran is what a server of the SDK has run.
type ran struct{ method, name string }

// recorder returns a server of the SDK without sessions. It calls run for what it runs.
func recorder(run func(ran)) http.Handler {
	server := newServer()
	server.AddReceivingMiddleware(func(mcp.MethodHandler) mcp.MethodHandler {
		return func(_ context.Context, method string, req mcp.Request) (mcp.Result, error) {
			r := ran{method: method}
			switch params := req.GetParams().(type) {
			case *mcp.CallToolParamsRaw:
				r.name = params.Name
			case *mcp.GetPromptParams:
				r.name = params.Name
			case *mcp.ReadResourceParams:
				r.name = params.URI
			case *mcp.SubscribeParams:
				r.name = params.URI
			case *mcp.UnsubscribeParams:
				r.name = params.URI
			}
			run(r)
			return &mcp.ListToolsResult{}, nil
		}
	})
	return mcp.NewStreamableHTTPHandler(
		func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true},
	)
}

// What parseMessage accepts, the SDK reads in the same way. Otherwise the guard would judge one message, and
// the server would run another.
func FuzzTheServerRunsWhatTheGuardHasRead(f *testing.F) {
	const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"refund_order","arguments":{"id":7}}}`
	for _, seed := range []string{
		call,
		`{"jsonrpc":"2.0","id":"1","\u006dethod":"tools\/call","params":{"n\u0061me":"whoami"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"Name":"whoami","name":"refund_order"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","name\u0000":"refund_order"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"summarize_orders"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"orders://by-id/7"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"orders://terms"}}`,
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`,
		`{"jsonrpc":"2.0","id":1,"result":{"method":"tools/call","params":{"name":"whoami"}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":1,"method":"tools/list"}`,
		`[{"jsonrpc":"2.0","id":1,"method":"ping"}]`,
	} {
		f.Add([]byte(seed))
	}
	var mu sync.Mutex
	var got []ran
	server := recorder(func(r ran) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r)
	})
	send := func(body []byte) []ran {
		got = nil
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second) // an answer may be a stream
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/mcp", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		server.ServeHTTP(httptest.NewRecorder(), r)
		mu.Lock()
		defer mu.Unlock()
		return got
	}
	if got := send([]byte(call)); !slices.Equal(got, []ran{{"tools/call", "refund_order"}}) {
		f.Fatalf("the server has run %v", got) // it would notice nothing
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := parseMessage(body)
		if err != nil {
			return
		}
		got := send(body)
		for _, r := range got {
			if r.method != m.method || r.name != m.name {
				t.Errorf("the guard has read %q %q, and the server has run %q %q", m.method, m.name, r.method, r.name)
			}
		}
		if len(got) > 1 {
			t.Errorf("the server has run %d messages", len(got))
		}
	})
}
