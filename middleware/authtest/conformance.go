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

	code    middleware.Code // "": the handler is reached
	scope   string          // in the challenge
	subject string          // of the claims that the handler sees
}

// Adapter puts handler behind g, by the adapter under test, on a route that asks
// for need. It returns a function that sends a request to that route, and one
// that tears all down. The route's handler calls handler with the context that it
// would itself work with, and answers with nothing special.
type Adapter func(g *middleware.Guard, need scopes.Requirement, handler func(context.Context)) (send func(Call) (Answer, error), done func(), err error)

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

// HTTP is the Adapter for what guards an http.Handler, over a real socket.
func HTTP(guard func(g *middleware.Guard, need scopes.Requirement, next http.Handler) http.Handler) Adapter {
	return func(g *middleware.Guard, need scopes.Requirement, handler func(context.Context)) (func(Call) (Answer, error), func(), error) {
		server := httptest.NewServer(guard(g, need, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			handler(r.Context())
		})))
		send := func(call Call) (Answer, error) {
			req, err := http.NewRequest(call.Method, server.URL+"/things", nil)
			if err != nil {
				return Answer{}, err
			}
			for name, values := range call.Header {
				req.Header[name] = values
			}
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
}

var table = map[middleware.Code]row{
	"":                   {200, 0, "", ""},
	"missing":            {401, 16, `Bearer realm="things"`, ""},
	"malformed":          {400, 16, `Bearer realm="things", error="invalid_request"`, ""},
	"invalid":            {401, 16, `Bearer realm="things", error="invalid_token"`, ""},
	"insufficient_scope": {403, 7, `Bearer realm="things", error="insufficient_scope"`, ""},
	"denied":             {403, 7, "", ""},
	"unavailable":        {503, 14, "", "5"},
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
	guard, err := middleware.New(cfg, opts)
	if err != nil {
		return err
	}
	defer guard.Close()

	send, done, err := a(guard, c.need, seen.handle)
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
	if want := map[bool]int{true: 1}[c.code == ""]; w.reached != want {
		faults = append(faults, fmt.Errorf("the handler was reached %d times, want %d", w.reached, want))
	}
	if w.subject != c.subject {
		faults = append(faults, fmt.Errorf("the handler saw claims of %q, want %q", w.subject, c.subject))
	}
	if len(w.events) != 1 {
		return errors.Join(append(faults, fmt.Errorf("%d events observed, want 1", len(w.events)))...)
	}
	var code middleware.Code
	if e := w.events[0]; e.Err != nil && !e.ReportOnly {
		code = e.Err.Code()
	}
	if code != c.code {
		faults = append(faults, fmt.Errorf("the observer was told %q because of %v, want %q", code, w.events[0].Cause, c.code))
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
