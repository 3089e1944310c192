package middleware

import (
	"context"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
)

// Renew checks r once more, for a stream whose pass.Until has come. pass is what Check
// returned for r. ctx is the context that r came with. Do not use the context in pass,
// because in it the token counts as checked. The error is always an [*Error].
//
// Without an error, the result has the context of pass, in which [ClaimsFrom] and Authorize
// find the claims of this check from now on, and the next Until. If the verifier uses
// another clock, it may let a token pass after its expiry. Then Until is a second away.
//
// If ctx ends during the check, nobody waits for the result. Then the refusal is
// CodeCanceled, and the observer is not told.
func (g *Guard) Renew(ctx context.Context, pass Pass, r Request, need scopes.Requirement) (Pass, error) {
	v := g.decide(ctx, r, need)
	if ctx.Err() != nil {
		return Pass{}, g.refusal(ctx, r, CodeCanceled, nil)
	}
	return g.renew(ctx, pass, &v, r, need)
}

// pause is how long to wait before asking again about a token that passes after its
// expiry.
const pause = time.Second

func (g *Guard) renew(ctx context.Context, pass Pass, v *verdict, r Request, need scopes.Requirement) (Pass, error) {
	if err := g.answer(ctx, v, r, need); err != nil {
		return Pass{}, err
	}
	// Only the claims of this guard are replaced. Inner guards may have stored theirs in
	// pass.Context later.
	if pass.Context != nil && need.Level() != scopes.LevelPublic {
		if id := g.identityOf(pass.Context); id != nil {
			id.claims.Store(v.claims)
		}
	}
	pass.Until, pass.Remembered = v.end(), v.remembered
	if !pass.Until.IsZero() {
		if soonest := time.Now().Add(pause); pass.Until.Before(soonest) {
			pass.Until = soonest
		}
	}
	return pass, nil
}
