package adaptertest

import (
	"crypto/x509"
	"net/http"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// overHTTP marks the cases for HTTP only.
var overHTTP = []Feature{HTTPOnly}

type headers = func(*authtest.Issuer) http.Header

func raw(authorization string) headers {
	return func(*authtest.Issuer) http.Header { return http.Header{"Authorization": {authorization}} }
}

func scheme(scheme string, t authtest.Token) headers {
	return func(i *authtest.Issuer) http.Header { return raw(scheme + i.Mint(t))(i) }
}

func token(t authtest.Token) headers { return scheme("Bearer ", t) }

func twice(i *authtest.Issuer) http.Header {
	good := "Bearer " + i.Mint(authtest.Token{})
	return http.Header{"Authorization": {good, good}}
}

func cookie(t authtest.Token) headers {
	return func(i *authtest.Issuer) http.Header { return http.Header{"Cookie": {"session=" + i.Mint(t)}} }
}

func both(i *authtest.Issuer) http.Header {
	token := i.Mint(authtest.Token{})
	return http.Header{"Cookie": {"session=" + token}, "Authorization": {"Bearer " + token}}
}

func cookies(value string) headers {
	return func(*authtest.Issuer) http.Header { return http.Header{"Cookie": {value}} }
}

func cookieBeside(bad string) headers {
	return func(i *authtest.Issuer) http.Header { return cookies(bad + "; session=" + i.Mint(authtest.Token{}))(i) }
}

func tokenBeside(bad string) headers {
	return func(i *authtest.Issuer) http.Header {
		h := token(authtest.Token{})(i)
		h.Set("Cookie", bad)
		return h
	}
}

func differing(i *authtest.Issuer) http.Header {
	return tokenBeside("session=" + i.Mint(authtest.Token{Claims: map[string]any{"jti": "another"}}))(i)
}

// from adds what a browser says of the page that sends a request.
func from(site string, send headers) headers {
	return func(i *authtest.Issuer) http.Header {
		h := send(i)
		h.Set("Sec-Fetch-Site", site)
		return h
	}
}

// asserted sends a token in the header that useHeader configures.
func asserted(i *authtest.Issuer) http.Header {
	return http.Header{assertion: {i.Mint(authtest.Token{})}}
}

// assertedWith changes what asserted sends. token is the token in it.
func assertedWith(change func(h http.Header, token string)) headers {
	return func(i *authtest.Issuer) http.Header {
		h := asserted(i)
		change(h, h[assertion][0])
		return h
	}
}

func crossSite(i *authtest.Issuer) http.Header {
	return from("cross-site", cookie(authtest.Token{}))(i)
}

func oldBrowser(origin string) headers {
	return func(i *authtest.Issuer) http.Header {
		h := cookie(authtest.Token{})(i)
		h.Set("Host", "things.test")
		h.Set("Origin", origin)
		return h
	}
}

func webSocket(i *authtest.Issuer) http.Header {
	h := crossSite(i)
	h.Set("Connection", "Upgrade")
	h.Set("Upgrade", "websocket")
	return h
}

// forged sends a token that is signed by another key of the same kind, under the ID of the
// issuer's key.
func forged(i *authtest.Issuer) http.Header {
	stranger, err := authtest.NewKey(i.Key().Algorithm())
	if err != nil {
		panic(err) // the issuer made one of the same kind
	}
	return token(authtest.Token{Key: stranger, Header: map[string]any{"kid": i.Key().ID()}})(i)
}

// confused sends a token that is signed with the issuer's public key as a shared secret
// (CVE-2015-9235).
func confused(i *authtest.Issuer) http.Header {
	der, err := x509.MarshalPKIXPublicKey(i.Key().Public())
	if err != nil {
		panic(err) // the issuer publishes the same key
	}
	return token(authtest.Token{Key: authtest.KeyFromSecret(i.Key().ID(), der)})(i)
}
