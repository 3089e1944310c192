package scopes_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bearerguard/bearerguard/scopes"
	jsonv2 "github.com/go-json-experiment/json"
)

// samePolicy compares texts, so that order counts as well.
func samePolicy(p, q scopes.Policy) bool {
	return p.Default.String() == q.Default.String() && p.Unrouted.String() == q.Unrouted.String() &&
		maps.EqualFunc(p.Routes, q.Routes, func(a, b scopes.Requirement) bool { return a.String() == b.String() })
}

// modelPolicy decodes a policy into maps with jsontext, which refuses duplicates and text
// that is not Unicode. It then checks the contents of the maps.
func modelPolicy(text []byte) (p scopes.Policy, ok bool) {
	var document map[string]any
	if err := jsonv2.Unmarshal(text, &document); err != nil || document == nil {
		return p, false
	}
	requirement := func(v any) (r scopes.Requirement) {
		expression, isText := v.(string)
		r, err := scopes.Parse(expression)
		ok = ok && isText && err == nil
		return r
	}
	ok = true
	for name, value := range document {
		switch name {
		case "routes":
			routes, isObject := value.(map[string]any)
			ok = ok && isObject
			p.Routes = rules{}
			for route, value := range routes {
				ok = ok && !strings.ContainsRune(route, utf8.RuneError)
				p.Routes[route] = requirement(value)
			}
		case "default":
			p.Default = requirement(value)
		case "unrouted":
			p.Unrouted = requirement(value)
		default:
			ok = false
		}
	}
	return p, ok
}

func FuzzPolicyInJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `{"routes":{"GET /a":"admin","GET /a":"public"}}`, `{"Default":"public","default":"deny"}`,
		`{"route":{}}`, `{"routes":{"GET /a":"a|b","GET \/b":"\u0061"},"default":"authenticated","unrouted":"public"}`,
		`{"routes":{"\ud800":"a"}}`, "{\"routes\":{\"\xff\":\"a\"}}", `{"default":"deny",}`, `{"default":"deny"}{}`,
		`{"default":1}`,
		`{"default":"a" "unrouted":"b"}`, `{"routes":{"a":{"b":["c",null,1e999]}}}`, "\ufeff{}", `{"routes":`,
		` {"default" : "a&b" } `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var policy scopes.Policy
		err := policy.UnmarshalJSON(text)
		want, ok := modelPolicy(text)
		if (err == nil) != ok {
			t.Fatalf("%q: %v, the model says %t", text, err, ok)
		}
		if err != nil {
			if !samePolicy(policy, scopes.Policy{}) || !strings.HasPrefix(err.Error(), "scopes: policy in JSON: ") {
				t.Fatalf("%q: %+v, %v", text, policy, err)
			}
			return
		}
		if !samePolicy(policy, want) {
			t.Fatalf("%q: %+v, want %+v", text, policy, want)
		}
		again, err := policy.MarshalJSON()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		var back scopes.Policy
		if err := json.Unmarshal(again, &back); err != nil || !samePolicy(back, policy) {
			t.Fatalf("%q became %s: %+v, %v", text, again, back, err)
		}
	})
}
