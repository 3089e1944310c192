package jwks

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/internal/jose"
)

const (
	// rediscoverEvery is how long a discovered URL is trusted: issuers do move their keys, rarely.
	rediscoverEvery = time.Hour
	// rediscoverAgain is the same after a discovery that failed while the known URL still worked.
	rediscoverAgain = time.Minute
)

// fetchDiscovered asks the known URL first and the metadata only when that fails or is due: an
// issuer whose discovery is down goes on serving its keys. If the metadata names another URL,
// that one's answer counts.
func (f *fetcher) fetchDiscovered(ctx context.Context) (keys *index, fresh time.Duration, err error) {
	if f.keysURL != "" {
		keys, fresh, err = f.fetchKnown(ctx)
		due := !time.Now().Before(f.rediscover)
		if err == nil && !due || paused(err) > 0 {
			return keys, fresh, err
		}
	}
	keysURL, failed := f.discover(ctx)
	switch {
	case failed != nil && f.keysURL == "":
		return nil, 0, failed
	case failed != nil:
		f.rediscover = time.Now().Add(rediscoverAgain)
		return keys, fresh, err
	}
	f.rediscover = time.Now().Add(rediscoverEvery)
	if keysURL == f.keysURL {
		return keys, fresh, err
	}
	f.keysURL = keysURL
	return f.fetchSet(ctx, keysURL)
}

// fetchKnown leaves half of the flight's time, since a URL that went dead may hang.
func (f *fetcher) fetchKnown(ctx context.Context) (*index, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, flightTime/2)
	defer cancel()
	return f.fetchSet(ctx, f.keysURL)
}

func paused(err error) time.Duration {
	var f *fault
	if errors.As(err, &f) {
		return f.pause
	}
	return 0
}

// discover finds the URL of the keys below the issuer's name. The second place is tried only when
// the issuer answered at the first one: a host that does not answer, or that asks for a pause,
// will not do better there.
func (f *fetcher) discover(ctx context.Context) (string, error) {
	first, second := metadataURLs(f.cfg.Issuer)
	keysURL, err := f.metadata(ctx, first)
	var why *fault
	if err == nil || paused(err) > 0 || errors.As(err, &why) && why.unanswered {
		return keysURL, err
	}
	keysURL, again := f.metadata(ctx, second)
	if again == nil || paused(again) > 0 {
		return keysURL, again
	}
	return "", err
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
	_, body, err := f.get(ctx, target, "application/json", "")
	if err != nil {
		return "", err
	}
	var issuer, keysURL string
	err = jose.ParseObject(string(body), func(name string, v jose.Value) error {
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
	case !f.cfg.allowed(keysURL) || f.downgraded(keysURL):
		return "", errKeysURL
	}
	return strings.Clone(keysURL), nil
}

// downgraded keeps the metadata of an https issuer from sending us to plain http, even on this machine.
func (f *fetcher) downgraded(keysURL string) bool {
	return !f.cfg.InsecureAllowHTTP && strings.HasPrefix(strings.ToLower(f.cfg.Issuer), "https:") &&
		!strings.HasPrefix(strings.ToLower(keysURL), "https:")
}
