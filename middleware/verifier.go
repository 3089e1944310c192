package middleware

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// A Verifier tells whether a token is good, and what it claims.
//
// Verify gets the token as it was sent, without the scheme. A [Guard] has refused tokens
// larger than 16 KiB before. The error decides the answer:
//
//   - one that wraps [ErrExpired]: the token has expired, 401, and the caller is told so;
//   - one that wraps [ErrInvalidToken]: the token is at fault, 401;
//   - one that wraps [ErrForbidden]: the token is good, but its bearer is refused, 403;
//   - any other: the verifier can't tell, 503, or no answer at all if ctx has ended.
//
// Only the logger and the observer get the error's text. Say what you expected. Say what the
// token claims only after you have verified it, and quote it. The text must never contain the
// token. Verify must be safe for concurrent use. It makes its claims by [NewClaims], or by
// [ParseClaims] if it has them as JSON.
//
// If a Verifier also has a method Ready(context.Context) error, [Guard.Ready] calls it. A
// Verifier without that method counts as ready.
//
// If a Verifier also has a method GrantPrefixes() []string, a Guard with Options.Resource asks it
// once for the prefixes of the names that are roles, and never tells a caller such a name. A
// Verifier around another one hands the method on. Without it, the scopes of a 401 may have names
// of roles.
type Verifier interface {
	Verify(ctx context.Context, token string) (Claims, error)
}

// VerifierFunc makes a Verifier of a function.
type VerifierFunc func(ctx context.Context, token string) (Claims, error)

// Verify calls f.
func (f VerifierFunc) Verify(ctx context.Context, token string) (Claims, error) { return f(ctx, token) }

// ErrInvalidToken means that the token is at fault: it is forged, is for somebody else, or is
// no token at all. If it has expired and nothing else is wrong with it, the error is
// [ErrExpired]. Wrap it in the error of a Verifier or of
// JWTConfig.Validate. The caller is answered 401.
var ErrInvalidToken = errors.New("invalid token")

// ErrExpired means that the token is genuine, has expired, and is otherwise good. It is an
// ErrInvalidToken to errors.Is, too. Wrap it in the error of a Verifier. The caller is
// answered 401 and told that the token has expired, so return it only after all other
// checks: whoever made up a token must not get this answer.
var ErrExpired = fmt.Errorf("%w: expired", ErrInvalidToken)

// ErrForbidden means that the token is good, but its bearer is refused, for example because
// the tenant is suspended. Wrap it in the error of a Verifier or of JWTConfig.Validate. The
// caller is answered 403.
var ErrForbidden = errors.New("forbidden")

// verify asks v about token. known tells that the check took no time, because the token was
// known from before. verify compares concrete types, because a user's type may embed a JWT
// and have a Verify of its own.
func verify(ctx context.Context, v Verifier, token string) (c *claims, known bool, err error) {
	switch v := v.(type) {
	case *JWT:
		return v.verify(ctx, token)
	case byIssuer:
		return v.verify(ctx, token)
	}
	if !isToken68(token) {
		return nil, false, errNoToken68
	}
	verified, err := v.Verify(ctx, token)
	return verified.c, false, err
}

// isNil tells whether v is nil, or an interface around a nil pointer or function.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch value := reflect.ValueOf(v); value.Kind() {
	case reflect.Pointer, reflect.Func:
		return value.IsNil()
	}
	return false
}

// ready waits for v, if v has something to wait for.
func ready(ctx context.Context, v any) error {
	if r, ok := v.(interface{ Ready(context.Context) error }); ok {
		return r.Ready(ctx)
	}
	return nil
}
