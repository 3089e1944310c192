// Package faults has answers of an issuer that exhaust a careless client. Each function returns a Handler for
// an authtest.Fault. Package authtest does not have them, because only the tests of this module need them.
package faults

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"time"
)

// A Handler gets the handler of the healthy issuer, and returns the handler that answers instead.
type Handler = func(healthy http.Handler) http.Handler

// Drip sends the healthy answer slowly: status and header at once, then the body one octet at a time, with
// the interval before each octet. A client with a timeout for each read waits for the whole answer. A timeout
// for the whole answer ends it.
func Drip(interval time.Duration) Handler {
	return func(healthy http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			healthy.ServeHTTP(&dripWriter{w, r.Context(), interval}, r)
		})
	}
}

type dripWriter struct {
	http.ResponseWriter
	ctx      context.Context // the context of the request, because Write has no parameter for it
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

// Oversized answers with a valid JSON document of n octets that has no keys. The shortest document has 24
// octets. It serves as a key set or as metadata. It is written piece by piece, without a Content-Length.
func Oversized(n int64) Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = pad(w, n) // pad fails when the caller has left
		})
	}
}

// GzipBomb is Oversized in gzip encoding. It sends about a thousandth of the n octets that the client gets
// after decompression.
func GzipBomb(n int64) Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			if pad(z, n) == nil {
				_ = z.Close() // Close fails when the caller has left
			}
		})
	}
}

// pad writes a document of n octets. It stops early if the reader has left.
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
