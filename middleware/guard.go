package middleware

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/bearerguard/bearerguard/internal/urls"
	"github.com/bearerguard/bearerguard/scopes"
)

// A Guard decides which requests pass: it finds the token, verifies it, compares what
// the token grants to what the route needs, and makes the answer. It is immutable and
// safe for concurrent use. Adapters call Check; handlers may call Authorize.
type Guard struct {
	verifier   Verifier
	owned      []*JWT // what Close closes
	challenge  challenge
	cookie     string
	header     string                      // in canonical form
	csrf       *http.CrossOriginProtection // nil without a cookie and a header
	logger     *slog.Logger
	observe    func(context.Context, Event)
	body       func(context.Context, Request, *Error) (string, []byte)
	reportOnly func(context.Context, Request) bool
	resource   *resource // nil: clients are told nothing about the API

	expiredIsAnonymous bool
}

// New returns a Guard for JSON Web Tokens of one issuer. The Guard owns what New makes,
// and [Guard.Close] closes it. The error names every fault of both arguments.
func New(cfg JWTConfig, opts Options) (*Guard, error) {
	cfg = opts.Resource.asAudience(cfg)
	g, badOptions := opts.compile(party{cfg.Issuer, cfg.Audience})
	v, badConfig := cfg.compile(&faults{of: "JWTConfig"})
	if err := errors.Join(badConfig, badOptions); err != nil {
		return nil, err
	}
	g.use(v)
	return g.own(v)
}

// NewMultiIssuer returns a Guard for JSON Web Tokens of several issuers. iss of a token
// chooses the configuration, as with [ByIssuer]. The Guard owns what NewMultiIssuer
// makes, and [Guard.Close] closes it. The error names every fault of both arguments, with
// the index of the configuration. Two configurations of one issuer are a fault, and so is an
// IssuerTemplate.
func NewMultiIssuer(cfgs []JWTConfig, opts Options) (*Guard, error) {
	parties := make([]party, len(cfgs))
	for i, cfg := range cfgs {
		parties[i] = party{cfg.Issuer, opts.Resource.asAudience(cfg).Audience}
	}
	g, failed := opts.compile(parties...)
	verifiers := make(byIssuer, len(cfgs))
	var made []*JWT
	first := make(map[string]int, len(cfgs))
	if len(cfgs) == 0 {
		failed = errors.Join(errors.New("bearerguard: NewMultiIssuer: no JWTConfig"), failed)
	}
	for i, cfg := range cfgs {
		faults := faults{of: fmt.Sprintf("JWTConfig[%d]", i)}
		if same, twice := first[cfg.Issuer]; !twice {
			first[cfg.Issuer] = i
		} else if cfg.Issuer != "" {
			faults.add("Issuer", "%s is also that of JWTConfig[%d]", urls.Quote(cfg.Issuer), same)
		}
		if cfg.IssuerTemplate != "" {
			faults.add("IssuerTemplate", "can't be one of several, because iss chooses the configuration to the letter: "+
				"give it a Guard of its own, or write a JWTConfig with Issuer for each tenant")
		}
		v, err := opts.Resource.asAudience(cfg).compile(&faults)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		verifiers[cfg.Issuer], made = v, append(made, v)
	}
	if failed != nil {
		return nil, failed
	}
	g.use(verifiers)
	return g.own(made...)
}

// own starts made, for g to close.
func (g *Guard) own(made ...*JWT) (*Guard, error) {
	for _, v := range made {
		v.discovery.Logger = g.logger
		if err := v.start(); err != nil {
			return nil, errors.Join(err, g.Close())
		}
		g.owned = append(g.owned, v)
	}
	return g, nil
}

// NewWithVerifier returns a Guard for tokens that v verifies: a JWT that you made by
// [NewJWT], several verifiers joined by [ByIssuer], or a verifier of your own. The Guard
// does not own v: Close leaves v open.
func NewWithVerifier(v Verifier, opts Options) (*Guard, error) {
	g, err := opts.compile(partiesOf(v)...)
	if isNil(v) {
		err = errors.Join(errors.New("bearerguard: NewWithVerifier: no verifier"), err)
	}
	if err != nil {
		return nil, err
	}
	g.use(v)
	return g, nil
}

// Ready waits until the Guard can tell good tokens from bad ones. It returns an error if
// ctx ends before. It is for a readiness probe.
func (g *Guard) Ready(ctx context.Context) error { return ready(ctx, g.verifier) }

// Close ends the background work of what [New] or [NewMultiIssuer] made. Call it after the servers in front
// of the Guard have been shut down. Later requests are still decided, with the keys
// known so far. Close does not close a verifier that was given to [NewWithVerifier]. It takes
// a second at most, even if the handler of Options.Logger or a JWTConfig.Client hangs.
func (g *Guard) Close() error {
	failed := make([]error, len(g.owned))
	var all sync.WaitGroup // each may take a second, and there may be many
	for i, v := range g.owned {
		all.Go(func() { failed[i] = v.Close() })
	}
	all.Wait()
	return errors.Join(failed...)
}

// Check decides whether r may pass. need is the requirement of its route. The error is
// always an [*Error], and the adapter sends it as the answer. If there is no error, the
// adapter gives the context in Pass to the handler, and [ClaimsFrom] finds the claims in
// it.
//
// Check may be called again inside a request that this Guard has let through, for example
// if a guard of the router and a guard of the handler check the same request. If the token
// is the same, it is not verified again before it expires: only need is compared. If r has
// other credentials, it counts as another request, and its context never has the claims of
// the request around it.
//
// Check panics if the verifier, the observer or a function of the configuration panics. A
// caller that recovers from that must not let the request through.
func (g *Guard) Check(ctx context.Context, r Request, need scopes.Requirement) (Pass, error) {
	v := g.decide(ctx, r, need)
	if g.expiredIsAnonymous && need.Level() == scopes.LevelOptional && v.expired() {
		v = verdict{token: v.token} // for Authorize, which says that it has expired
	}
	if err := g.answer(ctx, &v, r, need); err != nil {
		return Pass{}, err
	}
	pass := Pass{Context: ctx, Remembered: v.remembered, Until: v.end()}
	// An identity for anonymous callers is stored, too. Otherwise ClaimsFrom would return the
	// claims that an outer guard has put into this context. On a public route nothing is
	// stored, because no token was read. The exception is a request inside another one with
	// other credentials, because ClaimsFrom would return the claims of that one.
	if need.Level() != scopes.LevelPublic || g.amongOthers(ctx, r) {
		if h, ok := r.Header.(http.Header); ok && (g.body != nil || g.reportOnly != nil) {
			// For Authorize, in any goroutine: the handler may write to its own meanwhile.
			r.Header = h.Clone()
		}
		id := &identity{Context: ctx, guard: g, token: v.token, request: r}
		id.claims.Store(v.claims)
		pass.Context = id
	}
	return pass, nil
}

// amongOthers tells whether r came with other credentials than the request that ctx
// belongs to. Such an r is a message in a session that somebody else may have opened.
func (g *Guard) amongOthers(ctx context.Context, r Request) bool {
	id := g.identityOf(ctx)
	if id == nil {
		return false
	}
	token, _, _ := g.credential(r)
	return token != id.token
}

// Authorize decides, inside a handler that this Guard let through, whether the caller meets
// need. It is for decisions that depend on more than the route. ctx is the handler's
// context, or one made from it. The error is always an [*Error]. If the guard has not
// authenticated anybody, Authorize grants nothing beyond [scopes.Optional].
//
// Once the token has expired, each call asks the verifier again about it. A goroutine
// that goes on after the handler, under a context from [context.WithoutCancel], is
// granted nothing after the token's expiry either.
func (g *Guard) Authorize(ctx context.Context, need scopes.Requirement) error {
	var v verdict
	var r Request
	id := g.identityOf(ctx)
	if id != nil {
		v.token, v.claims, r = id.token, id.claims.Load(), id.request
		// A request with a token and without claims is anonymous, because the token has expired.
		again := v.claims.expired() || g.expiredIsAnonymous && v.claims == nil && v.token != "" &&
			need.Level() != scopes.LevelOptional
		if again && asks(need) {
			if g.verify(ctx, &v); v.code == "" {
				id.claims.Store(v.claims)
			}
		}
	}
	if v.code == "" {
		g.authorize(&v, need)
	}
	if id == nil && v.code == CodeMissing { // the caller may have sent a good token
		v.cause = errUnread
	}
	if err := g.answer(ctx, &v, r, need); err != nil {
		return err
	}
	return nil
}
