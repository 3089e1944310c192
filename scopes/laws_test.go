package scopes_test

import (
	"math/rand/v2"
	"testing"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// random yields trees from a fixed seed: a red test is red again.
func random() func() *tree {
	r := rand.New(rand.NewPCG(6749, 6750))
	return func() *tree {
		program := make([]byte, 1+r.IntN(24))
		for i := range program {
			program[i] = byte(r.Uint32())
		}
		return grow(program)
	}
}

func TestLaws(t *testing.T) {
	type R = scopes.Requirement
	laws := []struct {
		name  string
		holds func(a, b, c R) bool
	}{
		{"and is commutative", func(a, b, _ R) bool { return a.And(b).Equal(b.And(a)) }},
		{"or is commutative", func(a, b, _ R) bool { return a.Or(b).Equal(b.Or(a)) }},
		{"and is associative", func(a, b, c R) bool { return a.And(b).And(c).Equal(a.And(b.And(c))) }},
		{"or is associative", func(a, b, c R) bool { return a.Or(b).Or(c).Equal(a.Or(b.Or(c))) }},
		{"and is idempotent", func(a, _, _ R) bool { return a.And(a).Equal(a) }},
		{"or is idempotent", func(a, _, _ R) bool { return a.Or(a).Equal(a) }},
		{"and absorbs or", func(a, b, _ R) bool { return a.And(a.Or(b)).Equal(a) }},
		{"or absorbs and", func(a, b, _ R) bool { return a.Or(a.And(b)).Equal(a) }},
		{"and distributes over or", func(a, b, c R) bool { return a.And(b.Or(c)).Equal(a.And(b).Or(a.And(c))) }},
		{"or distributes over and", func(a, b, c R) bool { return a.Or(b.And(c)).Equal(a.Or(b).And(a.Or(c))) }},
		{"deny is the bottom", func(a, _, _ R) bool { return a.And(R{}).Equal(R{}) && a.Or(R{}).Equal(a) }},
		{"public is the top", func(a, _, _ R) bool {
			return a.Or(scopes.Public()).Equal(scopes.Public()) && a.And(scopes.Public()).Equal(a)
		}},
		{"equal means the same text", func(a, b, _ R) bool { return a.Equal(b) == (a.String() == b.String()) }},
		{"text is read back as it was", func(a, _, _ R) bool { p, err := scopes.Parse(a.String()); return err == nil && p.Equal(a) }},
	}
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			next := random()
			for range 2000 {
				a, b, c := next().built(), next().built(), next().built()
				if !law.holds(a, b, c) {
					t.Fatalf("does not hold for a = %v, b = %v, c = %v", a, b, c)
				}
			}
		})
	}
}

func TestAndNeverGrantsMoreAndOrNeverLess(t *testing.T) {
	next := random()
	for range 2000 {
		a, b := next().built(), next().built()
		and, or := a.And(b), a.Or(b)
		if and.Level() > a.Level() || or.Level() < a.Level() {
			t.Fatalf("levels out of order for %v and %v", a, b)
		}
		for set := range uint(1) << len(modelNames) {
			g := scopes.Granted{Names: namesOf(set)}
			ok := a.Evaluate(g).OK
			if and.Evaluate(g).OK && !ok || ok && !or.Evaluate(g).OK {
				t.Fatalf("not monotone for %v and %v, granted %q", a, b, g.Names)
			}
		}
	}
}

func TestRequirementsAgreeWithTheModel(t *testing.T) {
	next := random()
	for range 2000 {
		agree(t, next())
	}
}

// agree holds a tree against the requirement that is built of it: its level, its text
// and its verdict for every possible set of granted names.
func agree(t *testing.T, model *tree) {
	t.Helper()
	r := model.built()
	if got, want := r.Level(), model.level(); got != want {
		t.Fatalf("%s: level %d, want %d", model.text(), got, want)
	}
	parsed, err := scopes.Parse(model.text())
	if err != nil || !parsed.Equal(r) {
		t.Fatalf("Parse(%q) = %v, %v; want %v", model.text(), parsed, err, r)
	}
	for set := range uint(1) << len(modelNames) {
		got, want := r.Evaluate(scopes.Granted{Names: namesOf(set)}), model.verdict(set)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s, granted %q: (-want +got)\n%s", model.text(), namesOf(set), diff)
		}
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 4, 8, 1, 3})
	f.Add([]byte{20, 24, 28, 32, 1, 3, 1})
	f.Add([]byte{0, 4, 3, 8, 12, 3, 1, 16, 1})
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 64 {
			t.Skip("deep trees tell nothing new")
		}
		agree(t, grow(program))
	})
}
