package authtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// A Case is one request that every adapter must answer in the same way. [Cases]
// lists them; to hold an adapter against all of them:
//
//	for _, c := range authtest.Cases() {
//		t.Run(c.Name, func(t *testing.T) {
//			if err := c.Run(adapter); err != nil {
//				t.Error(err)
//			}
//		})
//	}
type Case struct {
	// Name is a sentence that says what is sent, and what comes of it.
	Name string

	// HTTPOnly says what there is in the case that only HTTP can express, for gRPC's
	// adapters to skip it by; "" where every transport can.
	HTTPOnly string

	need    scopes.Requirement
	method  string                      // "": GET
	header  func(i *Issuer) http.Header // nil: none
	config  func(*middleware.JWTConfig)
	options func(*middleware.Options)
	fault   Fault // of the issuer, from the start

	verifier  func(*middleware.JWT) (middleware.Verifier, error) // around the issuer's; nil: that one alone
	authorize *scopes.Requirement                                // what the handler asks for; nil: it asks nothing

	code    middleware.Code // "": answered by the handler
	scope   string          // in the challenge
	subject string          // of the claims that the handler sees
	body    string          // of the refusal; "": holds the fixed text of code
}

// Handler is what the route does: an adapter's own handler calls it with the
// context that it would itself work with. An error is that of Guard.Authorize, to be
// answered in the adapter's own way; else the answer is nothing special.
type Handler func(context.Context) error

// Adapter puts handler behind g, by the adapter under test, on a route that asks
// for need. It returns a function that sends a request to that route, and one
// that tears all down.
type Adapter func(g *middleware.Guard, need scopes.Requirement, handler Handler) (send func(Call) (Answer, error), done func(), err error)

// Call is a request to the route: a method, where the transport has such a
// thing, and header fields.
type Call struct {
	Method string
	Header http.Header
}

// Answer is what came back.
type Answer struct {
	Status int    // of HTTP; 0 on gRPC
	GRPC   uint32 // the status code of gRPC
	Header http.Header
	Body   string // or the status message
}

// HTTP is the Adapter for what ends up as an http.Handler that serves /things, over
// a real socket.
func HTTP(serve func(g *middleware.Guard, need scopes.Requirement, handler Handler) http.Handler) Adapter {
	return func(g *middleware.Guard, need scopes.Requirement, handler Handler) (func(Call) (Answer, error), func(), error) {
		server := httptest.NewServer(serve(g, need, handler))
		send := func(call Call) (Answer, error) {
			req, err := http.NewRequest(call.Method, server.URL+"/things", nil)
			if err != nil {
				return Answer{}, err
			}
			for name, values := range call.Header {
				req.Header[name] = values
			}
			req.Host = call.Header.Get("Host") // "": of the URL
			resp, err := server.Client().Do(req)
			if err != nil {
				return Answer{}, err
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, err
		}
		return send, server.Close, nil
	}
}

// row is the answer table once more, by itself: it says what must be, and not
// what the middleware package happens to do.
type row struct {
	status     int
	grpc       uint32
	challenge  string
	retryAfter string
	text       string
}

var table = map[middleware.Code]row{
	"":                   {200, 0, "", "", ""},
	"missing":            {401, 16, `Bearer realm="things"`, "", "authentication required"},
	"malformed":          {400, 16, `Bearer realm="things", error="invalid_request"`, "", "malformed credentials"},
	"invalid":            {401, 16, `Bearer realm="things", error="invalid_token"`, "", "invalid token"},
	"insufficient_scope": {403, 7, `Bearer realm="things", error="insufficient_scope"`, "", "insufficient scope"},
	"denied":             {403, 7, "", "", "access denied"},
	"unavailable":        {503, 14, "", "5", "cannot check credentials now"},
}

// Run sends the request through a and returns every difference from the answer
// that it must get: the verdict, the status, the challenge, the reason that the
// observer is told, the claims that the handler sees, and that nothing of the
// token or the cause is sent back.
func (c Case) Run(a Adapter) error {
	issuer, err := New(Config{})
	if err != nil {
		return err
	}
	defer issuer.Close()
	issuer.Break(c.fault)
	keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
	if err != nil {
		return err
	}
	defer keys.Close()

	var seen witness
	cfg := middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: keys}
	opts := middleware.Options{Realm: "things", Observe: seen.observe}
	if c.config != nil {
		c.config(&cfg)
	}
	if c.options != nil {
		c.options(&opts)
	}
	jwt, err := middleware.NewJWT(cfg)
	if err != nil {
		return err
	}
	defer jwt.Close()
	var verifier middleware.Verifier = jwt
	if c.verifier != nil {
		if verifier, err = c.verifier(jwt); err != nil {
			return err
		}
	}
	guard, err := middleware.NewGuard(verifier, opts)
	if err != nil {
		return err
	}

	send, done, err := a(guard, c.need, func(ctx context.Context) error {
		seen.handle(ctx)
		if c.authorize == nil {
			return nil
		}
		return guard.Authorize(ctx, *c.authorize)
	})
	if err != nil {
		return err
	}
	defer done()
	call := Call{Method: c.method}
	if call.Method == "" {
		call.Method = http.MethodGet
	}
	if c.header != nil {
		call.Header = c.header(issuer)
	}
	answer, err := send(call)
	if err != nil {
		return err
	}
	return errors.Join(c.judge(answer), seen.judge(c), leaks(call, answer, &seen))
}

// judge holds the answer against the table.
func (c Case) judge(got Answer) error {
	want := table[c.code]
	if c.scope != "" {
		want.challenge += fmt.Sprintf(`, scope="%s"`, c.scope)
	}
	var faults []error
	if got.Status != 0 && got.Status != want.status {
		faults = append(faults, fmt.Errorf("status %d, want %d", got.Status, want.status))
	}
	if got.Status == 0 && got.GRPC != want.grpc {
		faults = append(faults, fmt.Errorf("gRPC code %d, want %d", got.GRPC, want.grpc))
	}
	for name, value := range map[string]string{"WWW-Authenticate": want.challenge, "Retry-After": want.retryAfter} {
		if s := strings.Join(got.Header.Values(name), "|"); s != value {
			faults = append(faults, fmt.Errorf("%s %q, want %q", name, s, value))
		}
	}
	switch {
	case c.body != "" && got.Body != c.body:
		faults = append(faults, fmt.Errorf("body %q, want %q", got.Body, c.body))
	case c.body == "" && !strings.Contains(got.Body, want.text):
		faults = append(faults, fmt.Errorf("body %q does not hold %q", got.Body, want.text))
	}
	return errors.Join(faults...)
}

// witness notes what the observer and the handler see.
type witness struct {
	mu      sync.Mutex
	events  []middleware.Event
	reached int
	subject string
}

func (w *witness) observe(_ context.Context, e middleware.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *witness) handle(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reached++
	if claims, ok := middleware.ClaimsFrom(ctx); ok {
		w.subject = claims.Subject()
	}
}

func (w *witness) judge(c Case) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var faults []error
	if reached := w.reached > 0; reached != (c.code == "" || c.authorize != nil) || w.reached > 1 {
		faults = append(faults, fmt.Errorf("the handler was reached %d times", w.reached))
	}
	if w.subject != c.subject {
		faults = append(faults, fmt.Errorf("the handler saw claims of %q, want %q", w.subject, c.subject))
	}
	events := 1
	if c.authorize != nil {
		events = 2
	}
	if len(w.events) != events {
		return errors.Join(append(faults, fmt.Errorf("%d events observed, want %d", len(w.events), events))...)
	}
	if w.events[0].RemoteAddr == "" {
		faults = append(faults, errors.New("the observer was not told the peer's address"))
	}
	var code middleware.Code
	last := w.events[events-1]
	if last.Err != nil && !last.ReportOnly {
		code = last.Err.Code()
	}
	if code != c.code {
		faults = append(faults, fmt.Errorf("the observer was told %q because of %v, want %q", code, last.Cause, c.code))
	}
	return errors.Join(faults...)
}

// leaks finds parts of the token, and the cause, in the answer.
func leaks(call Call, got Answer, seen *witness) error {
	text := got.Body
	for name, values := range got.Header {
		text += "\n" + name + ": " + strings.Join(values, "\n")
	}
	var secrets []string
	for _, values := range call.Header {
		for _, value := range values {
			secrets = append(secrets, strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" .,;=", r) })...)
		}
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	for _, e := range seen.events {
		if e.Cause != nil && e.Cause.Error() != e.Err.Error() {
			secrets = append(secrets, e.Cause.Error())
		}
	}
	for _, secret := range secrets {
		if len(secret) > 8 && strings.Contains(text, secret) {
			return fmt.Errorf("the answer holds %.40q, of the request or the cause", secret)
		}
	}
	return nil
}
