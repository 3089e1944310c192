package jwks

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/bearerguard/bearerguard/internal/urls"
)

const (
	defaultMinRefresh         = 15 * time.Second
	defaultMaxRefresh         = 15 * time.Minute
	defaultMaxStale           = 24 * time.Hour
	defaultUnknownKeyInterval = 1500 * time.Millisecond
	defaultMaxBytes           = 1 << 20
	largestMaxBytes           = 16 << 20

	// A shorter duration is probably one without its unit: 300 is 300 ns.
	shortestRefresh            = time.Second
	shortestUnknownKeyInterval = 100 * time.Millisecond
)

// The durations that cannot be configured.
const (
	// callerTime is the longest time that a caller of Keys waits. The fetch may take longer; its keys then
	// serve later callers.
	callerTime = 2 * time.Second
	// requestTime bounds one request, with its redirects and its body.
	requestTime = 5 * time.Second
	// graceTime is how long a transport may take to return after the context of its request
	// has ended.
	graceTime = time.Second
	// flightTime bounds one fetch. A fetch makes a few requests: to the known URL, to up to three places of
	// the metadata, and to the URL that they name. Four of them can use all of their time.
	flightTime = 4 * requestTime

	// firstBackoff is the longest pause after a first failure. Each further failure doubles it, up to
	// lastBackoff.
	firstBackoff = time.Second
	lastBackoff  = time.Minute

	// rediscoverEvery is how long a discovered URL is used before the metadata are asked again. Issuers do
	// move their keys, but rarely.
	rediscoverEvery = time.Hour
	// rediscoverAgain takes the place of rediscoverEvery after discovery has failed.
	rediscoverAgain = time.Minute

	// conditionalAgain is how long keys are fetched in full after a conditional request has failed.
	conditionalAgain = time.Hour
)

var (
	errConfigSource   = errors.New("jwks: Config.Issuer and Config.KeysURL: exactly one of the two must be set")
	errConfigMetadata = errors.New("jwks: Config.MetadataURL: has no effect beside KeysURL")
	errConfigMin      = errors.New("jwks: Config.MinRefresh: must be at least 1 s")
	errConfigMax      = errors.New("jwks: Config.MaxRefresh: must be at least 1 s, and not less than MinRefresh")
	errConfigStale    = errors.New("jwks: Config.MaxStale: must be at least 1 s, " +
		"and not less than MaxRefresh (15 min unless set)")
	errConfigUnknown  = errors.New("jwks: Config.UnknownKeyInterval: must be at least 100 ms")
	errConfigMaxBytes = errors.New("jwks: Config.MaxBytes: must be between 1 byte and 16 MiB")
)

// Config says where a [Cache] gets its keys and how often. Set either Issuer, perhaps with MetadataURL, or
// KeysURL. For the others, zero values are recommended.
type Config struct {
	// Issuer is the iss of the issuer's tokens. The URL of the key set is discovered from it, by OpenID
	// Connect Discovery 1.0 §4 first, by RFC 8414 §3 second and by RFC 8414 §5 third. The issuer in the
	// metadata must be exactly the same.
	Issuer string
	// MetadataURL is the URL of the metadata of Issuer, for an issuer that publishes them elsewhere, or that
	// is reached under another URL than its name. The metadata are read there and nowhere else. Issuer is then
	// only the name that they must have, to the letter. It need not be a URL, and may have a placeholder.
	MetadataURL string
	// KeysURL is the URL of the JWK Set, for a program that knows it. Nothing is discovered then, and Issuer
	// and MetadataURL must be empty.
	KeysURL string
	// Client makes the requests, for a private CA, a proxy or client certificates. It is copied. Its Jar and
	// CheckRedirect are not used: redirects are followed at most three times, and only within the same
	// origin. A request ends after 5 s, or after Client.Timeout if that is shorter. If Client is nil, the
	// cache has a transport of its own, with the proxy settings of the environment.
	Client *http.Client
	// MinRefresh and MaxRefresh bound the time between refreshes that the issuer's Cache-Control asks for.
	// Without Cache-Control it is MaxRefresh. While the issuer answers, a key that it has withdrawn serves
	// for MaxRefresh at most. Defaults: 15 s and 15 min; at least 1 s.
	MinRefresh, MaxRefresh time.Duration
	// MaxStale is how long keys serve after the last successful fetch, while the issuer is down. If a fetch
	// is under way when that time ends, they serve until it ends, for at most 20 s more. Default: 24 h; at
	// least MaxRefresh.
	MaxStale time.Duration
	// UnknownKeyInterval is the shortest time between two fetches that callers cause, with unknown kids, with
	// signatures that fail under a known kid, or with [Cache.Refresh]. Default: 1.5 s; at least 100 ms.
	UnknownKeyInterval time.Duration
	// MaxBytes is the largest size of a response, after decompression. Default: 1 MiB; at most 16 MiB.
	MaxBytes int64
	// InsecureAllowHTTP allows plain http also for hosts that are not loopback hosts. Anybody on the network
	// path can then replace the keys, and make tokens that are accepted.
	InsecureAllowHTTP bool
	// Logger gets a line when the state of the cache changes: warnings when fetches begin to fail, when they
	// fail for another reason, when the issuer publishes no keys, and when keys are dropped because they are
	// older than MaxStale; information when all is well again. A line has the issuer or the keys URL, and the
	// error. If Logger is nil, it is [slog.Default] at the time of the line. The handler delays no caller. If
	// the state changes more than eight times in 15 minutes, the other changes are told later, if they last.
	Logger *slog.Logger
}

// Validate returns every fault of c at once, each with the name of its field. It returns nil if [New]
// accepts c. It starts nothing.
func (c Config) Validate() error {
	_, err := c.complete()
	return err
}

// checkIssuer returns what is wrong with Issuer, as a URL if the metadata are found by it, and as a name
// otherwise.
func (c Config) checkIssuer() error {
	if c.MetadataURL != "" {
		return urls.Spaced(c.Issuer)
	}
	return cmp.Or(urls.Name(c.Issuer), c.rules(false).Check(c.Issuer))
}

// rules are those of the URLs in c.
func (c Config) rules(query bool) urls.Rules {
	return urls.Rules{Query: query, HTTP: c.InsecureAllowHTTP, OrHTTP: "set jwks.Config.InsecureAllowHTTP"}
}

// complete returns c with its defaults set, or every fault at once.
func (c Config) complete() (Config, error) {
	var faults []error
	must := func(ok bool, fault error) {
		if !ok {
			faults = append(faults, fault)
		}
	}
	must((c.Issuer == "") != (c.KeysURL == ""), errConfigSource)
	must(c.MetadataURL == "" || c.KeysURL == "", errConfigMetadata)
	if c.Issuer != "" {
		if err := c.checkIssuer(); err != nil {
			faults = append(faults, fmt.Errorf("jwks: Config.Issuer: %w", err))
		}
	}
	if c.MetadataURL != "" {
		if err := c.rules(true).Check(c.MetadataURL); err != nil {
			faults = append(faults, fmt.Errorf("jwks: Config.MetadataURL: %w", err))
		}
	}
	if c.KeysURL != "" {
		if err := c.rules(true).Check(c.KeysURL); err != nil {
			faults = append(faults, fmt.Errorf("jwks: Config.KeysURL: %w", err))
		}
	}

	must(c.MinRefresh == 0 || c.MinRefresh >= shortestRefresh, errConfigMin)
	// A default adapts to the other bound, so that it is enough to set one of the two.
	if c.MinRefresh == 0 {
		c.MinRefresh = defaultMinRefresh
		if c.MaxRefresh > 0 {
			c.MinRefresh = min(c.MinRefresh, c.MaxRefresh)
		}
	}
	if c.MaxRefresh == 0 {
		c.MaxRefresh = max(defaultMaxRefresh, c.MinRefresh)
	}
	must(c.MaxRefresh >= max(c.MinRefresh, shortestRefresh), errConfigMax)
	if c.MaxStale == 0 {
		c.MaxStale = max(defaultMaxStale, c.MaxRefresh)
	}
	must(c.MaxStale >= max(c.MaxRefresh, shortestRefresh), errConfigStale)
	if c.UnknownKeyInterval == 0 {
		c.UnknownKeyInterval = defaultUnknownKeyInterval
	}
	must(c.UnknownKeyInterval >= shortestUnknownKeyInterval, errConfigUnknown)
	if c.MaxBytes == 0 {
		c.MaxBytes = defaultMaxBytes
	}
	must(c.MaxBytes > 0 && c.MaxBytes <= largestMaxBytes, errConfigMaxBytes)
	return c, errors.Join(faults...)
}
