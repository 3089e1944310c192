package adaptertest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// streams are about requests that outlive the check of their token.
func streams() []testCase {
	anybody, read := scopes.Authenticated(), scopes.All("things:read")
	invalid := fails(middleware.ErrInvalidToken)
	bound := claims(confirmedBy(map[string]any{"jkt": "x"}))
	list := []stream{
		{
			name: "a stream that ends before its token is asked about again",
			need: anybody, later: invalid, play: atOnce, body: "one",
		},
		{
			name: "a stream that ends while its token is asked about again",
			need: anybody, later: invalid, play: meanwhile, body: "one",
		},
		{
			name: "a stream that fails while its token is asked about again",
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
			name: "a stream ends when its caller is turned away",
			need: anybody, later: fails(middleware.ErrForbidden), play: refused, silent: true, code: "denied",
		},
		{
			name: "a stream ends when its token lacks a scope by now",
			need: read, later: lasting("user-1", ""), play: refused, silent: true, code: "insufficient_scope",
			scope: "things:read",
		},
		{
			name: "a stream ends when its token is bound by now",
			need: anybody, later: bound, play: refused, silent: true, code: "invalid",
		},
		{
			name: "a stream ends when nobody can tell",
			need: anybody, later: fails(http.ErrServerClosed), play: refused, silent: true, code: "unavailable",
		},
		{
			name: "a stream of an optional route ends when its token is invalid",
			need: scopes.Optional(), later: invalid, play: refused, code: "invalid", body: "one",
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
			name: "a stream that goes on asks with the new claims",
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

// atOnce lets the second look wait in vain.
func atOnce(*scene) error { return nil }

// meanwhile ends while the second look waits for its answer.
func meanwhile(p *scene) error {
	if !wait(p.looking, patience) {
		p.fault("the verifier was not asked again")
	}
	return nil
}

// failing does the same, with an error that must not be lost.
func failing(p *scene) error {
	_ = meanwhile(p)
	return p.guard.Authorize(p.ctx, scopes.All("things:delete"))
}

// refused waits for the refusal to end the stream, and looks at what is left of it.
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
	// The stream goes on for a moment, as one does that is busy. An adapter that does
	// not wait for it must not let it reach the caller any more.
	if wait(p.received, grace) {
		if err := p.sendLate(); err == nil {
			p.fault("a stream sent a message after its end")
		}
	}
	return p.ctx.Err()
}

// renewed waits until the claims are those of the second look.
func renewed(p *scene) {
	close(p.answer)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if c, ok := middleware.ClaimsFrom(p.ctx); ok && c.Subject() == "user-2" {
			return
		}
	}
	p.fault("the stream does not see the claims of the second look")
}

func prolonged(p *scene) error {
	renewed(p)
	if err := p.guard.Authorize(p.ctx, scopes.All("things:write")); err != nil {
		p.fault("the stream's question about the new claims: %w", err)
	}
	if wait(p.ctx.Done(), grace) {
		p.fault("the context of a prolonged stream ends: %w", context.Cause(p.ctx))
	}
	return p.send("two")
}

func asking(need scopes.Requirement) func(*scene) error {
	return func(p *scene) error {
		renewed(p)
		return p.guard.Authorize(p.ctx, need)
	}
}

// reported goes on for a moment after a refusal that is only reported.
func reported(p *scene) error {
	close(p.answer)
	_ = meanwhile(p)
	if wait(p.ctx.Done(), grace) {
		p.fault("the context ends in report-only mode: %w", context.Cause(p.ctx))
	}
	return p.send("two")
}
