package jwks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/bearerguard/bearerguard/internal/say"
)

// transportFault says what an operator needs to know about err, which the HTTP client returned. Addresses
// and ports are left out, because they vary. It drops a cause that wraps a context's error, because that
// context is the cache's, and the caller would take the error for one of its own context.
func transportFault(err error) *fault {
	var known *fault
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, os.ErrDeadlineExceeded) {
		return errSlow
	}
	f := &fault{cause: err, unanswered: true}
	var (
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		op   *net.OpError
	)
	switch {
	case errors.As(err, &dns):
		f.text = "the host name " + say.Quote(dns.Name) + " cannot be resolved"
		if dns.IsNotFound {
			f.text += ": no such host"
		}
	case errors.As(err, &cert):
		f.untrusted(cert.Err)
	case errors.Is(err, http.ErrSchemeMismatch):
		f.text = "the server speaks http, not https"
	case errors.As(err, &op) && op.Op == "proxyconnect":
		f.text = "the proxy cannot be connected to" + reason(op.Err)
	case errors.As(err, &op) && op.Op == "dial":
		f.text = "the issuer cannot be connected to" + reason(op.Err)
	case reason(err) != "":
		f.text = "the request to the issuer failed" + reason(err)
	case strings.HasPrefix(innermost(err).Error(), "failed to parse Location header"): // and the whole URL follows
		f.text = "the issuer redirects to what is not a URL"
	default:
		f.text = "the request to the issuer failed"
		f.add(": " + say.Quote(innermost(err).Error()))
	}
	return f
}

// reason returns the text of the system's error in err, such as ": connection refused", or "".
func reason(err error) string {
	var number syscall.Errno
	switch {
	case errors.As(err, &number):
		return ": " + number.Error()
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return ": the connection was closed"
	}
	return ""
}

// innermost returns err without the URLs that net/http puts before it, because their queries may be secret.
func innermost(err error) error {
	for u := (*url.Error)(nil); errors.As(err, &u) && u.Err != nil; {
		err = u.Err
	}
	return err
}

// untrusted sets the text to why a certificate was refused.
func (f *fault) untrusted(err error) {
	f.text = "the issuer's certificate is not trusted: "
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &authority):
		f.text += "certificate signed by unknown authority"
	case errors.As(err, &host) && host.Certificate != nil:
		f.text += "it is not for " + say.Quote(host.Host)
		if names := host.Certificate.DNSNames; len(names) > 0 {
			f.text += ", but for " + say.List(names)
		}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		f.text += "it has expired or is not valid yet"
	default:
		f.text += "it was refused"
		if err != nil {
			f.add(": " + say.Quote(err.Error()))
		}
	}
}
