package middleware

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Metadata returns the handler of the document that tells clients which authorization servers
// issue tokens for this API (RFC 9728 §2). Mount it at [Guard.MetadataPath], for GET and OPTIONS,
// each by a rule with [scopes.Public], because a client reads it before it has a token:
//
//	mux.Handle("GET "+guard.MetadataPath(), guard.Metadata())
//	mux.Handle("OPTIONS "+guard.MetadataPath(), guard.Metadata())
//
// It answers GET, HEAD and OPTIONS, and 405 to other methods. Pages of any origin may read it. It
// has an ETag, and caches may keep it for five minutes. The document is made once, from
// Options.Resource alone. Nothing of a request gets into it.
//
// Metadata panics if the Guard has no Options.Resource.
func (g *Guard) Metadata() http.Handler {
	if g.resource == nil {
		panic("bearerguard: Metadata: the Guard has no Options.Resource")
	}
	return http.HandlerFunc(g.resource.serve)
}

// MetadataPath returns the path of the metadata (RFC 9728 §3.1):
// /.well-known/oauth-protected-resource, and behind it the path of Resource.URL, if that has one.
// It is the path that clients ask for. A proxy that takes a prefix away, or [http.StripPrefix],
// must leave this path as it is. It is "" if the Guard has no Options.Resource.
func (g *Guard) MetadataPath() string {
	if g.resource == nil {
		return ""
	}
	return g.resource.path
}

// publish makes the document. methods are how a bearer token may be sent (RFC 6750 §2).
func (c *resource) publish(methods []string) {
	document, err := json.Marshal(struct {
		Resource      string   `json:"resource"`
		Servers       []string `json:"authorization_servers"`
		Scopes        []string `json:"scopes_supported,omitempty"`
		Methods       []string `json:"bearer_methods_supported"`
		Name          string   `json:"resource_name,omitempty"`
		Documentation string   `json:"resource_documentation,omitempty"`
	}{c.URL, c.AuthorizationServers, c.Scopes, methods, c.Name, c.Documentation})
	if err != nil { // never: strings always have a form in JSON
		panic(err)
	}
	sum := sha256.Sum256(document)
	c.document, c.etag = string(document), `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`
}

// serve answers requests for the document.
func (c *resource) serve(w http.ResponseWriter, r *http.Request) {
	const methods = "GET, HEAD, OPTIONS"
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Access-Control-Allow-Origin", "*")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("Etag", c.etag)
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(c.document))
	case http.MethodOptions:
		h.Set("Allow", methods)
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "*") // a client of MCP sends MCP-Protocol-Version
		w.WriteHeader(http.StatusNoContent)
	default:
		h.Set("Allow", methods)
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	}
}
