package adaptertest

import (
	"net/http"

	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// routed are cases about the choice of the rule of a whole policy.
func routed() []testCase {
	read := scopes.All("things:read")
	reader, nobody := token(authtest.Token{Scope: "things:read"}), token(authtest.Token{})
	forged := raw("Bearer forged")

	get := func(need scopes.Requirement) *scopes.Policy {
		return &scopes.Policy{Routes: map[string]scopes.Requirement{"GET /things": need}}
	}
	head := func(ofGET, ofHEAD scopes.Requirement) *scopes.Policy {
		return &scopes.Policy{Routes: map[string]scopes.Requirement{"GET /things": ofGET, "HEAD /things": ofHEAD}}
	}
	unrouted := func(need scopes.Requirement) *scopes.Policy {
		p := get(scopes.Public())
		p.Unrouted = need
		return p
	}
	both := []string{"GET /things", "HEAD /things"}
	getOnly := []string{"GET /things"}
	judgesHEAD, judgesUnrouted := []Feature{JudgesHEAD}, []Feature{JudgesUnrouted}
	methodRules, pathRules := []Feature{JudgesUnrouted, RulesForMethods}, []Feature{JudgesUnrouted, RulesForPaths}
	headRules := []Feature{JudgesHEAD, HEADRules}
	const HEAD = http.MethodHead

	return exchangeCases([]exchange{
		// A route with and without a rule.
		{
			name:   "the policy's rule for the route admits",
			policy: get(read), routes: getOnly, header: reader, subject: "user-1",
		},
		{
			name:   "the policy's rule for the route refuses",
			policy: get(read), routes: getOnly, header: nobody, code: "insufficient_scope", scope: "things:read",
		},
		{name: "an empty policy denies", policy: new(scopes.Policy), header: reader, code: "denied"},
		{
			name:   "a route without a rule gets the default",
			policy: &scopes.Policy{Default: read}, header: reader, subject: "user-1",
		},
		{name: "a route without a rule is refused by the default", policy: &scopes.Policy{Default: read}, code: "missing"},
		{name: "a route without a rule is not unrouted", policy: &scopes.Policy{Unrouted: scopes.Public()}, code: "denied"},
		{
			name:   "another method of the path is another route",
			policy: get(scopes.Public()), method: http.MethodPost, header: reader, code: "denied", only: overHTTP,
		},

		// HEAD of a path that has a handler for GET and none for HEAD.
		{
			name:   "HEAD without a handler is judged by GET's rule: missing",
			policy: get(read), routes: getOnly, method: HEAD, code: "missing", only: judgesHEAD,
		},
		{
			name:   "HEAD without a handler is judged by GET's rule: invalid",
			policy: get(read), routes: getOnly, method: HEAD, header: forged, code: "invalid", only: judgesHEAD,
		},
		{
			name:   "HEAD without a handler is judged by GET's rule: a scope",
			policy: get(read), routes: getOnly, method: HEAD, header: nobody, code: "insufficient_scope",
			scope: "things:read", only: judgesHEAD,
		},
		{
			name:   "HEAD without a handler is judged by GET's rule: it passes",
			policy: get(read), routes: getOnly, method: HEAD, header: reader, served: byEither, subject: "user-1",
			only: judgesHEAD,
		},
		{
			name:   "HEAD without a handler is judged by GET's rule, not by Unrouted",
			policy: &scopes.Policy{Routes: get(read).Routes, Unrouted: scopes.Public()}, routes: getOnly, method: HEAD,
			code: "missing", only: judgesHEAD,
		},
		{
			name:   "HEAD without a handler or a rule gets GET's default",
			policy: &scopes.Policy{Default: read}, routes: getOnly, method: HEAD, code: "missing", only: judgesHEAD,
		},
		{
			name:   "HEAD without a handler may have its own rule, which is stricter",
			policy: head(scopes.Public(), read), routes: getOnly, method: HEAD, code: "missing", only: headRules,
		},
		{
			name:   "HEAD without a handler may have its own rule, which is weaker",
			policy: head(read, scopes.Public()), routes: getOnly, method: HEAD, served: byEither, only: headRules,
		},
		{name: "GET is not judged by HEAD's rule", policy: head(read, scopes.Public()), routes: getOnly, code: "missing"},

		// HEAD of a path that has a handler for it.
		{
			name:   "HEAD with a handler has its own rule, which refuses",
			policy: head(scopes.Public(), read), routes: both, method: HEAD, code: "missing", only: overHTTP,
		},
		{
			name:   "HEAD with a handler has its own rule, which admits",
			policy: head(scopes.Requirement{}, read), routes: both, method: HEAD, header: reader, subject: "user-1",
			only: overHTTP,
		},
		{
			name:   "HEAD with a handler and without a rule is denied, whatever GET's rule",
			policy: get(scopes.Public()), routes: both, method: HEAD, header: reader, code: "denied", only: overHTTP,
		},
		{
			name:   "HEAD with a handler and without a rule gets the default",
			policy: &scopes.Policy{Routes: get(scopes.Requirement{}).Routes, Default: read}, routes: both,
			method: HEAD, header: reader, subject: "user-1", only: overHTTP,
		},

		// Requests that no route serves.
		{
			name:   "an unknown path is denied",
			policy: unrouted(scopes.Requirement{}), path: "/nowhere", header: reader, code: "denied",
			only: judgesUnrouted,
		},
		{
			name:   "an unknown path is denied without credentials",
			policy: unrouted(scopes.Requirement{}), path: "/nowhere", code: "denied", only: judgesUnrouted,
		},
		{
			name:   "an unknown path is not judged by the default",
			policy: &scopes.Policy{Default: scopes.Public()}, path: "/nowhere", header: reader, code: "denied",
			only: judgesUnrouted,
		},
		{
			name:   "an unknown path that needs a token gets the router's answer",
			policy: unrouted(scopes.Authenticated()), path: "/nowhere", header: nobody, served: byRouter,
			only: judgesUnrouted,
		},
		{
			name:   "an unknown path that needs a token is refused without one",
			policy: unrouted(scopes.Authenticated()), path: "/nowhere", code: "missing", only: judgesUnrouted,
		},
		{
			name:   "an unknown path that needs a token is refused with an invalid one",
			policy: unrouted(scopes.Authenticated()), path: "/nowhere", header: forged, code: "invalid",
			only: judgesUnrouted,
		},
		{
			name:   "an unknown path may be public",
			policy: unrouted(scopes.Public()), path: "/nowhere", served: byRouter, only: judgesUnrouted,
		},
		{
			name:   "a wrong method is denied",
			policy: unrouted(scopes.Requirement{}), method: http.MethodDelete, header: reader, code: "denied",
			only: judgesUnrouted,
		},
		{
			name:   "a wrong method is not judged by the default",
			policy: &scopes.Policy{Default: scopes.Public()}, method: http.MethodDelete, header: reader,
			code: "denied", only: judgesUnrouted,
		},
		{
			name:   "a wrong method that needs a token gets the router's answer",
			policy: unrouted(scopes.Authenticated()), method: http.MethodDelete, header: nobody, served: byRouter,
			only: judgesUnrouted,
		},
		{
			name:   "a wrong method that needs a token is refused without one",
			policy: unrouted(scopes.Authenticated()), method: http.MethodDelete, code: "missing", only: judgesUnrouted,
		},
		{
			name:   "a wrong method that needs a token is refused with an invalid one",
			policy: unrouted(scopes.Authenticated()), method: http.MethodDelete, header: forged, code: "invalid",
			only: judgesUnrouted,
		},
		{
			name:   "an exact rule for a wrong method wins if it is weaker",
			policy: &scopes.Policy{Routes: map[string]scopes.Requirement{"DELETE /things": scopes.Public()}},
			method: http.MethodDelete, served: byRouter, only: methodRules,
		},
		{
			name:   "an exact rule for a wrong method wins if it is stricter",
			policy: &scopes.Policy{Routes: map[string]scopes.Requirement{"DELETE /things": read}, Unrouted: scopes.Public()},
			method: http.MethodDelete, header: nobody, code: "insufficient_scope", scope: "things:read",
			only: methodRules,
		},
		{
			name:   "an exact rule for an unknown path wins if it is weaker",
			policy: &scopes.Policy{Routes: map[string]scopes.Requirement{"GET /nowhere": scopes.Public()}},
			path:   "/nowhere", served: byRouter, only: pathRules,
		},
		{
			name:   "an exact rule for an unknown path wins if it is stricter",
			policy: &scopes.Policy{Routes: map[string]scopes.Requirement{"GET /nowhere": read}, Unrouted: scopes.Public()},
			path:   "/nowhere", header: nobody, code: "insufficient_scope", scope: "things:read", only: pathRules,
		},
	})
}
