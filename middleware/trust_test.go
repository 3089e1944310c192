package middleware_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestKeysThatComeWithAnErrorAreNotTrustedForARememberedToken(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	var outage error
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		set := c.Keys
		c.Keys = setFunc(func(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
			keys, err := set.Keys(ctx, q)
			return keys, errors.Join(err, outage)
		})
	})
	token := issuer.Mint(authtest.Token{})
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	outage = errors.New("connection refused")
	if _, err := v.Verify(t.Context(), token); !errors.Is(err, outage) {
		t.Errorf("err = %v, want the outage", err)
	}
}

func TestTheSignatureOfARememberedTokenIsNoToken(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, nil)
	token := issuer.Mint(authtest.Token{})
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	signature := token[strings.LastIndexByte(token, '.')+1:]
	for _, alone := range []string{signature, "." + signature} {
		if _, err := v.Verify(t.Context(), alone); !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("err = %v", err)
		}
	}
}
