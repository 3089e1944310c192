// Package scopes says what a route asks of its caller.
//
// A [Requirement] is one of five levels, from the strictest to the laxest:
//
//	deny           Deny           nobody passes; the zero value
//	scopes         All, Any,      a verified token that grants certain names,
//	               ACR, MaxAge    or of a certain login
//	authenticated  Authenticated  any verified token
//	optional       Optional       no token at all, or a verified one
//	public         Public         credentials are not looked at
//
// [Requirement.And] returns the stricter of two requirements, and [Requirement.Or] the
// laxer one. For two requirements of the level scopes, they are the Boolean "and" and
// "or".
//
// A [Policy] maps routes to requirements. [Policy.Compile] makes a [Table] from it, which
// adapters take as [Rules]. A route without a rule gets the policy's Default. A request
// that no route serves gets the policy's Unrouted. Both deny if they are left out:
//
//	table, err := scopes.Policy{Routes: map[string]scopes.Requirement{
//		"GET /health":         scopes.Public(),
//		"GET /orders":         scopes.Any("orders:read", "orders:write"),
//		"POST /orders":        scopes.All("orders:write"),
//		"DELETE /orders/{id}": scopes.All("orders:write").And(scopes.Any("admin", "support")),
//	}, Unrouted: scopes.Authenticated()}.Compile()
//	if err != nil {
//		return err // every faulty route at once
//	}
//	need := table.Lookup("POST /orders")
//	verdict := need.Evaluate(scopes.Granted{Names: []string{"orders:read"}})
//	// verdict.OK is false, and verdict.Need is [orders:write]
//
// # Expressions
//
// A requirement can be written as text, for configuration files and flags:
//
//	orders:write & (admin | support)
//
// These are the rules of the form:
//
//   - The operators & and | join names. & binds tighter.
//   - Parentheses group. They can be nested 32 deep.
//   - The words deny, authenticated, optional and public, in small letters, are the other
//     levels.
//   - A name that equals one of these words, in small letters or in capitals, or that
//     contains one of the characters & | ( ), is written in double quotes: "public",
//     "Public", "c|d". Without quotes, Public is an error, because it can be meant for
//     public.
//   - Spaces, tabs and newlines between tokens do not matter.
//
// [Parse] reads this form, and [Requirement.String] writes it.
//
// # Step-up
//
// A requirement can also ask how and when the user logged in (RFC 9470), beside scopes or
// alone:
//
//	pay & acr(gold | silver) & max_age(5m)
//
// acr lists values of the claim acr, of which one is enough, in order of preference: [ACR].
// max_age says how long ago the login may be, by the claim auth_time: [MaxAge]. It is a whole
// number of seconds, in the form of [time.ParseDuration]. Both belong to the level scopes. A
// value is quoted as a name is. acr and max_age are names of scopes if no parenthesis follows.
//
// One value must be enough, so acr(a | b) & acr(b | c) asks for acr(b), and acr(a) & acr(b) is
// an error. Of two ages, & leaves the smaller one. acr(a) | acr(b) is acr(a | b).
//
// If the token grants the scopes and only the login is not enough, the caller is asked for
// another login, and not for other scopes: see [Verdict].StepUp.
//
// # Order
//
// An alternative is a set of scopes, with a login or without, that is enough by itself:
// a & (b | c) has the two alternatives a & b and a & c. Their order is the author's. The
// order does not change which tokens pass. It changes the challenge that a caller gets whose
// token does not have enough scopes. The challenge asks for the nearest alternative. If
// several are equally near, it asks for the one that the author wrote first; see
// [Requirement.Evaluate]. So write the alternative with the least power first:
// orders:write | orders:admin.
//
// # Bounds
//
// A requirement has at most 64 names and values of acr, and at most 64 alternatives. As text
// it takes at most 16 KiB. If a bound is exceeded, [Parse] returns an error. [All], [Any],
// [ACR], And and Or panic, because they are for literals in code. The bounds also apply to
// each intermediate result, so a short text cannot cause much work.
package scopes
