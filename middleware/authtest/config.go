package authtest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Config says what kind of issuer [Start] and [New] make. The zero value is an issuer in memory.
type Config struct {
	// Addr is where the issuer listens. "" keeps it in memory: no socket is opened, and only
	// [Issuer.Client] reaches it. "127.0.0.1:0" opens a listener on a free port. An address that is not
	// on loopback is an error, because another machine must not trust this issuer.
	Addr string

	// URL is the issuer identifier of an issuer in memory; "" is https://issuer.test. It may have a
	// path ("https://issuer.test/realms/shop"). With Addr, URL must be empty, because the listener's
	// address is the identifier.
	URL string

	// Audience is the aud of the tokens; "" is https://api.test.
	Audience string

	// Algorithm is the algorithm of the issuer's keys, one of those that [NewKey] takes; "" is
	// ES256. It takes some tenths of a second to generate an RSA key.
	Algorithm string

	// Authorize makes the issuer an authorization server, for the test of a client. The function plays the
	// user who logs in and the policy of the server. The issuer calls it for each authorization, perhaps in
	// several goroutines at once, and mints the [Token] that it returns. If the Token does not say
	// otherwise, the aud is the Resource that the client asked for, the scope is its Scopes, and the
	// client_id is its ClientID. A "scope" of nil in Token.Claims grants no scope.
	//
	// An error denies: the client gets access_denied, with the text of the error as error_description.
	//
	// If Authorize is nil, the issuer has no endpoints for clients, and its metadata name none.
	Authorize func(Authorization) (Token, error)
}

// resolve checks the whole of cfg and fills in its defaults. The error joins every fault. The address is
// nil for an issuer in memory.
func (cfg *Config) resolve() (key *Key, addr *net.TCPAddr, origin *url.URL, err error) {
	if cfg.Audience == "" {
		cfg.Audience = "https://api.test"
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
		cfg.URL = "https://issuer.test"
	}
	origin, err = url.Parse(cfg.URL)
	if err != nil || origin.Host == "" || origin.Scheme != "https" && origin.Scheme != "http" ||
		origin.User != nil || strings.ContainsAny(cfg.URL, "?#") {
		const want = "not an http or https URL without user, query and fragment"
		urlErr = errors.Join(urlErr, errors.New("authtest: Config.URL: "+want))
	}
	return key, addr, origin, errors.Join(keyErr, addrErr, urlErr)
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
