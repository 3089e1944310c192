package middleware

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/bearerguard/bearerguard/scopes"
)

// Options say how a [Guard] finds tokens, answers and reports. The zero value is
// ready for use.
type Options struct {
	// Realm is the realm of the challenge (RFC 9110 §11.5): printable ASCII. "":
	// "api".
	Realm string

	// Cookie is the name of a cookie that may hold the token instead of the
	// Authorization header. "": cookies are not looked at. Since browsers attach
	// cookies by themselves, methods other than GET, HEAD and OPTIONS are then
	// refused if a page of another origin sent them, by the rules of
	// [http.CrossOriginProtection], and so are requests to upgrade the connection
	// (WebSocket), whatever their method. An origin is held against the request's Host,
	// so a proxy must hand that on.
	Cookie string

	// TrustedOrigins are origins ("https://app.example") whose pages may send the
	// Cookie with any method.
	TrustedOrigins []string

	// Observe is called for each decision, in the request's own goroutine before
	// its answer is sent; it must be safe for concurrent use. See [LogDenials].
	Observe func(context.Context, Event)

	// Body replaces the body of a refusal; status and challenge stay as they are. It
	// must be safe for concurrent use. gRPC has no bodies.
	Body func(*Error) (contentType string, body []byte)

	// InsecureReportOnly names the routes, as in [Request].Route, on which a refused
	// request is let through all the same, with claims only if they were verified, and
	// reported with Event.ReportOnly. It is for a rollout, and leaves these routes open
	// to everything: to cookies from other origins, to what handlers ask of Authorize,
	// and to streams after their token's expiry. Unknown routes are "". It must be
	// safe for concurrent use.
	InsecureReportOnly func(route string) bool
}

// A Guard decides which requests pass: it extracts the token, verifies it,
// holds what it grants against what the route needs, and answers. It is
// immutable and safe for concurrent use. Adapters call Check; handlers may call
// Authorize.
type Guard struct {
	verifier   Verifier
	owned      *JWT // nil: the verifier is somebody else's
	realm      string
	cookie     string
	csrf       *http.CrossOriginProtection
	observe    func(context.Context, Event)
	body       func(*Error) (string, []byte)
	reportOnly func(route string) bool
}

// New returns a Guard for JSON Web Tokens. It owns what it makes for that, until
// Close. The error names every fault of both arguments.
func New(cfg JWTConfig, opts Options) (*Guard, error) {
	g, badOptions := opts.compile()
	v, badConfig := NewJWT(cfg)
	if err := errors.Join(badConfig, badOptions); err != nil {
		if v != nil {
			err = errors.Join(err, v.Close())
		}
		return nil, err
	}
	g.verifier, g.owned = v, v
	return g, nil
}

// NewGuard returns a Guard for tokens that v verifies: a JWT with keys of its
// own, several issuers (see [ByIssuer]), or the user's. It does not own v.
func NewGuard(v Verifier, opts Options) (*Guard, error) {
	g, err := opts.compile()
	if jwt, ok := v.(*JWT); v == nil || ok && jwt == nil {
		err = errors.Join(errors.New("middleware: NewGuard: no verifier"), err)
	}
	if err != nil {
		return nil, err
	}
	g.verifier = v
	return g, nil
}

func (o Options) compile() (*Guard, error) {
	g := &Guard{realm: o.Realm, cookie: o.Cookie, observe: o.Observe, body: o.Body, reportOnly: o.InsecureReportOnly}
	faults := faults{of: "Options"}
	if g.realm == "" {
		g.realm = "api"
	}
	for i := range len(g.realm) {
		if c := g.realm[i]; c < ' ' || c > '~' {
			faults.add("Realm", "%q holds a byte outside of printable ASCII", g.realm)
			break
		}
	}
	if o.Cookie != "" {
		if (&http.Cookie{Name: o.Cookie}).Valid() != nil {
			faults.add("Cookie", "%q is not a cookie's name (RFC 6265 §4.1.1)", o.Cookie)
		}
		g.csrf = http.NewCrossOriginProtection()
	} else if len(o.TrustedOrigins) > 0 {
		faults.add("TrustedOrigins", "have a meaning with a Cookie only")
	}
	for i, origin := range o.TrustedOrigins {
		if g.csrf == nil {
			break
		}
		if err := g.csrf.AddTrustedOrigin(origin); err != nil {
			faults.add(fmt.Sprintf("TrustedOrigins[%d]", i), "%w", err)
		}
	}
	if err := faults.join(); err != nil {
		return nil, err
	}
	return g, nil
}

// Ready returns nil as soon as the Guard can tell good tokens from bad, and an
// error if ctx ends before: for a readiness probe.
func (g *Guard) Ready(ctx context.Context) error { return ready(ctx, g.verifier) }

// Close ends the background work of a Guard made by [New], after the servers in
// front of it have been shut down. Requests that come later are still decided,
// with the keys known so far. A verifier that was given to [NewGuard] is closed by
// its maker.
func (g *Guard) Close() error {
	if g.owned == nil {
		return nil
	}
	return g.owned.Close()
}

// verdict is a decision on its way to the caller, the handler and the observer.
type verdict struct {
	code   Code // "": let through
	cause  error
	need   []string // for CodeInsufficientScope
	token  string
	claims *Claims
}

// Check decides about r, whose route asks for need. The error is always an
// [*Error], for the adapter to answer with. Otherwise the handler goes on with
// the context in Pass, in which [ClaimsFrom] finds the claims.
//
// Within a request that this Guard has let through already, the token is not
// verified again if it is the same; only need is judged. Thus a router may be
// guarded as a whole and a handler once more.
func (g *Guard) Check(ctx context.Context, r Request, need scopes.Requirement) (Pass, error) {
	v := g.decide(ctx, r, need)
	pass := Pass{Context: ctx}
	if err := g.conclude(ctx, &v, r); err != nil {
		return Pass{}, err
	}
	if v.claims != nil {
		pass.until = v.claims.until
	}
	// Anonymous callers are written down as well: they must not appear under claims
	// that another guard, further out, has left in the context. On a public route
	// nobody was looked at.
	if need.Level() != scopes.LevelPublic {
		pass.Context = &identity{ctx, g, v.token, v.claims, r.Route}
	}
	return pass, nil
}

// Authorize decides, inside a handler that this Guard let through, whether its
// caller may do what takes need: for decisions that hang on more than the route. A
// token that has expired since then is refused.
// The error is always an [*Error]. Where the guard has not authenticated anybody,
// nothing beyond [scopes.Optional] is granted.
func (g *Guard) Authorize(ctx context.Context, need scopes.Requirement) error {
	var v verdict
	var r Request
	if id := g.identityOf(ctx); id != nil {
		v.claims, r.Route = id.claims, id.route
	}
	if v.claims.expired() && need.Level() != scopes.LevelPublic {
		v.claims, v.code, v.cause = nil, CodeInvalid, errExpired
	} else {
		g.authorize(&v, need)
	}
	if err := g.conclude(ctx, &v, r); err != nil {
		return err
	}
	return nil
}

// decide finds the verdict on r. Nothing is read of a request whose route is
// open to all or to nobody.
func (g *Guard) decide(ctx context.Context, r Request, need scopes.Requirement) (v verdict) {
	if level := need.Level(); level == scopes.LevelPublic || level == scopes.LevelDeny {
		g.authorize(&v, need)
		return v
	}
	v.token, v.code, v.cause = g.credential(r)
	if v.code == CodeMissing && need.Level() == scopes.LevelOptional {
		return verdict{}
	}
	if v.code != "" {
		return v
	}
	if id := g.identityOf(ctx); id != nil && id.claims != nil && id.token == v.token && !id.claims.expired() {
		v.claims = id.claims
	} else if v.claims, v.cause = g.verifier.Verify(ctx, v.token); v.cause != nil {
		v.claims, v.code = nil, codeOf(ctx, v.cause)
		return v
	} else if v.claims == nil {
		v.code, v.cause = CodeUnavailable, errNoVerdict
		return v
	}
	g.authorize(&v, need)
	return v
}

var (
	errNoVerdict = errors.New("the verifier returned neither claims nor an error")
	errNoRule    = errors.New("no rule lets anybody in")
)

// authorize holds v.claims, nil for an anonymous caller, against need.
func (g *Guard) authorize(v *verdict, need scopes.Requirement) {
	switch level := need.Level(); {
	case level == scopes.LevelPublic, level == scopes.LevelOptional:
	case level == scopes.LevelDeny:
		v.code, v.cause = CodeDenied, errNoRule
	case v.claims == nil:
		v.code, v.cause = CodeMissing, errNoCredentials
	default:
		if got := need.Evaluate(scopes.Granted{Names: v.claims.scopes}); !got.OK {
			v.code, v.cause = CodeInsufficientScope, fmt.Errorf("needs %s", need)
			for _, name := range got.Need {
				if !v.claims.isGrant(name) {
					v.need = append(v.need, name)
				}
			}
		}
	}
}

// codeOf maps a verifier's error: the token's fault, a ban, a caller who left,
// or else an outage, also for errors nobody foresaw. A deadline that passed is an
// outage: it was mostly the server's, and its caller is still there.
func codeOf(ctx context.Context, err error) Code {
	switch {
	case errors.Is(err, ErrInvalidToken):
		return CodeInvalid
	case errors.Is(err, ErrForbidden):
		return CodeDenied
	case errors.Is(ctx.Err(), context.Canceled):
		return CodeCanceled
	}
	return CodeUnavailable
}

// conclude reports v and returns the refusal that is to be answered, nil for a
// request that goes on.
func (g *Guard) conclude(ctx context.Context, v *verdict, r Request) *Error {
	var refusal *Error
	var reportOnly bool
	if v.code != "" {
		refusal = &Error{code: v.code, realm: g.realm, scope: v.need, body: g.body}
		reportOnly = g.reportOnly != nil && g.reportOnly(r.Route)
	}
	if g.observe != nil {
		g.observe(ctx, Event{
			Route: r.Route, RemoteAddr: r.RemoteAddr, TLS: r.TLS,
			Err: refusal, Cause: v.cause, ReportOnly: reportOnly, Claims: v.claims,
		})
	}
	if reportOnly {
		return nil
	}
	return refusal
}
