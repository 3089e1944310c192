package adaptertest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// streams are cases about streams that outlive the first check of their token.
func streams() []testCase {
	anybody, read := scopes.Authenticated(), scopes.All("things:read")
	recent := scopes.MaxAge(time.Hour)
	invalid, old := fails(middleware.ErrInvalidToken), fails(middleware.ErrExpired)
	bound := claims(confirmedBy(map[string]any{"jkt": "x"}))
	list := []stream{
		{
			name: "a stream may end before its token is checked again",
			need: anybody, later: invalid, play: atOnce, body: "one",
		},
		{
			name: "a stream may end while its token is checked again",
			need: anybody, later: invalid, play: meanwhile, body: "one",
		},
		{
			name: "a stream may fail while its token is checked again",
			need: anybody, later: lasting("user-1", ""), play: failing, silent: true, code: "insufficient_scope",
			scope: "things:delete",
		},

		{
			name: "a stream ends when its token is invalid",
			need: anybody, later: invalid, play: refused, code: "invalid", body: "one",
		},
		{
			name: "a stream ends when its token is invalid, without a message",
			need: anybody, later: invalid, play: refused, silent: true, code: "invalid",
		},
		{
			name: "a stream over TLS ends when its token is invalid",
			need: anybody, tls: true, later: invalid, play: refused, code: "invalid", body: "one",
		},
		{
			name: "a stream over TLS ends when its token is invalid, without a message",
			need: anybody, tls: true, later: invalid, play: refused, silent: true, code: "invalid",
		},
		{
			name: "a stream ends when its token has expired",
			need: anybody, later: old, play: refused, code: "invalid", expired: true, body: "one",
		},
		{
			name: "a stream ends when its token has expired, without a message",
			need: anybody, later: old, play: refused, silent: true, code: "invalid", expired: true,
		},
		{
			name: "a stream of an optional route ends, also if an expired token counts as none",
			need: scopes.Optional(), options: expiredIsAnonymous, later: old, play: refused, silent: true,
			code: "invalid", expired: true,
		},
		{
			name: "a stream that ends because its token is invalid names the metadata of the resource",
			need: read, options: describe, later: invalid, play: refused, silent: true, code: "invalid", told: true,
			scope: "things:read",
		},
		{
			name: "a stream ends when its caller is denied",
			need: anybody, later: fails(middleware.ErrForbidden), play: refused, silent: true, code: "denied",
		},
		{
			name: "a stream ends when its token no longer has the scope",
			need: read, later: lasting("user-1", ""), play: refused, silent: true, code: "insufficient_scope",
			scope: "things:read",
		},
		{
			name: "a stream ends when its token is now bound",
			need: anybody, later: bound, play: refused, silent: true, code: "invalid",
		},
		{
			name: "a stream ends when the verifier fails",
			need: anybody, later: fails(http.ErrServerClosed), play: refused, silent: true, code: "unavailable",
		},
		{
			name: "a stream of an optional route ends when its token is invalid",
			need: scopes.Optional(), later: invalid, play: refused, code: "invalid", body: "one",
		},

		{
			name: "a stream ends when its login is too old, though its token is good",
			need: recent, first: loggedIn("user-1", time.Hour-grace), later: loggedIn("user-1", time.Hour), play: refused,
			silent: true, code: "step_up", login: `, max_age="3600"`,
		},
		{
			name: "a stream over TLS ends when its login is too old",
			need: recent, tls: true, first: loggedIn("user-1", time.Hour-grace), later: loggedIn("user-1", time.Hour),
			play: refused, code: "step_up", login: `, max_age="3600"`, body: "one",
		},
		{
			name: "Authorize in a stream asks for another login",
			need: anybody, later: loggedIn("user-2", time.Hour), play: asking(recent), silent: true, code: "step_up",
			login: `, max_age="3600"`,
		},
		{
			name: "a stream goes on in report-only mode when its login is too old",
			need: recent, first: loggedIn("user-1", time.Hour-grace), later: loggedIn("user-1", time.Hour),
			options: reportOnly, play: unharmed, body: "onetwo",
		},
		{
			name: "a stream goes on when its token is prolonged, with the new claims",
			need: read, later: lasting("user-2", "things:read things:write"), play: prolonged, body: "onetwo",
		},
		{
			name: "a stream over TLS goes on when its token is prolonged",
			need: read, tls: true, later: lasting("user-2", "things:read things:write"), play: prolonged,
			body: "onetwo",
		},
		{
			name: "a stream goes on when its token in a configured header is prolonged",
			need: read, options: useHeader, header: asserted, later: lasting("user-2", "things:read things:write"),
			play: prolonged, body: "onetwo",
		},
		{
			name: "a stream ends when its token in a configured header is invalid",
			need: read, options: useHeader, header: asserted, later: invalid, play: refused, code: "invalid", body: "one",
		},
		{
			name: "Authorize in a stream uses the new claims",
			need: anybody, later: lasting("user-2", ""), play: asking(read), silent: true, code: "insufficient_scope",
			scope: "things:read",
		},
		{
			name: "a stream goes on in report-only mode",
			need: anybody, later: invalid, options: reportOnly, play: reported, body: "onetwo",
		},
	}
	all := make([]testCase, len(list))
	for i, x := range list {
		all[i] = testCase{x.name, x}
	}
	return all
}

// atOnce ends the stream before the second check.
func atOnce(*scene) error { return nil }

// meanwhile ends the stream while the second check waits for the verifier.
func meanwhile(p *scene) error {
	if !wait(p.looking, patience) {
		p.fault("the verifier was not asked again")
	}
	return nil
}

// failing does the same, with an error that must reach the caller.
func failing(p *scene) error {
	_ = meanwhile(p)
	return p.guard.Authorize(p.ctx, scopes.All("things:delete"))
}

// refused waits until the refusal ends the stream, and then checks what the stream can do.
func refused(p *scene) error {
	close(p.answer)
	if !wait(p.ctx.Done(), patience) {
		p.fault("the context of a refused stream does not end")
		return nil
	}
	var refusal *middleware.Error
	if cause := context.Cause(p.ctx); !errors.As(cause, &refusal) || refusal.Code() != p.want {
		p.fault("the context ends because of %v, want the refusal %q", cause, p.want)
	}
	// The stream runs on for a moment, as a busy one does. An adapter that does not wait for it
	// must not let it send anything to the caller.
	if wait(p.received, grace) {
		if err := p.sendLate(); err == nil {
			p.fault("a stream sent a message after its end")
		}
	}
	return p.ctx.Err()
}

// renewed waits until the claims are those of the second check.
func renewed(p *scene) {
	close(p.answer)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if c, ok := middleware.ClaimsFrom(p.ctx); ok && c.Subject() == "user-2" {
			return
		}
	}
	p.fault("the stream does not see the claims of the second check")
}

func prolonged(p *scene) error {
	renewed(p)
	if err := p.guard.Authorize(p.ctx, scopes.All("things:write")); err != nil {
		p.fault("Authorize with the new claims: %w", err)
	}
	if wait(p.ctx.Done(), grace) {
		p.fault("the context of a prolonged stream ends: %w", context.Cause(p.ctx))
	}
	return p.send("two")
}

// unharmed runs on until a moment after its login is too old. The second check may use the
// claims of the first one, because the token has not expired.
func unharmed(p *scene) error {
	close(p.answer)
	if wait(p.ctx.Done(), 2*grace) {
		p.fault("the context ends in report-only mode: %w", context.Cause(p.ctx))
	}
	return p.send("two")
}

func asking(need scopes.Requirement) func(*scene) error {
	return func(p *scene) error {
		renewed(p)
		return p.guard.Authorize(p.ctx, need)
	}
}

// reported runs on for a moment after a refusal that is only reported.
func reported(p *scene) error {
	close(p.answer)
	_ = meanwhile(p)
	if wait(p.ctx.Done(), grace) {
		p.fault("the context ends in report-only mode: %w", context.Cause(p.ctx))
	}
	return p.send("two")
}
