package authtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
)

// serve answers as the issuer: metadata at /.well-known/openid-configuration (OpenID Connect Discovery
// §4) and at /.well-known/oauth-authorization-server (RFC 8414 §3), keys at /jwks with an ETag, and what an
// authServer answers.
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

// isMetadata accepts the paths of both specifications. OpenID Connect appends the well-known path to the
// issuer's own, and RFC 8414 §3.1 puts it in front.
func (i *Issuer) isMetadata(r *http.Request) bool {
	return r.URL.Path == i.path+wellKnown+"openid-configuration" ||
		r.URL.Path == wellKnown+"oauth-authorization-server"+i.path
}

const (
	jwksPath  = "/jwks"
	wellKnown = "/.well-known/"
)

func (i *Issuer) healthy(w http.ResponseWriter, r *http.Request) {
	if handler, method := i.auth.handler(r.URL.Path); handler != nil {
		if r.Method != method {
			w.Header().Set("Allow", method)
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		handler(w, r)
		return
	}
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
	// ServeContent answers If-None-Match.
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(document))
}

// metadata names endpoints for authorization and tokens only if the issuer has them.
func (i *Issuer) metadata() []byte {
	i.mu.Lock()
	algorithm := i.current.algorithm
	i.mu.Unlock()
	document := map[string]any{
		"issuer":                                i.name,
		"jwks_uri":                              i.base + jwksPath,
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{algorithm},
	}
	i.auth.describe(document)
	return marshal(document)
}
