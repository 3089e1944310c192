package providers

import "github.com/bearerguard/bearerguard/middleware"

// Kubernetes accepts the tokens of service accounts that a projected volume or the TokenRequest
// API gives to pods. issuer is that of the cluster, such as
// https://kubernetes.default.svc.cluster.local. audience is what the volume asks for. It is a fault
// if it is the issuer, because tokens for the API server have that by default.
//
// Each pod of the cluster can ask for each audience. So ask for more than a good token: the
// namespace counts as a scope with the prefix "namespace:", and the subject, which names the
// service account, with the prefix "sub:".
//
//	scopes.All("sub:system:serviceaccount:shop:checkout")
func Kubernetes(issuer, audience string) middleware.JWTConfig {
	a := arguments{of: "Kubernetes"}
	if audience == issuer && issuer != "" {
		a.fault("audience", "%.200q is the audience of the API server: whoever gets such a token can act as the pod; "+
			"let the pods ask for a name of your API", audience)
	}
	return a.check(middleware.JWTConfig{
		Issuer:   a.given("issuer", issuer),
		Audience: []string{a.given("audience", audience)},
		Grants: []middleware.Grant{
			{Path: `kubernetes\.io.namespace`, Prefix: "namespace:"},
			{Path: "sub", Prefix: "sub:"},
		},
	})
}
