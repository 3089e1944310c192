package scopes

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// spelling is a route in its parts, as routers for HTTP spell it: "GET /orders/{id}",
// "GET api.example/orders", "/orders". The spelling of other routes, such as
// "tools/call NAME", is empty.
type spelling struct {
	method string // "GET", or "" without one
	gap    string // the white space after the method
	path   string // "/orders/{id}" or "api.example/orders"
}

func spell(route string) spelling {
	s := spelling{path: route}
	if end := strings.IndexFunc(route, unicode.IsSpace); end >= 0 {
		s.method = route[:end]
		s.path = strings.TrimLeftFunc(route[end:], unicode.IsSpace)
		s.gap = route[end : len(route)-len(s.path)]
		if strings.ContainsFunc(s.method, notToken) {
			return spelling{}
		}
	}
	host, _, found := strings.Cut(s.path, "/")
	if !found || strings.ContainsFunc(host, unicode.IsSpace) {
		return spelling{}
	}
	return s
}

// notToken reports whether a method cannot contain c (RFC 9110 §9.1, §5.6.2).
func notToken(c rune) bool {
	letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	return !letter && (c < '0' || c > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
}

// methods are those that net/http has constants for. Another word before a path may belong
// to a route that is not for HTTP.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"}

// routeFaults are the reasons why a rule for route would match nothing.
func routeFaults(route string) (faults []string) {
	add := func(faulty bool, what string) {
		if faulty {
			faults = append(faults, what)
		}
	}
	s, control := spell(route), strings.ContainsFunc(route, unicode.IsControl)
	capitals := strings.ToUpper(s.method)
	add(route == "", "an empty route")
	add(strings.TrimSpace(route) != route, "white space around a route")
	add(control, "a control character in a route")
	add(s.method != "" && s.gap != " " && !control, "not exactly one space after the method")
	add(slices.Contains(methods, capitals) && s.method != capitals,
		"a method that is not in capitals: write "+strconv.Quote(capitals+" "+s.path))
	return faults
}

// hint returns why rule, which is a rule of t, has no route among routes. It returns "" if
// the reason is not certain.
func (t *Table) hint(rule string, routes []string) string {
	s := spell(rule)
	if s.path == "" || len(routes) == 0 {
		return ""
	}
	allHaveMethods, methodKnown := true, slices.Contains(methods, s.method)
	for _, route := range routes {
		r := spell(route)
		allHaveMethods = allHaveMethods && r.method != ""
		methodKnown = methodKnown || r.method == s.method
		sameButForMethod := r.path == s.path && (r.method == "" || s.method == "")
		sameButForSlash := strings.TrimSuffix(route, "/") == strings.TrimSuffix(rule, "/")
		if !t.Has(route) && (sameButForMethod || sameButForSlash || strings.EqualFold(route, rule)) {
			return ": the router has " + strconv.Quote(route)
		}
	}
	switch {
	case s.method == "" && allHaveMethods:
		return ": each route of this router begins with a method"
	case !methodKnown:
		return ": no route has the method " + strconv.Quote(s.method)
	}
	return ""
}
