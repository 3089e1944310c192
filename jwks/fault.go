package jwks

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/internal/urls"
)

// fault is why a fetch failed. Its text says what was asked and what was found. What the issuer or a
// transport wrote is quoted and cut, and the query of a URL is left out. errors.As finds the cause.
type fault struct {
	at   string // the URLs that were asked, quoted; may be empty
	text string
	// same is the text without what varies by itself, such as the first line of a web page. Two faults with
	// one kind count as the same. It is empty if nothing in the text varies.
	same  string
	cause error
	// pause is how long the issuer asked not to be called; 0 if it did not ask.
	pause time.Duration
	// unanswered is set when no response came, as opposed to a wrong one.
	unanswered bool
}

func (f *fault) Error() string { return "jwks: " + f.placed(f.text) }

// kind is the text without what varies by itself.
func (f *fault) kind() string { return f.placed(cmp.Or(f.same, f.text)) }

func (f *fault) placed(text string) string {
	if f.at == "" {
		return text
	}
	return f.at + ": " + text
}

// add appends what varies by itself.
func (f *fault) add(detail string) {
	f.same = cmp.Or(f.same, f.text)
	f.text += detail
}

// As finds the cause. There is no Unwrap, because errors.Is must not find it: a transport may return any
// error, also one that callers branch on, such as ErrKeyNotFound.
func (f *fault) As(target any) bool { return errors.As(f.cause, target) }

var (
	errClosed    = &fault{text: "the cache is closed"}
	errSlow      = &fault{text: "the issuer did not answer in time", unanswered: true}
	errPaused    = &fault{text: "the issuer asked for a pause"}
	errHung      = &fault{text: "earlier requests to the issuer still hang", unanswered: true}
	errAborted   = &fault{text: "the HTTP client ended its goroutine", unanswered: true}
	errConfirmed = &fault{text: "the issuer answered 304 with the ETag of another JWK Set"}
	errTooLarge  = &fault{text: "the response is larger than jwks.Config.MaxBytes"}
	errTooOften  = &fault{text: "the issuer redirects more than " + strconv.Itoa(maxRedirects) + " times"}
)

// asked returns f with the URL that was asked.
func (f *fault) asked(target string) *fault {
	at := *f
	at.at = urls.Quote(target)
	if strings.Contains(target, "?") {
		at.text = cmp.Or(f.same, f.text) // what was left out may repeat the query
	}
	return &at
}

// panicFault keeps p as the cause if it is an error.
func panicFault(p any) *fault {
	cause, _ := p.(error)
	return &fault{text: "the HTTP client panicked", cause: cause, unanswered: true}
}

func statusFault(status int, pause time.Duration) *fault {
	return &fault{text: "status " + strconv.Itoa(status), pause: pause}
}

// both joins the faults of two URLs. The result has neither pause nor unanswered.
func both(first, second *fault) *fault {
	f := &fault{cause: errors.Join(first, second)}
	if cmp.Or(first.same, first.text) == cmp.Or(second.same, second.text) {
		f.at, f.text, f.same = first.at+" and "+second.at, first.text, first.same
		return f
	}
	f.text = unprefixed(first) + "; and " + unprefixed(second)
	f.same = first.kind() + "; and " + second.kind()
	return f
}

// outage is the error of Keys when it is unknown whether the key exists. why is an error of this package.
func outage(why error) error {
	return &fault{text: "keys are unavailable: " + unprefixed(why), cause: why}
}

// notRefreshed is the error of Refresh. why is an error of this package.
func notRefreshed(why error) error {
	return &fault{text: "the keys were not refreshed: " + unprefixed(why), cause: why}
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
