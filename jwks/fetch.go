package jwks

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// maxETag is far longer than any ETag of use. A longer one would make the next request too large for many
// servers.
const maxETag = 1 << 10

// fetcher gets the issuer's keys. Only the goroutine of Cache.loop uses it, except for cfg and client, which
// look uses in another goroutine.
type fetcher struct {
	cfg    Config
	client *client

	keysURL    string    // discovered; unused with Config.KeysURL
	rediscover time.Time // when the metadata are asked again
	unwelcome  time.Time // until when the metadata must not be asked
	looking    bool      // look runs
	found      chan discovery

	// The last good answer, and what a conditional request for it needs.
	keys     *index
	lifetime time.Duration
	etag     string // empty: fetch in full
	etagURL  string
	complete time.Time // when the keys last came in full
	inFull   time.Time // until when they are fetched in full
}

func newFetcher(cfg Config) *fetcher {
	return &fetcher{cfg: cfg, client: newClient(cfg), found: make(chan discovery, 1)}
}

// fetch asks the issuer for its keys, and returns them with the time for which they are fresh. If whole is
// set, it fetches in full, without If-None-Match. Otherwise a broken issuer or proxy could answer 304
// forever, and so hide a new key.
func (f *fetcher) fetch(ctx context.Context, whole bool) (*index, time.Duration, *fault) {
	if whole {
		f.etag = ""
	}
	ctx, cancel := context.WithTimeout(ctx, flightTime)
	defer cancel()
	if f.cfg.KeysURL != "" {
		return f.fetchSet(ctx, f.cfg.KeysURL)
	}
	return f.fetchDiscovered(ctx)
}

// fetchSet asks one URL, with a conditional request if it can. If that fails, for whatever reason, it fetches
// the keys in full: at once if the issuer answered and did not ask for a pause, otherwise from the next fetch
// on.
func (f *fetcher) fetchSet(ctx context.Context, keysURL string) (*index, time.Duration, *fault) {
	if f.etag != "" && f.etagURL == keysURL && time.Since(f.complete) < f.cfg.MaxStale {
		keys, fresh, err := f.ask(ctx, keysURL, f.etag)
		if err == nil {
			return keys, fresh, nil
		}
		f.etag, f.inFull = "", time.Now().Add(conditionalAgain)
		if err.unanswered || err.pause > 0 {
			return nil, 0, err
		}
	}
	return f.ask(ctx, keysURL, "")
}

// ask makes one request for the keys. If etag is not empty, the request is conditional.
func (f *fetcher) ask(ctx context.Context, keysURL, etag string) (*index, time.Duration, *fault) {
	r := f.client.get(ctx, keysURL, "application/jwk-set+json, application/json", etag)
	if r.err != nil {
		return nil, 0, r.err
	}
	fresh := lifetime(r.header, f.cfg.MinRefresh, f.cfg.MaxRefresh)
	if r.status == http.StatusNotModified {
		if confirmed := r.header.Get("ETag"); confirmed != "" && opaque(confirmed) != opaque(etag) {
			return nil, 0, errConfirmed.asked(keysURL)
		}
		// Without the header in a 304, that of the confirmed answer is valid (RFC 9111 §4.3.4).
		if len(r.header.Values("Cache-Control")) == 0 {
			fresh = f.lifetime
		}
		f.lifetime = fresh
		return f.keys, fresh, nil
	}
	keys, elements, err := parseSet(r.body)
	if err != nil {
		return nil, 0, unreadable(r, "the response is not a JWK Set").asked(keysURL)
	}
	// {"keys":[]} withdraws every key. A set that has elements but no usable key is probably a mistake, so
	// the known keys still serve, up to MaxStale.
	if len(keys) == 0 && elements > 0 {
		return nil, 0, (&fault{text: unprefixed(errNoUsableKey)}).asked(keysURL)
	}
	f.keys = f.keys.renewed(keys)
	f.lifetime, f.complete = fresh, time.Now()
	f.etag, f.etagURL = r.header.Get("ETag"), keysURL
	if len(f.etag) > maxETag || f.complete.Before(f.inFull) {
		f.etag = ""
	}
	return f.keys, fresh, nil
}

// opaque returns the part of an ETag that the weak comparison compares (RFC 9110 §8.8.3.2).
func opaque(etag string) string { return strings.TrimPrefix(strings.TrimSpace(etag), "W/") }

// close waits for look, and closes idle connections.
func (f *fetcher) close() {
	if f.looking {
		<-f.found
	}
	f.client.close()
}
