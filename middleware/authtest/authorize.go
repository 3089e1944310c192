package authtest

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An Authorization is what a client asks the authorization endpoint for, in a request without faults.
type Authorization struct {
	// ClientID is the client that asks, and RedirectURI is where it waits for the answer. The client has
	// registered both.
	ClientID, RedirectURI string

	// Resource is the API that the token is for (RFC 8707), or "" if the client did not say.
	Resource string

	// Scopes are those that the client asks for, in its order. nil means none.
	Scopes []string

	// ACRValues are the kinds of login that the client asks for, the best first (acr_values of RFC 9470
	// §4). nil means any.
	ACRValues []string

	// MaxAge is the time within which the user must have logged in (max_age of RFC 9470 §4). 0 asks for a
	// new login. A negative value means that the client did not say.
	MaxAge time.Duration
}

// authorize answers the request of RFC 6749 §4.1.1 at once, because there is no user to ask.
func (s *authServer) authorize(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	client, redirectURI := only(query, "client_id"), only(query, "redirect_uri")
	fault := ""
	switch {
	case len(r.URL.RawQuery) > maxOctets:
		fault = "the query is too long"
	case err != nil:
		fault = "the query is malformed"
	case !s.isClient(client):
		fault = "client_id is not that of a registered client"
	case !s.mayRedirect(client, redirectURI):
		fault = "redirect_uri is not one that the client has registered"
	}
	if fault != "" {
		// RFC 6749 §4.1.2.1: nobody is sent to a URL that may be an attacker's.
		http.Error(w, fault, http.StatusBadRequest)
		return
	}

	answer := url.Values{"iss": {s.issuer.name}} // RFC 9207
	if state := only(query, "state"); state != "" {
		answer.Set("state", state)
	}
	asked, challenge, refused := readAuthorization(query)
	if refused == nil {
		var code string
		if code, refused = s.grant(asked, challenge); refused == nil {
			answer.Set("code", code)
		}
	}
	if refused != nil {
		answer.Set("error", refused.code)
		answer.Set("error_description", refused.description)
	}
	separator := "?"
	if strings.Contains(redirectURI, "?") {
		separator = "&"
	}
	w.Header().Set("Location", redirectURI+separator+answer.Encode())
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusFound)
}

// readAuthorization returns what query asks for, and its code_challenge.
func readAuthorization(query url.Values) (asked Authorization, challenge string, refused *refusal) {
	asked = Authorization{ClientID: only(query, "client_id"), RedirectURI: only(query, "redirect_uri"), MaxAge: -1}
	challenge = only(query, "code_challenge")
	switch responseType := only(query, "response_type"); {
	case isRepeated(query):
		return asked, "", &refusal{"invalid_request", "a parameter is repeated"}
	case responseType == "":
		return asked, "", &refusal{"invalid_request", "response_type is absent"}
	case responseType != "code":
		return asked, "", &refusal{"unsupported_response_type", "response_type is not code"}
	case challenge == "":
		return asked, "", &refusal{"invalid_request", "code_challenge is absent, and PKCE is required"}
	case only(query, "code_challenge_method") != "S256":
		return asked, "", &refusal{"invalid_request", "code_challenge_method is not S256"}
	}
	// Both lengths are checked, because DecodeString skips line breaks.
	if hash, err := base64.RawURLEncoding.DecodeString(challenge); err != nil || len(hash) != 32 || len(challenge) != 43 {
		return asked, "", &refusal{"invalid_request", "code_challenge is not a SHA-256 in base64url"}
	}

	var ok bool
	if asked.Scopes, ok = words(only(query, "scope")); !ok {
		return asked, "", &refusal{"invalid_scope", "scope is malformed"}
	}
	if asked.ACRValues, ok = words(only(query, "acr_values")); !ok {
		return asked, "", &refusal{"invalid_request", "acr_values is malformed"}
	}
	if text := only(query, "max_age"); text != "" {
		seconds, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return asked, "", &refusal{"invalid_request", "max_age is not a number of seconds"}
		}
		asked.MaxAge = time.Duration(seconds) * time.Second
	}
	if asked.Resource, ok = resource(query); !ok {
		return asked, "", &refusal{"invalid_target", "resource is not one absolute URI without a fragment"}
	}
	return asked, challenge, nil
}

// grant asks Config.Authorize, and keeps what it grants under a new code.
func (s *authServer) grant(asked Authorization, challenge string) (code string, refused *refusal) {
	token, err := s.decide(asked)
	if err != nil {
		return "", &refusal{"access_denied", describable(err.Error())}
	}
	claims := map[string]any{"client_id": asked.ClientID}
	if asked.Resource != "" {
		claims["aud"] = asked.Resource
	}
	if _, said := token.Claims["scope"]; !said && token.Scope == "" {
		token.Scope = strings.Join(asked.Scopes, " ")
	}
	maps.Copy(claims, token.Claims)
	token.Claims, token.Header = claims, maps.Clone(token.Header) // the function may change its own afterwards
	return s.keep(granted{
		client:      asked.ClientID,
		redirectURI: asked.RedirectURI,
		resource:    asked.Resource,
		challenge:   challenge,
		token:       token,
		until:       time.Now().Add(codeLifetime),
	})
}

// describable replaces what an error_description cannot hold (RFC 6749 §4.1.2.1).
func describable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, text)
}
