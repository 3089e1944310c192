package grpcauth

import (
	"strings"

	"github.com/bearerguard/bearerguard/scopes"
)

// rule returns what method needs, and the name of its route for the observer. If method is not
// registered, [grpc.UnknownServiceHandler] serves it. Its name is then text of the caller,
// which must not get into a log unless a rule has the same name.
func rule(rules scopes.Rules, method string, registered bool) (route string, need scopes.Requirement) {
	// The service is all up to the last slash, as in gRPC itself.
	slash := strings.LastIndexByte(method, '/')
	if slash <= 0 || method[0] != '/' {
		return "", scopes.Requirement{} // gRPC finds no method by such a name
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
