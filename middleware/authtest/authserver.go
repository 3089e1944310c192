package authtest

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// An authServer is the part of an issuer from which clients get tokens: authorization codes with PKCE
// (RFC 6749 §4.1, RFC 7636) for public clients that have registered themselves (RFC 7591).
type authServer struct {
	issuer *Issuer
	decide func(Authorization) (Token, error)

	mu      sync.Mutex
	clients map[string][]string // the redirect URIs of each client
	codes   map[string]granted
}

// granted is what a code stands for.
type granted struct {
	client, redirectURI, resource, challenge string

	token Token
	until time.Time
}

const (
	authorizePath = "/authorize"
	tokenPath     = "/token"
	registerPath  = "/register"

	codeLifetime = time.Minute
	maxClients   = 1000
	maxCodes     = 1000
	maxOctets    = 16 << 10 // of a query, and of a body
)

// handler returns the handler of path and its method, or nil if path is none of the server's.
func (s *authServer) handler(path string) (handler http.HandlerFunc, method string) {
	if s == nil {
		return nil, ""
	}
	switch path {
	case s.issuer.path + authorizePath:
		return s.authorize, http.MethodGet
	case s.issuer.path + tokenPath:
		return s.exchange, http.MethodPost
	case s.issuer.path + registerPath:
		return s.register, http.MethodPost
	}
	return nil, ""
}

// describe adds to the metadata of the issuer what RFC 8414 §2 and RFC 9207 §3 say of a server.
func (s *authServer) describe(metadata map[string]any) {
	if s == nil {
		return
	}
	metadata["authorization_endpoint"] = s.issuer.base + authorizePath
	metadata["token_endpoint"] = s.issuer.base + tokenPath
	metadata["registration_endpoint"] = s.issuer.base + registerPath
	metadata["grant_types_supported"] = []string{"authorization_code"}
	metadata["code_challenge_methods_supported"] = []string{"S256"}
	metadata["token_endpoint_auth_methods_supported"] = []string{"none"}
	metadata["authorization_response_iss_parameter_supported"] = true
}

func (s *authServer) isClient(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clients[id] != nil
}

func (s *authServer) mayRedirect(id, uri string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.clients[id], uri)
}

// add remembers a client, and returns its client_id.
func (s *authServer) add(redirectURIs []string) (id string, refused *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.clients) >= maxClients {
		return "", &refusal{"temporarily_unavailable", "too many clients have registered"}
	}
	id = "client-" + rand.Text()
	s.clients[id] = redirectURIs
	return id, nil
}

// keep remembers what was granted, and returns the code for it.
func (s *authServer) keep(g granted) (code string, refused *refusal) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.codes, func(_ string, g granted) bool { return now.After(g.until) })
	if len(s.codes) >= maxCodes {
		return "", &refusal{"temporarily_unavailable", "too many codes wait for their clients"}
	}
	code = rand.Text()
	s.codes[code] = g
	return code, nil
}

// take returns what code stands for, once. An unknown code has the zero time, so it is as old as one can be.
func (s *authServer) take(code string) (g granted, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g = s.codes[code]
	delete(s.codes, code)
	return g, !time.Now().After(g.until)
}

// A refusal is the error of an endpoint: a registered code, and a sentence for the author of the client.
type refusal struct{ code, description string }

// refuse writes the error of RFC 6749 §5.2 and RFC 7591 §3.2.2.
func refuse(w http.ResponseWriter, status int, refused *refusal) {
	writeJSON(w, status, map[string]any{"error": refused.code, "error_description": refused.description})
}

func writeJSON(w http.ResponseWriter, status int, document map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(marshal(document)) // it fails when the caller leaves
}

// only returns the value of a parameter. A parameter that is there twice has none (RFC 6749 §3.1), and
// isRepeated tells why.
func only(parameters url.Values, name string) string {
	if values := parameters[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// isRepeated reports whether a parameter other than resource (RFC 8707 §2) is there twice.
func isRepeated(parameters url.Values) bool {
	for name, values := range parameters {
		if name != "resource" && len(values) > 1 {
			return true
		}
	}
	return false
}

// resource returns the one resource of RFC 8707 §2, or "" if there is none. ok is false if it is no absolute
// URI without a fragment, or if there are several: a token of this issuer is for one API.
func resource(parameters url.Values) (uri string, ok bool) {
	values := parameters["resource"]
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		return "", true
	}
	u, err := url.Parse(values[0])
	return values[0], len(values) == 1 && err == nil && u.IsAbs() && !strings.Contains(values[0], "#")
}

// words splits a list of RFC 6749 §3.3, whose words stand one space apart.
func words(text string) (list []string, ok bool) {
	if text == "" {
		return nil, true
	}
	list = strings.Split(text, " ")
	return list, !slices.ContainsFunc(list, func(word string) bool {
		return word == "" || describable(word) != word
	})
}
