package httpauth

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/scopes"
)

// auditMetadata returns a fault for each pattern of mux that serves metadata of a protected
// resource (RFC 9728) without a rule. A mux does not list its patterns. So auditMetadata asks for
// the metadata of the whole host, and of each path under which t has a rule.
func auditMetadata(mux *http.ServeMux, t *scopes.Table) (faults []error) {
	var named []string
	for _, place := range metadataPlaces(t) {
		host, path, _ := strings.Cut(place, "/")
		u, err := url.ParseRequestURI("/" + path)
		if err != nil {
			continue
		}
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			_, pattern := mux.Handler(&http.Request{Method: method, Host: host, URL: u})
			if adapt.IsMetadata(pattern) && !t.Has(pattern) && !slices.Contains(named, pattern) {
				named = append(named, pattern)
			}
		}
	}
	slices.Sort(named)
	for _, pattern := range named {
		faults = append(faults, fmt.Errorf("httpauth: pattern %q has no rule: "+adapt.NeedsPublic, pattern))
	}
	return faults
}

// metadataPlaces lists where the metadata of resources may be that the rules of t protect: a host
// or none, and a path.
func metadataPlaces(t *scopes.Table) []string {
	places := []string{adapt.WellKnown}
	for _, rule := range t.Routes() {
		rule = strings.TrimLeft(rule[strings.IndexAny(rule, " \t")+1:], " \t") // without its method
		host, path, _ := strings.Cut(rule, "/")
		place := host + adapt.WellKnown
		places = append(places, place)
		for segment := range strings.SplitSeq(path, "/") {
			place += "/" + segment
			places = append(places, place)
		}
	}
	return places
}
