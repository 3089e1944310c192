package peers

import (
	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
	"github.com/golang-jwt/jwt/v5"
)

// golangClaims is what golang-jwt decodes into, as its documentation shows it.
type golangClaims struct {
	jwt.RegisteredClaims
	workload.Payload
}

// golangOptions are the policy in golang-jwt's own terms; echo-jwt and gin-jwt share it.
func golangOptions(w *workload.World) []jwt.ParserOption {
	return []jwt.ParserOption{
		jwt.WithValidMethods([]string{w.Algorithm}),
		jwt.WithIssuer(w.Issuer),
		jwt.WithAudience(w.Audience),
		jwt.WithExpirationRequired(),
	}
}

func golangKey(w *workload.World) jwt.Keyfunc {
	key := w.VerifyKey()
	return func(*jwt.Token) (any, error) { return key, nil }
}

func newGolangJWT(w *workload.World) (Verify, error) { return GolangJWTWith(w, golangKey(w)), nil }

// GolangJWTWith is golang-jwt with keys of the caller's.
func GolangJWTWith(w *workload.World, keys jwt.Keyfunc) Verify {
	parser := jwt.NewParser(golangOptions(w)...)
	return func(token string) (string, error) {
		claims := new(golangClaims)
		if _, err := parser.ParseWithClaims(token, claims, keys); err != nil {
			return "", err
		}
		if !claims.Complete() {
			return "", errPayload
		}
		return claims.Subject, nil
	}
}

func newGolangJWTMap(w *workload.World) (Verify, error) {
	parser, keys := jwt.NewParser(golangOptions(w)...), golangKey(w)
	return func(token string) (string, error) {
		claims := jwt.MapClaims{}
		if _, err := parser.ParseWithClaims(token, claims, keys); err != nil {
			return "", err
		}
		if claims["scope"] == nil || claims["realm_access"] == nil {
			return "", errPayload
		}
		return claims.GetSubject()
	}, nil
}
