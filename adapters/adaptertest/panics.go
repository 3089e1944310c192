package adaptertest

import (
	"context"
	"sync/atomic"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

var goodToken = authtest.Token{Scope: "things:read"}

// panics are cases about functions of the user that panic. No handler may be reached, and the
// server must go on, whichever function recovers.
func panics() []testCase {
	good, forged := token(goodToken), raw("Bearer forged")
	read := scopes.All("things:read")
	var all []testCase
	for _, x := range []accident{
		{name: "an invalid token reaches no handler if the observer panics", header: forged, setOff: observer},
		{name: "a valid token reaches no handler if the observer panics", header: good, setOff: observer},
		{name: "an anonymous caller reaches no handler if the observer panics", setOff: observer},
		{name: "a request reaches no handler if the Validate function panics", header: good, setOff: ruled},
		{name: "a request reaches no handler if the verifier panics", header: good, setOff: verifies},
		{name: "a request reaches no handler if the Body function panics", setOff: bodied, only: overHTTP},
		{name: "a request reaches no handler if the report-only function panics", header: forged, setOff: reports},
		{name: "the guard leaves a panic of the handler unchanged", header: good, setOff: handles, handler: true},
		{
			name:   "the guard leaves a panic of the stream unchanged",
			header: good, setOff: handles, handler: true, streams: true,
		},
		{
			name:   "a stream ends if the verifier panics in the second check",
			header: raw("Bearer opaque-reference-token"), setOff: verifiesAgain, handler: true, streams: true,
		},
	} {
		x.need = read
		all = append(all, testCase{x.name, x})
		x.name, x.bare = x.name+", without a recovery", true
		all = append(all, testCase{x.name, x})
	}
	return all
}

func observer(m *mine, t *trap) {
	t.options = func(o *middleware.Options) {
		observe := o.Observe
		o.Observe = func(ctx context.Context, e middleware.Event) {
			observe(ctx, e)
			m.step()
		}
	}
}

func ruled(m *mine, t *trap) {
	t.config = func(c *middleware.JWTConfig) {
		c.Validate = func(context.Context, middleware.Claims) error { m.step(); return nil }
	}
}

func verifies(m *mine, t *trap) {
	t.verifier = func(jwt *middleware.JWT) (middleware.Verifier, error) { return mined{jwt, m}, nil }
}

func bodied(m *mine, t *trap) {
	t.options = func(o *middleware.Options) {
		o.Body = func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
			m.step()
			return "text/plain", nil
		}
	}
}

func reports(m *mine, t *trap) {
	t.options = func(o *middleware.Options) {
		o.InsecureReportOnly = func(context.Context, middleware.Request) bool { m.step(); return false }
	}
}

func handles(m *mine, t *trap) { t.handler = func(context.Context) { m.step() } }

// verifiesAgain panics in the second check of a token, for which the stream waits.
func verifiesAgain(m *mine, t *trap) {
	v := untilBegun(func(ctx context.Context, look int) (middleware.Claims, error) {
		m.step()
		return lasting("user-1", "things:read")(ctx, look)
	})
	t.verifier = v.verifier
	var streams atomic.Int32
	t.handler = func(ctx context.Context) {
		v.begin()
		if streams.Add(1) == 1 {
			wait(ctx.Done(), patience)
		}
	}
}
