package authtest

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// An Issuer publishes its metadata and its keys as an authorization server does, mints any token, and
// can fail as real issuers do. All methods may be called concurrently.
type Issuer struct {
	name     string // the issuer identifier, as tokens and metadata spell it
	base     string // name without a final slash
	path     string // the path of base
	audience string
	auth     *authServer // nil without Config.Authorize

	transport http.RoundTripper
	close     func() error

	fetches atomic.Int64

	mu        sync.Mutex
	current   *Key
	published []element
	answer    http.HandlerFunc
}

// Start starts an issuer for a test. It fails the test on an error, and closes the issuer when the test
// ends. Inside a testing/synctest bubble, pass the t of the bubble.
func Start(t testing.TB, cfg Config) *Issuer {
	t.Helper()
	issuer, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := issuer.Close(); err != nil {
			t.Errorf("authtest: closing the issuer: %v", err)
		}
	})
	return issuer
}

// New starts an issuer for a program, such as a demonstration. Tests call [Start]. The error joins every
// fault of cfg. If cfg has none, it is the error of the listener. Close the issuer at the end.
func New(cfg Config) (*Issuer, error) {
	key, addr, origin, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	i := &Issuer{name: cfg.URL, audience: cfg.Audience}
	if cfg.Authorize != nil {
		i.auth = &authServer{
			issuer:  i,
			decide:  cfg.Authorize,
			clients: map[string][]string{},
			codes:   map[string]granted{},
		}
	}
	i.answer = i.healthy
	i.adopt(key)
	if addr == nil {
		i.transport, i.close = inMemory(origin, http.HandlerFunc(i.serve))
	} else {
		ln, err := net.ListenTCP("tcp", addr)
		if err != nil {
			return nil, fmt.Errorf("authtest: Config.Addr: %w", err)
		}
		i.name = "http://" + ln.Addr().String()
		origin = &url.URL{}
		i.transport, i.close = onLoopback(ln, http.HandlerFunc(i.serve))
	}
	i.base = strings.TrimSuffix(i.name, "/")
	i.path = strings.TrimSuffix(origin.Path, "/")
	return i, nil
}

// URL is the issuer identifier: the iss of the tokens and the issuer of the metadata.
func (i *Issuer) URL() string { return i.name }

// Audience is the aud of the tokens.
func (i *Issuer) Audience() string { return i.audience }

// Client returns a new client that reaches the issuer. It has no timeout. The client of an issuer in
// memory reaches nothing else, because no other host resolves.
func (i *Issuer) Client() *http.Client { return &http.Client{Transport: i.transport} }

// Close ends all connections of the issuer and the requests that are under way, and waits for
// their handlers. Afterwards connections are refused. Mint still works.
func (i *Issuer) Close() error { return i.close() }

// Fetches counts the requests for the key set, including those that met a [Fault].
func (i *Issuer) Fetches() int { return int(i.fetches.Load()) }
