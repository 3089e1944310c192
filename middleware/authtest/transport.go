package authtest

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
)

// memory is a network of one host, without sockets: every wait in it is on a channel made for
// the request, so that it works under testing/synctest.
type memory struct {
	origin  *url.URL
	handler http.Handler
	closed  context.Context // ends with the issuer
}

// inMemory reaches handler under the scheme and host of origin.
func inMemory(origin *url.URL, handler http.Handler) (http.RoundTripper, func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	// The channel is made lazily. Were it made inside a synctest bubble by the first request,
	// closing an issuer that lives outside of it would panic.
	ctx.Done()
	return &memory{origin, handler, ctx}, func() error { cancel(); return nil }
}

// RoundTrip runs the handler in a goroutine that is told to end when the request's context ends,
// when the body is closed, and when the issuer is closed.
func (m *memory) RoundTrip(req *http.Request) (*http.Response, error) {
	err := req.Context().Err()
	switch {
	case err != nil:
	case req.URL.Host != m.origin.Host:
		err = &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: req.URL.Host, IsNotFound: true}}
	case req.URL.Scheme != m.origin.Scheme || m.closed.Err() != nil:
		err = refused()
	}
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}

	ctx, cancel := context.WithCancel(req.Context())
	forget := context.AfterFunc(m.closed, cancel)
	reader, writer := io.Pipe()
	// The caller's own leaving must look like it, and nothing else must: a closed issuer is a
	// broken connection, not a canceled request.
	severed := func() error {
		if err := req.Context().Err(); err != nil {
			return err
		}
		return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	context.AfterFunc(ctx, func() { _ = writer.CloseWithError(severed()) })

	in, out := exchange(ctx, req, writer, &body{reader, cancel})
	go func() {
		defer cancel() // after the result is in: see the select below
		defer forget()
		aborted := serve(m.handler, out, in)
		_ = in.Body.Close()
		var failure error
		switch {
		case ctx.Err() != nil:
			failure = severed()
		case aborted && !out.wrote:
			failure = refused()
		case aborted:
			failure = io.ErrUnexpectedEOF
		}
		out.end(failure)
	}()

	select {
	case r := <-out.result:
		return r.resp, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-out.result: // the handler answered and ended in one go
		return r.resp, r.err
	default:
		return nil, severed()
	}
}

// serve tells whether the handler broke the connection off. Any other panic is a mistake in the
// test's own handler and goes on.
func serve(handler http.Handler, w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(v)
		}
	}()
	handler.ServeHTTP(w, r)
	return false
}

func refused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// exchange makes of a client's request what a server sees of it, and what answers it.
func exchange(ctx context.Context, asked *http.Request, w *io.PipeWriter, caller *body) (*http.Request, *response) {
	in := asked.Clone(ctx)
	in.RequestURI = asked.URL.RequestURI()
	in.RemoteAddr = "192.0.2.1:50000" // TEST-NET-1, RFC 5737
	in.URL.Scheme, in.URL.Host = "", ""
	if in.Host == "" {
		in.Host = asked.URL.Host
	}
	if in.Method == "" {
		in.Method = http.MethodGet
	}
	if in.Header == nil {
		in.Header = http.Header{}
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := &response{
		asked:  asked,
		header: http.Header{},
		body:   w,
		caller: caller,
		result: make(chan result, 1),
	}
	// The same terms as http.Transport: who asks for gzip has to unpack it.
	if in.Method != http.MethodHead && in.Header.Get("Accept-Encoding") == "" && in.Header.Get("Range") == "" {
		in.Header.Set("Accept-Encoding", "gzip")
		out.unpack = true
	}
	return in, out
}

// response is the server's end of an exchange. Only the handler's goroutine touches it.
type response struct {
	asked  *http.Request
	header http.Header
	body   *io.PipeWriter
	caller *body // the other end of body
	result chan result
	unpack bool
	wrote  bool
	mute   bool // the status allows no body
}

type result struct {
	resp *http.Response
	err  error
}

func (w *response) Header() http.Header { return w.header }

func (w *response) WriteHeader(status int) {
	if w.wrote {
		return
	}
	w.wrote = true
	resp := &http.Response{
		Status:        strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        w.header.Clone(),
		Body:          w.caller,
		ContentLength: -1,
		Request:       w.asked,
	}
	if n, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil {
		resp.ContentLength = n
	}
	w.mute = status == http.StatusNoContent || status == http.StatusNotModified
	switch {
	case w.mute:
		resp.Body = http.NoBody
	case w.unpack && w.header.Get("Content-Encoding") == "gzip":
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
		resp.Body = &gunzip{packed: w.caller}
	}
	w.result <- result{resp: resp}
}

func (w *response) Write(octets []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.mute:
		return 0, http.ErrBodyNotAllowed
	case w.asked.Method == http.MethodHead:
		return len(octets), nil
	default:
		return w.body.Write(octets)
	}
}

// Flush has only the header to send: the pipe holds nothing back.
func (w *response) Flush() { w.WriteHeader(http.StatusOK) }

// end closes the exchange; a nil err is the regular end.
func (w *response) end(err error) {
	if err != nil && !w.wrote {
		w.wrote = true
		w.result <- result{err: err}
	}
	w.WriteHeader(http.StatusOK)
	_ = w.body.CloseWithError(err)
}

// body is the caller's end. To close it is to leave.
type body struct {
	*io.PipeReader
	leave context.CancelFunc
}

func (b *body) Close() error {
	b.leave()
	return b.PipeReader.Close()
}

// gunzip waits for the first Read, since reading the gzip header may block.
type gunzip struct {
	packed *body
	plain  *gzip.Reader
	err    error
}

func (g *gunzip) Read(octets []byte) (int, error) {
	if g.plain == nil && g.err == nil {
		g.plain, g.err = gzip.NewReader(g.packed)
	}
	if g.err != nil {
		return 0, g.err
	}
	return g.plain.Read(octets)
}

func (g *gunzip) Close() error { return g.packed.Close() }
