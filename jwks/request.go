package jwks

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/internal/urls"
)

const (
	maxRedirects = 3
	// maxRequests is how many requests there may be at once, including those that hang.
	maxRequests = 2
)

// client makes requests to the issuer. It is safe for concurrent use.
//
// The transport may be the user's. To protect the process and the cache from it, each request runs in a
// goroutine of its own. A panic there is a failed request. If the transport hangs and ignores its context,
// the goroutine stays, and what the transport returns later is dropped.
type client struct {
	cfg   Config
	http  *http.Client
	owned *http.Transport // nil if the transport is the user's
	turns chan struct{}   // has one element for each request under way
}

func newClient(cfg Config) *client {
	c := &client{cfg: cfg, http: new(http.Client), turns: make(chan struct{}, maxRequests)}
	if cfg.Client != nil {
		*c.http = *cfg.Client
	} else {
		c.owned = newTransport()
		c.http.Transport = c.owned
	}
	c.http.Jar = nil
	c.http.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		switch {
		case origin(req.URL) != origin(via[0].URL):
			return &fault{text: "the issuer redirects to another origin, " + say.Quote(origin(req.URL))}
		case len(via) > maxRedirects:
			return errTooOften
		}
		return nil
	}
	return c
}

// newTransport returns a transport that shares no connections with the program, so that Close can close them.
func newTransport() *http.Transport {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	if std, ok := http.DefaultTransport.(*http.Transport); ok {
		t = std.Clone()
	}
	t.MaxResponseHeaderBytes = 64 << 10
	return t
}

// response is an answer of the issuer, or why there is none.
type response struct {
	status int // 200, or 304 when an etag was sent
	header http.Header
	body   []byte
	via    string // where it came from, in words, if the issuer has redirected
	err    *fault
}

// get returns within requestTime and graceTime, whatever the transport does. Its fault names the target.
func (c *client) get(ctx context.Context, target, accept, etag string) response {
	r := c.bounded(ctx, target, accept, etag)
	if r.err != nil {
		failed := *r.err
		if r.via != "" {
			failed.add(r.via)
		}
		r.err = failed.asked(target)
	}
	return r
}

func (c *client) bounded(ctx context.Context, target, accept, etag string) response {
	if ctx.Err() != nil {
		return response{err: errSlow}
	}
	select {
	case c.turns <- struct{}{}:
	default:
		return response{err: errHung}
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	answered := make(chan response, 1) // buffered, because get may have returned
	go func() {
		r := response{err: errAborted} // for a transport that calls runtime.Goexit
		defer func() {
			if p := recover(); p != nil {
				r = response{err: panicFault(p)}
			}
			<-c.turns
			answered <- r
		}()
		r = c.do(ctx, target, accept, etag)
	}()
	select {
	case r := <-answered:
		return r
	case <-ctx.Done():
	}
	select {
	case r := <-answered:
		return r
	case <-time.After(graceTime):
		return response{err: errSlow}
	}
}

// busy reports whether there is a request under way.
func (c *client) busy() bool { return len(c.turns) > 0 }

// do accepts status 200, and 304 if it sent an etag. It ignores the Content-Type, which some issuers set
// wrongly. A body that is not JSON fails later.
func (c *client) do(ctx context.Context, target, accept, etag string) response {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return response{err: transportFault(err)}
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "bearerguard")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return response{err: transportFault(err)}
	}
	defer res.Body.Close()
	r := response{status: res.StatusCode, header: res.Header}
	if res.Request != nil && res.Request.URL != nil && res.Request.URL.String() != req.URL.String() {
		r.via = ", after a redirect to " + urls.Quote(res.Request.URL.String())
	}
	switch {
	case r.status == http.StatusNotModified && etag != "":
		return r
	case r.status != http.StatusOK:
		r.err = statusFault(r.status, pause(res, c.cfg.MinRefresh, c.cfg.MaxRefresh))
		return r
	}
	r.body, err = io.ReadAll(io.LimitReader(heeding{ctx, res.Body}, c.cfg.MaxBytes+1))
	switch {
	case err != nil:
		r.err = transportFault(err)
	case int64(len(r.body)) > c.cfg.MaxBytes:
		r.err = errTooLarge
	}
	return r
}

// heeding reads a body until ctx ends. A user's transport may return a body that ignores the context and
// yields few bytes at a time, or none.
type heeding struct {
	ctx  context.Context
	body io.Reader
}

func (h heeding) Read(p []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.body.Read(p)
}

func (c *client) close() {
	if c.owned != nil {
		c.owned.CloseIdleConnections()
	}
}
