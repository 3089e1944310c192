package scopes_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
)

// A policy in code is compiled once. Each request looks up its requirement.
func Example() {
	table, err := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /health":         scopes.Public(),
		"GET /orders":         scopes.Any("orders:read", "orders:write"),
		"DELETE /orders/{id}": scopes.All("orders:write").And(scopes.Any("admin", "support")),
	}}.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	token := scopes.Granted{Names: []string{"orders:write", "support"}}
	for _, route := range []string{"GET /orders", "DELETE /orders/{id}", "PUT /orders/{id}"} {
		need := table.Lookup(route)
		fmt.Printf("%s asks for %v: %t\n", route, need, need.Evaluate(token).OK)
	}
	// Output:
	// GET /orders asks for orders:read | orders:write: true
	// DELETE /orders/{id} asks for orders:write & admin | orders:write & support: true
	// PUT /orders/{id} asks for deny: false
}

func ExampleAll() {
	r := scopes.All("orders:read", "orders:write")
	fmt.Println(r.Evaluate(scopes.Granted{Names: []string{"orders:read"}}).OK)
	fmt.Println(r.Evaluate(scopes.Granted{Names: []string{"orders:write", "orders:read"}}).OK)
	// Output:
	// false
	// true
}

// A token has its scopes in one string, with spaces between them. All takes each scope as
// an argument of its own, because no scope contains a space.
func ExampleAll_incorrect() {
	defer func() { fmt.Println(recover()) }()
	scopes.All("read write") // want: scopes.All("read", "write")
	// Output:
	// scopes: All: "read write" is not one scope name (RFC 6749 §3.3)
}

func ExampleAny() {
	r := scopes.Any("orders:read", "orders:write")
	fmt.Println(r.Evaluate(scopes.Granted{Names: []string{"orders:write"}}).OK)
	// Output:
	// true
}

// Any takes names and not expressions. An ampersand in a name is a part of the name.
func ExampleAny_incorrect() {
	token := scopes.Granted{Names: []string{"read", "write"}}

	wrong := scopes.Any("read&write", "admin")
	fmt.Println(wrong, wrong.Evaluate(token).OK)

	right := scopes.All("read", "write").Or(scopes.All("admin"))
	fmt.Println(right, right.Evaluate(token).OK)
	// Output:
	// "read&write" | admin false
	// read & write | admin true
}

// Payments ask for a strong login, and for a recent one.
func ExampleACR() {
	r := scopes.All("pay").And(scopes.ACR("gold", "silver")).And(scopes.MaxAge(5 * time.Minute))
	fmt.Println(r)
	verdict := r.Evaluate(scopes.Granted{
		Names: []string{"pay"}, ACR: []string{"bronze"}, AuthTime: time.Now(),
	})
	fmt.Println(verdict.OK, verdict.StepUp, verdict.Need, verdict.ACR, verdict.MaxAge)
	// Output:
	// pay & acr(gold | silver) & max_age(5m)
	// false true [pay] [gold silver] 5m0s
}

// The values of acr are alternatives, and one of them must be enough. No single value is
// enough for two lists that have nothing in common.
func ExampleACR_incorrect() {
	defer func() { fmt.Println(recover()) }()
	scopes.ACR("gold").And(scopes.ACR("silver")) // want: scopes.ACR("gold", "silver")
	// Output:
	// scopes: And: two lists of acr without a common value, so that no login can meet both: write one list if one of the values is enough
}

func ExampleMaxAge() {
	r := scopes.MaxAge(time.Hour)
	login := time.Now().Add(-20 * time.Minute)
	verdict := r.Evaluate(scopes.Granted{AuthTime: login})
	fmt.Println(verdict.OK, verdict.Until.Equal(login.Add(time.Hour)))
	fmt.Println(r.Evaluate(scopes.Granted{}).OK) // the token does not say when the login was
	// Output:
	// true true
	// false
}

func ExampleRequirement_AsksForLogin() {
	for _, text := range []string{"pay", "pay & acr(gold)", "max_age(5m)"} {
		r, err := scopes.Parse(text)
		fmt.Println(r, r.AsksForLogin(), err)
	}
	// Output:
	// pay false <nil>
	// pay & acr(gold) true <nil>
	// max_age(5m) true <nil>
}

// Check names from configuration first, because All and Any panic.
func ExampleValidName() {
	for _, name := range []string{"orders:read", "read write", ""} {
		fmt.Println(scopes.ValidName(name))
	}
	// Output:
	// true
	// false
	// false
}

func ExampleParse() {
	r, err := scopes.Parse(`orders:write & (admin | "support|eu")`)
	fmt.Println(r, err)
	_, err = scopes.Parse("orders:read orders:write")
	fmt.Println(err)
	// Output:
	// orders:write & admin | orders:write & "support|eu" <nil>
	// scopes: byte 12: expected "&", "|" or the end, found "orders:write"
}

// A route that is closed on purpose has a rule, so that [scopes.Table.Audit] does not
// report it as forgotten.
func ExampleDeny() {
	table := scopes.Policy{
		Routes:  map[string]scopes.Requirement{"DELETE /orders/{id}": scopes.Deny()},
		Default: scopes.Authenticated(),
	}.MustCompile()
	token := scopes.Granted{Names: []string{"orders:write"}}
	fmt.Println(table.Lookup("DELETE /orders/{id}").Evaluate(token).OK)
	fmt.Println(table.Audit([]string{"DELETE /orders/{id}"}))
	// Output:
	// false
	// <nil>
}

func ExamplePublic() {
	fmt.Println(scopes.Public(), scopes.Public().And(scopes.All("a")))
	// Output:
	// public a
}

func ExampleOptional() {
	fmt.Println(scopes.Optional(), scopes.Optional().And(scopes.Authenticated()))
	// Output:
	// optional authenticated
}

func ExampleAuthenticated() {
	fmt.Println(scopes.Authenticated().Evaluate(scopes.Granted{}).OK)
	// Output:
	// true
}

// And combines a rule for all routes with the rule of one route. The stricter one wins.
func ExampleRequirement_And() {
	all := scopes.Authenticated()
	fmt.Println(all.And(scopes.Public()))
	fmt.Println(all.And(scopes.All("a")))
	fmt.Println(scopes.All("a").And(scopes.Any("b", "c")))
	// Output:
	// authenticated
	// a
	// a & b | a & c
}

// Or returns the laxer of two requirements. Authenticated is laxer than any scope.
func ExampleRequirement_Or() {
	fmt.Println(scopes.All("a", "b").Or(scopes.All("admin")))
	fmt.Println(scopes.All("a", "b").Or(scopes.All("a")))
	fmt.Println(scopes.All("a").Or(scopes.Authenticated()))
	// Output:
	// a & b | admin
	// a
	// authenticated
}

// Need is for the challenge. It is the alternative that is nearest to what the token grants.
func ExampleRequirement_Evaluate() {
	r := scopes.All("admin", "eu").Or(scopes.All("orders:read", "orders:write", "us"))
	v := r.Evaluate(scopes.Granted{Names: []string{"orders:read", "us"}})
	fmt.Println(v.OK, v.Need)
	v = r.Evaluate(scopes.Granted{Names: []string{"orders:read"}})
	fmt.Println(v.OK, v.Need)
	// Output:
	// false [orders:read orders:write us]
	// false [admin eu]
}

// If several alternatives are equally near, Need is the one that was written first. An
// alternative with a role that the token does not grant comes last, because no client can
// ask for a role.
func ExampleGranted() {
	isRole := func(name string) bool { return strings.HasPrefix(name, "role:") }
	g := scopes.Granted{Names: []string{"orders:read"}, IsRole: isRole}
	fmt.Println(scopes.Any("orders:write", "orders:admin").Evaluate(g).Need)
	fmt.Println(scopes.Any("role:clerk", "orders:write").Evaluate(g).Need)
	// Output:
	// [orders:write]
	// [orders:write]
}

// Equal compares meanings. The texts of equal requirements can differ in order.
func ExampleRequirement_Equal() {
	a := scopes.All("read").And(scopes.Any("eu", "us"))
	b := scopes.All("us", "read").Or(scopes.All("eu", "read"))
	fmt.Println(a)
	fmt.Println(b)
	fmt.Println(a.Equal(b))
	// Output:
	// read & eu | read & us
	// us & read | eu & read
	// true
}

// The level alone decides whether a caller without a token passes.
func ExampleRequirement_Level() {
	for _, r := range []scopes.Requirement{
		scopes.Public(), scopes.Optional(), scopes.Authenticated(), scopes.All("a"), scopes.Deny(),
	} {
		fmt.Println(r, r.Level() >= scopes.LevelOptional)
	}
	// Output:
	// public true
	// optional true
	// authenticated false
	// a false
	// deny false
}

func ExampleRequirement_UnmarshalText() {
	var r scopes.Requirement
	fmt.Println(r.UnmarshalText([]byte("admin | a & b")), r)
	// Output:
	// <nil> admin | a & b
}

func ExampleRequirement_MarshalText() {
	text, _ := scopes.Any("b", "a").MarshalText()
	fmt.Printf("%s\n", text)
	// Output:
	// b | a
}

// A policy can be in a configuration file.
func ExamplePolicy() {
	const file = `{
		"routes": {
			"GET /health":  "public",
			"GET /things":  "things:read | things:write",
			"POST /things": "things:write & (admin | support)",
			"GET /old":     "deny"
		},
		"default": "authenticated"
	}`
	var policy scopes.Policy
	if err := json.Unmarshal([]byte(file), &policy); err != nil {
		fmt.Println(err)
		return
	}
	table, err := policy.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(table.Lookup("POST /things"))
	fmt.Println(table.Lookup("GET /old"))
	fmt.Println(table.Lookup("GET /else"))
	// Output:
	// things:write & admin | things:write & support
	// deny
	// authenticated
}

func ExamplePolicy_Compile() {
	_, err := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /things ": scopes.Public(),
		"":             scopes.Public(),
	}}.Compile()
	fmt.Println(err)
	// Output:
	// scopes: Policy.Routes[""]: an empty route
	// scopes: Policy.Routes["GET /things "]: white space around a route
}

func ExamplePolicy_MustCompile() {
	table := scopes.Policy{Default: scopes.Authenticated()}.MustCompile()
	fmt.Println(table.Lookup("GET /"))
	// Output:
	// authenticated
}

func ExampleTable_Lookup() {
	table := scopes.Policy{Routes: map[string]scopes.Requirement{"GET /": scopes.Public()}}.MustCompile()
	fmt.Println(table.Lookup("GET /"), table.Lookup("POST /"))
	// Output:
	// public deny
}

func ExampleTable_Has() {
	table := scopes.Policy{Routes: map[string]scopes.Requirement{"GET /closed": scopes.Deny()}}.MustCompile()
	fmt.Println(table.Has("GET /closed"), table.Has("GET /unknown"))
	// Output:
	// true false
}

func ExampleTable_Scopes() {
	table := scopes.Policy{
		Routes:  map[string]scopes.Requirement{"GET /": scopes.Any("write", "read")},
		Default: scopes.All("admin"),
	}.MustCompile()
	fmt.Println(table.Scopes())
	// Output:
	// [admin read write]
}

// Audit reports a misspelt rule twice: as a route without a rule, and as a rule without a
// route.
func ExampleTable_Audit() {
	table := scopes.Policy{Routes: map[string]scopes.Requirement{
		"GET /things":  scopes.All("read"),
		"POST /thing":  scopes.All("write"),
		"GET /healthz": scopes.Public(),
	}}.MustCompile()
	fmt.Println(table.Audit([]string{"GET /healthz", "GET /things", "POST /things"}))
	// Output:
	// scopes: route "POST /things" has no rule
	// scopes: rule "POST /thing" has no route
}

// With Unrouted, a caller with a valid token gets the router's own 404 and 405. A route
// without a rule stays closed.
func ExampleTable_Unrouted() {
	table := scopes.Policy{
		Routes:   map[string]scopes.Requirement{"GET /things": scopes.All("things:read")},
		Unrouted: scopes.Authenticated(),
	}.MustCompile()
	fmt.Println(table.Lookup("GET /forgotten"))
	fmt.Println(table.Unrouted())
	// Output:
	// deny
	// authenticated
}
