package jwks

import (
	"context"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// fetchDiscovered asks the known URL first and the metadata only when that fails: an issuer whose
// discovery is down goes on serving its keys. If the metadata names another URL, that one's answer counts.
func (f *fetcher) fetchDiscovered(ctx context.Context) (keys *index, fresh time.Duration, err error) {
	if f.keysURL != "" {
		keys, fresh, err = f.fetchSet(ctx, f.keysURL)
		if err == nil || paused(err) > 0 || time.Now().Before(f.unwelcome) {
			return keys, fresh, err
		}
	}
	found := f.discover(ctx)
	f.plan(found)
	switch {
	case found.err != nil && f.keysURL == "":
		return nil, 0, found.err
	case found.err != nil || found.keysURL == f.keysURL:
		return nil, 0, err
	}
	f.keysURL = found.keysURL
	return f.fetchSet(ctx, f.keysURL)
}

// discovery is what the metadata say, or why they say nothing.
type discovery struct {
	keysURL string
	err     error
	before  string // the URL that was known when the look began
}

// plan sets when the metadata are to be asked again. The keys may be on another host: a pause that the
// metadata ask for is not one for the keys.
func (f *fetcher) plan(found discovery) {
	now := time.Now()
	wait := rediscoverEvery
	if found.err != nil {
		wait = max(rediscoverAgain, paused(found.err))
		f.unwelcome = now.Add(paused(found.err))
	}
	f.rediscover = now.Add(wait)
}

// look asks the metadata when that is due, beside the fetches: the keys at the known URL are good, and
// nobody should have to wait for anything else. The result comes on f.found. While a request hangs, there is
// no look, since the next one to hang would leave no place for a fetch.
func (f *fetcher) look(ctx context.Context) {
	if f.keysURL == "" || f.looking || time.Now().Before(f.rediscover) || f.client.busy() {
		return
	}
	f.looking = true
	before := f.keysURL
	go func() {
		found := f.discover(ctx)
		found.before = before
		f.found <- found
	}()
}

// moved takes what look has found, and reports whether the keys are to be fetched from another URL.
func (f *fetcher) moved(found discovery) bool {
	f.looking = false
	if f.keysURL != found.before {
		return false // a fetch has been there meanwhile
	}
	f.plan(found)
	if found.err != nil || found.keysURL == f.keysURL {
		return false
	}
	f.keysURL = found.keysURL
	return true
}

// discover finds the URL of the keys below the issuer's name. The second place is tried only when
// the issuer answered at the first one: a host that does not answer, or that asks for a pause,
// will not do better there.
func (f *fetcher) discover(ctx context.Context) discovery {
	first, second := metadataURLs(f.cfg.Issuer)
	keysURL, err := f.metadata(ctx, first)
	if err == nil || paused(err) > 0 || silent(err) {
		return discovery{keysURL: keysURL, err: err}
	}
	keysURL, again := f.metadata(ctx, second)
	if again == nil || paused(again) > 0 {
		return discovery{keysURL: keysURL, err: again}
	}
	return discovery{err: err}
}

// metadataURLs are those of OpenID Connect Discovery 1.0 §4, appended, and of RFC 8414 §3.1,
// inserted before the path. Both drop one slash from the end of the issuer.
func metadataURLs(issuer string) (openid, oauth string) {
	base := strings.TrimSuffix(issuer, "/")
	scheme, rest, _ := strings.Cut(base, "://")
	host, path, deep := strings.Cut(rest, "/")
	if deep {
		path = "/" + path
	}
	return base + "/.well-known/openid-configuration", scheme + "://" + host + "/.well-known/oauth-authorization-server" + path
}

func (f *fetcher) metadata(ctx context.Context, target string) (string, error) {
	r := f.client.get(ctx, target, "application/json", "")
	if r.err != nil {
		return "", r.err
	}
	var issuer, keysURL string
	err := jose.ParseObject(string(r.body), func(name string, v jose.Value) error {
		ok := true
		switch name {
		case "issuer":
			issuer, ok = v.Text()
		case "jwks_uri":
			keysURL, ok = v.Text()
		}
		if !ok {
			return errMetadata
		}
		return nil
	})
	switch {
	case err != nil:
		return "", errMetadata
	case issuer != f.cfg.Issuer:
		return "", errIssuer
	case !allowed(keysURL, f.cfg.InsecureAllowHTTP) || !f.cfg.InsecureAllowHTTP && downgraded(f.cfg.Issuer, keysURL):
		return "", errKeysURL
	}
	return strings.Clone(keysURL), nil
}
