package authtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

// A Fault stands between the issuer and its callers: it gets the healthy issuer and returns what
// answers instead. [Issuer.Break] calls it once, so it may keep state between requests (every
// third one fails). A Fault of your own that waits must give up when the request's context ends;
// panic(http.ErrAbortHandler) breaks the connection off.
type Fault func(next http.Handler) http.Handler

// instead makes a Fault that never asks the healthy issuer.
func instead(answer http.HandlerFunc) Fault {
	return func(http.Handler) http.Handler { return answer }
}

// Down closes the connection without an answer.
func Down() Fault {
	return instead(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// Status answers with a status, a header (nil: none) and no body: a 503, a 429 with Retry-After.
func Status(code int, header http.Header) Fault {
	header = header.Clone()
	return instead(func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(code)
	})
}

// Slow lets d pass before the healthy answer.
func Slow(d time.Duration) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pause(r.Context(), d)
			next.ServeHTTP(w, r)
		})
	}
}

// Hang accepts the request and never answers.
func Hang() Fault {
	return instead(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// Drip gives the healthy answer: status and header at once, the body one octet at a time with
// the interval before each. A timeout between reads never fires, one for the whole does.
func Drip(interval time.Duration) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&dripWriter{w, r.Context(), interval}, r)
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
		pause(d.ctx, d.interval)
		if _, err := d.ResponseWriter.Write(octets[n : n+1]); err != nil {
			return n, err
		}
	}
	return len(octets), nil
}

// Oversized answers with a valid but useless JSON document of n octets (and no fewer than it
// needs), as a key set or as metadata. It is made on the way and announces no Content-Length.
func Oversized(n int64) Fault {
	return instead(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		pad(w, n)
	})
}

// GzipBomb is Oversized in gzip encoding: n octets once decompressed, about a thousandth of that
// on the way.
func GzipBomb(n int64) Fault {
	return instead(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		if pad(z, n) == nil {
			// A failure here means that the caller left, as with every Write below.
			_ = z.Close()
		}
	})
}

// pad writes an n octet document and stops early when the reader has gone.
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

// Body answers 200 with these octets: an HTML page, half a document, someone else's metadata.
func Body(contentType, body string) Fault {
	return instead(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body) // fails when the caller leaves
	})
}

// RedirectTo answers 302 with a Location, except for a request that has got to that path and
// query of the issuer already, which is answered in health. So
// OnlyJWKS(RedirectTo(issuer.URL()+"/jwks?moved")) is a redirect within the origin that works,
// and the URL of a second issuer leads astray.
func RedirectTo(location string) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(location, "://"+r.Host+r.URL.RequestURI()) {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		})
	}
}

// OnlyJWKS keeps f to the key set: the metadata stays healthy.
func OnlyJWKS(f Fault) Fault {
	return only(f, func(path string) bool { return strings.HasSuffix(path, jwksPath) })
}

// OnlyMetadata keeps f to the metadata: the key set stays healthy.
func OnlyMetadata(f Fault) Fault {
	return only(f, func(path string) bool { return strings.Contains(path, wellKnown) })
}

func only(f Fault, applies func(path string) bool) Fault {
	return func(next http.Handler) http.Handler {
		broken := f(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if applies(r.URL.Path) {
				broken.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// pause breaks the connection off when the caller leaves before d has passed.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	}
}
