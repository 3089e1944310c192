package middleware

import (
	"context"
	"errors"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
)

// verdict is a decision about a request, before it is answered.
type verdict struct {
	code       Code // "": let through
	cause      error
	need       []string  // for CodeInsufficientScope and CodeStepUp
	login      *login    // for CodeStepUp
	until      time.Time // the login is too old from this time on; zero: its age does not matter
	token      string
	claims     *claims // nil: nobody was authenticated
	remembered bool
}

// expired tells whether the token is refused because it has expired, and for nothing else.
// The code is CodeInvalid then: see codeOf.
func (v *verdict) expired() bool { return errors.Is(v.cause, ErrExpired) }

// asks tells whether the decision on need depends on credentials. If a route is open to
// everybody or to nobody, no credentials are read.
func asks(need scopes.Requirement) bool {
	level := need.Level()
	return level != scopes.LevelPublic && level != scopes.LevelDeny
}

// decide finds the credentials of r, verifies them, and authorizes their bearer.
func (g *Guard) decide(ctx context.Context, r Request, need scopes.Requirement) (v verdict) {
	if !asks(need) {
		v.remembered = true
		g.authorize(&v, need)
		if v.cause != nil && r.Route == "" { // nobody should look for a rule that is not there
			v.cause = errNoRoute
		}
		return v
	}
	v.token, v.code, v.cause = g.credential(r)
	if v.code == CodeMissing && need.Level() == scopes.LevelOptional {
		if r.Header == nil || !meansBearer(r.Header.Values("Authorization")) {
			return verdict{remembered: true}
		}
		if v.code = CodeInvalid; g.header == "" { // otherwise the cause says where the token belongs
			v.cause = errLookalike
		}
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

// verify asks the verifier about v.token. It refuses claims that are bound to a sender.
func (g *Guard) verify(ctx context.Context, v *verdict) {
	v.claims, v.remembered, v.cause = verify(ctx, g.verifier, v.token)
	// A JWT decodes every octet, so it has refused such a token too, for a less clear reason.
	if v.cause != nil && !isToken68(v.token) {
		v.cause = errNoToken68
	}
	switch {
	case v.cause != nil:
		v.code = codeOf(ctx, v.cause)
	case v.claims == nil:
		v.code, v.cause = CodeUnavailable, errNoVerdict
	case v.claims.set.HasConfirmation: // whichever verifier returned them
		v.code, v.cause = CodeInvalid, errConfirmation
	}
	if v.code != "" {
		v.claims = nil
	}
}

// authorize compares v.claims to need. They are nil for an anonymous caller.
func (g *Guard) authorize(v *verdict, need scopes.Requirement) {
	switch level := need.Level(); {
	case level == scopes.LevelPublic, level == scopes.LevelOptional:
	case level == scopes.LevelDeny:
		v.code, v.cause = CodeDenied, errNoRule
	case v.claims == nil:
		v.code, v.cause = CodeMissing, errNoCredentials
	default:
		v.compare(need, g.resource)
	}
}

// compare compares v.claims to need, which asks for scopes or for a login or for neither. r may be
// nil.
func (v *verdict) compare(need scopes.Requirement, r *resource) {
	granted := scopes.Granted{Names: v.claims.scopes}
	if need.AsksForLogin() { // few routes do, and the claims are looked up for each request
		granted.ACR, granted.AuthTime = v.claims.login()
	}
	got := need.Evaluate(granted)
	if !got.OK && (len(v.claims.grants) > 0 || r != nil) { // a requirement that is met costs no closure
		granted.IsRole = v.claims.isRole(r)
		got = need.Evaluate(granted)
	}
	switch {
	case got.OK:
		v.until = got.Until
		return
	case got.StepUp:
		v.code, v.cause = CodeStepUp, v.claims.needsLogin(need, got)
		v.login = &login{got.ACR, got.MaxAge}
	default:
		v.code, v.cause = CodeInsufficientScope, v.claims.needs(need, got.Need)
	}
	for _, name := range got.Need {
		if !v.claims.isGrant(name) {
			v.need = append(v.need, name)
		}
	}
}

// end is when a new check is due: when the token expires, or when the login is too old for
// the route, if that is earlier. Zero means never.
func (v *verdict) end() time.Time {
	if v.claims == nil {
		return time.Time{}
	}
	until := v.claims.until
	if !v.until.IsZero() && (until.IsZero() || v.until.Before(until)) {
		until = v.until
	}
	return until
}

// codeOf returns the code for a verifier's error. Unknown errors are outages. A deadline
// that has passed is an outage, too, because it is usually the server's, and the caller is
// still waiting.
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

// answer tells the observer about v. It returns the refusal for the caller, or nil if
// the request goes on.
func (g *Guard) answer(ctx context.Context, v *verdict, r Request, need scopes.Requirement) *Error {
	if v.code == "" && g.observe == nil { // nobody is told, so that most requests make no Event
		return nil
	}
	outcome := OutcomePassed
	var refusal *Error
	if v.code != "" {
		if g.resource != nil {
			v.need = g.resource.scopesFor(v, need)
		}
		outcome, refusal = OutcomeRefused, g.refusal(ctx, r, v.code, v.need)
		refusal.expired, refusal.login = v.expired(), v.login
		if g.reportOnly != nil && g.reportOnly(ctx, r.withHeader()) {
			outcome, v.remembered = OutcomeReported, false // it may have taken time
		}
	}
	g.tell(ctx, Event{
		Route: r.Route, RemoteAddr: r.RemoteAddr, TLS: r.TLS,
		Outcome: outcome, Err: refusal, Cause: v.cause, Claims: Claims{c: v.claims},
	})
	if outcome == OutcomeReported {
		return nil
	}
	return refusal
}

// tell tells the logger and the observer about e.
func (g *Guard) tell(ctx context.Context, e Event) {
	if g.logger != nil {
		e.log(ctx, g.logger)
	}
	if g.observe != nil {
		g.observe(ctx, e)
	}
}

// refusal makes the Error for the caller who sent r.
func (g *Guard) refusal(ctx context.Context, r Request, code Code, scopes []string) *Error {
	e := &Error{code: code, scopes: scopes, fixed: &g.challenge}
	if g.body != nil {
		e.body = g.bodyFor(ctx, r)
	}
	return e
}

// bodyFor returns Options.Body for r. r has the token, so a closure keeps r: if somebody
// prints an Error, the variables of a closure are not printed.
func (g *Guard) bodyFor(ctx context.Context, r Request) func(*Error) (string, []byte) {
	return func(e *Error) (string, []byte) { return g.body(ctx, r.withHeader(), e) }
}
