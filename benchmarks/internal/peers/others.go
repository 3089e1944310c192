package peers

import (
	"context"
	"errors"

	jwtgin "github.com/appleboy/gin-jwt/v3"
	jwtmiddleware2 "github.com/auth0/go-jwt-middleware/v2"
	validator2 "github.com/auth0/go-jwt-middleware/v2/validator"
	jwtmiddleware3 "github.com/auth0/go-jwt-middleware/v3"
	validator3 "github.com/auth0/go-jwt-middleware/v3/validator"
	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
	"github.com/go-chi/jwtauth/v5"
	"github.com/golang-jwt/jwt/v5"
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
	jwt2 "github.com/lestrrat-go/jwx/v2/jwt"
)

// auth0Claims are custom claims in the form that both versions take. exp is among them,
// because neither version requires it.
type auth0Claims struct {
	workload.Payload
	Expiry *float64 `json:"exp"`
}

func (c *auth0Claims) Validate(context.Context) error {
	if c.Expiry == nil {
		return errTimes
	}
	return nil
}

func auth0v2(w *workload.World) (Handler, error) {
	key := w.VerifyKey()
	v, err := validator2.New(
		func(context.Context) (any, error) { return key, nil },
		validator2.SignatureAlgorithm(w.Algorithm), w.Issuer, []string{w.Audience},
		validator2.WithCustomClaims(func() validator2.CustomClaims { return new(auth0Claims) }),
	)
	if err != nil {
		return nil, err
	}
	return overHTTP(jwtmiddleware2.New(v.ValidateToken).CheckJWT(empty)), nil
}

func auth0v3(w *workload.World) (Handler, error) {
	key := w.VerifyKey()
	v, err := validator3.New(
		validator3.WithKeyFunc(func(context.Context) (any, error) { return key, nil }),
		validator3.WithAlgorithm(validator3.SignatureAlgorithm(w.Algorithm)),
		validator3.WithIssuer(w.Issuer),
		validator3.WithAudience(w.Audience),
		validator3.WithCustomClaims(func() *auth0Claims { return new(auth0Claims) }),
	)
	if err != nil {
		return nil, err
	}
	m, err := jwtmiddleware3.New(jwtmiddleware3.WithValidator(v))
	if err != nil {
		return nil, err
	}
	return overHTTP(m.CheckJWT(empty)), nil
}

func chiJWTAuth(w *workload.World) (Handler, error) {
	ja := jwtauth.New(w.Algorithm, nil, w.VerifyKey(),
		jwt2.WithIssuer(w.Issuer), jwt2.WithAudience(w.Audience), jwt2.WithRequiredClaim("exp"))
	return overHTTP(jwtauth.Verifier(ja)(jwtauth.Authenticator(ja)(empty))), nil
}

// echoJWT passes a parser of its own to echo-jwt, so that the issuer and the audience are
// checked.
func echoJWT(w *workload.World) (Handler, error) {
	parser, keys := jwt.NewParser(golangOptions(w)...), golangKey(w)
	m, err := echojwt.Config{ParseTokenFunc: func(_ echo.Context, auth string) (any, error) {
		return parser.ParseWithClaims(auth, new(golangClaims), keys)
	}}.ToMiddleware()
	if err != nil {
		return nil, err
	}
	return overHTTP(withEcho(m)), nil
}

func ginJWT(w *workload.World) (Handler, error) {
	if w.Algorithm != "RS256" {
		return nil, errors.New("configured for RS256 only")
	}
	m, err := jwtgin.New(&jwtgin.GinJWTMiddleware{
		Realm:            "api",
		SigningAlgorithm: w.Algorithm,
		KeyFunc:          golangKey(w),
		ParseOptions:     golangOptions(w),
	})
	if err != nil {
		return nil, err
	}
	return overHTTP(withGin(m.MiddlewareFunc())), nil
}
