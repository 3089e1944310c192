package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

// A user logs in and grants what a client asks for. It notes what that is.
type user struct {
	mu    sync.Mutex
	asked []authtest.Authorization
}

func (u *user) authorize(a authtest.Authorization) (authtest.Token, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asked = append(u.asked, a)
	return authtest.Token{Claims: map[string]any{"sub": "alice"}}, nil
}

// asks returns what clients have asked for since the last call of asks.
func (u *user) asks() []authtest.Authorization {
	u.mu.Lock()
	defer u.mu.Unlock()
	asked := u.asked
	u.asked = nil
	for i := range asked {
		asked[i].ClientID = ""       // made up by the issuer
		slices.Sort(asked[i].Scopes) // the SDK has them in no order
	}
	return asked
}

const callback = "http://127.0.0.1/callback" // nobody listens there, because the test plays the browser

// browser follows the URL of an authorization to its redirect, as the browser of a user does.
func browser(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, args.URL, http.NoBody)
	if err != nil {
		return nil, err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	location, err := resp.Location()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", resp.Status, err)
	}
	answer := location.Query()
	if refusal := answer.Get("error"); refusal != "" {
		return nil, fmt.Errorf("%s: %s", refusal, answer.Get("error_description"))
	}
	return &auth.AuthorizationResult{
		Code: answer.Get("code"), State: answer.Get("state"), Iss: answer.Get("iss"),
	}, nil
}

// oauth returns the SDK's own client side of OAuth. It knows nothing but how to open a browser.
func oauth(t *testing.T, fetch auth.AuthorizationCodeFetcher) *auth.AuthorizationCodeHandler {
	t.Helper()
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{RedirectURIs: []string{callback}},
		},
		AuthorizationCodeFetcher: fetch,
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// The SDK's client gets nothing but the URL of the server.
func TestAClientThatKnowsNothingButTheURLFindsItsWayIn(t *testing.T) {
	alice := new(user)
	endpoint, _ := startOne(t, authtest.Config{Addr: "127.0.0.1:0", Authorize: alice.authorize})
	session := connect(t, endpoint, oauth(t, browser))
	ask := func(scopes ...string) authtest.Authorization {
		return authtest.Authorization{RedirectURI: callback, Resource: endpoint, Scopes: scopes, MaxAge: -1}
	}
	if diff := cmp.Diff([]authtest.Authorization{ask("orders:read")}, alice.asks()); diff != "" {
		t.Errorf("the first message (-want +got):\n%s", diff)
	}
	if got, err := call(t, session, "list_orders"); err != nil || got != "order 7, order 8" {
		t.Errorf("%s, %v", got, err)
	}
	if asked := alice.asks(); len(asked) != 0 {
		t.Errorf("a call that the token is enough for asks for %v", asked)
	}
	if got, err := call(t, session, "cancel_order", 7); err != nil || got != "order 7 is cancelled" {
		t.Errorf("%s, %v", got, err)
	}
	if diff := cmp.Diff([]authtest.Authorization{ask("orders:read", "orders:write")}, alice.asks()); diff != "" {
		t.Errorf("the call that needs one scope more (-want +got):\n%s", diff)
	}
	if got, err := call(t, session, "list_orders"); err != nil || got != "order 7, order 8" {
		t.Errorf("%s, %v", got, err)
	}
}
