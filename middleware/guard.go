package middleware

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

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

	// Observe is called for each decision before its answer is sent; it must be safe
	// for concurrent use. That is in the request's own goroutine, except for the later
	// checks of [Guard.WhileAuthorized], which run beside the function. See [LogRefusals].
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

// NewWithVerifier returns a Guard for tokens that v verifies: a JWT with keys of its
// own, several issuers (see [ByIssuer]), or the user's. It does not own v.
func NewWithVerifier(v Verifier, opts Options) (*Guard, error) {
	g, err := opts.compile()
	if jwt, ok := v.(*JWT); v == nil || ok && jwt == nil {
		err = errors.Join(errors.New("bearerguard: NewWithVerifier: no verifier"), err)
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
// with the keys known so far. A verifier that was given to [NewWithVerifier] is closed by
// its maker.
func (g *Guard) Close() error {
	if g.owned == nil {
		return nil
	}
	return g.owned.Close()
}

// verdict is a decision on its way to the caller, the handler and the observer.
type verdict struct {
	code       Code // "": let through
	cause      error
	need       []string // for CodeInsufficientScope
	token      string
	claims     *claims // nil: nobody was authenticated
	remembered bool
}

// Check decides about r, whose route asks for need. The error is always an
// [*Error], for the adapter to answer with. Otherwise the handler goes on with
// the context in Pass, in which [ClaimsFrom] finds the claims.
//
// Within a request that this Guard has let through already, the token is not
// verified again if it is the same and has not expired; only need is judged. Thus
// a router may be guarded as a whole and a handler once more. With other credentials r
// is a request of its own, whose context never has the claims of the one around it.
//
// Check panics if the verifier, the observer or a function of the configuration
// does. A caller that recovers from that must not let the request through.
func (g *Guard) Check(ctx context.Context, r Request, need scopes.Requirement) (Pass, error) {
	v := g.decide(ctx, r, need)
	if err := g.conclude(ctx, &v, r); err != nil {
		return Pass{}, err
	}
	pass := Pass{Context: ctx, Remembered: v.remembered}
	if v.claims != nil {
		pass.Until = v.claims.until
	}
	// An identity for anonymous callers is stored, too. Otherwise ClaimsFrom would
	// return the claims that an outer guard has put into this context. On a public
	// route nothing is stored, because no token was read, except within somebody else's
	// request.
	if need.Level() != scopes.LevelPublic || g.amongOthers(ctx, r) {
		id := &identity{Context: ctx, guard: g, token: v.token, route: r.Route}
		id.claims.Store(v.claims)
		pass.Context = id
	}
	return pass, nil
}

// amongOthers tells whether r came with other credentials than the request that ctx
// belongs to: a message in a session that somebody else may have opened.
func (g *Guard) amongOthers(ctx context.Context, r Request) bool {
	id := g.identityOf(ctx)
	if id == nil {
		return false
	}
	token, _, _ := g.credential(r)
	return token != id.token
}

// Renew checks r once more, as Check did to make pass: for a stream whose
// pass.Until has come. ctx is the context that r came with, not that in pass, where
// the token counts as checked. The error is always an [*Error].
//
// Otherwise the result has the context of pass, in which [ClaimsFrom] and Authorize
// find the claims of this check from now on, and the next Until. Where the verifier
// goes by another clock and lets a token pass after its expiry, Until is a second
// away.
//
// If ctx ends during the check, nobody asks any more: the refusal is CodeCanceled, and
// the observer is not told.
func (g *Guard) Renew(ctx context.Context, pass Pass, r Request, need scopes.Requirement) (Pass, error) {
	v := g.decide(ctx, r, need)
	if ctx.Err() != nil {
		return Pass{}, &Error{code: CodeCanceled, realm: g.realm, body: g.body}
	}
	return g.renew(ctx, pass, &v, r, need)
}

// pause is how long to wait before asking once more about a token that passes
// after its expiry.
const pause = time.Second

func (g *Guard) renew(ctx context.Context, pass Pass, v *verdict, r Request, need scopes.Requirement) (Pass, error) {
	if err := g.conclude(ctx, v, r); err != nil {
		return Pass{}, err
	}
	// Of this guard alone, and also behind what the caller has put into pass.Context.
	if pass.Context != nil && need.Level() != scopes.LevelPublic {
		if id := g.identityOf(pass.Context); id != nil {
			id.claims.Store(v.claims)
		}
	}
	pass.Until, pass.Remembered = time.Time{}, v.remembered
	if v.claims != nil && !v.claims.until.IsZero() {
		pass.Until = v.claims.until
		if soonest := time.Now().Add(pause); pass.Until.Before(soonest) {
			pass.Until = soonest
		}
	}
	return pass, nil
}

// Authorize decides, inside a handler that this Guard let through, whether its
// caller may do what takes need: for decisions that hang on more than the route.
// ctx is the handler's context, or one made from it. The error is always an
// [*Error]. Where the guard has not authenticated anybody, nothing beyond
// [scopes.Optional] is granted.
//
// Once the token has expired, the verifier is asked again about it, at each call.
// That also holds for a goroutine that goes on after the handler, under a context
// from [context.WithoutCancel]: it is granted nothing after the token's expiry.
func (g *Guard) Authorize(ctx context.Context, need scopes.Requirement) error {
	var v verdict
	var r Request
	if id := g.identityOf(ctx); id != nil {
		v.token, v.claims, r.Route = id.token, id.claims.Load(), id.route
		if v.claims.expired() && asks(need) {
			if g.verify(ctx, &v); v.code == "" {
				id.claims.Store(v.claims)
			}
		}
	}
	if v.code == "" {
		g.authorize(&v, need)
	}
	if err := g.conclude(ctx, &v, r); err != nil {
		return err
	}
	return nil
}

// asks tells whether the decision on need rests on credentials: a route that is
// open to all or to nobody reads none.
func asks(need scopes.Requirement) bool {
	level := need.Level()
	return level != scopes.LevelPublic && level != scopes.LevelDeny
}

// decide finds the verdict on r.
func (g *Guard) decide(ctx context.Context, r Request, need scopes.Requirement) (v verdict) {
	if !asks(need) {
		v.remembered = true
		g.authorize(&v, need)
		return v
	}
	v.token, v.code, v.cause = g.credential(r)
	if v.code == CodeMissing && need.Level() == scopes.LevelOptional {
		if r.Header == nil || !meansBearer(r.Header.Values("Authorization")) {
			return verdict{remembered: true}
		}
		v.code, v.cause = CodeInvalid, errLookalike
	}
	if v.code != "" {
		return v
	}
	if id := g.identityOf(ctx); id != nil && id.token == v.token {
		v.claims, v.remembered = id.claims.Load(), true
	}
	if v.claims == nil || v.claims.expired() {
		if g.verify(ctx, &v); v.code != "" {
			return v
		}
	}
	g.authorize(&v, need)
	return v
}

// verify asks the verifier about v.token, and confirms what the token is bound to.
func (g *Guard) verify(ctx context.Context, v *verdict) {
	// By its concrete type: a type of the user's that embeds a JWT has its methods,
	// and a Verify of its own.
	switch verifier := g.verifier.(type) {
	case *JWT:
		v.claims, v.remembered, v.cause = verifier.recall(ctx, v.token)
	case byIssuer:
		v.claims, v.remembered, v.cause = verifier.recall(ctx, v.token)
	default:
		c, err := verifier.Verify(ctx, v.token)
		v.claims, v.remembered, v.cause = c.c, false, err
	}
	switch {
	case v.cause != nil:
		v.code = codeOf(ctx, v.cause)
	case v.claims == nil:
		v.code, v.cause = CodeUnavailable, errNoVerdict
	case v.claims.set.HasConfirmation: // by whichever verifier
		v.code, v.cause = CodeInvalid, errConfirmation
	}
	if v.code != "" {
		v.claims = nil
	}
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
		got := need.Evaluate(scopes.Granted{Names: v.claims.scopes})
		if !got.OK && len(v.claims.grants) > 0 { // what is met costs no closure
			got = need.Evaluate(scopes.Granted{Names: v.claims.scopes, IsRole: v.claims.isGrant})
		}
		if !got.OK {
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
			Err: refusal, Cause: v.cause, ReportOnly: reportOnly, Claims: Claims{c: v.claims},
		})
	}
	if reportOnly {
		return nil
	}
	return refusal
}
