package authtest

import (
	"crypto/rand"
	"time"
)

// Token says how a token differs from a good one. The zero Token is a good access token after RFC 9068,
// which expires after five minutes.
type Token struct {
	// Claims adds members to the good claims, or replaces them. The good claims are iss, aud, sub
	// "user-1", client_id "client-1", a random jti, iat now and exp five minutes from now. A nil
	// value takes the claim away; json.RawMessage("null") writes a null. A time.Time is written
	// as a NumericDate in whole seconds.
	Claims map[string]any

	// Scope is short for a "scope" in Claims. If Claims has a "scope", Scope has no effect.
	Scope string

	// ACR and AuthTime are short for an "acr" and an "auth_time" in Claims, for routes that ask how or when
	// the user logged in. If Claims has the claim, the field has no effect.
	ACR      string
	AuthTime time.Time

	// Header adds members to the good header (alg, kid and typ "at+jwt") or replaces them, in the
	// same way. It changes the text of the header, but never the algorithm or the key of the
	// signature.
	Header map[string]any

	// Key is the key that signs the token. Its ID is the kid. nil is the issuer's current key.
	Key *Key

	// Algorithm is the algorithm of the signature, and the alg of the header. "" is the key's own.
	// With "none" the signature is empty. Mint panics if the kind of key cannot sign with the
	// algorithm. For a false alg use Header.
	Algorithm string

	// Payload and RawHeader, if not "", are encoded and signed in place of the claims and the header,
	// for text that a map cannot hold: a duplicate member, or text that is not JSON.
	Payload, RawHeader string

	// Tamper gets the finished token and returns the token to use. nil changes nothing.
	Tamper func(token string) string
}

// Mint writes and signs a token in compact serialization (RFC 7515 §7.1), with members in alphabetical
// order. It panics on a mistake in the test: a claim that JSON cannot express, or an algorithm with
// which the key cannot sign.
func (i *Issuer) Mint(t Token) string {
	key := t.Key
	if key == nil {
		key = i.Key()
	}
	algorithm := t.Algorithm
	if algorithm == "" {
		algorithm = key.algorithm
	}

	header := []byte(t.RawHeader)
	if t.RawHeader == "" {
		header = overlay(map[string]any{"alg": algorithm, "kid": key.id, "typ": "at+jwt"}, t.Header)
	}
	payload := []byte(t.Payload)
	if t.Payload == "" {
		now := time.Now()
		claims := map[string]any{
			"iss":       i.name,
			"aud":       i.audience,
			"sub":       "user-1",
			"client_id": "client-1",
			"jti":       rand.Text(),
			"iat":       now,
			"exp":       now.Add(5 * time.Minute),
		}
		if t.Scope != "" {
			claims["scope"] = t.Scope
		}
		if t.ACR != "" {
			claims["acr"] = t.ACR
		}
		if !t.AuthTime.IsZero() {
			claims["auth_time"] = t.AuthTime
		}
		payload = overlay(claims, t.Claims)
	}

	input := encode(header) + "." + encode(payload)
	var signature []byte
	if algorithm != "none" {
		signature = key.sign(algorithm, input)
	}
	token := input + "." + encode(signature)
	if t.Tamper != nil {
		token = t.Tamper(token)
	}
	return token
}
