// Package faults holds answers of an issuer that exhaust a careless client. Each function returns an
// authtest.Fault's Handler. They stand here because only the tests of this module need them.
package faults

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"time"
)

// A Handler gets the healthy issuer and returns what answers in its place.
type Handler = func(healthy http.Handler) http.Handler

// Drip gives the healthy answer: status and header at once, the body one octet at a time with the
// interval before each. A timeout between reads never fires, one for the whole answer does.
func Drip(interval time.Duration) Handler {
	return func(healthy http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			healthy.ServeHTTP(&dripWriter{w, r.Context(), interval}, r)
		})
	}
}

type dripWriter struct {
	http.ResponseWriter
	ctx      context.Context // of the request, which a Write cannot be given
	interval time.Duration
}

func (d *dripWriter) Write(octets []byte) (int, error) {
	flush := http.NewResponseController(d.ResponseWriter).Flush
	for n := range octets {
		if err := flush(); err != nil {
			return n, err
		}
		select {
		case <-time.After(d.interval):
		case <-d.ctx.Done():
			panic(http.ErrAbortHandler)
		}
		if _, err := d.ResponseWriter.Write(octets[n : n+1]); err != nil {
			return n, err
		}
	}
	return len(octets), nil
}

// Oversized answers with a valid but useless JSON document of n octets, or of as many as it needs, as a
// key set or as metadata. It is written piece by piece and announces no Content-Length.
func Oversized(n int64) Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = pad(w, n) // it fails when the caller leaves
		})
	}
}

// GzipBomb is Oversized in gzip encoding: n octets once decompressed, about a thousandth of that on the
// way.
func GzipBomb(n int64) Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			if pad(z, n) == nil {
				_ = z.Close() // it fails when the caller leaves
			}
		})
	}
}

// pad writes a document of n octets and stops early when the reader has gone.
func pad(w io.Writer, n int64) error {
	const head, tail = `{"keys":[],"padding":"`, `"}`
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	chunk := bytes.Repeat([]byte("A"), 32<<10)
	for left := n - int64(len(head)+len(tail)); left > 0; left -= int64(len(chunk)) {
		if _, err := w.Write(chunk[:min(left, int64(len(chunk)))]); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, tail)
	return err
}
