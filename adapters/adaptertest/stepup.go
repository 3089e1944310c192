package adaptertest

import (
	"context"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// stepUps are cases about routes that ask how or when the user logged in, RFC 9470.
func stepUps() []testCase {
	read, strong, recent := scopes.All("things:read"), scopes.ACR("gold", "silver"), scopes.MaxAge(5*time.Minute)
	all := read.And(strong).And(recent)
	anHourAgo := time.Now().Add(-time.Hour)
	const (
		isStrong = `, acr_values="gold silver"`
		isRecent = `, max_age="300"`
	)
	return exchangeCases([]exchange{
		{
			name: "a login of a kind that the route asks for passes",
			need: strong, header: token(authtest.Token{ACR: "silver"}), subject: "user-1",
		},
		{
			name: "a login of another kind is not enough, and the challenge names the kinds",
			need: strong, header: token(authtest.Token{ACR: "bronze"}), code: "step_up", login: isStrong,
		},
		{
			name: "a login of an unknown kind is not enough",
			need: strong, header: token(authtest.Token{}), code: "step_up", login: isStrong,
		},
		{
			name: "a scope does not count as a kind of login",
			need: strong, header: token(authtest.Token{Scope: "gold"}), code: "step_up", login: isStrong,
		},
		{
			name: "a recent login passes",
			need: recent, header: func(i *authtest.Issuer) http.Header {
				return token(authtest.Token{AuthTime: time.Now()})(i)
			}, subject: "user-1",
		},
		{
			name: "a login that is too old is not enough, and the challenge names the age",
			need: recent, header: token(authtest.Token{AuthTime: anHourAgo}), code: "step_up", login: isRecent,
		},
		{
			name: "a login at an unknown time is not enough",
			need: recent, header: token(authtest.Token{}), code: "step_up", login: isRecent,
		},
		{
			name: "a login in the future is not enough",
			need: recent, header: token(authtest.Token{AuthTime: time.Now().Add(time.Hour)}), code: "step_up", login: isRecent,
		},
		{
			name:   "a time of the login that is a text is unknown",
			need:   recent,
			header: token(authtest.Token{Claims: map[string]any{"auth_time": time.Now().Format(time.RFC3339)}}),
			code:   "step_up", login: isRecent,
		},
		{
			name: "a route that asks for no login does not look at its claims",
			need: read, header: token(authtest.Token{Scope: "things:read", Claims: map[string]any{"acr": 1, "auth_time": "x"}}),
			subject: "user-1",
		},
		{
			name: "a challenge for another login has the scopes, too",
			need: all, header: token(authtest.Token{Scope: "things:read", AuthTime: anHourAgo}), code: "step_up",
			scope: "things:read", login: isStrong + isRecent,
		},
		{
			name: "a scope that is missing is asked for before another login",
			need: all, header: token(authtest.Token{AuthTime: anHourAgo}), code: "insufficient_scope", scope: "things:read",
		},
		{name: "without credentials, no login is asked for", need: strong, code: "missing"},
		{
			name: "an invalid token is invalid, whatever the login",
			need: strong, header: forged, code: "invalid",
		},
		{
			name: "Authorize in a handler asks for another login as the route does",
			need: read, header: token(authtest.Token{Scope: "things:read", ACR: "bronze"}), authorize: &all, code: "step_up",
			scope: "things:read", login: isStrong + isRecent, subject: "user-1",
		},
		{
			name: "report-only admits a login that is not enough",
			need: strong, header: token(authtest.Token{ACR: "bronze"}), options: reportOnly, subject: "user-1",
		},
	})
}

// loggedIn returns a verdict whose token lasts, and whose login was so long ago.
func loggedIn(subject string, ago time.Duration) verdict {
	return func(ctx context.Context, look int) (middleware.Claims, error) {
		now := time.Now()
		return claims(map[string]any{
			"sub": subject, "scope": "things:read", "exp": now.Add(2 * time.Hour), "auth_time": now.Add(-ago),
		})(ctx, look)
	}
}
