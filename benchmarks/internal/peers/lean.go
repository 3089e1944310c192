package peers

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
	cristalhq "github.com/cristalhq/jwt/v5"
	pascaldekloe "github.com/pascaldekloe/jwt"
)

// newCristalhq checks the claims by hand, for which the library has functions.
func newCristalhq(w *workload.World) (Verify, error) {
	var verifier cristalhq.Verifier
	var err error
	algorithm := cristalhq.Algorithm(w.Algorithm)
	switch key := w.VerifyKey().(type) {
	case *rsa.PublicKey:
		if w.Algorithm == "PS256" {
			verifier, err = cristalhq.NewVerifierPS(algorithm, key)
		} else {
			verifier, err = cristalhq.NewVerifierRS(algorithm, key)
		}
	case *ecdsa.PublicKey:
		verifier, err = cristalhq.NewVerifierES(algorithm, key)
	case ed25519.PublicKey:
		verifier, err = cristalhq.NewVerifierEdDSA(key)
	case []byte:
		verifier, err = cristalhq.NewVerifierHS(algorithm, key)
	default:
		err = errKeyType
	}
	if err != nil {
		return nil, err
	}
	return func(token string) (string, error) {
		var claims struct {
			cristalhq.RegisteredClaims
			workload.Payload
		}
		if err := cristalhq.ParseClaims([]byte(token), verifier, &claims); err != nil {
			return "", err
		}
		switch {
		case !claims.IsIssuer(w.Issuer):
			return "", errIssuer
		case !claims.IsForAudience(w.Audience):
			return "", errAudience
		case claims.ExpiresAt == nil || !claims.IsValidExpiresAt(time.Now()) || !claims.IsValidNotBefore(time.Now()):
			return "", errTimes
		case !claims.Complete():
			return "", errPayload
		}
		return claims.Subject, nil
	}, nil
}

// newPascaldekloe checks the claims by hand, too. RSACheck accepts every algorithm of RSA.
// Only a global variable of the package can restrict that.
func newPascaldekloe(w *workload.World) (Verify, error) {
	var check func([]byte) (*pascaldekloe.Claims, error)
	switch key := w.VerifyKey().(type) {
	case *rsa.PublicKey:
		check = func(token []byte) (*pascaldekloe.Claims, error) { return pascaldekloe.RSACheck(token, key) }
	case *ecdsa.PublicKey:
		check = func(token []byte) (*pascaldekloe.Claims, error) { return pascaldekloe.ECDSACheck(token, key) }
	case ed25519.PublicKey:
		check = func(token []byte) (*pascaldekloe.Claims, error) { return pascaldekloe.EdDSACheck(token, key) }
	case []byte:
		mac, err := pascaldekloe.NewHMAC(w.Algorithm, key)
		if err != nil {
			return nil, err
		}
		check = mac.Check
	default:
		return nil, errKeyType
	}
	return func(token string) (string, error) {
		claims, err := check([]byte(token))
		if err != nil {
			return "", err
		}
		switch {
		case claims.Issuer != w.Issuer:
			return "", errIssuer
		case len(claims.Audiences) == 0 || !claims.AcceptAudience(w.Audience):
			return "", errAudience
		case claims.Expires == nil || !claims.Valid(time.Now()):
			return "", errTimes
		case claims.Set["scope"] == nil || claims.Set["realm_access"] == nil:
			return "", errPayload
		}
		return claims.Subject, nil
	}, nil
}
