package adaptertest

import (
	"net/http"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// partner is a second issuer, for cases with two issuers. Its keys are static.
type partner struct{ issuer *authtest.Issuer }

func newPartner() partner {
	issuer, err := authtest.New(authtest.Config{URL: "https://partner.test"})
	if err != nil {
		panic(err) // an issuer in memory has nothing that can fail
	}
	return partner{issuer}
}

// beside returns a verifier that accepts the tokens of jwt's issuer and those of the
// partner.
func (p partner) beside(jwt *middleware.JWT) (middleware.Verifier, error) {
	key, err := jwks.NewKey(p.issuer.Key().ID(), p.issuer.Key().Algorithm(), p.issuer.Key().Public())
	if err != nil {
		return nil, err
	}
	keys, err := jwks.Static(key)
	if err != nil {
		return nil, err
	}
	second, err := middleware.NewJWT(middleware.JWTConfig{
		Issuer: p.issuer.URL(), Audience: []string{p.issuer.Audience()},
		Keys: keys,
	})
	if err != nil {
		return nil, err
	}
	return middleware.ByIssuer(map[string]middleware.Verifier{
		"https://issuer.test": jwt, // the issuer of a world
		p.issuer.URL():        second,
	})
}

// token sends t, minted by the partner.
func (p partner) token(t authtest.Token) headers {
	return func(*authtest.Issuer) http.Header {
		t.Claims = map[string]any{"sub": "partner-1"}
		return raw("Bearer " + p.issuer.Mint(t))(p.issuer)
	}
}

// posing sends a token that the partner signs in the name of the other issuer.
func (p partner) posing(i *authtest.Issuer) http.Header {
	return token(authtest.Token{Key: p.issuer.Key(), Claims: map[string]any{"iss": i.URL()}})(i)
}
