// Package adapt holds what all adapters share, whatever their framework is.
package adapt

import (
	"errors"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// MustGuard panics if g is nil. The text names the adapter. An API that starts without its
// guard is worse than one that does not start.
func MustGuard(adapter string, g *middleware.Guard) {
	if g == nil {
		panic(adapter + ": nil *middleware.Guard")
	}
}

// Rules returns rules. If they are nil, it returns rules that deny everything.
func Rules(rules scopes.Rules) scopes.Rules {
	if rules == nil {
		return (*scopes.Table)(nil)
	}
	return rules
}

// Refusal returns the refusal in err, or nil if there is none. err may also wrap the
// refusal.
func Refusal(err error) *middleware.Error {
	var refusal *middleware.Error
	if !errors.As(err, &refusal) {
		return nil
	}
	return refusal
}
