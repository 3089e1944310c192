// Package workload makes the input of the measurements: an issuer and its key for an algorithm, a good
// token of about 1 KB, and bad ones.
package workload

import (
	"crypto"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// Algorithms are those that are measured.
var Algorithms = []string{"RS256", "PS256", "ES256", "ES384", "EdDSA", "HS256"}

// The subject of the good token, and a scope and a role that it grants.
const (
	Subject = "user-1"
	Scope   = "orders:read"
	Role    = "admin"
)

// World is an issuer with one key, and the policy that all libraries enforce on its tokens: this issuer,
// this audience, this algorithm, exp required.
type World struct {
	Issuer, Audience string
	Algorithm        string
	Key              *authtest.Key

	issuer *authtest.Issuer
}

// New makes a world for one of Algorithms. It opens no socket and need not be closed.
func New(algorithm string) (*World, error) {
	issuer, err := authtest.New(authtest.Config{
		URL: "https://issuer.example/realms/main", Audience: "https://api.example", Algorithm: algorithm,
	})
	if err != nil {
		return nil, err
	}
	return &World{issuer.URL(), issuer.Audience(), algorithm, issuer.Key(), issuer}, nil
}

// VerifyKey is the key as the standard library has it: a pointer to a public key, an
// ed25519.PublicKey, or the octets of a secret.
func (w *World) VerifyKey() any {
	if pub := w.Key.Public(); pub != nil {
		return pub
	}
	return w.Key.Secret()
}

// Public is VerifyKey for functions that take only public keys. It is nil for a secret.
func (w *World) Public() crypto.PublicKey { return w.Key.Public() }

// Embedded is the issuer itself, for caches that fetch its keys.
func (w *World) Embedded() *authtest.Issuer { return w.issuer }

// Good is a good token of about 1 KB, like those of Keycloak: 8 scopes, nested roles, and a profile. It is
// valid for a day. Each has a jti of its own.
func (w *World) Good() string { return w.mint(nil) }

// mint is Good with changed claims. A nil value removes a claim.
func (w *World) mint(changes map[string]any) string {
	return w.issuer.Mint(authtest.Token{Claims: claims(changes)})
}

func claims(changes map[string]any) map[string]any {
	c := map[string]any{
		"exp":   time.Now().Add(24 * time.Hour),
		"scope": "openid profile email " + Scope + " orders:write invoices:read users:read offline_access",
		"realm_access": map[string]any{
			"roles": []string{"offline_access", "default-roles-main", "uma_authorization", Role},
		},
		"resource_access": map[string]any{
			"orders":  map[string]any{"roles": []string{"manage", "view"}},
			"account": map[string]any{"roles": []string{"manage-account", "view-profile"}},
		},
		"preferred_username": "alice", "email": "alice@example.com", "email_verified": true, "name": "Alice Example",
		"sid": "5d2b1c0e-7c1e-4a57-9d0a-2f6f0e0a7b11", "azp": "web-frontend", "acr": "1",
		"allowed-origins": []string{"https://app.example"},
	}
	maps.Copy(c, changes)
	return c
}

// Sized is a good token of about n octets. It has many roles in resource_access, because
// these make real tokens large. The size differs from n by less than a few roles.
func (w *World) Sized(n int) string {
	var roles []string
	for {
		token := w.mint(map[string]any{"resource_access": map[string]any{"orders": map[string]any{"roles": roles}}})
		missing := n - len(token)
		if missing < 32 {
			return token
		}
		// A role takes 16 octets of JSON, which is 22 of base64.
		for range max(1, missing/22) {
			roles = append(roles, fmt.Sprintf("manage-%06d", len(roles)))
		}
	}
}

// KeySet is a JWK Set of n keys, the last of which is w's. w must not be symmetric.
func (w *World) KeySet(n int) ([]byte, error) {
	set := struct {
		Keys []map[string]any `json:"keys"`
	}{}
	for range n - 1 {
		key, err := authtest.NewKey(w.Algorithm)
		if err != nil {
			return nil, err
		}
		set.Keys = append(set.Keys, key.JWK())
	}
	set.Keys = append(set.Keys, w.Key.JWK())
	return json.Marshal(set)
}

// Payload holds claims that a handler needs besides the registered ones. Some peers decode into it, others
// keep all claims.
type Payload struct {
	Scope       string `json:"scope"`
	RealmAccess struct {
		Roles []string `json:"roles"`
	} `json:"realm_access"`
}

// Complete reports whether p is that of the good token.
func (p Payload) Complete() bool {
	return strings.Contains(p.Scope, Scope) && len(p.RealmAccess.Roles) == 4
}
