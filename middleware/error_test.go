package middleware_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// challenge returns the values of WWW-Authenticate of e, in one text.
func challenge(e *middleware.Error) string { return strings.Join(e.Challenges(), "; ") }

// refuse returns the refusal that g gives to a request with header.
func refuse(
	t *testing.T, g *middleware.Guard, ctx context.Context, header http.Header, need scopes.Requirement,
) *middleware.Error {
	t.Helper()
	_, err := g.Check(ctx, middleware.Request{Header: header}, need)
	var refusal *middleware.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("not refused: %v", err)
	}
	return refusal
}

func TestAnswerTable(t *testing.T) {
	left, cancel := context.WithCancel(t.Context())
	cancel()
	anybody := scopes.Authenticated()
	tests := []struct {
		code      middleware.Code
		ctx       context.Context
		header    http.Header
		need      scopes.Requirement
		status    int
		grpc      uint32
		challenge string
		retry     string
		text      string
	}{
		{"missing", t.Context(), nil, anybody, 401, 16, `Bearer realm="api"`, "", "authentication required"},
		{"malformed", t.Context(), fields("Authorization", "Bearer"), anybody, 400, 16, `Bearer realm="api", error="invalid_request"`, "", "malformed credentials"},
		{"invalid", t.Context(), bearer("forged"), anybody, 401, 16, `Bearer realm="api", error="invalid_token"`, "", "invalid token"},
		{"insufficient_scope", t.Context(), bearer("reader"), scopes.All("write", "read"), 403, 7, `Bearer realm="api", error="insufficient_scope", scope="read write"`, "", "insufficient scope"},
		{"denied", t.Context(), bearer("reader"), scopes.Requirement{}, 403, 7, "", "", "access denied"},
		{"unavailable", t.Context(), bearer("outage"), anybody, 503, 14, "", "5", "cannot check credentials now"},
		{"step_up", t.Context(), bearer("reader"), scopes.All("read").And(scopes.ACR("gold", "silver")).And(scopes.MaxAge(300 * time.Second)), 401, 16, `Bearer realm="api", error="insufficient_user_authentication", scope="read", acr_values="gold silver", max_age="300"`, "", "a stronger or more recent login is required"},
		{"canceled", left, bearer("slow"), anybody, 499, 1, "", "", "request canceled"},
	}
	for _, tt := range tests {
		t.Run(string(tt.code), func(t *testing.T) {
			e := refuse(t, newGuard(t, opaque, middleware.Options{}), tt.ctx, tt.header, tt.need)
			if e.Code() != tt.code || e.Status() != tt.status || e.GRPCCode() != tt.grpc || e.Error() != tt.text ||
				challenge(e) != tt.challenge {
				t.Errorf("got %q, %d, %d, %q, %q", e.Code(), e.Status(), e.GRPCCode(), e.Error(), challenge(e))
			}
			want := http.Header{}
			if tt.challenge != "" {
				want.Set("WWW-Authenticate", tt.challenge)
			}
			if tt.retry != "" {
				want.Set("Retry-After", tt.retry)
			}
			if diff := cmp.Diff(want, e.Header()); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			contentType, body := e.Body()
			var problem struct {
				Type, Title, Detail string
				Status              int
			}
			if err := json.Unmarshal(body, &problem); err != nil || contentType != "application/problem+json" {
				t.Fatalf("%s body %q: %v", contentType, body, err)
			}
			title := http.StatusText(tt.status)
			if tt.status == 499 { // nginx's, which the standard library has no name for
				title = "Client Closed Request"
			}
			if problem.Type != "about:blank" || problem.Title != title || problem.Detail != tt.text ||
				problem.Status != tt.status {
				t.Errorf("problem details %+v", problem)
			}
		})
	}
}

func TestTheZeroErrorDeniesAndSaysNothing(t *testing.T) {
	var e middleware.Error
	if e.Code() != "denied" || e.Status() != 403 || e.Error() != "access denied" || challenge(&e) != "" {
		t.Errorf("%q, %d, %q, %q", e.Code(), e.Status(), e.Error(), challenge(&e))
	}
}

func TestChallengeQuotesTheRealm(t *testing.T) {
	g := newGuard(t, opaque, middleware.Options{Realm: `the "A\B" ~API~`})
	e := refuse(t, g, t.Context(), nil, scopes.Authenticated())
	if want := `Bearer realm="the \"A\\B\" ~API~"`; challenge(e) != want {
		t.Errorf("challenge %s, want %s", challenge(e), want)
	}
}

func TestChallengeNamesOAuthScopesAndNoRoles(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Grants = []middleware.Grant{{Path: "roles", Prefix: "role:"}}
	})
	g := newGuard(t, v, middleware.Options{})
	token := bearer(issuer.Mint(authtest.Token{}))

	e := refuse(t, g, t.Context(), token, scopes.All("read", "role:admin"))
	if got := e.Scopes(); !cmp.Equal(got, []string{"read"}) {
		t.Errorf("scope %q", got)
	}
	e = refuse(t, g, t.Context(), token, scopes.All("role:admin"))
	if want := `Bearer realm="api", error="insufficient_scope"`; challenge(e) != want {
		t.Errorf("challenge %s, want %s", challenge(e), want)
	}
}

func TestOptionsBodyReplacesTheBodyAlone(t *testing.T) {
	g := newGuard(t, opaque, middleware.Options{Body: func(
		_ context.Context, _ middleware.Request, e *middleware.Error,
	) (string, []byte) {
		return "text/plain", []byte("no: " + string(e.Code()))
	}})
	e := refuse(t, g, t.Context(), nil, scopes.Authenticated())
	if contentType, body, ok := e.ConfiguredBody(); !ok || contentType != "text/plain" || string(body) != "no: missing" {
		t.Errorf("configured: %q %q, %t", contentType, body, ok)
	}
	plain := refuse(t, newGuard(t, opaque, middleware.Options{}), t.Context(), nil, scopes.Authenticated())
	if contentType, body, ok := plain.ConfiguredBody(); ok || contentType != "" || body != nil {
		t.Errorf("without the option: %q %q, %t", contentType, body, ok)
	}
	contentType, body := e.Body()
	if contentType != "text/plain" || string(body) != "no: missing" || e.Status() != 401 || challenge(e) == "" {
		t.Errorf("%q %q, %d, %q", contentType, body, e.Status(), challenge(e))
	}
}

// fixed is an Options.Body, so that refusals have the request.
func fixed(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
	return "text/plain", []byte("no")
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	options := slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	logger := slog.New(slog.NewTextHandler(&out, &options))
	g := newGuard(
		t, opaque,
		middleware.Options{
			Logger:             logger,
			InsecureReportOnly: func(_ context.Context, r middleware.Request) bool { return r.Route == "GET /new" },
		},
	)
	tests := []struct {
		name, route, token string
		want               string
	}{
		{"a request that passes leaves no line", "GET /x", "writer", ""},
		{"a refusal", "GET /x", "forged", `level=INFO msg="bearer token refused" code=invalid cause="invalid token: unheard of" route="GET /x" remote_addr=192.0.2.1:7`},
		{"an outage is a warning", "GET /x", "outage", `level=WARN msg="bearer token refused" code=unavailable cause="dial tcp: connection refused" route="GET /x" remote_addr=192.0.2.1:7`},
		{"a missing scope, with the key's id", "GET /x", "reader", `level=INFO msg="bearer token refused" code=insufficient_scope cause="needs write, and the token grants [\"read\"]; without a Grant, only scope and scp count" route="GET /x" remote_addr=192.0.2.1:7 key_id=""`},
		{"report only", "GET /new", "forged", `level=INFO msg="bearer token refused" code=invalid cause="invalid token: unheard of" route="GET /new" remote_addr=192.0.2.1:7 report_only=true`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out.Reset()
			_, _ = g.Check(
				t.Context(), middleware.Request{Route: tt.route, RemoteAddr: "192.0.2.1:7", Header: bearer(tt.token)},
				scopes.All("write"),
			)
			if got := strings.TrimSpace(out.String()); got != tt.want {
				t.Errorf("logged\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestWithoutALoggerRefusalsAreNotLogged(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	defer slog.SetDefault(before)
	g := newGuard(t, opaque, middleware.Options{})
	_ = refuse(t, g, t.Context(), nil, scopes.Authenticated())
	if out.Len() > 0 {
		t.Errorf("logged %q", &out)
	}
}

func TestALoggerAndAnObserverBothGetARefusal(t *testing.T) {
	var out bytes.Buffer
	var seen []middleware.Outcome
	g := newGuard(t, opaque, middleware.Options{
		Logger:  slog.New(slog.NewTextHandler(&out, nil)),
		Observe: func(_ context.Context, e middleware.Event) { seen = append(seen, e.Outcome) },
	})
	_ = refuse(t, g, t.Context(), nil, scopes.Authenticated())
	if !strings.Contains(out.String(), "code=missing") || len(seen) != 1 || seen[0] != middleware.OutcomeRefused {
		t.Errorf("logged %q and observed %v", &out, seen)
	}
}

func TestApplyDropsWhatAHandlerSaidAboutABodyOfItsOwn(t *testing.T) {
	h := http.Header{}
	for _, name := range []string{
		"Content-Type", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location", "Content-Range",
		"Content-Disposition", "Content-Digest", "Content-MD5", "Repr-Digest", "Digest", "Accept-Ranges", "ETag",
		"Last-Modified", "Expires",
	} {
		h.Set(name, "the handler's")
	}
	h.Set("Cache-Control", "public, max-age=600")
	h.Set("X-Request-Id", "7")
	refuse(t, newGuard(t, opaque, middleware.Options{}), t.Context(), nil, scopes.Authenticated()).Apply(h)
	want := http.Header{
		"Www-Authenticate": {`Bearer realm="api"`}, "Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"},
		"X-Request-Id": {"7"},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheCodeOfNoRefusalIsEmpty(t *testing.T) {
	var passed middleware.Event
	if code := passed.Err.Code(); code != "" {
		t.Errorf("%q", code)
	}
}
