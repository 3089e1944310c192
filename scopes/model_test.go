package scopes_test

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/scopes"
)

// The naive model: an expression tree that is asked, caller by caller, who passes.
// It knows no normal form, no minimisation and no order of levels.
type tree struct {
	op          byte // '&', '|', 'n' for a name, 'k' for a keyword
	word        string
	left, right *tree
}

type caller struct {
	bad, anonymous bool
	granted        uint // a set of modelNames
}

// The names bring along everything that the syntax makes hard.
var (
	modelNames = []string{"(", "a", "a&b", "public", "z:read"}
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

// level asks four callers, each of whom is turned away at one level more.
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

// verdict tries every set of names to find the nearest one that suffices.
func (t *tree) verdict(granted uint) scopes.Verdict {
	if t.passes(caller{granted: granted}) {
		return scopes.Verdict{OK: true}
	}
	var best scopes.Verdict
	bestMissing := 0
	for set := range uint(1) << len(modelNames) {
		if !t.minimal(set) {
			continue
		}
		need, missing := namesOf(set), bits.OnesCount(set&^granted)
		if best.Need == nil || missing < bestMissing ||
			missing == bestMissing && (len(need) < len(best.Need) ||
				len(need) == len(best.Need) && slices.Compare(need, best.Need) < 0) {
			best.Need, bestMissing = need, missing
		}
	}
	return best
}

// minimal tells whether a set suffices and would not without any one of its names.
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

// text is the tree as an expression with the fewest parentheses, so that the
// precedence of the operators matters.
func (t *tree) text() string {
	operand := func(u *tree) string {
		if t.op == '&' && u.op == '|' {
			return "(" + u.text() + ")"
		}
		return u.text()
	}
	switch t.op {
	case 'k':
		return t.word
	case 'n':
		if strings.ContainsAny(t.word, "&(") || slices.Contains(keywords, t.word) {
			return `"` + t.word + `"`
		}
		return t.word
	}
	return operand(t.left) + string(t.op) + operand(t.right)
}

// grow makes a tree of bytes, read as a program for a stack machine, so that random
// bytes and a fuzzer reach every tree.
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
