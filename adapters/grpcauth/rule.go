package grpcauth

import (
	"strings"

	"github.com/bearerguard/bearerguard/scopes"
)

// rule finds what method asks for, and the route's name for the observer. If it isn't
// registered, [grpc.UnknownServiceHandler] serves it: unless a rule names it, its name
// is text of the caller's, which has no place in a log.
func rule(rules scopes.Rules, method string, registered bool) (route string, need scopes.Requirement) {
	// gRPC, too, takes all up to the last slash for the service.
	slash := strings.LastIndexByte(method, '/')
	if slash <= 0 || method[0] != '/' {
		return "", scopes.Requirement{} // no method of gRPC has such a name
	}
	key := method
	if !rules.Has(key) {
		key = method[:slash+1] + "*"
	}
	switch need = rules.Lookup(key); {
	case registered:
		return method, need
	case rules.Has(key):
		return key, need
	}
	return "", need
}
