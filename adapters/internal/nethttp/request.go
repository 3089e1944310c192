// Package nethttp holds what the adapters on net/http share: the copy of a request
// that a handler works with, and the streaming form of a check.
package nethttp

import (
	"context"
	"net/http"
)

// Lend returns a copy of r with ctx, for the handler behind a guard. A caller defers
// [GiveBack] with both.
//
// The copy sees the trailers of a chunked body, also those that the request did not
// announce: net/http puts them into the map of r.Trailer, which the copy shares, and
// makes one that only r would have where there is none.
func Lend(ctx context.Context, r *http.Request) *http.Request {
	if r.Trailer == nil && r.ContentLength < 0 && r.ProtoMajor == 1 {
		r.Trailer = make(http.Header)
	}
	return r.WithContext(ctx)
}

// GiveBack gives r what net/http, and middleware in front of the guard, look for in
// it when the handler has ended, also by a panic: the multipart form, whose temporary
// files the server then removes, and the pattern that a mux behind the guard has
// found. It writes no other field, and only what has changed: middleware may be
// reading r at this time.
func GiveBack(r, lent *http.Request) {
	if lent.MultipartForm != nil && r.MultipartForm == nil {
		r.MultipartForm = lent.MultipartForm
	}
	if lent.Pattern != "" && r.Pattern != lent.Pattern {
		r.Pattern = lent.Pattern
	}
}
