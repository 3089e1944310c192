package httpauth_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// The stream of server-sent events ends when the caller's token expires, here after a moment.
func ExampleWhileAuthorized() {
	guard, err := middleware.NewWithVerifier(&expiring{after: 50 * time.Millisecond}, middleware.Options{})
	if err != nil {
		log.Fatal(err)
	}
	need := scopes.Authenticated()
	events := make(chan string, 1)
	events <- "shipped"
	handler := func(w http.ResponseWriter, r *http.Request) {
		started := false
		err := httpauth.WhileAuthorized(guard, w, r, need, func(ctx context.Context) error {
			started = true
			w.Header().Set("Content-Type", "text/event-stream")
			control := http.NewResponseController(w)
			for {
				select {
				case <-ctx.Done(): // the token has expired, or the caller has left
					return ctx.Err()
				case event := <-events:
					if _, err := fmt.Fprintf(w, "data: %s\n\n", event); err != nil {
						return err
					}
					if err := control.Flush(); err != nil {
						return err
					}
				}
			}
		})
		if err != nil && !started { // afterwards the status has been sent
			httpauth.Refuse(w, err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events", handler)
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, token := range []string{"token", ""} {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+"/events", http.NoBody)
		if err != nil {
			log.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := server.Client().Do(r)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body) // ends with the token
		resp.Body.Close()
		fmt.Printf("%d %.15q %v\n", resp.StatusCode, body, err)
	}
	// Output:
	// 200 "data: shipped\n\n" <nil>
	// 401 "{\"type\":\"about:" <nil>
}

// A test can compare the policy with the mux.
func ExampleAudit() {
	mux := http.NewServeMux()
	mux.Handle("GET /orders", orders)
	mux.Handle("GET /orders/{id}", orders)
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /orders":           scopes.All("orders:read"),
		"GET /orders/{orderID}": scopes.All("orders:read"), // the wildcard of the mux is {id}
	}}.MustCompile()

	fmt.Println(httpauth.Audit(mux, policy))
	// Output:
	// httpauth: rule "GET /orders/{orderID}" has no pattern: its requests are served by "GET /orders/{id}"
	// httpauth: patterns without a rule are not named, because a mux does not list its patterns
}

// Enforce judges the request before the router gets it. If middleware between the two changes
// the method, it chooses another handler, whose rule was not judged. Put it in front.
func ExampleEnforce_incorrect() {
	guard, _ := exampleGuard()
	router := http.NewServeMux()
	router.HandleFunc("POST /orders", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "created") })
	router.HandleFunc("DELETE /orders", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "deleted") })
	policy := scopes.Policy{Routes: map[string]scopes.Requirement{
		"POST /orders": scopes.Public(), "DELETE /orders": scopes.All("orders:admin"),
	}}.MustCompile()
	enforce := httpauth.Enforce(guard, policy, func(r *http.Request) string { _, p := router.Handler(r); return p })

	for _, api := range []http.Handler{enforce(override(router)), override(enforce(router))} {
		r := httptest.NewRequest("POST", "/orders", nil)
		r.Header.Set("X-HTTP-Method-Override", "DELETE")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		fmt.Printf("%d %.7s\n", w.Code, w.Body)
	}
	// Output:
	// 200 deleted
	// 401 {"type"
}

// A page opens a WebSocket by new WebSocket(url, ["chat", "bearer." + token]).
func ExampleSubprotocol() {
	guard, err := middleware.NewWithVerifier(&expiring{after: time.Hour}, middleware.Options{})
	if err != nil {
		log.Fatal(err)
	}
	router := http.NewServeMux()
	router.Handle("GET /chat", httpauth.Require(guard, scopes.Authenticated())(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// A WebSocket library would choose among these protocols.
			fmt.Fprintf(w, "%s offers %s", r.Header.Get("Authorization"), r.Header.Get("Sec-WebSocket-Protocol"))
		})))
	handler := httpauth.Subprotocol("bearer.")(router) // that of the http.Server

	for _, offered := range []string{"chat, bearer.TOKEN", "bearer.TOKEN", "chat"} {
		r := httptest.NewRequest(http.MethodGet, "/chat", http.NoBody)
		r.Header.Set("Sec-WebSocket-Protocol", offered)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Printf("%s: %d %.60s\n", offered, w.Code, w.Body)
	}
	// Output:
	// chat, bearer.TOKEN: 200 Bearer TOKEN offers chat
	// bearer.TOKEN: 400 no other protocol beside the token in Sec-WebSocket-Protocol
	// chat: 401 {"type":"about:blank","title":"Unauthorized","status":401,"d
}
