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

// fetcher knows how to get the issuer's keys. It belongs to the one goroutine that fetches, except for
// client, which may be used by others, too.
type fetcher struct {
	cfg    Config
	client *client

	keysURL    string    // discovered; unused with Config.KeysURL
	rediscover time.Time // when discovery is due again
	unwelcome  time.Time // until when the metadata are not asked, whatever happens
	looking    bool      // for another URL, beside the fetches
	found      chan discovery

	// The last good answer, and what it takes to ask whether it still holds.
	keys     *index
	lifetime time.Duration
	etag     string // empty: ask in full
	etagURL  string
	complete time.Time // when keys last came in full
	inFull   time.Time // until when no ETag is sent
}

func newFetcher(cfg Config) *fetcher {
	return &fetcher{cfg: cfg, client: newClient(cfg), found: make(chan discovery, 1)}
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
	if f.cfg.KeysURL != "" {
		return f.fetchSet(ctx, f.cfg.KeysURL)
	}
	return f.fetchDiscovered(ctx)
}

// fetchSet asks one URL. The last good answer is kept when it fails. After a conditional request failed,
// whatever the failure was, keys are asked for in full: at once if the issuer answered and did not ask
// for a pause, and from the next fetch on otherwise.
func (f *fetcher) fetchSet(ctx context.Context, keysURL string) (*index, time.Duration, error) {
	if f.etag != "" && f.etagURL == keysURL && time.Since(f.complete) < f.cfg.MaxStale {
		keys, fresh, err := f.ask(ctx, keysURL, f.etag)
		if err == nil {
			return keys, fresh, nil
		}
		f.etag, f.inFull = "", time.Now().Add(conditionalAgain)
		if silent(err) || paused(err) > 0 {
			return nil, 0, err
		}
	}
	return f.ask(ctx, keysURL, "")
}

// ask is one request for the keys, with etag for whether those of the last answer still hold.
func (f *fetcher) ask(ctx context.Context, keysURL, etag string) (*index, time.Duration, error) {
	r := f.client.get(ctx, keysURL, "application/jwk-set+json, application/json", etag)
	if r.err != nil {
		return nil, 0, r.err
	}
	fresh := lifetime(r.header, f.cfg.MinRefresh, f.cfg.MaxRefresh)
	if r.status == http.StatusNotModified {
		if confirmed := r.header.Get("ETag"); confirmed != "" && opaque(confirmed) != opaque(etag) {
			return nil, 0, errConfirmed
		}
		// RFC 9111 §4.3.4: headers that a 304 leaves out are those of the answer that it confirms.
		if len(r.header.Values("Cache-Control")) == 0 {
			fresh = f.lifetime
		}
		f.lifetime = fresh
		return f.keys, fresh, nil
	}
	keys, elements, err := parseSet(r.body)
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
	f.lifetime, f.complete = fresh, time.Now()
	f.etag, f.etagURL = r.header.Get("ETag"), keysURL
	if len(f.etag) > maxETag || f.complete.Before(f.inFull) {
		f.etag = ""
	}
	return f.keys, fresh, nil
}

// opaque is what counts of an ETag in the weak comparison (RFC 9110 §8.8.3.2).
func opaque(etag string) string { return strings.TrimPrefix(strings.TrimSpace(etag), "W/") }

// close waits for what still runs beside the fetches.
func (f *fetcher) close() {
	if f.looking {
		<-f.found
	}
	f.client.close()
}
