package scopes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

func TestEvaluate(t *testing.T) {
	type names = []string
	ok := scopes.Verdict{OK: true}
	need := func(n ...string) scopes.Verdict { return scopes.Verdict{Need: n} }
	for _, tt := range []struct {
		name    string
		r       scopes.Requirement
		granted names
		want    scopes.Verdict
	}{
		{"deny refuses any token, and has no alternative", scopes.Deny(), names{"a"}, scopes.Verdict{}},
		{"authenticated asks for no name", scopes.Authenticated(), nil, ok},
		{"optional asks for no name", scopes.Optional(), nil, ok},
		{"public asks for no name", scopes.Public(), nil, ok},
		{"all are granted, in another order", scopes.All("a", "b"), names{"b", "x", "a"}, ok},
		{"one of all is missing, and Need has all of them", scopes.All("b", "a"), names{"b"}, need("a", "b")},
		{"one of any is granted", scopes.Any("a", "b"), names{"b"}, ok},
		{"none of any is granted, and Need has the first", scopes.Any("b", "a"), names{"c"}, need("b")},
		{"nothing is granted", scopes.All("a"), nil, need("a")},
		{"a repeated name is no second name", scopes.All("a", "b"), names{"a", "a"}, need("a", "b")},
		{"case matters", scopes.All("a"), names{"A"}, need("a")},
		{"a prefix is not the name", scopes.All("read:things"), names{"read", "read:", "read:thing", "read:things2"}, need("read:things")},
		{"one string of two names grants neither", scopes.Any("a", "b"), names{"a b"}, need("a")},
		{"an empty granted name grants nothing", scopes.All("a"), names{""}, need("a")},
		{"the fewest missing names win", scopes.All("a").And(scopes.All("b")).Or(scopes.All("x", "y", "z")), names{"y", "z"}, need("x", "y", "z")},
		{"the fewest missing names win over many fewer names", allOf(numbered("n", 60)).Or(scopes.All("x", "y", "z")), numbered("n", 58), need(numbered("n", 60)...)},
		{"then the fewest names", scopes.All("a", "b").Or(scopes.All("c")), names{"a"}, need("c")},
		{"then the author's order", scopes.All("d", "c").Or(scopes.All("a", "b")), nil, need("c", "d")},
		{"the author's order of Or", scopes.All("orders:write").Or(scopes.All("orders:admin")), nil, need("orders:write")},
		{"the author's order of Any", scopes.Any("orders:read", "*"), nil, need("orders:read")},
		{"the author's order of And", scopes.Any("z", "y").And(scopes.Any("x", "b")), nil, need("x", "z")},
		{"the last of 64 names counts", allOf(numbered("n", 64)), numbered("n", 63), need(numbered("n", 64)...)},
		{"64 of 64 names are granted", allOf(numbered("n", 64)), numbered("n", 64), ok},
		{"names beyond the 64th granted one count", scopes.All("z"), append(numbered("n", 99), "z"), ok},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.r.Evaluate(scopes.Granted{Names: tt.granted})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAlternativesWithAMissingRoleComeLast(t *testing.T) {
	type names = []string
	need := func(n ...string) scopes.Verdict { return scopes.Verdict{Need: n} }
	for _, tt := range []struct {
		name    string
		r       scopes.Requirement
		granted names
		want    scopes.Verdict
	}{
		{"after one that is written later", scopes.Any("role:admin", "write"), nil, need("write")},
		{"after one with more missing names", scopes.All("role:admin").Or(scopes.All("a", "b", "c")), nil, need("a", "b", "c")},
		{"after one with 63 missing names", scopes.All("role:admin").Or(allOf(numbered("n", 63))), nil, need(numbered("n", 63)...)},
		{"a missing scope beside the role does not help", scopes.All("role:admin", "write").Or(scopes.All("a", "b", "c")), names{"write"}, need("a", "b", "c")},
		{"a role that is granted is no obstacle", scopes.All("role:admin", "write").Or(scopes.All("a", "b")), names{"role:admin"}, need("role:admin", "write")},
		{"fewer missing roles do not matter", scopes.All("role:a", "role:b").Or(scopes.All("role:c", "x", "y")), nil, need("role:a", "role:b")},
		{"each has a missing role, and Need is the nearest", scopes.All("role:a", "x").Or(scopes.All("role:b", "y")), names{"y"}, need("role:b", "y")},
		{"each has a missing role, and Need is the first", scopes.Any("role:b", "role:a"), nil, need("role:b")},
		{"a role suffices", scopes.Any("role:admin", "write"), names{"role:admin"}, scopes.Verdict{OK: true}},
		{"a level asks for no role", scopes.Requirement{}, nil, scopes.Verdict{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			isRole := func(name string) bool {
				if slices.Contains(tt.granted, name) {
					t.Errorf("asked about %q, which is granted", name)
				}
				return strings.HasPrefix(name, "role:")
			}
			if diff := cmp.Diff(tt.want, tt.r.Evaluate(scopes.Granted{Names: tt.granted, IsRole: isRole})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// prefixes has IsRole as a method, because that is how the guard passes it.
type prefixes []string

func (p prefixes) match(name string) bool {
	for _, prefix := range p {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func TestEvaluationAllocatesOnlyNeed(t *testing.T) {
	roles := prefixes{"role:", "group:"}
	r := scopes.Any("role:admin", "write").And(scopes.Any("group:a", "eu"))
	n := testing.AllocsPerRun(100, func() {
		if v := r.Evaluate(scopes.Granted{Names: []string{"read"}, IsRole: roles.match}); len(v.Need) != 2 {
			t.Errorf("%+v", v)
		}
	})
	if n != 1 {
		t.Errorf("%v allocations, want that of Need", n)
	}
}

func TestNeedBelongsToTheCaller(t *testing.T) {
	r := scopes.All("a", "b")
	first := r.Evaluate(scopes.Granted{}).Need
	first[0] = "public"
	_ = append(first[:1], "z")
	if diff := cmp.Diff([]string{"a", "b"}, r.Evaluate(scopes.Granted{}).Need); diff != "" {
		t.Errorf("a caller's change reached the requirement (-want +got)\n%s", diff)
	}
}

func TestSatisfiedEvaluationDoesNotAllocate(t *testing.T) {
	for _, tt := range []struct {
		name    string
		r       scopes.Requirement
		granted []string
	}{
		{"all of 64", allOf(numbered("n", 64)), numbered("n", 64)},
		{"any of 64", anyOf(numbered("n", 64)), numbered("n", 64)},
		{"a product", scopes.Any("a", "b").And(scopes.Any("c", "d")), []string{"b", "d"}},
		{"authenticated", scopes.Authenticated(), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := scopes.Granted{Names: tt.granted}
			n := testing.AllocsPerRun(100, func() {
				if !tt.r.Evaluate(g).OK {
					t.Error("refused")
				}
			})
			if n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}

func BenchmarkEvaluate(b *testing.B) {
	granted := scopes.Granted{Names: append(numbered("granted:", 16), "a:read", "b:read", "c:read", "d:read")}
	for _, bb := range []struct {
		name string
		r    scopes.Requirement
	}{
		{"All4Of20", scopes.All("a:read", "b:read", "c:read", "d:read")},
		{"Any4Of20", scopes.Any("a:read", "b:read", "c:read", "d:read")},
		{"All4SameLengthOf20", allOf(numbered("granted:", 4))},
		{"Refused4Of20", scopes.All("a:read", "b:read", "c:read", "d:write")},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bb.r.Evaluate(granted)
			}
		})
	}
}
