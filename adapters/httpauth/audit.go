package httpauth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bearerguard/bearerguard/scopes"
)

// Audit finds the rules of t that no pattern of mux is registered for, in a test or at
// start: a misspelled rule guards nothing, and its pattern gets the default. For each
// rule it makes up a request and asks mux which pattern serves that. The rule must be
// spelled as the pattern is, with the names of its wildcards: "GET /orders/{orderID}" is
// a fault where "GET /orders/{id}" is registered, and so is "/orders" where only
// "GET /orders" is. The error has one fault for each such rule, in alphabetical order,
// and quotes the patterns that serve instead.
//
// A mux does not list its patterns, so Audit can't find a pattern without a rule. Such a
// pattern gets the default of the policy: leave that at its zero value, which denies.
//
// Of a mux mounted under a pattern, only that pattern is seen. Audit the inner mux with a
// table of its own.
func Audit(mux *http.ServeMux, t *scopes.Table) error {
	mustMux(mux)
	var faults []error
	for _, rule := range t.Routes() {
		if err := auditRule(mux, rule); err != nil {
			faults = append(faults, fmt.Errorf("httpauth: rule %q %w", rule, err))
		}
	}
	if len(faults) > 0 {
		faults = append(faults, errUnlisted)
	}
	return errors.Join(faults...)
}

var (
	errUnlisted  = errors.New("httpauth: a mux does not list its patterns: those without a rule can't be named here")
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

// parsePattern tells what net/http finds wrong with a pattern.
func parsePattern(pattern string) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	http.NewServeMux().Handle(pattern, http.NotFoundHandler())
	return nil
}

// madeUp stands for a method or a segment that no pattern spells out.
const madeUp = "bearerguard-audit"

// methods lists what to ask with for a rule with method. A rule without one is for the
// methods that no other pattern takes. The others are there to name the pattern that
// serves instead.
func methods(method string) []string {
	if method != "" {
		return []string{method}
	}
	return []string{
		madeUp, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}
}

// deepest is how many segments the last wildcard of a path is tried with.
const deepest = 16

// targets lists paths that path, of a pattern, describes. There are several if it ends
// in a wildcard for any number of segments, since patterns for some of those numbers may
// be registered as well.
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
			segments[i] = strings.ReplaceAll(segment, "?", "%3F") // of a path, not of a query
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
