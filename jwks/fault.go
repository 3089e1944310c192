package jwks

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// fault is why a fetch failed. Its text is fixed, because the errors of net/http quote URLs and headers that
// the issuer chose. errors.As finds the cause.
type fault struct {
	text  string
	cause error
	// pause is how long the issuer asked not to be called; 0 if it did not ask.
	pause time.Duration
	// unanswered is set when no response came, as opposed to a wrong one.
	unanswered bool
}

func (f *fault) Error() string { return f.text }

// As finds the cause. There is no Unwrap, because errors.Is must not find it: a transport may return any
// error, also one that callers branch on, such as ErrKeyNotFound.
func (f *fault) As(target any) bool { return errors.As(f.cause, target) }

var (
	errClosed    = &fault{text: "jwks: the cache is closed"}
	errSlow      = &fault{text: "jwks: the issuer did not answer in time", unanswered: true}
	errPaused    = &fault{text: "jwks: the issuer asked for a pause"}
	errHung      = &fault{text: "jwks: earlier requests to the issuer still hang", unanswered: true}
	errAborted   = &fault{text: "jwks: the HTTP client ended its goroutine", unanswered: true}
	errConfirmed = &fault{text: "jwks: the issuer answered 304 with the ETag of another JWK Set"}
	errTooLarge  = &fault{text: "jwks: the response is larger than Config.MaxBytes"}
	errRedirect  = &fault{text: "jwks: the response redirects to another origin or too often"}
	errMetadata  = &fault{text: "jwks: the metadata is malformed"}
	errIssuer    = &fault{text: "jwks: the metadata names another issuer"}
	errKeysURL   = &fault{text: "jwks: the metadata has no jwks_uri that is an allowed URL"}
)

// transportFault names the causes that an operator can act upon. It drops a cause that wraps a context's
// error, because that context is the cache's, and the caller would take the error for one of its own context.
func transportFault(err error) error {
	var known *fault
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, os.ErrDeadlineExceeded) {
		return errSlow
	}
	var (
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		op   *net.OpError
	)
	text := "jwks: the request to the issuer failed"
	switch {
	case errors.As(err, &dns):
		text = "jwks: the issuer's host name cannot be resolved"
	case errors.As(err, &cert):
		text = "jwks: the issuer's certificate is not trusted"
	case errors.As(err, &op) && op.Op == "dial":
		text = "jwks: the issuer cannot be connected to"
	}
	return &fault{text: text, cause: err, unanswered: true}
}

// panicFault keeps p as the cause if it is an error.
func panicFault(p any) error {
	cause, _ := p.(error)
	return &fault{text: "jwks: the HTTP client panicked", cause: cause, unanswered: true}
}

func statusFault(status int, pause time.Duration) error {
	return &fault{text: "jwks: the issuer answered with status " + strconv.Itoa(status), pause: pause}
}

// paused returns how long the issuer asked not to be called; 0 if it did not ask.
func paused(err error) time.Duration {
	var f *fault
	if errors.As(err, &f) {
		return f.pause
	}
	return 0
}

// silent reports whether no response came at all.
func silent(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.unanswered
}

// outage is the error of Keys when it is unknown whether the key exists. why is an error of this package.
func outage(why error) error {
	return &fault{text: "jwks: keys are unavailable: " + unprefixed(why), cause: why}
}

// notRefreshed is the error of Refresh. why is an error of this package.
func notRefreshed(why error) error {
	return &fault{text: "jwks: the keys were not refreshed: " + unprefixed(why), cause: why}
}

// unprefixed returns the text of an error of this package, to be put after another one.
func unprefixed(err error) string { return strings.TrimPrefix(err.Error(), "jwks: ") }

// left is the error for a caller whose own context ended before there was an answer.
func left(ctx context.Context) error {
	return &departure{text: "jwks: the caller stopped waiting for keys", causes: []error{ctx.Err(), context.Cause(ctx)}}
}

// notReady is the same for a caller of Ready. last is the error of the last fetch, or nil.
func notReady(ctx context.Context, last error) error {
	d := &departure{text: "jwks: no keys yet", causes: []error{ctx.Err(), context.Cause(ctx)}}
	if last != nil {
		d.text += ": " + unprefixed(last)
		d.causes = append(d.causes, last)
	}
	return d
}

// departure wraps the error and the cause of a context. Its text quotes neither.
type departure struct {
	text   string
	causes []error
}

func (d *departure) Error() string   { return d.text }
func (d *departure) Unwrap() []error { return d.causes }
