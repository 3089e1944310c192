package scopes_test

import (
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
		{"deny refuses who has everything, and nothing would help", scopes.Requirement{}, names{"a"}, scopes.Verdict{}},
		{"authenticated asks for no name", scopes.Authenticated(), nil, ok},
		{"optional asks for no name", scopes.Optional(), nil, ok},
		{"public asks for no name", scopes.Public(), nil, ok},
		{"all are granted, in another order", scopes.All("a", "b"), names{"b", "x", "a"}, ok},
		{"one of all is missing, and the whole set is told", scopes.All("b", "a"), names{"b"}, need("a", "b")},
		{"one of any is granted", scopes.Any("a", "b"), names{"b"}, ok},
		{"none of any is granted", scopes.Any("b", "a"), names{"c"}, need("a")},
		{"nothing is granted", scopes.All("a"), nil, need("a")},
		{"a repeated name is no second name", scopes.All("a", "b"), names{"a", "a"}, need("a", "b")},
		{"case matters", scopes.All("a"), names{"A"}, need("a")},
		{"a prefix is not the name", scopes.All("read:things"), names{"read", "read:", "read:thing", "read:things2"}, need("read:things")},
		{"one string of two names grants neither", scopes.Any("a", "b"), names{"a b"}, need("a")},
		{"an empty granted name grants nothing", scopes.All("a"), names{""}, need("a")},
		{"the fewest missing names win", scopes.All("a").And(scopes.All("b")).Or(scopes.All("x", "y", "z")), names{"y", "z"}, need("x", "y", "z")},
		{"then the fewest names", scopes.All("a", "b").Or(scopes.All("c")), names{"a"}, need("c")},
		{"then the alphabet", scopes.All("c", "d").Or(scopes.All("a", "b")), nil, need("a", "b")},
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
