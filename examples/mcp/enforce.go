package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-json-experiment/json"
	"github.com/yosida95/uritemplate/v3"
)

// Callers send messages before anybody knows who they are, so what one message may cost is bounded.
const (
	maxMessage = 1 << 20          // octets
	patience   = 10 * time.Second // for the whole message to arrive
)

// unlisted is the route of a message without a rule whose method is not one of methods. It gets the default
// of the rules. A name that the caller has made up must not get into logs and metrics.
const unlisted = "a message without a rule"

// enforce returns middleware that guards an MCP server on streamable HTTP by rules. The rule of a POST is
// that of the message in its body, because the server runs what the body says. The header fields Mcp-Method
// and Mcp-Name are not read. These are the routes:
//
//	"tools/call NAME"       one tool
//	"prompts/get NAME"      one prompt
//	"resources/read URI"    one resource, or one template: "resources/read orders://{id}".
//	                        Likewise resources/subscribe and resources/unsubscribe
//	"tools/list"            any other method, by its name
//	"tools/call"            the tools without a rule of their own, if this rule exists; likewise the others
//	"a response"            what the client answers to the server
//	"GET /mcp"              a request that is no POST: the pattern by which a ServeMux has found the handler
//
// Everything else gets the default of the rules. For the log, its route is the method, such as "ping" or
// "tools/call", or "a message without a rule" if the specification does not have the method. resources lists
// the resources of the server and its templates, as the server has them.
//
// A body that is not one message, or that fits several of the templates, is answered 400 without a check of
// the token. A body that is too large is answered 413.
func enforce(
	guard *middleware.Guard, rules scopes.Rules, resources ...string,
) (func(http.Handler) http.Handler, error) {
	templates, err := compile(resources)
	if err != nil {
		return nil, err
	}
	guarded := httpauth.Enforce(guard, rules, func(r *http.Request) string { return route(r, rules) })
	return func(next http.Handler) http.Handler {
		next = guarded(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost {
				next.ServeHTTP(w, r)
				return
			}
			body, err := read(w, r)
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				http.Error(w, "a message has at most 1 MiB", http.StatusRequestEntityTooLarge)
				return
			}
			if err != nil {
				http.Error(w, "the body could not be read", http.StatusBadRequest)
				return
			}
			m, err := parseMessage(body)
			if err == nil && methods[m.method] == "uri" {
				m.name, err = pattern(templates, m.name)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			r = r.WithContext(context.WithValue(r.Context(), messageKey{}, m))
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		})
	}, nil
}

type messageKey struct{}

// messageFrom returns the message of a request that enforce has read.
func messageFrom(ctx context.Context) (message, bool) {
	m, ok := ctx.Value(messageKey{}).(message)
	return m, ok
}

// route names the route of a request that enforce has read. It returns no name that the caller has made up.
func route(r *http.Request, rules scopes.Rules) string {
	m, ok := messageFrom(r.Context())
	if !ok {
		return cmp.Or(r.Pattern, unlisted)
	}
	if name := m.method + " " + m.name; m.name != "" && rules.Has(name) {
		return name
	}
	if _, known := methods[m.method]; known || rules.Has(m.method) {
		return m.method
	}
	return unlisted
}

// whileAuthorized ends the stream of what the server sends by itself when its token expires. Older clients
// open it by GET, and newer ones by a message. The rules are those of enforce, which is in front.
func whileAuthorized(guard *middleware.Guard, rules scopes.Rules, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m, _ := messageFrom(r.Context()); r.Method != http.MethodGet && m.method != "subscriptions/listen" {
			next.ServeHTTP(w, r)
			return
		}
		started := false
		err := httpauth.WhileAuthorized(guard, w, r, rules.Lookup(route(r, rules)), func(ctx context.Context) error {
			started = true
			next.ServeHTTP(w, r.WithContext(ctx))
			return nil
		})
		if err != nil && !started {
			httpauth.Refuse(w, err)
		}
	})
}

// read reads the body of r, within the bounds. If the body does not arrive, the deadline stays, because the
// server itself would wait for the rest of it. Otherwise there is none any more, because the answer may be a
// stream.
func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	limited := control.SetReadDeadline(time.Now().Add(patience)) == nil // not on the writer of a test
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	if err == nil && limited {
		err = control.SetReadDeadline(time.Time{})
	}
	return body, err
}

// A template is one of the resources, as the server matches it.
type template struct {
	pattern string
	fits    *regexp.Regexp // nil: the pattern is the URI
}

func compile(resources []string) ([]template, error) {
	var templates []template
	for _, pattern := range resources {
		parsed, err := uritemplate.New(pattern)
		if err != nil {
			return nil, fmt.Errorf("resource %q: %w", pattern, err)
		}
		t := template{pattern: pattern}
		if len(parsed.Varnames()) > 0 {
			t.fits = parsed.Regexp()
		}
		templates = append(templates, t)
	}
	return templates, nil
}

// pattern returns the pattern of the resource that serves uri, and "" if there is none. As on the server, a
// resource comes before the templates. If several templates fit, the order decides on the server, and the
// rule of another one could be applied here. Therefore that is an error.
func pattern(templates []template, uri string) (string, error) {
	found := ""
	for _, t := range templates {
		switch {
		case t.fits == nil && t.pattern == uri:
			return t.pattern, nil
		case t.fits == nil || !t.fits.MatchString(uri):
		case found != "":
			return "", errors.New("the URI fits several resource templates")
		default:
			found = t.pattern
		}
	}
	return found, nil
}

// jsonRPC is an Options.Body. A client keeps its session after a refusal if the body is a JSON-RPC error for
// its message. With any other body, the SDK's client ends the session.
func jsonRPC(ctx context.Context, _ middleware.Request, e *middleware.Error) (contentType string, body []byte) {
	m, _ := messageFrom(ctx)
	if m.id == nil { // nobody waits for an answer in JSON-RPC
		return "text/plain; charset=utf-8", []byte(e.Error())
	}
	body, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": m.id, "error": map[string]any{"code": -32000, "message": e.Error()},
	}, json.Deterministic(true))
	if err != nil {
		return "text/plain; charset=utf-8", []byte(e.Error())
	}
	return "application/json", body
}
