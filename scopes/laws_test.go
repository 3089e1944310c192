package scopes_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// random yields trees from a fixed seed, so that a test that fails will fail again.
func random() func() *tree {
	r := rand.New(rand.NewPCG(6749, 6750))
	return func() *tree {
		program := make([]byte, 1+r.IntN(24))
		for {
			for i := range program {
				program[i] = byte(r.Uint32())
			}
			if t := grow(program); !t.faulty() {
				return t
			}
		}
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
		{"equal means the same text but for order", func(a, b, _ R) bool { return a.Equal(b) == (inOrder(a) == inOrder(b)) }},
		{"text is read back as it was", func(a, _, _ R) bool {
			p, err := scopes.Parse(a.String())
			return err == nil && p.Equal(a) && p.String() == a.String()
		}},
	}
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			next := random()
			for range 2000 {
				a, b, c := next().built(), next().built(), next().built()
				holds := true
				if !meets(func() { holds = law.holds(a, b, c) }) {
					continue // a side of the equation has no meaning
				}
				if !holds {
					t.Fatalf("does not hold for a = %v, b = %v, c = %v", a, b, c)
				}
			}
		})
	}
}

const noLogin = "two lists of acr without a common value, " +
	"so that no login can meet both: write one list if one of the values is enough"

// meets calls f. It returns false if f joins two requirements that no login can meet.
func meets(f func()) bool {
	text := panicText(f)
	if text != "" && text != "scopes: And: "+noLogin {
		panic(text)
	}
	return text == ""
}

var acrLists = regexp.MustCompile(`acr\([^)]*\)`)

// inOrder is the text of r with names, alternatives and values of acr in alphabetical order.
func inOrder(r scopes.Requirement) string {
	text := acrLists.ReplaceAllStringFunc(r.String(), func(list string) string {
		return strings.Join(slices.Sorted(strings.SplitSeq(strings.Trim(list, "acr()"), " | ")), "/")
	})
	alternatives := strings.Split(text, " | ")
	for i, a := range alternatives {
		alternatives[i] = strings.Join(slices.Sorted(slices.Values(strings.Split(a, " & "))), " & ")
	}
	slices.Sort(alternatives)
	return strings.Join(alternatives, " | ")
}

func TestAndNeverGrantsMoreAndOrNeverLess(t *testing.T) {
	next := random()
	for range 2000 {
		a, b := next().built(), next().built()
		var and scopes.Requirement
		if !meets(func() { and = a.And(b) }) {
			continue
		}
		or := a.Or(b)
		if and.Level() > a.Level() || or.Level() < a.Level() {
			t.Fatalf("levels out of order for %v and %v", a, b)
		}
		for set := range uint(1) << len(modelNames) {
			g := scopes.Granted{Names: namesOf(set), ACR: []string{"gold", "a|b"}[:set%3]}
			g.AuthTime = time.Now().Add(-time.Minute)
			ok := a.Evaluate(g).OK
			if and.Evaluate(g).OK && !ok || ok && !or.Evaluate(g).OK {
				t.Fatalf("not monotone for %v and %v, granted %q", a, b, g.Names)
			}
		}
	}
}

func TestRequirementsAgreeWithTheModel(t *testing.T) {
	next := random()
	for i := range uint(2000) {
		agree(t, next(), i%(1<<len(modelNames)), i/7)
	}
}

// A login of the tests is minutes away from each age that a tree asks for.
var (
	loginValues = [][]string{nil, {"gold"}, {"silver", "x"}, {"a|b", "silver"}}
	loginAges   = []time.Duration{time.Minute, 30 * time.Minute, 3 * time.Hour, -time.Minute}
)

// agree compares a tree with the requirement that is built from it: the level, the text,
// and the verdict for every possible set of granted names, without and with roles, and for
// one login.
func agree(t *testing.T, model *tree, roles, login uint) {
	t.Helper()
	if model.faulty() {
		_, err := scopes.Parse(model.text())
		if err == nil || !strings.HasSuffix(err.Error(), noLogin) || meets(func() { model.built() }) {
			t.Fatalf("%s: no error for what no login can meet: %v", model.text(), err)
		}
		return
	}
	acr, at := loginValues[login%4], time.Time{}
	if i := login / 4 % 5; i < 4 {
		at = time.Now().Add(-loginAges[i])
	}
	r := model.built()
	if got, want := r.Level(), model.level(); got != want {
		t.Fatalf("%s: level %d, want %d", model.text(), got, want)
	}
	parsed, err := scopes.Parse(model.text())
	if err != nil || !parsed.Equal(r) || !r.Equal(parsed) {
		t.Fatalf("Parse(%q) = %v, %v; want %v", model.text(), parsed, err, r)
	}
	if want := model.canonical(); r.String() != want || parsed.String() != want {
		t.Fatalf("%s: built it reads %s, parsed %s, want %s", model.text(), r, parsed, want)
	}
	if r.AsksForLogin() != model.asksForLogin() {
		t.Fatalf("%s asks for a login: %t", model.text(), r.AsksForLogin())
	}
	var all []alternative
	if r.Level() == scopes.LevelScopes {
		all = model.alternatives()
	}
	if all != nil && !r.AsksForLogin() {
		var sets []uint
		for _, a := range all {
			sets = append(sets, set(a.names))
		}
		slices.Sort(sets)
		if want := model.minimals(); !slices.Equal(sets, want) {
			t.Fatalf("%s: the model disagrees with itself: %b and %b", model.text(), sets, want)
		}
	}
	for granted := range uint(1) << len(modelNames) {
		for _, g := range []struct {
			roles  uint
			isRole func(string) bool
		}{
			{0, nil},
			{roles, func(name string) bool { return roles&set([]string{name}) != 0 }},
		} {
			got := r.Evaluate(scopes.Granted{Names: namesOf(granted), IsRole: g.isRole, ACR: acr, AuthTime: at})
			want := model.verdict(all, granted, g.roles, acr, at)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, granted %q, roles %q: (-want +got)\n%s", model.text(), namesOf(granted), namesOf(g.roles), diff)
			}
		}
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Add([]byte{}, uint8(0), uint8(0))
	f.Add([]byte{0, 4, 8, 1, 3}, uint8(1), uint8(0))
	f.Add([]byte{24, 28, 32, 36, 1, 3, 1}, uint8(63), uint8(0))
	f.Add([]byte{0, 4, 3, 8, 12, 3, 1, 16, 1}, uint8(6), uint8(0))
	f.Add([]byte{0, 44, 1, 56, 1, 40, 3}, uint8(0), uint8(2))              // ( & acr & max_age | acr
	f.Add([]byte{40, 52, 1}, uint8(0), uint8(0))                           // no login can meet it
	f.Add([]byte{0, 44, 1, 0, 52, 1, 3, 60, 1, 40, 3}, uint8(1), uint8(5)) // lists of acr that are joined
	f.Fuzz(func(t *testing.T, program []byte, roles, login uint8) {
		if len(program) > 64 {
			t.Skip("deep trees add nothing to the test")
		}
		agree(t, grow(program), uint(roles)&(1<<len(modelNames)-1), uint(login))
	})
}
