package jwks

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/internal/urls"
)

// fetchDiscovered asks the known URL first, and the metadata only if that fails. So keys are fetched even if
// the metadata cannot be. If the metadata name another URL, that one is asked, too, and its answer is
// returned.
func (f *fetcher) fetchDiscovered(ctx context.Context) (keys *index, fresh time.Duration, err *fault) {
	if f.keysURL != "" {
		keys, fresh, err = f.fetchSet(ctx, f.keysURL)
		if err == nil || err.pause > 0 || time.Now().Before(f.unwelcome) {
			return keys, fresh, err
		}
	}
	found := f.discover(ctx)
	f.plan(found)
	switch {
	case found.err != nil && f.keysURL == "":
		return nil, 0, found.err
	case found.err != nil:
		// The metadata are not asked each time, so what they answered does not count.
		failed := *err
		failed.add("; and " + unprefixed(found.err))
		return nil, 0, &failed
	case found.keysURL == f.keysURL:
		return nil, 0, err
	}
	f.keysURL = found.keysURL
	return f.fetchSet(ctx, f.keysURL)
}

// discovery is the URL that the metadata name, or why there is none.
type discovery struct {
	keysURL string
	err     *fault
	before  string // the URL that was known when look began
}

// plan sets when the metadata are asked again. A pause that the host of the metadata asks for does not apply
// to the keys, because these may be on another host.
func (f *fetcher) plan(found discovery) {
	now := time.Now()
	wait := rediscoverEvery
	if found.err != nil {
		wait = max(rediscoverAgain, found.err.pause)
		f.unwelcome = now.Add(found.err.pause)
	}
	f.rediscover = now.Add(wait)
}

// look asks the metadata if that is due, in a goroutine of its own, because the keys at the known URL are
// good and no caller should wait for the metadata. The result is sent to f.found. look does nothing while a
// request hangs, because if this one hung as well, no further fetch could be made.
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

// moved takes the result of look, and reports whether the keys are at another URL now.
func (f *fetcher) moved(found discovery) bool {
	f.looking = false
	if f.keysURL != found.before {
		return false // a fetch has asked the metadata meanwhile
	}
	f.plan(found)
	if found.err != nil || found.keysURL == f.keysURL {
		return false
	}
	f.keysURL = found.keysURL
	return true
}

// discover finds the URL of the keys in the metadata. It tries another place only if the issuer answered at
// the ones before and did not ask for a pause, because all places are on the same host.
func (f *fetcher) discover(ctx context.Context) discovery {
	places := []string{f.cfg.MetadataURL}
	if f.cfg.MetadataURL == "" {
		places = metadataURLs(f.cfg.Issuer)
	}
	var failed *fault
	for _, place := range places {
		keysURL, err := f.metadata(ctx, place)
		if err == nil {
			return discovery{keysURL: keysURL}
		}
		if failed == nil {
			failed = err
		} else {
			failed = both(failed, err)
			failed.pause = err.pause
		}
		if err.pause > 0 || err.unanswered {
			break
		}
	}
	return discovery{err: failed}
}

// metadataURLs returns the places of the metadata. OpenID Connect Discovery 1.0 §4 appends to the issuer's
// path. RFC 8414 inserts before it: a name of its own (§3.1), or that of OpenID Connect (§5). All first drop
// one slash from the end of the issuer. Without a path, the third place is the first one.
func metadataURLs(issuer string) []string {
	const openid, oauth = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
	base := strings.TrimSuffix(issuer, "/")
	scheme, rest, _ := strings.Cut(base, "://")
	host, path, deep := strings.Cut(rest, "/")
	root := scheme + "://" + host
	if !deep {
		return []string{base + openid, root + oauth}
	}
	return []string{base + openid, root + oauth + "/" + path, root + openid + "/" + path}
}

// metadata returns the URL of the keys that the metadata at target name.
func (f *fetcher) metadata(ctx context.Context, target string) (string, *fault) {
	r := f.client.get(ctx, target, "application/json", "")
	if r.err != nil {
		return "", r.err
	}
	var issuer, keysURL, odd string
	err := jose.ParseObject(string(r.body), func(name string, v jose.Value) error {
		ok := true
		switch name {
		case "issuer":
			issuer, ok = v.Text()
		case "jwks_uri":
			keysURL, ok = v.Text()
		}
		if !ok {
			odd = name
		}
		return nil
	})
	var wrong *fault
	switch {
	case err != nil:
		wrong = unreadable(r, "the metadata are malformed: "+strings.TrimPrefix(err.Error(), ""))
	case odd != "":
		wrong = &fault{text: "the metadata are malformed: " + odd + " is not a string"}
	case issuer != f.cfg.Issuer:
		wrong = mismatch(f.cfg, issuer)
	case keysURL == "":
		wrong = &fault{text: "the metadata have no jwks_uri"}
	default:
		bad := f.cfg.rules(true).Check(keysURL)
		if bad == nil && !f.cfg.InsecureAllowHTTP && downgraded(cmp.Or(f.cfg.MetadataURL, f.cfg.Issuer), keysURL) {
			bad = errors.New(urls.Quote(keysURL) + " is http, although the metadata came by https")
		}
		if bad == nil {
			return strings.Clone(keysURL), nil
		}
		wrong = &fault{text: "the metadata are refused: their jwks_uri " + bad.Error()}
	}
	return "", wrong.asked(target)
}
