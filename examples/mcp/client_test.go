package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"golang.org/x/oauth2"
)

// A user logs in and grants what a client asks for, and notes what that is.
type user struct {
	mu    sync.Mutex
	asked []authtest.Authorization
}

func (u *user) authorize(a authtest.Authorization) (authtest.Token, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asked = append(u.asked, a)
	return agree(a)
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
		NewTokenSource:           sendAsItIs,
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// sendAsItIs is a source for a token without a refresh token. With it, the client goes on to send a token
// that expires, and a 401 leads it to a new one. Without it, the client of v1.8.0 sends nothing any more from
// ten seconds before the expiry, because its library returns an error.
func sendAsItIs(_ context.Context, _ *oauth2.Config, token *oauth2.Token) (oauth2.TokenSource, error) {
	return oauth2.StaticTokenSource(token), nil
}

func TestAClientGetsANewTokenWhenTheServerAsksForOne(t *testing.T) {
	for _, tt := range []struct {
		name  string
		first time.Duration // until the first token expires
		asked int
	}{
		{"the token has expired", -time.Hour, 2},
		{"the token is about to expire", 5 * time.Second, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			alice := new(user)
			var second atomic.Bool
			endpoint, _ := startOne(t, authtest.Config{
				Addr: "127.0.0.1:0",
				Authorize: func(a authtest.Authorization) (authtest.Token, error) {
					token, err := alice.authorize(a)
					if !second.Swap(true) {
						token.Claims["exp"] = time.Now().Add(tt.first)
					}
					return token, err
				},
			})
			session := connect(t, endpoint, oauth(t, browser))
			if got, err := call(t, session, "list_orders"); err != nil || got != "order 7, order 8" {
				t.Errorf("%s, %v", got, err)
			}
			if asked := alice.asks(); len(asked) != tt.asked {
				t.Errorf("the client asks for %v", asked)
			}
		})
	}
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

// The SDK's client follows the 401 for a stronger login to the authorization server. In v1.8.0 it does not
// pass on which login is asked for, so the new token is no better. The session goes on.
func TestTheClientAloneGetsNoStrongerLogin(t *testing.T) {
	alice := new(user)
	endpoint, _ := startOne(t, authtest.Config{Addr: "127.0.0.1:0", Authorize: alice.authorize})
	session := connect(t, endpoint, oauth(t, browser))
	if _, err := call(t, session, "cancel_order", 7); err != nil { // so that the token has the scope
		t.Fatal(err)
	}
	alice.asks()
	if got, err := call(t, session, "refund_order", 7); err == nil {
		t.Errorf("a weak login passes: %s", got)
	}
	asked := alice.asks()
	if len(asked) != 1 || asked[0].ACRValues != nil || asked[0].MaxAge >= 0 {
		t.Errorf("the client asks for %+v", asked)
	}
	if got, err := call(t, session, "cancel_order", 7); err != nil || got != "order 7 is cancelled" {
		t.Errorf("%s, %v", got, err)
	}
}

// stepUp adds to the SDK's handler what RFC 9470 asks of a client: it passes acr_values and max_age of a 401
// on to the authorization server.
type stepUp struct {
	*auth.AuthorizationCodeHandler
	login url.Values // of the last refusal
}

func newStepUp(t *testing.T) *stepUp {
	s := new(stepUp)
	s.AuthorizationCodeHandler = oauth(t,
		func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
			return browser(ctx, &auth.AuthorizationArgs{URL: args.URL + "&" + s.login.Encode()})
		})
	return s
}

func (s *stepUp) Authorize(ctx context.Context, req *http.Request, resp *http.Response) error {
	challenges, err := oauthex.ParseWWWAuthenticate(resp.Header.Values("WWW-Authenticate"))
	if err != nil {
		return errors.Join(err, resp.Body.Close())
	}
	s.login = url.Values{}
	for _, challenge := range challenges {
		for _, name := range []string{"acr_values", "max_age"} {
			if value := challenge.Params[name]; value != "" {
				s.login.Set(name, value)
			}
		}
	}
	return s.AuthorizationCodeHandler.Authorize(ctx, req, resp)
}

func TestAClientThatPassesTheLoginOnGetsIt(t *testing.T) {
	alice := new(user)
	endpoint, _ := startOne(t, authtest.Config{Addr: "127.0.0.1:0", Authorize: alice.authorize})
	session := connect(t, endpoint, newStepUp(t))
	if _, err := call(t, session, "cancel_order", 7); err != nil {
		t.Fatal(err)
	}
	alice.asks()
	if got, err := call(t, session, "refund_order", 7); err != nil || got != "order 7 is refunded" {
		t.Errorf("%s, %v", got, err)
	}
	want := []authtest.Authorization{{
		RedirectURI: callback, Resource: endpoint, Scopes: []string{"orders:read", "orders:write"},
		ACRValues: []string{"gold"}, MaxAge: 5 * time.Minute,
	}}
	if diff := cmp.Diff(want, alice.asks()); diff != "" {
		t.Errorf("the call that needs a stronger login (-want +got):\n%s", diff)
	}
	if got, err := call(t, session, "refund_order", 8); err != nil || got != "order 8 is refunded" {
		t.Errorf("%s, %v", got, err)
	}
	if asked := alice.asks(); len(asked) != 0 {
		t.Errorf("a call that the login is good enough for asks for %v", asked)
	}
}

// streams is a client's side of HTTP. It tells the status of each GET.
type streams chan int

func (s streams) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && r.Method == http.MethodGet {
		s <- resp.StatusCode
	}
	return resp, err
}

// The stream of what the server sends by itself ends with its token. The SDK's client opens it again with the
// token that it has by then. In v1.8.0 a 401 to that ends the session, so a client that does not renew its
// token in time should do without the stream.
func TestTheClientNeedsANewTokenWhenItsStreamEnds(t *testing.T) {
	for _, tt := range []struct {
		name    string
		renews  bool
		streams []int // the status of each
		goesOn  bool
	}{
		{"it has a new token", true, []int{200, 200}, true},
		{"it has the old token", false, []int{200, 401}, false},
		{"it has the old token, and no stream", false, nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			endpoint, issuer := startOne(t, authtest.Config{Addr: "127.0.0.1:0", Authorize: agree})
			expiry := time.Now().Add(2 * time.Second)
			first := authtest.Token{Scope: "orders:read", Claims: map[string]any{
				"sub": "alice", "exp": expiry.Add(-30 * time.Second), // the leeway of the guard
			}}
			token := &second{AuthorizationCodeHandler: oauth(t, browser)}
			token.renew(issuer.Mint(first))
			opened := make(streams, 10)
			client := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "v1.0.0"}, nil)
			session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
				Endpoint: endpoint, HTTPClient: &http.Client{Transport: opened},
				OAuthHandler: token, DisableStandaloneSSE: tt.streams == nil,
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			if tt.renews {
				token.renew(issuer.Mint(authtest.Token{Scope: "orders:read", Claims: map[string]any{"sub": "alice"}}))
			}
			for _, want := range tt.streams {
				if status := <-opened; status != want {
					t.Fatalf("a stream gets %d, want %d", status, want)
				}
			}
			if !tt.goesOn {
				_ = session.Wait() // the client ends it
			}
			time.Sleep(time.Until(expiry))
			if _, err := call(t, session, "list_orders"); (err == nil) != tt.goesOn {
				t.Error(err)
			}
		})
	}
}

// second is a client that begins with a token, and gets the next one as a client of the SDK does.
type second struct {
	renewable
	*auth.AuthorizationCodeHandler
	authorized atomic.Bool
}

func (s *second) TokenSource(ctx context.Context) (oauth2.TokenSource, error) {
	if s.authorized.Load() {
		return s.AuthorizationCodeHandler.TokenSource(ctx)
	}
	return s.renewable.TokenSource(ctx)
}

func (s *second) Authorize(ctx context.Context, req *http.Request, resp *http.Response) error {
	s.authorized.Store(true)
	return s.AuthorizationCodeHandler.Authorize(ctx, req, resp)
}
