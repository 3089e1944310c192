package adaptertest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// A Case is one request that every adapter must answer in the same way. [Cases]
// lists them; to hold an adapter against all of them:
//
//	for _, c := range adaptertest.Cases() {
//		t.Run(c.Name, func(t *testing.T) {
//			if err := c.Run(adapter); err != nil {
//				t.Error(err)
//			}
//		})
//	}
type Case struct {
	// Name is a sentence that says what is sent, and what comes of it.
	Name string

	need    scopes.Requirement
	policy  *scopes.Policy // in place of need
	tls     bool
	only    []Feature                            // that it can't do without, besides those of policy and tls
	method  string                               // "": GET
	header  func(i *authtest.Issuer) http.Header // nil: none
	config  func(*middleware.JWTConfig)
	options func(*middleware.Options)
	fault   authtest.Fault // of the issuer, from the start

	verifier  func(*middleware.JWT) (middleware.Verifier, error) // around the issuer's; nil: that one alone
	authorize *scopes.Requirement                                // what the handler asks for; nil: it asks nothing

	code    middleware.Code // "": answered by the handler
	scope   string          // in the challenge
	subject string          // of the claims that the handler sees
	body    string          // of the refusal; "": holds the fixed text of code
}

// Run sends the request through a and returns every difference from the answer
// that it must get: the verdict, the status, the challenge, the reason that the
// observer is told, the claims that the handler sees, and that nothing of the
// token or the cause is sent back.
//
// The error wraps [errors.ErrUnsupported], and nothing was sent, if a can't do what the
// case asks for.
func (c Case) Run(a Adapter) error {
	issuer, err := authtest.New(authtest.Config{})
	if err != nil {
		return err
	}
	defer issuer.Close()
	issuer.Break(c.fault)
	keys, err := jwks.New(jwks.Config{Issuer: issuer.URL(), Client: issuer.Client()})
	if err != nil {
		return err
	}
	defer keys.Close()

	var seen witness
	cfg := middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}, Keys: keys}
	opts := middleware.Options{Realm: "things", Observe: seen.observe}
	if c.config != nil {
		c.config(&cfg)
	}
	if c.options != nil {
		c.options(&opts)
	}
	jwt, err := middleware.NewJWT(cfg)
	if err != nil {
		return err
	}
	defer jwt.Close()
	var verifier middleware.Verifier = jwt
	if c.verifier != nil {
		if verifier, err = c.verifier(jwt); err != nil {
			return err
		}
	}
	guard, err := middleware.NewGuard(verifier, opts)
	if err != nil {
		return err
	}

	setup := c.setup(guard)
	setup.Handler = func(ctx context.Context) error {
		seen.handle(ctx)
		if c.authorize == nil {
			return nil
		}
		return guard.Authorize(ctx, *c.authorize)
	}
	server, err := a(setup)
	if err != nil {
		return err
	}
	defer server.Close()
	call := Call{Method: c.method}
	if call.Method == "" {
		call.Method = http.MethodGet
	}
	if c.header != nil {
		call.Header = c.header(issuer)
	}
	answer, err := server.Send(call)
	if err != nil {
		return fmt.Errorf("send: %v", err) // not wrapped: nothing that fails now is unsupported
	}
	return errors.Join(c.judge(answer), seen.judge(c), leaks(call, answer, &seen))
}

// setup is what the case asks of an adapter, without the handler.
func (c Case) setup(g *middleware.Guard) Setup {
	s := Setup{Guard: g, Need: c.need, Policy: c.policy, Features: slices.Clone(c.only)}
	if c.policy != nil {
		s.Features = append(s.Features, WholePolicy)
	}
	if c.tls {
		s.TLS = new(tls.Config)
		s.Features = append(s.Features, OverTLS)
	}
	return s
}
