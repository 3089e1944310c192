package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// kind is a kind of token.
type kind int

const (
	known kind = iota
	fresh
	hostile
	kinds int = iota
)

func (k kind) String() string { return [...]string{"known", "new", "hostile"}[k] }

// mix is the share of each kind in percent.
type mix [kinds]int

// UnmarshalText reads "80,15,5".
func (m *mix) UnmarshalText(text []byte) error {
	var rest string
	n, _ := fmt.Sscanf(string(text), "%d,%d,%d%s", &m[0], &m[1], &m[2], &rest)
	if n != kinds || min(m[0], m[1], m[2]) < 0 || m[0]+m[1]+m[2] != 100 {
		return errors.New("not three percentages that add up to 100, such as 80,15,5")
	}
	return nil
}

// MarshalText writes "80,15,5".
func (m mix) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d,%d,%d", m[0], m[1], m[2]), nil
}

func (m mix) pick() kind {
	switch n := rand.IntN(100); {
	case n < m[known]:
		return known
	case n < m[known]+m[fresh]:
		return fresh
	}
	return hostile
}

// scope is what the service asks for.
const scope = "things:read"

// knownTokens is how many callers come again and again.
const knownTokens = 50

// traffic is the tokens to send, minted beforehand: signing would take more of the machine
// than the guard does.
type traffic struct {
	issuer *authtest.Issuer
	keys   *jwks.Cache
	tokens [kinds][]string
	next   atomic.Int64 // the first new token that was not sent to a guard
}

func newTraffic(cfg config) (t *traffic, err error) {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		return nil, err
	}
	t = &traffic{issuer: issuer}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	if t.keys, err = jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()}); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err = t.keys.Ready(ctx); err != nil {
		return nil, err
	}

	expiry := map[string]any{"exp": time.Now().Add(time.Hour)}
	mint := func() string {
		return issuer.Mint(authtest.Token{Scope: scope + " things:write profile", Claims: expiry})
	}
	for range knownTokens {
		t.tokens[known] = append(t.tokens[known], mint())
	}
	// Enough for all guarded services, with room for luck.
	for range min(60_000, cfg.requests*cfg.rounds*len(cfg.transports)*(cfg.mix[fresh]+2)/100) {
		t.tokens[fresh] = append(t.tokens[fresh], mint())
	}
	stranger, err := authtest.NewKey("ES256")
	if err != nil {
		return nil, err
	}
	bad := func(token authtest.Token) { t.tokens[hostile] = append(t.tokens[hostile], issuer.Mint(token)) }
	bad(authtest.Token{Key: stranger, Header: map[string]any{"kid": issuer.Key().ID()}})
	bad(authtest.Token{Header: map[string]any{"kid": "nobody-has-it"}})
	bad(authtest.Token{Claims: map[string]any{"exp": time.Now().Add(-time.Hour)}})
	bad(authtest.Token{Claims: map[string]any{"aud": "https://other.test"}})
	bad(authtest.Token{Algorithm: "none"})
	t.tokens[hostile] = append(t.tokens[hostile], strings.Repeat("garbage.", 1000))
	return t, nil
}

func (t *traffic) close() error {
	var err error
	if t.keys != nil {
		err = t.keys.Close()
	}
	return errors.Join(err, t.issuer.Close())
}

// guard makes a guard of its own for each service: none has seen any token.
func (t *traffic) guard() (*middleware.Guard, error) {
	return middleware.New(middleware.JWTConfig{
		Issuer: t.issuer.URL(), Audience: []string{t.issuer.Audience()}, Keys: t.keys,
	}, middleware.Options{})
}

// token picks one of kind k. New ones that go to a guard are never sent again; when they
// run out, ok is false.
func (t *traffic) token(k kind, guarded bool) (token string, ok bool) {
	list := t.tokens[k]
	if k == fresh && guarded {
		i := int(t.next.Add(1)) - 1
		if i >= len(list) {
			return "", false
		}
		return list[i], true
	}
	return list[rand.IntN(len(list))], true
}
