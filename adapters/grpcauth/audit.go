package grpcauth

import (
	"github.com/bearerguard/bearerguard/scopes"
	"google.golang.org/grpc"
)

// Audit compares t with the methods of server. Call it after all services have been registered,
// in a test or at start. The error has a fault for each method without a rule of its own or of
// its service, and for each rule that fits no method or service. Reflection and health services
// count like any others.
//
// A server does not list what [grpc.UnknownServiceHandler] serves, so a rule for that is a
// fault here. Audit such a policy with [scopes.Table.Audit] and a list of your own.
func Audit(server *grpc.Server, t *scopes.Table) error {
	var routes []string
	for service, info := range server.GetServiceInfo() {
		all := "/" + service + "/*"
		if t.Has(all) {
			routes = append(routes, all)
		}
		for _, method := range info.Methods {
			if full := "/" + service + "/" + method.Name; t.Has(full) || !t.Has(all) {
				routes = append(routes, full)
			}
		}
	}
	return t.Audit(routes)
}
