package jwks

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	flightTime   = 5 * time.Second // for one flight, discovery included
	maxRedirects = 3
)

// fetcher speaks HTTP with the issuer. It belongs to the one goroutine that fetches and has no lock.
type fetcher struct {
	cfg    Config
	client *http.Client
	owned  *http.Transport // nil when the transport is the user's

	keysURL    string    // discovered; unused with Config.URL
	rediscover time.Time // when discovery is due again

	// The last good answer, and what it takes to ask whether it still holds.
	keys     *index
	etag     string
	etagURL  string
	lifetime time.Duration
}

func newFetcher(cfg Config) *fetcher {
	f := &fetcher{cfg: cfg, client: new(http.Client)}
	if cfg.Client != nil {
		*f.client = *cfg.Client
	} else {
		f.owned = newTransport()
		f.client.Transport = f.owned
	}
	f.client.Jar = nil
	f.client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || origin(req.URL) != origin(via[0].URL) {
			return errRedirect
		}
		return nil
	}
	return f
}

// newTransport keeps this cache's connections apart from the program's, so that Close can end them.
func newTransport() *http.Transport {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	if std, ok := http.DefaultTransport.(*http.Transport); ok {
		t = std.Clone()
	}
	t.MaxResponseHeaderBytes = 64 << 10
	return t
}

// origin is RFC 6454's, with the default port spelled out.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// fetch asks the issuer for its keys once and returns them with the time for which they are fresh.
// With whole it asks for the keys themselves, as if for the first time, and not whether those of the
// last answer still hold: an issuer, or a proxy before it, may get that wrong for as long as it is asked.
func (f *fetcher) fetch(ctx context.Context, whole bool) (*index, time.Duration, error) {
	if whole {
		f.etag = ""
	}
	ctx, cancel := context.WithTimeout(ctx, flightTime)
	defer cancel()
	if f.cfg.URL != "" {
		return f.fetchSet(ctx, f.cfg.URL)
	}
	return f.fetchDiscovered(ctx)
}

// fetchSet asks one URL. The last good answer is kept when it fails.
func (f *fetcher) fetchSet(ctx context.Context, keysURL string) (*index, time.Duration, error) {
	etag := ""
	if f.etagURL == keysURL {
		etag = f.etag
	}
	res, body, err := f.get(ctx, keysURL, "application/jwk-set+json, application/json", etag)
	if err != nil {
		return nil, 0, err
	}
	fresh := f.cfg.lifetime(res.Header)
	if res.StatusCode == http.StatusNotModified {
		// RFC 9111 §4.3.4: headers that a 304 leaves out are those of the answer that it confirms.
		if len(res.Header.Values("Cache-Control")) == 0 {
			fresh = f.lifetime
		}
		f.lifetime = fresh
		return f.keys, fresh, nil
	}
	keys, elements, err := parseSet(body)
	if err != nil {
		return nil, 0, err
	}
	// {"keys":[]} withdraws every key, and an issuer that says so means it. A set in which there
	// is nothing that we understand is more likely a mistake: the keys before it go on serving,
	// up to MaxStale.
	if len(keys) == 0 && elements > 0 {
		return nil, 0, errNoUsableKey
	}
	f.keys = f.keys.renewed(keys)
	f.etag, f.etagURL, f.lifetime = res.Header.Get("ETag"), keysURL, fresh
	return f.keys, fresh, nil
}

// get accepts status 200, and 304 when it sent an etag. The Content-Type is not judged: issuers
// get it wrong, and what counts is that the body parses.
func (f *fetcher) get(ctx context.Context, target, accept, etag string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, nil, transportFault(err)
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "bearerguard")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	res, err := f.client.Do(req)
	if err != nil {
		return nil, nil, transportFault(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotModified && etag != "" {
		return res, nil, nil
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, statusFault(res.StatusCode, f.cfg.pause(res))
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, f.cfg.MaxBytes+1))
	if err != nil {
		return nil, nil, transportFault(err)
	}
	if int64(len(body)) > f.cfg.MaxBytes {
		return nil, nil, errTooLarge
	}
	return res, body, nil
}

func (f *fetcher) close() {
	if f.owned != nil {
		f.owned.CloseIdleConnections()
	}
}
