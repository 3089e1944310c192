package scopes_test

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/scopes"
)

// tree is the naive model: an expression tree that decides about one caller at a time.
// It has no normal form, no minimisation and no order of levels.
type tree struct {
	op          byte // '&', '|', 'n' for a name, 'k' for a keyword
	word        string
	left, right *tree
}

type caller struct {
	bad, anonymous bool
	granted        uint // a set of modelNames
}

// modelNames has each kind of name that the syntax treats specially.
var (
	modelNames = []string{"(", "Public", "a", "a&b", "public", "z:read"}
	keywords   = []string{"deny", "authenticated", "optional", "public"}
)

func (t *tree) passes(c caller) bool {
	switch t.op {
	case '&':
		return t.left.passes(c) && t.right.passes(c)
	case '|':
		return t.left.passes(c) || t.right.passes(c)
	case 'n':
		return !c.bad && !c.anonymous && c.granted&(1<<slices.Index(modelNames, t.word)) != 0
	}
	switch t.word {
	case "public":
		return true
	case "optional":
		return !c.bad
	case "authenticated":
		return !c.bad && !c.anonymous
	}
	return false
}

// level tries four callers. Each one is refused at one level more than the one before.
func (t *tree) level() scopes.Level {
	switch {
	case t.passes(caller{bad: true}):
		return scopes.LevelPublic
	case t.passes(caller{anonymous: true}):
		return scopes.LevelOptional
	case t.passes(caller{}):
		return scopes.LevelAuthenticated
	case t.passes(caller{granted: 1<<len(modelNames) - 1}):
		return scopes.LevelScopes
	}
	return scopes.LevelDeny
}

// alternatives lists the sets of names that suffice, in the author's order. It multiplies
// out, and drops redundant sets after each step. It is for trees at LevelScopes.
func (t *tree) alternatives() (all [][]string) {
	if t.op == 'n' {
		return [][]string{{t.word}}
	}
	// A side at another level adds no alternatives.
	var sides [][][]string
	for _, side := range []*tree{t.left, t.right} {
		if side.level() == scopes.LevelScopes {
			sides = append(sides, side.alternatives())
		}
	}
	switch {
	case len(sides) == 1:
		return sides[0]
	case t.op == '|':
		all = slices.Concat(sides[0], sides[1])
	default:
		for _, a := range sides[0] {
			for _, b := range sides[1] {
				joined := slices.Clone(a)
				for _, name := range b {
					if !slices.Contains(a, name) {
						joined = append(joined, name)
					}
				}
				all = append(all, joined)
			}
		}
	}
	var left [][]string
	for i, a := range all {
		redundant := false
		for j, b := range all {
			smaller := len(b) < len(a) || len(b) == len(a) && j < i
			redundant = redundant || smaller && set(b)&^set(a) == 0
		}
		if !redundant {
			left = append(left, a)
		}
	}
	return left
}

// canonical returns the text of a requirement that has the meaning and order of the tree.
func (t *tree) canonical() string {
	switch t.level() {
	case scopes.LevelDeny:
		return "deny"
	case scopes.LevelAuthenticated:
		return "authenticated"
	case scopes.LevelOptional:
		return "optional"
	case scopes.LevelPublic:
		return "public"
	}
	var parts []string
	for _, a := range t.alternatives() {
		var names []string
		for _, name := range a {
			names = append(names, (&tree{op: 'n', word: name}).text())
		}
		parts = append(parts, strings.Join(names, " & "))
	}
	return strings.Join(parts, " | ")
}

// verdict tries every set of names to find the nearest one that suffices. No client can
// ask for the names in roles.
func (t *tree) verdict(granted, roles uint) scopes.Verdict {
	if t.passes(caller{granted: granted}) {
		return scopes.Verdict{OK: true}
	}
	if t.level() != scopes.LevelScopes {
		return scopes.Verdict{}
	}
	var best []int
	var need []string
	for at, a := range t.alternatives() {
		missing, missingRole := set(a)&^granted, 0
		if missing&roles != 0 {
			missingRole = 1
		}
		distance := []int{missingRole, bits.OnesCount(missing), len(a), at}
		if best == nil || slices.Compare(distance, best) < 0 {
			best, need = distance, slices.Sorted(slices.Values(a))
		}
	}
	return scopes.Verdict{Need: need}
}

// minimals returns the minimal sets: they suffice, but they do not suffice if any one of
// their names is removed.
func (t *tree) minimals() (minimal []uint) {
	for set := range uint(1) << len(modelNames) {
		if t.minimal(set) {
			minimal = append(minimal, set)
		}
	}
	return minimal
}

// minimal reports whether a set suffices, but does not suffice if any one of its names is
// removed.
func (t *tree) minimal(set uint) bool {
	if !t.passes(caller{granted: set}) {
		return false
	}
	for i := range modelNames {
		if set&(1<<i) != 0 && t.passes(caller{granted: set &^ (1 << i)}) {
			return false
		}
	}
	return true
}

// set is the reverse of namesOf.
func set(names []string) (set uint) {
	for _, name := range names {
		set |= 1 << slices.Index(modelNames, name)
	}
	return set
}

func namesOf(set uint) []string {
	var names []string
	for i, name := range modelNames {
		if set&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// built is the tree put together by the constructors.
func (t *tree) built() scopes.Requirement {
	switch t.op {
	case '&':
		return t.left.built().And(t.right.built())
	case '|':
		return t.left.built().Or(t.right.built())
	case 'n':
		return scopes.All(t.word)
	}
	switch t.word {
	case "public":
		return scopes.Public()
	case "optional":
		return scopes.Optional()
	case "authenticated":
		return scopes.Authenticated()
	}
	return scopes.Requirement{}
}

// text returns the tree as an expression with as few parentheses as possible, so that the
// test depends on the precedence of the operators, and on their joining to the left.
func (t *tree) text() string {
	operand := func(u *tree) string {
		if t.op == '&' && u.op == '|' || t.op == u.op && u == t.right {
			return "(" + u.text() + ")"
		}
		return u.text()
	}
	switch t.op {
	case 'k':
		return t.word
	case 'n':
		if strings.ContainsAny(t.word, "&(") || slices.Contains(keywords, strings.ToLower(t.word)) {
			return `"` + t.word + `"`
		}
		return t.word
	}
	return operand(t.left) + string(t.op) + operand(t.right)
}

// grow makes a tree from bytes. It reads them as a program for a stack machine, so that
// random bytes and a fuzzer reach every tree.
func grow(program []byte) *tree {
	var stack []*tree
	for _, b := range program {
		top := len(stack) - 1
		switch leaf := int(b>>2) % (len(modelNames) + len(keywords)); {
		case b&1 != 0 && top > 0:
			op := byte('&')
			if b&2 != 0 {
				op = '|'
			}
			stack = append(stack[:top-1], &tree{op: op, left: stack[top-1], right: stack[top]})
		case leaf < len(modelNames):
			stack = append(stack, &tree{op: 'n', word: modelNames[leaf]})
		default:
			stack = append(stack, &tree{op: 'k', word: keywords[leaf-len(modelNames)]})
		}
	}
	if len(stack) == 0 {
		return &tree{op: 'k', word: "deny"}
	}
	return stack[len(stack)-1]
}
