// Package scopes says what a route asks of its caller.
//
// A [Requirement] is one of five levels, from the strictest to the laxest:
//
//	deny           nobody passes; the zero value
//	scopes         a verified token that grants certain names
//	authenticated  any verified token
//	optional       no token at all, or a verified one
//	public         credentials are not looked at
//
// [Requirement.And] yields the stricter of two and [Requirement.Or] the laxer;
// between two requirements for scopes they are the Boolean "and" and "or".
// A [Policy] maps routes to requirements and [Policy.Compile] turns it into a
// [Table], in which a route without a rule falls to a default that denies
// unless it is told otherwise:
//
//	table, err := scopes.Policy{Routes: map[string]scopes.Requirement{
//		"GET /health":         scopes.Public(),
//		"GET /orders":         scopes.Any("orders:read", "orders:write"),
//		"POST /orders":        scopes.All("orders:write"),
//		"DELETE /orders/{id}": scopes.All("orders:write").And(scopes.Any("admin", "support")),
//	}}.Compile()
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
// Names are joined by & and |, of which & binds tighter, and grouped by
// parentheses, which may be nested 32 deep. The lower-case words deny,
// authenticated, optional and public stand for the other levels. A name that
// equals one of these words or holds one of the characters & | ( ) is written
// in double quotes: "public", "c|d". Spaces, tabs and newlines between tokens
// do not matter. [Parse] reads this form, [Requirement.String] writes it.
//
// # Bounds
//
// A requirement names at most 64 scopes and holds at most 64 alternatives, an
// alternative being a set of scopes that suffices by itself: a & (b | c) has two.
// As text it takes at most 16 KiB. [Parse] returns an error where a bound is
// exceeded; [All], [Any], And and Or, which stand for literals in code, panic. The
// bounds hold for each intermediate result too, so that no short text makes much work.
package scopes
