package attack_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// world is one API and its issuer.
type world struct {
	*testing.T
	issuer  *authtest.Issuer
	config  middleware.JWTConfig
	options middleware.Options
	need    scopes.Requirement
	grpc    bool
	api     func(request) (answer, error)
	always  map[string]any // claims of each good token
	subject string         // the handler must see this subject if the request passes

	mu      sync.Mutex
	events  []middleware.Event
	reached []string // the subjects that the handler has seen
}

// newWorld makes an issuer with six keys, so that an attack can confuse one with another. One is the
// key with which authtest mints. The others are in [forge_test.go] and have the kids ec, ed, rsa,
// rsa-any and p384.
func newWorld(t *testing.T, prepare func(*world), tr transport) *world {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = issuer.Close() })
	for _, key := range []jwk{
		ecJWK("ec", ourEC()),
		ecJWK("p384", ourP384()),
		okpJWK("ed", ourEd25519()[32:]),
		edit{"alg": "RS256"}.over(rsaKeyJWK("rsa", &ourRSA().PublicKey)),
		rsaKeyJWK("rsa-any", &ourRSA().PublicKey),
	} {
		issuer.PublishJWK(key)
	}
	w := &world{
		T: t, issuer: issuer, need: scopes.Authenticated(), grpc: tr.grpc, subject: "user-1",
		config: middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}},
	}
	w.options.Observe = w.observe
	if prepare != nil {
		prepare(w)
	}
	if w.config.Keys == nil {
		keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = keys.Close() })
		w.config.Keys = keys
	}
	guard, err := middleware.New(w.config, w.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = guard.Close() })
	var done func()
	w.api, done = tr.serve(guard, w.need, w.handle)
	t.Cleanup(done)
	return w
}

func (w *world) observe(_ context.Context, e middleware.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *world) handle(ctx context.Context) {
	var subject string
	if claims, ok := middleware.ClaimsFrom(ctx); ok {
		subject = claims.Subject()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reached = append(w.reached, subject)
}

// do sends r. It returns the answer, and what the observer and the handler got.
func (w *world) do(r request) (got answer, events []middleware.Event, reached []string) {
	w.Helper()
	got, err := w.api(r)
	if err != nil {
		w.Fatal(err)
	}
	got.header.Del("Date")
	got.header.Del("Connection")
	w.mu.Lock()
	defer w.mu.Unlock()
	events, reached = w.events, w.reached
	w.events, w.reached = nil, nil
	return got, events, reached
}

// expect sends r. It fails the test unless the code and the reason are as given.
func (w *world) expect(r request, code middleware.Code, reason string) {
	w.Helper()
	got, events, reached := w.do(r)
	switch {
	case code == byServer:
		if got.status < w.status(400, 1) || len(events) != 0 || len(reached) != 0 {
			w.Errorf("status %d, %d events, the handler was reached %d times", got.status, len(events), len(reached))
		}
		return
	case code == passes:
		if want := w.status(http.StatusOK, 0); got.status != want || !slices.Equal(reached, []string{w.subject}) ||
			len(events) != 1 || events[0].Err != nil {
			w.Errorf(
				"status %d, the handler was reached by %q, %d events; want it to pass: %v", got.status, reached, len(events),
				causes(events),
			)
		}
		return
	}
	if len(reached) != 0 {
		w.Errorf("the handler was reached by %q", reached)
	}
	if len(events) != 1 || events[0].Err == nil || events[0].Err.Code() != code ||
		!strings.Contains(events[0].Cause.Error(), reason) {
		w.Errorf("the observer got %v, want %s: %s", causes(events), code, reason)
	}
	status := verdicts[code]
	if want := w.status(status.http, status.grpc); got.status != want {
		w.Errorf("status %d, want %d", got.status, want)
	}
	// The answer must be the same as for a harmless request of the same code, whatever the attacker
	// sent. So it cannot contain anything of the request. The one exception is a genuine token that has
	// expired.
	harmless, ok := harmless[code]
	if reason == expired {
		harmless = []string{"Bearer " + w.mint(authtest.Token{Claims: map[string]any{"exp": 1}})}
	}
	if told := len(events) == 1 && events[0].Err.Expired(); told != (reason == expired) {
		w.Errorf("the caller is told that the token has expired: %t", told)
	}
	if ok {
		want, _, _ := w.do(w.carry(harmless...))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{})); diff != "" {
			w.Errorf("the answer differs from that of %q (-harmless +attack):\n%s", harmless, diff)
		}
	}
}

func (w *world) status(http, grpc int) int {
	if w.grpc {
		return grpc
	}
	return http
}

var verdicts = map[middleware.Code]struct{ http, grpc int }{
	middleware.CodeMissing:           {401, 16},
	middleware.CodeMalformed:         {400, 16},
	middleware.CodeInvalid:           {401, 16},
	middleware.CodeInsufficientScope: {403, 7},
	middleware.CodeStepUp:            {401, 16},
	middleware.CodeDenied:            {403, 7},
	middleware.CodeUnavailable:       {503, 14},
}

// expired is the reason for a genuine token that has expired and is otherwise good.
const expired = "expired"

var harmless = map[middleware.Code][]string{
	middleware.CodeMissing:   nil,
	middleware.CodeMalformed: {"Bearer"},
	middleware.CodeInvalid:   {"Bearer x"},
}

func causes(events []middleware.Event) []string {
	out := []string{}
	for _, e := range events {
		if e.Err == nil {
			out = append(out, "let through")
			continue
		}
		out = append(out, string(e.Err.Code())+": "+e.Cause.Error())
	}
	return out
}
