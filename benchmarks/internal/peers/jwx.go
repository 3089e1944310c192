package peers

import (
	"fmt"

	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
	jwa2 "github.com/lestrrat-go/jwx/v2/jwa"
	jwk2 "github.com/lestrrat-go/jwx/v2/jwk"
	jwt2 "github.com/lestrrat-go/jwx/v2/jwt"
	jwa3 "github.com/lestrrat-go/jwx/v3/jwa"
	jwk3 "github.com/lestrrat-go/jwx/v3/jwk"
	jwt3 "github.com/lestrrat-go/jwx/v3/jwt"
)

func newJWX2(w *workload.World) (Verify, error) {
	return jwx2With(w, jwt2.WithKey(jwa2.SignatureAlgorithm(w.Algorithm), w.VerifyKey())), nil
}

// JWX2Set is jwx v2 with a JWK Set.
func JWX2Set(w *workload.World, jwks []byte) (Verify, error) {
	set, err := jwk2.Parse(jwks)
	if err != nil {
		return nil, err
	}
	return jwx2With(w, jwt2.WithKeySet(set)), nil
}

func jwx2With(w *workload.World, key jwt2.ParseOption) Verify {
	options := []jwt2.ParseOption{
		key,
		jwt2.WithIssuer(w.Issuer),
		jwt2.WithAudience(w.Audience),
		jwt2.WithRequiredClaim("exp"),
	}
	return func(token string) (string, error) {
		verified, err := jwt2.ParseString(token, options...)
		if err != nil {
			return "", err
		}
		_, scope := verified.Get("scope")
		_, roles := verified.Get("realm_access")
		if !scope || !roles {
			return "", errPayload
		}
		return verified.Subject(), nil
	}
}

func newJWX3(w *workload.World) (Verify, error) {
	algorithm, known := jwa3.LookupSignatureAlgorithm(w.Algorithm)
	if !known {
		return nil, fmt.Errorf("jwx v3 has no %s", w.Algorithm)
	}
	return jwx3With(w, jwt3.WithKey(algorithm, w.VerifyKey())), nil
}

// JWX3Set is jwx v3 with a JWK Set.
func JWX3Set(w *workload.World, jwks []byte) (Verify, error) {
	set, err := jwk3.Parse(jwks)
	if err != nil {
		return nil, err
	}
	return jwx3With(w, jwt3.WithKeySet(set)), nil
}

func jwx3With(w *workload.World, key jwt3.ParseOption) Verify {
	options := []jwt3.ParseOption{
		key,
		jwt3.WithIssuer(w.Issuer),
		jwt3.WithAudience(w.Audience),
		jwt3.WithRequiredClaim("exp"),
	}
	return func(token string) (string, error) {
		verified, err := jwt3.ParseString(token, options...)
		if err != nil {
			return "", err
		}
		if !verified.Has("scope") || !verified.Has("realm_access") {
			return "", errPayload
		}
		subject, _ := verified.Subject()
		return subject, nil
	}
}
