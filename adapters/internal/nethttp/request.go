// Package nethttp holds what the adapters on net/http share: the copy of a request
// that a handler works with, and the streaming form of a check.
package nethttp

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// Lend returns a copy of r with ctx, for the handler behind a guard. A caller defers
// [GiveBack] with both. It writes nothing to r: middleware may be copying it at this
// time.
//
// The copy sees the trailers of a chunked body, also those that the request did not
// announce: for these net/http makes a map at the end of the body, which only r has.
func Lend(ctx context.Context, r *http.Request) *http.Request {
	lent := r.WithContext(ctx)
	if r.Trailer == nil && r.ContentLength < 0 && r.ProtoMajor == 1 && r.Body != nil {
		lent.Body = &trailed{ReadCloser: r.Body, from: r, to: lent}
	}
	return lent
}

// trailed is a body that hands on the trailers when it ends.
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

// AsRouted returns r for a check, where method is that by which a router has chosen the
// handler, and "" if that is unknown. A page of another origin may send a cookie with a GET,
// so neither r nor method may hide from the check that the other one changes something:
// middleware can have made a GET of a POST since then, or a POST of a GET.
func AsRouted(r *http.Request, method string) *http.Request {
	if method == "" || safe(method) || !safe(r.Method) {
		return r
	}
	routed := r.WithContext(r.Context())
	routed.Method = method
	return routed
}

// safe tells whether method changes nothing, as [http.CrossOriginProtection] sees it.
func safe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}

// GiveBack gives r what net/http, and middleware in front of the guard, look for in
// it when the handler has ended, also by a panic: the multipart form, and the pattern
// that a mux behind the guard has found. The server removes the temporary files of the
// form, but not after a panic that nobody has recovered, with a guard or without.
// GiveBack writes no other field, and only what has changed, because middleware may be
// reading r at this time.
func GiveBack(r, lent *http.Request) {
	if lent.MultipartForm != nil && r.MultipartForm == nil {
		r.MultipartForm = lent.MultipartForm
	}
	if lent.Pattern != "" && r.Pattern != lent.Pattern {
		r.Pattern = lent.Pattern
	}
}
