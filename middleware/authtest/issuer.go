package authtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config says what kind of issuer [New] makes. The zero value is an issuer in memory.
type Config struct {
	// Addr is where the issuer listens. "" keeps it in memory: no socket is opened, and only
	// [Issuer.Client] reaches it. "127.0.0.1:0" opens a listener on a free port. An address off
	// loopback is refused, since whoever reaches a fake issuer may trust it.
	Addr string

	// URL is the issuer identifier of an issuer in memory; "" is https://issuer.test. A path is
	// fine ("https://issuer.test/realms/shop"). On loopback the listener's address is the name,
	// and URL must be empty.
	URL string

	// Audience is the aud of the tokens; "" is https://api.test.
	Audience string

	// Algorithm is that of the issuer's keys, as [NewKey] takes it; "" is ES256. An RSA key takes
	// a moment to find: see [NewKey].
	Algorithm string
}

// An Issuer publishes its metadata and its keys as an authorization server does, mints any token
// a test can ask for, and fails on demand. All methods may be called concurrently.
type Issuer struct {
	name     string // the issuer identifier, as tokens and metadata spell it
	base     string // name without a final slash: what locations are made from
	path     string // the path of base
	audience string

	reach http.RoundTripper
	close func() error

	fetches atomic.Int64

	mu        sync.Mutex
	current   *Key
	published []element
	answer    http.HandlerFunc
}

// element is one member of the published key set.
type element struct {
	key *Key   // nil if the element came through PublishJWK
	raw []byte // what stands in the document
}

// New starts an issuer with one key. The error joins every fault of the configuration; apart
// from that it is the listener's. Close the issuer when the test ends.
func New(cfg Config) (*Issuer, error) {
	i := &Issuer{name: cfg.URL, audience: cfg.Audience}
	if i.audience == "" {
		i.audience = "https://api.test"
	}
	if cfg.Algorithm == "" {
		cfg.Algorithm = "ES256"
	}
	key, keyErr := NewKey(cfg.Algorithm)
	if keyErr != nil {
		keyErr = fmt.Errorf("authtest: Config.Algorithm: %w", keyErr)
	}
	addr, addrErr := listenAddr(cfg.Addr)
	var urlErr error
	switch {
	case cfg.Addr != "" && cfg.URL != "":
		urlErr = errors.New("authtest: Config.URL: only an issuer in memory can choose its name")
	case cfg.URL == "":
		i.name = "https://issuer.test"
	}
	origin, err := url.Parse(i.name)
	if err != nil || origin.Host == "" || origin.Scheme != "https" && origin.Scheme != "http" ||
		origin.User != nil || strings.ContainsAny(i.name, "?#") {
		urlErr = errors.Join(urlErr, errors.New("authtest: Config.URL: not an http or https URL without user, query and fragment"))
	}
	if err := errors.Join(keyErr, addrErr, urlErr); err != nil {
		return nil, err
	}

	i.answer = i.healthy
	i.adopt(key)
	if addr == nil {
		i.reach, i.close = inMemory(origin, http.HandlerFunc(i.serve))
	} else {
		ln, err := net.ListenTCP("tcp", addr)
		if err != nil {
			return nil, fmt.Errorf("authtest: Config.Addr: %w", err)
		}
		i.name = "http://" + ln.Addr().String()
		origin = &url.URL{}
		i.reach, i.close = onLoopback(ln, http.HandlerFunc(i.serve))
	}
	i.base = strings.TrimSuffix(i.name, "/")
	i.path = strings.TrimSuffix(origin.Path, "/")
	return i, nil
}

// listenAddr resolves a Config.Addr; nil without an error means in memory.
func listenAddr(addr string) (*net.TCPAddr, error) {
	if addr == "" {
		return nil, nil
	}
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("authtest: Config.Addr: %w", err)
	}
	if !tcp.IP.IsLoopback() {
		return nil, errors.New("authtest: Config.Addr: not a loopback address")
	}
	return tcp, nil
}

// URL is the issuer identifier: the iss of the tokens and the issuer of the metadata.
func (i *Issuer) URL() string { return i.name }

// Audience is the aud of the tokens.
func (i *Issuer) Audience() string { return i.audience }

// Client returns a new client that reaches the issuer, in memory or on loopback. It has no
// timeout. In memory it reaches nothing else: another host does not resolve.
func (i *Issuer) Client() *http.Client { return &http.Client{Transport: i.reach} }

// Close ends the issuer: its connections, and every request still under way. It waits for the
// handlers. Afterwards connections are refused, and Mint goes on working.
func (i *Issuer) Close() error { return i.close() }

// Fetches counts the requests for the key set, including those that met a [Fault].
func (i *Issuer) Fetches() int { return int(i.fetches.Load()) }

// serve answers as the issuer: metadata at /.well-known/openid-configuration (OpenID Connect Discovery
// §4) and at /.well-known/oauth-authorization-server (RFC 8414 §3), keys at /jwks with an ETag.
func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	if i.isJWKS(r) {
		i.fetches.Add(1)
	}
	i.mu.Lock()
	answer := i.answer
	i.mu.Unlock()
	answer(w, r)
}

func (i *Issuer) isJWKS(r *http.Request) bool { return r.URL.Path == i.path+jwksPath }

// isMetadata knows both specifications: OpenID Connect appends the well-known path to the
// issuer's own, RFC 8414 §3.1 puts it in front.
func (i *Issuer) isMetadata(r *http.Request) bool {
	return r.URL.Path == i.path+wellKnown+"openid-configuration" ||
		r.URL.Path == wellKnown+"oauth-authorization-server"+i.path
}

const (
	jwksPath  = "/jwks"
	wellKnown = "/.well-known/"
)

func (i *Issuer) healthy(w http.ResponseWriter, r *http.Request) {
	var contentType string
	var document []byte
	switch {
	case i.isJWKS(r):
		contentType, document = "application/jwk-set+json", i.keySet()
	case i.isMetadata(r):
		contentType, document = "application/json", i.metadata()
	default:
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	sum := sha256.Sum256(document)
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	// ServeContent knows If-None-Match.
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(document))
}

// metadata leaves out the endpoints for authorization and tokens: nothing would answer there.
func (i *Issuer) metadata() []byte {
	i.mu.Lock()
	algorithm := i.current.algorithm
	i.mu.Unlock()
	document, err := json.Marshal(map[string]any{
		"issuer":                                i.name,
		"jwks_uri":                              i.base + jwksPath,
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{algorithm},
	})
	if err != nil {
		panic(err) // strings only
	}
	return document
}
