package authtest

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/bearerguard/bearerguard/internal/urls"
)

// register answers the request of RFC 7591 §3.1. Of the metadata of a client, it keeps the redirect URIs.
func (s *authServer) register(w http.ResponseWriter, r *http.Request) {
	var client struct {
		RedirectURIs  []string `json:"redirect_uris"`
		AuthMethod    string   `json:"token_endpoint_auth_method"`
		GrantTypes    []string `json:"grant_types"`
		ResponseTypes []string `json:"response_types"`
	}
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOctets))
	if err == nil {
		err = json.Unmarshal(body, &client)
	}
	var refused *refusal
	switch {
	case mediaType != "application/json" || err != nil:
		refused = &refusal{"invalid_client_metadata", "the body is not the JSON of a client, or is too long"}
	case len(client.RedirectURIs) == 0:
		refused = &refusal{"invalid_redirect_uri", "redirect_uris is absent"}
	case !allRedirectURIs(client.RedirectURIs):
		refused = &refusal{"invalid_redirect_uri", "a redirect URI is neither https nor http on loopback, or has a fragment"}
	case client.AuthMethod != "" && client.AuthMethod != "none":
		refused = &refusal{"invalid_client_metadata", "token_endpoint_auth_method is not none"}
	case client.GrantTypes != nil && !slices.Contains(client.GrantTypes, "authorization_code"):
		refused = &refusal{"invalid_client_metadata", "grant_types has no authorization_code"}
	case client.ResponseTypes != nil && !slices.Contains(client.ResponseTypes, "code"):
		refused = &refusal{"invalid_client_metadata", "response_types has no code"}
	}
	if refused != nil {
		refuse(w, http.StatusBadRequest, refused)
		return
	}

	id, refused := s.add(client.RedirectURIs)
	if refused != nil {
		refuse(w, http.StatusServiceUnavailable, refused)
		return
	}
	// RFC 7591 §3.2.1: the server says what it made of the request.
	writeJSON(w, http.StatusCreated, map[string]any{
		"client_id":                  id,
		"client_id_issued_at":        time.Now().Unix(),
		"redirect_uris":              client.RedirectURIs,
		"token_endpoint_auth_method": "none",
		"grant_types":                []string{"authorization_code"},
		"response_types":             []string{"code"},
	})
}

// allRedirectURIs reports whether a code may be sent to each of uris.
func allRedirectURIs(uris []string) bool {
	return !slices.ContainsFunc(uris, func(uri string) bool {
		return urls.Rules{Query: true}.Check(uri) != nil
	})
}
