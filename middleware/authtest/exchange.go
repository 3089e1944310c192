package authtest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// exchange answers the request of RFC 6749 §4.1.3.
func (s *authServer) exchange(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxOctets)
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		refuse(w, http.StatusBadRequest, &refusal{"invalid_request", "the body is not a form, or is too long"})
		return
	}
	if r.Header.Get("Authorization") != "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="authtest"`) // RFC 6749 §5.2 asks for it
		refuse(w, http.StatusUnauthorized, &refusal{"invalid_client", "a public client sends client_id in the body"})
		return
	}
	token, refused := s.redeem(r.PostForm)
	if refused != nil {
		refuse(w, http.StatusBadRequest, refused)
		return
	}
	minted := s.issuer.Mint(token)
	answer := map[string]any{"access_token": minted, "token_type": "Bearer"}
	claims := payload(minted)
	if scope, ok := claims["scope"].(string); ok {
		answer["scope"] = scope
	}
	exp, _ := claims["exp"].(float64)
	if left := int64(exp) - time.Now().Unix(); left > 0 {
		answer["expires_in"] = left
	}
	writeJSON(w, http.StatusOK, answer)
}

var verifierText = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`) // RFC 7636 §4.1

// redeem returns the token for the code in form. It takes the code of each well-formed request away, also if
// it then refuses the request, so that nobody can guess the rest.
func (s *authServer) redeem(form url.Values) (Token, *refusal) {
	client, code, redirectURI := only(form, "client_id"), only(form, "code"), only(form, "redirect_uri")
	verifier, grantType := only(form, "code_verifier"), only(form, "grant_type")
	target, ok := resource(form)
	switch {
	case isRepeated(form):
		return Token{}, &refusal{"invalid_request", "a parameter is repeated"}
	case only(form, "client_secret") != "":
		return Token{}, &refusal{"invalid_client", "a public client has no client_secret"}
	case !s.isClient(client):
		return Token{}, &refusal{"invalid_client", "client_id is not that of a registered client"}
	case grantType == "":
		return Token{}, &refusal{"invalid_request", "grant_type is absent"}
	case grantType != "authorization_code":
		return Token{}, &refusal{"unsupported_grant_type", "grant_type is not authorization_code"}
	case code == "":
		return Token{}, &refusal{"invalid_request", "code is absent"}
	case redirectURI == "":
		return Token{}, &refusal{"invalid_request", "redirect_uri is absent"}
	case !verifierText.MatchString(verifier):
		return Token{}, &refusal{"invalid_request", "code_verifier is absent or malformed"}
	case !ok:
		return Token{}, &refusal{"invalid_target", "resource is not one absolute URI without a fragment"}
	}

	g, ok := s.take(code)
	hash := sha256.Sum256([]byte(verifier))
	switch {
	case !ok:
		return Token{}, &refusal{"invalid_grant", "the code is unknown, used or more than a minute old"}
	case g.client != client:
		return Token{}, &refusal{"invalid_grant", "the code is for another client"}
	case g.redirectURI != redirectURI:
		return Token{}, &refusal{"invalid_grant", "redirect_uri is not that of the authorization"}
	case g.challenge != encode(hash[:]):
		return Token{}, &refusal{"invalid_grant", "code_verifier does not fit code_challenge"}
	case target != "" && g.resource != target:
		return Token{}, &refusal{"invalid_target", "resource is not that of the authorization"}
	}
	return g.token, nil
}

// payload returns the claims of a token, or nil if a Token has made something else of it.
func payload(token string) (claims map[string]any) {
	if parts := strings.Split(token, "."); len(parts) == 3 {
		octets, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(octets, &claims)
	}
	return claims
}
