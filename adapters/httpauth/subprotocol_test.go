package httpauth_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/adapters/internal/harness"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

func TestSubprotocolMovesTheTokenIntoAuthorization(t *testing.T) {
	tests := []struct {
		name    string
		offered []string // the fields of Sec-WebSocket-Protocol
		before  []string // the fields of Authorization
		status  int
		after   []string // the same fields as the handler sees them
		kept    []string // the protocols that the handler sees
	}{
		{"no protocol", nil, nil, 200, nil, nil},
		{"no protocol, and a token", nil, []string{"Bearer x"}, 200, []string{"Bearer x"}, nil},
		{"other protocols alone, which stay as they are", []string{"chat,  superchat ", "graphql-ws"}, nil, 200, nil, []string{"chat,  superchat ", "graphql-ws"}},
		{"the token last", []string{"chat, bearer.good"}, nil, 200, []string{"Bearer good"}, []string{"chat"}},
		{"the token first", []string{"bearer.good, chat"}, nil, 200, []string{"Bearer good"}, []string{"chat"}},
		{"the token between others", []string{"chat,bearer.good,superchat"}, nil, 200, []string{"Bearer good"}, []string{"chat, superchat"}},
		{"a field for each", []string{"superchat", "bearer.good", "chat"}, nil, 200, []string{"Bearer good"}, []string{"superchat, chat"}},
		{"white space around them", []string{" \tchat\t ,\t bearer.good \t"}, nil, 200, []string{"Bearer good"}, []string{"chat"}},
		{"a JWT", []string{"chat, bearer.eyJh.eyJp.c2ln-_"}, nil, 200, []string{"Bearer eyJh.eyJp.c2ln-_"}, []string{"chat"}},
		{"no token after the prefix", []string{"chat, bearer."}, nil, 200, []string{"Bearer "}, []string{"chat"}},
		{"the prefix in another case is another protocol", []string{"chat, Bearer.good"}, nil, 200, nil, []string{"chat, Bearer.good"}},
		{"the prefix within a protocol", []string{"chat, xbearer.good"}, nil, 200, nil, []string{"chat, xbearer.good"}},
		{"a part of the prefix", []string{"chat, bearer"}, nil, 200, nil, []string{"chat, bearer"}},
		{"a token beside Authorization, which stays", []string{"chat, bearer.good"}, []string{"Bearer other"}, 200, []string{"Bearer other", "Bearer good"}, []string{"chat"}},
		{"the same token beside Authorization", []string{"chat, bearer.good"}, []string{"Bearer good"}, 200, []string{"Bearer good", "Bearer good"}, []string{"chat"}},
		{"the token alone", []string{"bearer.good"}, nil, 400, nil, nil},
		{"the token and empty elements", []string{", bearer.good ,, ", ""}, nil, 400, nil, nil},
		{"two tokens", []string{"chat, bearer.good, bearer.good"}, nil, 400, nil, nil},
		{"two tokens in two fields", []string{"chat, bearer.good", "bearer.SECRET"}, nil, 400, nil, nil},
		{"two tokens alone", []string{"bearer.good, bearer."}, nil, 400, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, method := range []string{"GET", "CONNECT", "POST"} { // CONNECT: RFC 8441
				r := httptest.NewRequest(method, "/", nil)
				r.Header = http.Header{"Sec-Websocket-Protocol": tt.offered, "Authorization": tt.before, "X-Other": {"y"}}
				maps.DeleteFunc(r.Header, func(_ string, values []string) bool { return values == nil })
				came := r.Header.Clone()
				var seen *http.Request
				h := httpauth.Subprotocol("bearer.")(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r }))
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != tt.status || (seen != nil) != (tt.status == 200) {
					t.Fatalf("%s: status %d, the handler was called: %t", method, w.Code, seen != nil)
				}
				text := w.Body.String() + fmt.Sprint(w.Header())
				if strings.Contains(text, "good") || strings.Contains(text, "SECRET") {
					t.Errorf("%s: the answer contains the token: %s", method, text)
				}
				if !maps.EqualFunc(r.Header, came, slices.Equal) {
					t.Errorf("%s: the request that came in is changed: %v", method, r.Header)
				}
				if seen == nil {
					continue
				}
				if got := seen.Header["Authorization"]; !slices.Equal(got, tt.after) {
					t.Errorf("%s: Authorization %q, want %q", method, got, tt.after)
				}
				if got := seen.Header["Sec-Websocket-Protocol"]; !slices.Equal(got, tt.kept) {
					t.Errorf("%s: protocols %q, want %q", method, got, tt.kept)
				}
				if seen.Header.Get("X-Other") != "y" {
					t.Errorf("%s: another field is gone: %v", method, seen.Header)
				}
				if untouched := slices.Equal(tt.kept, tt.offered); untouched != (seen == r) {
					t.Errorf("%s: the handler gets the request that came in: %t", method, seen == r)
				}
			}
		})
	}
}

func TestSubprotocolPanicsIfNoProtocolCanHaveItsPrefix(t *testing.T) {
	for _, prefix := range []string{"", "bearer ", "bearer,", "bearer:", "b\u00e4rer.", "\x00", "bearer/"} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "httpauth: ") {
					t.Errorf("%q: panic %q", prefix, text)
				}
			}()
			httpauth.Subprotocol(prefix)
		}()
	}
	for _, prefix := range []string{"b", "access_token-", "!#$%&'*+-.^_`|~09azAZ"} {
		httpauth.Subprotocol(prefix)
	}
}

// The server and middleware in front look for both in the request that came in.
func TestSubprotocolGivesBackThePatternAndTheForm(t *testing.T) {
	form := new(multipart.Form)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /chat", func(_ http.ResponseWriter, r *http.Request) {
		r.MultipartForm = form
		panic(http.ErrAbortHandler)
	})
	r := httptest.NewRequest(http.MethodGet, "/chat", nil)
	r.Header.Set("Sec-WebSocket-Protocol", "chat, bearer.good")
	func() {
		defer func() {
			if recover() != http.ErrAbortHandler {
				t.Error("the panic of the handler is not passed on")
			}
		}()
		httpauth.Subprotocol("bearer.")(mux).ServeHTTP(httptest.NewRecorder(), r)
	}()
	if r.Pattern != "GET /chat" || r.MultipartForm != form {
		t.Errorf("pattern %q, form %p", r.Pattern, r.MultipartForm)
	}
}

// shake opens a connection as a server without a WebSocket library would. It answers with the
// first protocol of the client's.
func shake(w http.ResponseWriter, r *http.Request) error {
	protocol, _, _ := strings.Cut(r.Header.Get("Sec-WebSocket-Protocol"), ",")
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Protocol: %s\r\n\r\n", protocol)
	return err
}

func TestABrowserOpensAWebSocketByASubprotocol(t *testing.T) {
	guard := harness.Guard(t, middleware.Options{})
	mux := http.NewServeMux()
	mux.Handle("/guarded", httpauth.Require(guard, scopes.All("read"))(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := shake(w, r); err != nil {
				t.Error(err)
			}
		})))
	mux.Handle("/while", httpauth.Require(guard, scopes.Public())(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			err := httpauth.WhileAuthorized(guard, w, r, scopes.All("read"), func(ctx context.Context) error {
				if err := guard.Authorize(ctx, scopes.All("read")); err != nil {
					return err
				}
				return shake(w, r)
			})
			if err != nil {
				httpauth.Refuse(w, err)
			}
		})))
	server := serving(t, false, httpauth.Subprotocol("bearer.")(mux))
	for _, path := range []string{"/guarded", "/while"} {
		for _, tt := range []struct {
			name    string
			offered string
			token   string // in Authorization
			status  int
		}{
			{"a good token", "chat, bearer.good", "", 101},
			{"a good token first", "bearer.good, chat", "", 101},
			{"a bad token", "chat, bearer.forged", "", 401},
			{"no token", "chat", "", 401},
			{"a prefix alone", "chat, bearer.", "", 400},
			{"the token alone", "bearer.good", "", 400},
			{"two tokens", "chat, bearer.good, bearer.good", "", 400},
			{"a token beside Authorization", "chat, bearer.good", "good", 400},
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = http.Header{
				"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Protocol": {tt.offered},
			}
			if tt.token != "" {
				r.Header.Set("Authorization", "Bearer "+tt.token)
			}
			resp, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body := ""
			if resp.StatusCode != http.StatusSwitchingProtocols {
				octets, _ := io.ReadAll(resp.Body)
				body = string(octets)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != tt.status {
				t.Errorf("%s, %s: status %d, want %d: %s", path, tt.name, resp.StatusCode, tt.status, body)
			}
			if tt.status == 101 && resp.Header.Get("Sec-WebSocket-Protocol") != "chat" {
				t.Errorf("%s, %s: the protocol is %q", path, tt.name, resp.Header.Get("Sec-WebSocket-Protocol"))
			}
			if strings.Contains(fmt.Sprint(resp.Header, body), "good") {
				t.Errorf("%s, %s: the answer contains the token: %v %s", path, tt.name, resp.Header, body)
			}
		}
	}
}

// A token that is offered is a second one beside the cookie, and the cross-origin rule applies
// if both are the same.
func TestASubprotocolBesideACookie(t *testing.T) {
	guard := harness.Guard(t, middleware.Options{Cookie: "session"})
	h := httpauth.Subprotocol("bearer.")(httpauth.Require(guard, scopes.Authenticated())(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	for _, tt := range []struct {
		name, cookie, site string
		status             int
	}{
		{"no cookie, and another origin", "", "cross-site", 200},
		{"an empty cookie, and another origin", "session=", "cross-site", 200},
		{"the same token, and the same origin", "session=good", "same-origin", 200},
		{"the same token, and another origin", "session=good", "cross-site", 403},
		{"another token", "session=other", "same-origin", 400},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header = http.Header{
			"Upgrade": {"websocket"}, "Sec-Websocket-Protocol": {"chat, bearer.good"}, "Cookie": {tt.cookie},
			"Sec-Fetch-Site": {tt.site},
		}
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != tt.status {
			t.Errorf("%s: status %d, want %d", tt.name, w.Code, tt.status)
		}
	}
}
