package peers

import (
	"context"
	"crypto"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func newGoJOSE(w *workload.World) (Verify, error) { return GoJOSEWith(w, w.VerifyKey()), nil }

// GoJOSEWith is go-jose with a key or a *jose.JSONWebKeySet of the caller's.
func GoJOSEWith(w *workload.World, key any) Verify {
	algorithms := []jose.SignatureAlgorithm{jose.SignatureAlgorithm(w.Algorithm)}
	audience := jwt.Audience{w.Audience}
	return func(token string) (string, error) {
		parsed, err := jwt.ParseSigned(token, algorithms)
		if err != nil {
			return "", err
		}
		var claims jwt.Claims
		var payload workload.Payload
		if err := parsed.Claims(key, &claims, &payload); err != nil {
			return "", err
		}
		if err := claims.Validate(jwt.Expected{Issuer: w.Issuer, AnyAudience: audience, Time: time.Now()}); err != nil {
			return "", err
		}
		switch {
		case claims.Expiry == nil: // because Validate does not require exp
			return "", errTimes
		case !payload.Complete():
			return "", errPayload
		}
		return claims.Subject, nil
	}
}

func newOIDC(w *workload.World) (Verify, error) {
	keys := &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{w.Public()}}
	config := &oidc.Config{ClientID: w.Audience, SupportedSigningAlgs: []string{w.Algorithm}}
	verifier := oidc.NewVerifier(w.Issuer, keys, config)
	return func(token string) (string, error) {
		verified, err := verifier.Verify(context.Background(), token)
		if err != nil {
			return "", err
		}
		var payload workload.Payload
		if err := verified.Claims(&payload); err != nil {
			return "", err
		}
		if !payload.Complete() {
			return "", errPayload
		}
		return verified.Subject, nil
	}, nil
}
