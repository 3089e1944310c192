package authtest

import (
	"crypto/rand"
	"time"
)

// Token says how a token differs from a good one. The zero Token is a good access token after RFC 9068,
// which expires after five minutes.
type Token struct {
	// Claims is laid over the good claims: iss, aud, sub "user-1", client_id "client-1", a random
	// jti, iat now and exp five minutes from now. A nil value takes the claim away;
	// json.RawMessage("null") writes a null. A time.Time is written as a NumericDate in whole
	// seconds.
	Claims map[string]any

	// Scope is short for a "scope" among Claims, which wins over it.
	Scope string

	// Header is laid over alg, kid and typ "at+jwt" in the same way. It changes the text of the header
	// and never how the token is signed.
	Header map[string]any

	// Key signs, and gives the kid; nil is the issuer's current key.
	Key *Key

	// Algorithm signs, and gives the alg; "" is the key's own. "none" leaves the signature empty. Mint
	// panics on one that the kind of key cannot carry out. For a false alg use Header.
	Algorithm string

	// Payload and RawHeader, if not "", are encoded and signed in place of the claims and the header,
	// for what a map cannot hold: a member that stands twice, or text that is not JSON.
	Payload, RawHeader string

	// Tamper changes the finished token; nil leaves it alone.
	Tamper func(token string) string
}

// Mint writes and signs a token in compact serialization (RFC 7515 §7.1), with members in alphabetical
// order. It panics on a mistake in the test: a claim that JSON cannot express, or an algorithm that the
// key cannot carry out.
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
