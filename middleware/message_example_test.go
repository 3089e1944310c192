package middleware_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// briefly is a verifier. The map has the expiry of each token.
type briefly map[string]time.Time

func (b briefly) Verify(_ context.Context, token string) (middleware.Claims, error) {
	until, known := b[token]
	if !known || !time.Now().Before(until) {
		return middleware.Claims{}, fmt.Errorf("%w: unknown or expired", middleware.ErrInvalidToken)
	}
	return middleware.NewClaims(map[string]any{"sub": token, "scope": "read", "exp": until})
}

// A connection that carries many messages, such as a WebSocket, may outlive its token.
// Authorize judges each message. It looks at the clock, and asks the verifier again
// once the token has expired.
func ExampleGuard_Authorize_messages() {
	tokens := briefly{"alice": time.Now().Add(time.Hour)}
	guard, err := middleware.NewWithVerifier(tokens, middleware.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pass, err := guard.Check(context.Background(), request("alice"), scopes.Authenticated())
	if err != nil {
		fmt.Println(err)
		return
	}
	message := func(need scopes.Requirement) {
		if err := guard.Authorize(pass.Context, need); err != nil {
			fmt.Println("refused:", err)
			return
		}
		claims, _ := middleware.ClaimsFrom(pass.Context)
		fmt.Println("served:", claims.Subject())
	}
	message(scopes.All("read"))
	message(scopes.All("write"))
	// Output:
	// served: alice
	// refused: insufficient scope
}

// If each message has a token of its own, as in a session of MCP, check each message as a
// request. Its claims are those of its own token, never those of the message that opened
// the session. Check does not compare the two callers. The handler must do that.
func ExampleGuard_Check_messages() {
	soon := time.Now().Add(time.Hour)
	guard, err := middleware.NewWithVerifier(briefly{"alice": soon, "mallory": soon}, middleware.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	opened, err := guard.Check(context.Background(), request("alice"), scopes.Authenticated())
	if err != nil {
		fmt.Println(err)
		return
	}
	owner, _ := middleware.ClaimsFrom(opened.Context)
	for _, token := range []string{"alice", "mallory", "expired"} {
		pass, err := guard.Check(opened.Context, request(token), scopes.All("read"))
		if err != nil {
			fmt.Println("refused:", err)
			continue
		}
		claims, _ := middleware.ClaimsFrom(pass.Context)
		fmt.Println(claims.Subject(), "is the owner of the session:",
			claims.Issuer() == owner.Issuer() && claims.Subject() == owner.Subject())
	}
	// Output:
	// alice is the owner of the session: true
	// mallory is the owner of the session: false
	// refused: invalid token
}

// WhileAuthorized ends a stream with its token. For an http.ResponseWriter use the
// WhileAuthorized of the adapter: it also ends a write to a client that does not read.
func ExampleGuard_WhileAuthorized() {
	guard, err := middleware.NewWithVerifier(briefly{"alice": time.Now().Add(time.Hour)}, middleware.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	err = guard.WhileAuthorized(ctx, request("alice"), scopes.All("read"), func(ctx context.Context) error {
		for event := range 3 {
			if ctx.Err() != nil { // the token has expired, or the caller has left
				return context.Cause(ctx)
			}
			fmt.Println("event", event)
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// event 0
	// event 1
	// event 2
	// <nil>
}

// A connection may live for longer than its token. If the client sends the next token in a
// message, run WhileAuthorized anew. Each message is then judged by the newest token.
// WhileAuthorized does not compare the two callers. The handler must do that.
func ExampleGuard_WhileAuthorized_messages() {
	soon := time.Now().Add(time.Hour)
	guard, err := middleware.NewWithVerifier(briefly{"first": soon, "second": soon}, middleware.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	messages := []string{"list", "token second", "list", "token forged", "list"}
	for token := "first"; token != ""; {
		r := request(token)
		token = ""
		err := guard.WhileAuthorized(context.Background(), r, scopes.All("read"), func(ctx context.Context) error {
			for len(messages) > 0 {
				message := messages[0]
				messages = messages[1:]
				if next, ok := strings.CutPrefix(message, "token "); ok {
					token = next
					return nil
				}
				claims, _ := middleware.ClaimsFrom(ctx)
				fmt.Println(message, "for", claims.Subject())
			}
			return nil
		})
		if err != nil {
			fmt.Println("refused:", err)
		}
	}
	// Output:
	// list for first
	// list for second
	// refused: invalid token
}
