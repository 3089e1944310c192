package httpauth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/scopes"
)

// Audit finds the rules of t that fit no pattern of mux. Call it in a test or at start, because
// a misspelled rule guards nothing, and its pattern gets the default.
//
// For each rule, Audit builds a request and asks mux which pattern serves it. The rule must be
// spelled as the pattern is, with the names of its wildcards. "GET /orders/{orderID}" is a
// fault if "GET /orders/{id}" is registered, and so is "/orders" if only "GET /orders" is
// registered. The error has one fault for each such rule, in alphabetical order, and quotes the
// patterns that serve instead.
//
// Audit cannot find a pattern without a rule, because a mux does not list its patterns. Such a
// pattern gets the default of the policy. Leave the default at its zero value, which denies.
//
// The exception is metadata of a protected resource (RFC 9728). Audit looks for their patterns at
// /.well-known/oauth-protected-resource, followed by nothing or by the first segments of the path of
// a rule. It names such a pattern if it has no rule or one that is not Public, because clients read
// the metadata before they have a token.
//
// If a mux is mounted under a pattern, Audit sees only that pattern. Audit the inner mux with a
// table of its own. Audit panics if mux is nil.
func Audit(mux *http.ServeMux, t *scopes.Table) error {
	mustMux(mux)
	var faults []error
	for _, rule := range t.Routes() {
		if err := auditRule(mux, rule); err != nil {
			faults = append(faults, fmt.Errorf("httpauth: rule %q %w", rule, err))
		}
	}
	faults = append(faults, adapt.Closed("httpauth", t, t.Routes())...)
	faults = append(faults, auditMetadata(mux, t)...)
	if len(faults) > 0 {
		faults = append(faults, errUnlisted)
	}
	return errors.Join(faults...)
}

var (
	errUnlisted  = errors.New("httpauth: patterns without a rule are not named, because a mux does not list its patterns")
	errNoPattern = errors.New("has no pattern")
)

// auditRule returns nil if mux has rule as a pattern.
func auditRule(mux *http.ServeMux, rule string) error {
	if err := parsePattern(rule); err != nil {
		return fmt.Errorf("is not a pattern: %w", err)
	}
	method, place := "", rule
	if i := strings.IndexAny(rule, " \t"); i >= 0 {
		method, place = rule[:i], strings.TrimLeft(rule[i:], " \t")
	}
	slash := strings.IndexByte(place, '/')
	host, path := place[:slash], place[slash:]
	var instead []string
	for _, method := range methods(method) {
		for _, target := range targets(path) {
			u, err := url.ParseRequestURI(target)
			if err != nil {
				return fmt.Errorf("%w: no request can have its path", errNoPattern)
			}
			_, pattern := mux.Handler(&http.Request{Method: method, Host: host, URL: u})
			if pattern == rule {
				return nil
			}
			if name := strconv.Quote(pattern); pattern != "" && !slices.Contains(instead, name) {
				instead = append(instead, name)
			}
		}
	}
	if len(instead) == 0 {
		return errNoPattern
	}
	return fmt.Errorf("%w: its requests are served by %s", errNoPattern, strings.Join(instead, ", "))
}

// parsePattern returns the fault that net/http finds in pattern.
func parsePattern(pattern string) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	http.NewServeMux().Handle(pattern, http.NotFoundHandler())
	return nil
}

// madeUp is a method or a segment that no pattern contains.
const madeUp = "bearerguard-audit"

// methods lists the methods of the requests to try for a rule with method. A rule without a
// method serves the methods that no other pattern takes, so madeUp comes first. The others
// serve to name the patterns that serve instead.
func methods(method string) []string {
	if method != "" {
		return []string{method}
	}
	return []string{
		madeUp, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}
}

// deepest is the largest number of segments that is tried for the last wildcard of a path.
const deepest = 16

// targets lists request paths that match path, which is the path of a pattern. There are
// several if path ends in a wildcard for any number of segments, because other patterns may
// take some of those numbers.
func targets(path string) []string {
	segments := strings.Split(path, "/")
	last := len(segments) - 1
	tail := segments[last] == "" || strings.HasSuffix(segments[last], "...}")
	for i, segment := range segments {
		switch {
		case i == last && (tail || segment == "{$}"):
			segments[i] = ""
		case strings.HasPrefix(segment, "{"):
			segments[i] = madeUp
		default:
			segments[i] = strings.ReplaceAll(segment, "?", "%3F") // a ? in a path does not begin a query
		}
	}
	target := strings.Join(segments, "/")
	list := []string{target}
	if !tail {
		return list
	}
	for range deepest {
		target += madeUp
		list = append(list, target)
		target += "/"
	}
	return list
}
