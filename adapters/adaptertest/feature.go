package adaptertest

import (
	"errors"
	"fmt"
	"slices"
)

// A Feature is what not every adapter has.
type Feature string

// The features that cases ask for.
const (
	// HTTPOnly: the method of a request, the Host that it names, a WebSocket, a body.
	HTTPOnly Feature = "what only HTTP has"
	// WholePolicy: the adapter guards an API as a whole, by Setup.Policy.
	WholePolicy Feature = "a policy for the whole API"
	// OverTLS: the adapter serves over TLS, by Setup.TLS.
	OverTLS Feature = "TLS"
)

// Unsupported returns an error that wraps [errors.ErrUnsupported] if s asks for one of
// features, which the adapter does not have, and nil otherwise. An adapter returns the
// error, so that [Case.Run] returns it.
func (s Setup) Unsupported(features ...Feature) error {
	for _, f := range s.Features {
		if slices.Contains(features, f) {
			return fmt.Errorf("adaptertest: %s: %w", f, errors.ErrUnsupported)
		}
	}
	return nil
}
