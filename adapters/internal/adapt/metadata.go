package adapt

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/scopes"
)

// WellKnown is the path of the metadata of a protected resource (RFC 9728 §3). The path of the
// resource follows it, if it has one.
const WellKnown = "/.well-known/oauth-protected-resource"

// IsMetadata tells whether route, "METHOD /path" or "METHOD host/path" or the same without a
// method, is one by which clients read such metadata.
func IsMetadata(route string) bool {
	method, place, found := strings.Cut(route, " ")
	if !found {
		method, place = "", route
	}
	i := strings.IndexByte(place, '/')
	if i < 0 {
		return false
	}
	rest, found := strings.CutPrefix(place[i:], WellKnown)
	return found && (rest == "" || rest[0] == '/') && slices.Contains([]string{"", "GET", "HEAD", "OPTIONS"}, method)
}

// Closed returns a fault for each of routes that serves metadata by a rule of t that is not
// Public. A route without a rule is not named. The text names the adapter.
func Closed(adapter string, t *scopes.Table, routes []string) (faults []error) {
	for _, route := range slices.Compact(slices.Sorted(slices.Values(routes))) {
		if IsMetadata(route) && t.Has(route) && t.Lookup(route).Level() != scopes.LevelPublic {
			faults = append(faults, fmt.Errorf("%s: rule %q is not Public: "+NeedsPublic, adapter, route))
		}
	}
	return faults
}

// Audit is the Audit of an adapter whose router lists its routes.
func Audit(adapter string, t *scopes.Table, routes []string) error {
	faults, err := Closed(adapter, t, routes), t.Audit(routes)
	if len(faults) == 0 {
		return err
	}
	return errors.Join(append([]error{err}, faults...)...)
}

// NeedsPublic says why the route of metadata must be open.
const NeedsPublic = "clients read the metadata of the resource before they have a token"
