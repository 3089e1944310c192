package oracle_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/jwks"
)

// The judges of published vectors stop after the signature, because most of the payloads are not claims.

// vectorVerdict is our verdict. It checks in the order of middleware.JWT: key set, form, header, key,
// signature, payload.
func vectorVerdict(v vector) error {
	set, err := ourSet(v)
	if err != nil {
		return fmt.Errorf("key set: %w", err)
	}
	return verifyJWS(set, v.token)
}

func verifyJWS(set jwks.Set, token string) error {
	parts, err := jose.Split(token)
	if err != nil {
		return err
	}
	text, err := jose.DecodeText(parts.Header)
	if err != nil {
		return err
	}
	header, err := jose.ParseHeader(text)
	if err != nil {
		return err
	}
	keys, err := set.Keys(context.Background(), jwks.Query{KeyID: header.KeyID, Algorithm: header.Algorithm.String()})
	if err != nil {
		return err
	}
	signature, err := jose.AppendDecode(nil, parts.Signature)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err = key.Verify(header.Algorithm.String(), parts.SigningInput, signature); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	_, err = jose.DecodeText(parts.Payload)
	return err
}

// ourSet makes a set of a vector's keys as a user of jwks would: public keys as a JWK Set, and secrets one by
// one.
func ourSet(v vector) (jwks.Set, error) {
	if v.public != nil {
		return jwks.ParseSet(asSet(v.public))
	}
	var document struct {
		Keys []struct{ Kty, Kid, Alg, K, D, Crv, X, Y string }
	}
	if err := json.Unmarshal(asSet(v.private), &document); err != nil {
		return nil, err
	}
	var keys []*jwks.Key
	for _, k := range document.Keys {
		if k.Kty != "oct" {
			// For a private key, the set gets the public key, because its owner would publish only that.
			half, err := json.Marshal(map[string]string{
				"kty": k.Kty, "kid": k.Kid, "alg": k.Alg, "crv": k.Crv, "x": k.X, "y": k.Y,
			})
			if err != nil {
				return nil, err
			}
			set, err := jwks.ParseSet(asSet(half))
			if err != nil {
				return nil, err
			}
			own, err := set.Keys(context.Background(), jwks.Query{KeyID: k.Kid, Algorithm: k.Alg})
			if err != nil {
				return nil, err
			}
			keys = append(keys, own...)
			continue
		}
		secret, err := base64.RawURLEncoding.DecodeString(k.K)
		if err != nil {
			return nil, err
		}
		own, err := jwks.NewSecret(k.Kid, k.Alg, secret)
		if err != nil {
			return nil, err
		}
		keys = append(keys, own)
	}
	return jwks.Static(keys...)
}

// asSet returns a JWK Set. The document may be a set or one JWK.
func asSet(text json.RawMessage) []byte {
	var set struct{ Keys json.RawMessage }
	if err := json.Unmarshal(text, &set); err == nil && set.Keys != nil {
		return text
	}
	return []byte(`{"keys":[` + string(text) + `]}`)
}

func peerSet(v vector) (jwk.Set, error) {
	text := v.public
	if text == nil {
		text = v.private
	}
	return jwk.Parse(asSet(text))
}

// jwxVerdict is the verdict of jwx: it parses the JWK Set and calls jws.Verify.
func jwxVerdict(v vector) error {
	set, err := peerSet(v)
	if err != nil {
		return err
	}
	_, err = jws.Verify([]byte(v.token), jws.WithKeySet(set))
	return err
}

// golangJWTVerdict is the verdict of golang-jwt. Its parser refuses every payload that is not claims, so this
// calls its decoder and its signing methods. It has no key sets, so the key is the one of jwx's set that has
// the token's kid and alg.
func golangJWTVerdict(v vector) error {
	set, err := peerSet(v)
	if err != nil {
		return err
	}
	parts := strings.Split(v.token, ".")
	if len(parts) != 3 {
		return jwt.ErrTokenMalformed
	}
	parser := jwt.NewParser()
	var octets [3][]byte
	for i, part := range parts {
		if octets[i], err = parser.DecodeSegment(part); err != nil {
			return err
		}
	}
	var header struct{ Alg, Kid string }
	if err := json.Unmarshal(octets[0], &header); err != nil {
		return err
	}
	method := jwt.GetSigningMethod(header.Alg)
	entry, ok := set.LookupKeyID(header.Kid)
	if method == nil || !ok || entry.Algorithm().String() != header.Alg || entry.KeyUsage() == "enc" {
		return errors.New("no such key")
	}
	public, err := entry.PublicKey()
	if err != nil {
		return err
	}
	var raw any
	if err := public.Raw(&raw); err != nil {
		return err
	}
	return method.Verify(parts[0]+"."+parts[1], octets[2], raw)
}
