package middleware

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"
)

// Request is what an adapter tells about a request: as much as a decision rests
// on, and nothing of any framework.
type Request struct {
	// Route is the route's pattern as the router spells it, never the path that
	// the caller asked for: it goes into logs and metrics. "" when unknown.
	Route string
	// Method and Host matter for cookies, which browsers attach by themselves:
	// see Options.Cookie.
	Method, Host string
	// RemoteAddr is the peer's address, and TLS the state of its connection, nil
	// without TLS: for the observer.
	RemoteAddr string
	TLS        *tls.ConnectionState
	// Header yields all values of a field, in order and unjoined. A [http.Header] is
	// one.
	Header interface{ Values(name string) []string }
}

// FromHTTP describes r, which a router has found to be for route.
func FromHTTP(r *http.Request, route string) Request {
	return Request{
		Route:      route,
		Method:     r.Method,
		Host:       r.Host,
		RemoteAddr: r.RemoteAddr,
		TLS:        r.TLS,
		Header:     r.Header,
	}
}

// withHeader returns r with a Header that is not nil.
func (r Request) withHeader() Request {
	if r.Header == nil {
		r.Header = http.Header(nil)
	}
	return r
}

// Pass is the outcome of a check that lets the request through.
type Pass struct {
	// Context is the request's own context, and carries the claims, if any. The
	// handler must be given this one.
	Context context.Context

	// Until is when a new check is due, since the token expires; zero: never. A
	// stream that goes on then asks [Guard.Renew].
	Until time.Time

	// Remembered tells that no time passed in the check: no token was looked at, or
	// one that was known from before, and neither Validate nor a jwks.Set of the user's
	// was asked.
	Remembered bool
}
