package migrate

import (
	"crypto/x509"
	"maps"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// rsaKeys are made once, because each takes some tenths of a second.
var rsaKeys = sync.OnceValues(func() (keys [3]*authtest.Key, err error) {
	for i := range keys {
		if keys[i], err = authtest.NewKey("RS256"); err != nil {
			break
		}
	}
	return keys, err
})

// A signer is an issuer whose tokens the route admits. They are signed with RS256, or with the
// issuer's secret.
type signer struct {
	*authtest.Issuer
	claims                map[string]any
	key, spare, strangers *authtest.Key
}

func (c Comparison) signer(t *testing.T) *signer {
	s := &signer{Issuer: authtest.Start(t, c.Issuer), claims: c.Claims}
	if s.key = s.Key(); s.key.Secret() != nil {
		key, err := authtest.NewKey("HS256")
		if err != nil {
			t.Fatal(err)
		}
		s.strangers = key
		return s
	}
	keys, err := rsaKeys()
	if err != nil {
		t.Fatal(err)
	}
	s.key, s.spare, s.strangers = keys[0], keys[1], keys[2]
	s.Publish(s.key)
	return s
}

// rotate publishes a new key, and signs with it from now on.
func (s *signer) rotate() {
	s.Publish(s.spare)
	s.key = s.spare
}

// mint adds to token the claims that the route needs, unless it has others of that name.
func (s *signer) mint(token authtest.Token) string {
	claims := map[string]any{"scope": "orders:read"}
	if s.claims != nil {
		claims = maps.Clone(s.claims)
	}
	maps.Copy(claims, token.Claims)
	token.Claims = claims
	if token.Key == nil {
		token.Key = s.key
	}
	return s.Mint(token)
}

// forged is signed with the key of somebody else, under the kid of the issuer's key.
func (s *signer) forged() authtest.Token {
	return authtest.Token{Key: s.strangers, Header: map[string]any{"kid": s.key.ID()}}
}

// confused has an alg for another kind of key: HS256 with the public key as the secret, or ES256
// where a secret is expected.
func (s *signer) confused(t *testing.T) authtest.Token {
	if s.key.Secret() != nil {
		key, err := authtest.NewKey("ES256")
		if err != nil {
			t.Fatal(err)
		}
		return authtest.Token{Key: key}
	}
	der, err := x509.MarshalPKIXPublicKey(s.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return authtest.Token{Key: authtest.KeyFromSecret(s.key.ID(), der)}
}
