// Package nethttp holds what the adapters on net/http share: the copy of a request for the
// handler, and WhileAuthorized with deadlines.
package nethttp

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// Lend returns a copy of r with ctx, for the handler behind a guard. The caller defers
// [GiveBack] with both. Lend does not write to r, because middleware in front of the guard may
// be copying r at the same time.
//
// The handler finds the trailers of a chunked body in the copy, even those that the request did
// not announce. net/http creates the map for these at the end of the body, and only in r.
func Lend(ctx context.Context, r *http.Request) *http.Request {
	lent := r.WithContext(ctx)
	if r.Trailer == nil && r.ContentLength < 0 && r.ProtoMajor == 1 && r.Body != nil {
		lent.Body = &trailed{ReadCloser: r.Body, from: r, to: lent}
	}
	return lent
}

// trailed is a body that copies the trailers to another request when it ends.
type trailed struct {
	io.ReadCloser
	from, to *http.Request
}

func (t *trailed) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) && t.from.Trailer != nil {
		t.to.Trailer = t.from.Trailer
	}
	return n, err
}

// AsRouted returns r for a check. method is the method by which a router has chosen the
// handler, or "" if it is unknown. A page of another origin may send a cookie with a GET.
// Middleware may have changed a POST into a GET since the routing, or a GET into a POST. So, if
// one of the two methods is not safe, the check gets that one.
func AsRouted(r *http.Request, method string) *http.Request {
	if method == "" || safe(method) || !safe(r.Method) {
		return r
	}
	routed := r.WithContext(r.Context())
	routed.Method = method
	return routed
}

// safe tells whether method changes nothing, as [http.CrossOriginProtection] decides it.
func safe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}

// GiveBack copies two fields from lent to r after the handler has ended, even by a panic.
// net/http and middleware in front of the guard look for them in r:
//
//   - The multipart form, because the server removes its temporary files. It does not do so
//     after a panic that nobody recovers from, with or without a guard.
//   - The pattern that a mux behind the guard has found.
//
// GiveBack writes a field only if it has changed, because middleware may be reading r at the
// same time.
func GiveBack(r, lent *http.Request) {
	if lent.MultipartForm != nil && r.MultipartForm == nil {
		r.MultipartForm = lent.MultipartForm
	}
	if lent.Pattern != "" && r.Pattern != lent.Pattern {
		r.Pattern = lent.Pattern
	}
}
