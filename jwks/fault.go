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

// fault is why a fetch failed. Its text is fixed, since the causes of net/http quote URLs and
// headers that the issuer chose; the cause is there for errors.As.
type fault struct {
	text  string
	cause error
	// pause is for how long the issuer asked to be left alone; 0 if it did not.
	pause time.Duration
	// unanswered tells a host that said nothing from one that said something wrong.
	unanswered bool
}

func (f *fault) Error() string { return f.text }

// As finds the cause. There is no Unwrap, since errors.Is must not find it: a transport is free to return
// what callers take for an answer about the key, such as ErrKeyNotFound.
func (f *fault) As(target any) bool { return errors.As(f.cause, target) }

var (
	errClosed    = &fault{text: "jwks: the cache is closed"}
	errSlow      = &fault{text: "jwks: the issuer did not answer in time", unanswered: true}
	errPaused    = &fault{text: "jwks: the issuer asked for a pause"}
	errHung      = &fault{text: "jwks: earlier requests to the issuer still hang", unanswered: true}
	errAborted   = &fault{text: "jwks: the HTTP client ended its goroutine", unanswered: true}
	errConfirmed = &fault{text: "jwks: the issuer confirms another JWK Set than it was asked about"}
	errTooLarge  = &fault{text: "jwks: the response is larger than Config.MaxBytes"}
	errRedirect  = &fault{text: "jwks: the response redirects to another origin or too often"}
	errMetadata  = &fault{text: "jwks: the metadata is malformed"}
	errIssuer    = &fault{text: "jwks: the metadata names another issuer"}
	errKeysURL   = &fault{text: "jwks: the metadata has no jwks_uri that is an allowed URL"}
)

// transportFault names what an operator can act upon. It drops the causes that are about time:
// they wrap the errors of a context that is not the caller's, and a caller must not take them for
// its own.
func transportFault(err error) error {
	var known *fault
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
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

// panicFault keeps a panic value that is an error for errors.As.
func panicFault(p any) error {
	cause, _ := p.(error)
	return &fault{text: "jwks: the HTTP client panicked", cause: cause, unanswered: true}
}

func statusFault(status int, pause time.Duration) error {
	return &fault{text: "jwks: the issuer answered with status " + strconv.Itoa(status), pause: pause}
}

func paused(err error) time.Duration {
	var f *fault
	if errors.As(err, &f) {
		return f.pause
	}
	return 0
}

// silent reports whether the issuer did not answer at all.
func silent(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.unanswered
}

// outage tells a caller that nobody could say whether the key exists. why is a fixed text, as all
// errors of a fetch are.
func outage(why error) error {
	return &fault{text: "jwks: keys are unavailable: " + strings.TrimPrefix(why.Error(), "jwks: "), cause: why}
}

// notRefreshed tells an operator why there was no good fetch.
func notRefreshed(why error) error {
	return &fault{text: "jwks: the keys were not refreshed: " + strings.TrimPrefix(why.Error(), "jwks: "), cause: why}
}

// left tells a caller that its own context ended before there was an answer.
func left(ctx context.Context) error {
	return &departure{text: "jwks: the caller stopped waiting for keys", causes: []error{ctx.Err(), context.Cause(ctx)}}
}

// notReady tells the same to a caller of Ready, and why there was nothing to have; last may be nil.
func notReady(ctx context.Context, last error) error {
	d := &departure{text: "jwks: no keys yet", causes: []error{ctx.Err(), context.Cause(ctx)}}
	if last != nil {
		d.text += ", " + last.Error()
		d.causes = append(d.causes, last)
	}
	return d
}

// departure matches ctx.Err() and the cause of the context, under a text that repeats neither.
type departure struct {
	text   string
	causes []error
}

func (d *departure) Error() string   { return d.text }
func (d *departure) Unwrap() []error { return d.causes }
