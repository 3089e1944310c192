package middleware

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"
)

// Request is what an adapter tells about a request: all that a decision depends on, and
// nothing of any framework.
type Request struct {
	// Route is the route's pattern as the router spells it, or "" if it is unknown. It is
	// never the path that the caller asked for, because it goes into logs and metrics.
	Route string
	// Method and Host decide whether a token in a cookie is accepted, or in a header that a
	// proxy made from one: see Options.Cookie and Options.Header.
	Method, Host string
	// RemoteAddr is the peer's address. TLS is the state of its connection, and nil
	// without TLS. Both are for the observer.
	RemoteAddr string
	TLS        *tls.ConnectionState
	// Header returns all values of a field, in order and not joined. An [http.Header] is
	// one.
	Header interface{ Values(name string) []string }
}

// FromHTTP describes r. route is the route that the router has found for it.
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

// Pass is the result of a check that lets the request through.
type Pass struct {
	// Context is the request's context, with the claims if there are any. The adapter
	// must give it to the handler.
	Context context.Context

	// Until is when a new check is due: when the token expires, or when the login is older
	// than a scopes.MaxAge of the route, if that is earlier. Zero means never. A stream that
	// goes on then calls [Guard.Renew].
	Until time.Time

	// Remembered tells that the check took no time: it read no token, or one that was known
	// from before, and it called neither Validate nor a jwks.Set of your own. It is false if
	// InsecureReportOnly let the request through, because that function may take time.
	Remembered bool
}
