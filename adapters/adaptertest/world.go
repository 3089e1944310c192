package adaptertest

import (
	"errors"
	"net/http"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// world holds what one case uses: an issuer, a guard that trusts it, and a witness.
type world struct {
	issuer *authtest.Issuer
	guard  *middleware.Guard
	seen   witness
	closes []func() error
}

// newWorld starts a world. Each function may be nil. If down is set, the issuer answers 500
// from the start.
func newWorld(
	config func(*middleware.JWTConfig), options func(*middleware.Options),
	verifier func(*middleware.JWT) (middleware.Verifier, error), down bool,
) (w *world, err error) {
	w = new(world)
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.issuer, err = authtest.New(authtest.Config{}); err != nil {
		return w, err
	}
	w.closes = append(w.closes, w.issuer.Close)
	if down {
		w.issuer.Break(authtest.Fault{Status: http.StatusInternalServerError})
	}
	cfg := w.issuer.Config()
	opts := middleware.Options{Realm: "things", Observe: w.seen.observe}
	if config != nil {
		config(&cfg)
	}
	if options != nil {
		options(&opts)
	}
	jwt, err := middleware.NewJWT(cfg)
	if err != nil {
		return w, err
	}
	w.closes = append(w.closes, jwt.Close)
	var v middleware.Verifier = jwt
	if verifier != nil {
		if v, err = verifier(jwt); err != nil {
			return w, err
		}
	}
	w.guard, err = middleware.NewWithVerifier(v, opts)
	return w, err
}

// close stops everything that runs in the background, in reverse order.
func (w *world) close() error {
	var faults []error
	for i := len(w.closes) - 1; i >= 0; i-- {
		faults = append(faults, w.closes[i]())
	}
	return errors.Join(faults...)
}
