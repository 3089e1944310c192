package adaptertest

import (
	"context"
	"sync/atomic"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

var goodToken = authtest.Token{Scope: "things:read"}

// panics are about functions of the user's that panic. Whatever recovers from that, no
// handler is reached, and the server goes on.
func panics() []testCase {
	good, forged := token(goodToken), raw("Bearer forged")
	read := scopes.All("things:read")
	var all []testCase
	for _, x := range []accident{
		{name: "an observer that panics lets a bad token reach no handler", header: forged, setOff: observer},
		{name: "an observer that panics lets a good token reach no handler", header: good, setOff: observer},
		{name: "an observer that panics lets an anonymous caller reach no handler", setOff: observer},
		{name: "a rule that panics reaches no handler", header: good, setOff: ruled},
		{name: "a verifier that panics reaches no handler", header: good, setOff: verifies},
		{name: "a body that panics reaches no handler", setOff: bodied, only: overHTTP},
		{name: "a report-only function that panics reaches no handler", header: forged, setOff: reports},
		{name: "a handler's panic stays its own", header: good, setOff: handles, handler: true},
		{name: "a stream's panic stays its own", header: good, setOff: handles, handler: true, streams: true},
		{
			name:   "a verifier that panics when it is asked again ends the stream",
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

// verifiesAgain panics at the second look at a token, which the stream waits for.
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
