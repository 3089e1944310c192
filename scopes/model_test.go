package scopes_test

import (
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
)

// tree is the naive model: an expression tree that decides about one caller at a time.
// It has no normal form, no minimisation and no order of levels.
type tree struct {
	op          byte // '&', '|', 'n' for a name, 'k' for a keyword, 'l' for a login
	word        string
	login       login
	left, right *tree
}

type caller struct {
	bad, anonymous bool
	granted        uint          // a set of modelNames
	acr            string        // a login has one value; "": none
	age            time.Duration // of the login; negative: unknown
}

// login is what acr or max_age asks for.
type login struct {
	acr    []string
	maxAge time.Duration
}

// modelNames has each kind of name that the syntax treats specially.
var (
	modelNames  = []string{"(", "Public", "a", "a&b", "public", "z:read"}
	keywords    = []string{"deny", "authenticated", "optional", "public"}
	modelLogins = []login{
		{acr: []string{"gold"}},
		{acr: []string{"silver", "gold"}},
		{acr: []string{"a|b", "gold", "silver"}},
		{acr: []string{"a|b"}},
		{maxAge: 5 * time.Minute},
		{maxAge: time.Hour},
	}
	modelValues = []string{"a|b", "gold", "silver"}
)

func (t *tree) passes(c caller) bool {
	switch t.op {
	case '&':
		return t.left.passes(c) && t.right.passes(c)
	case '|':
		return t.left.passes(c) || t.right.passes(c)
	case 'n':
		return !c.bad && !c.anonymous && c.granted&(1<<slices.Index(modelNames, t.word)) != 0
	case 'l':
		return !c.bad && !c.anonymous &&
			(slices.Contains(t.login.acr, c.acr) || 0 <= c.age && c.age < t.login.maxAge)
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
	case t.passes(caller{bad: true, age: -1}):
		return scopes.LevelPublic
	case t.passes(caller{anonymous: true, age: -1}):
		return scopes.LevelOptional
	case t.passes(caller{age: -1}):
		return scopes.LevelAuthenticated
	case t.passesByOne(caller{granted: 1<<len(modelNames) - 1}, modelValues):
		return scopes.LevelScopes
	}
	return scopes.LevelDeny
}

// passesByOne tries each value of the login by itself, and none.
func (t *tree) passesByOne(c caller, acr []string) bool {
	return t.passes(c) || slices.ContainsFunc(acr, func(value string) bool {
		c.acr = value
		return t.passes(c)
	})
}

// faulty reports whether an "and" in the tree has two sides that a caller can meet, but no
// caller can meet both.
func (t *tree) faulty() bool {
	if t.left == nil {
		return false
	}
	return t.left.faulty() || t.right.faulty() || t.op == '&' && t.level() == scopes.LevelDeny &&
		t.left.level() != scopes.LevelDeny && t.right.level() != scopes.LevelDeny
}

// asksForLogin reports whether an alternative of the tree asks for a login.
func (t *tree) asksForLogin() bool {
	return t.level() == scopes.LevelScopes && slices.ContainsFunc(t.alternatives(), func(a alternative) bool {
		return a.acr != nil || a.maxAge != 0
	})
}

// alternative is a set of names that suffices, together with a login.
type alternative struct {
	names []string
	login
}

// covers reports whether who meets b meets a, too.
func (a alternative) covers(b alternative) bool {
	return set(a.names)&^set(b.names) == 0 && (a.maxAge == 0 || 0 < b.maxAge && b.maxAge <= a.maxAge) &&
		(a.acr == nil || b.acr != nil && len(common(b.acr, a.acr)) == len(b.acr))
}

// common lists those of a that are in b, too. It is not nil.
func common(a, b []string) []string {
	list := []string{}
	for _, v := range a {
		if slices.Contains(b, v) {
			list = append(list, v)
		}
	}
	return list
}

// alternatives lists the sets that suffice, in the author's order. It multiplies out, and
// drops redundant sets after each step. It is for trees at LevelScopes that are not faulty.
func (t *tree) alternatives() (all []alternative) {
	switch t.op {
	case 'n':
		return []alternative{{names: []string{t.word}}}
	case 'l':
		return []alternative{{login: t.login}}
	}
	// A side at another level adds no alternatives.
	var sides [][]alternative
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
				joined := a
				joined.names = slices.Clone(a.names)
				for _, name := range b.names {
					if !slices.Contains(a.names, name) {
						joined.names = append(joined.names, name)
					}
				}
				if a.maxAge == 0 || 0 < b.maxAge && b.maxAge < a.maxAge {
					joined.maxAge = b.maxAge
				}
				switch {
				case a.acr == nil:
					joined.acr = b.acr
				case b.acr != nil:
					joined.acr = common(a.acr, b.acr)
				}
				if joined.acr == nil || len(joined.acr) > 0 {
					all = append(all, joined)
				}
			}
		}
	}
	return merged(irredundant(all))
}

// irredundant splits alternatives so that each has one value of acr at most, and leaves those
// that no other one covers.
func irredundant(all []alternative) (left []alternative) {
	var single []alternative
	for _, a := range all {
		if a.acr == nil {
			single = append(single, a)
		}
		for _, value := range a.acr {
			one := a
			one.acr = []string{value}
			single = append(single, one)
		}
	}
	for i, a := range single {
		redundant := false
		for j, b := range single {
			redundant = redundant || b.covers(a) && (!a.covers(b) || j < i)
		}
		if !redundant {
			left = append(left, a)
		}
	}
	return left
}

// merged joins alternatives that differ only in acr.
func merged(single []alternative) (all []alternative) {
	for _, a := range single {
		same := slices.IndexFunc(all, func(b alternative) bool {
			return set(a.names) == set(b.names) && a.maxAge == b.maxAge
		})
		if same < 0 {
			all = append(all, a)
		} else {
			all[same].acr = append(slices.Clone(all[same].acr), a.acr...)
		}
	}
	return all
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
		for _, name := range a.names {
			names = append(names, (&tree{op: 'n', word: name}).text())
		}
		if a.acr != nil {
			names = append(names, (&tree{op: 'l', login: login{acr: a.acr}}).text())
		}
		if a.maxAge != 0 {
			names = append(names, (&tree{op: 'l', login: login{maxAge: a.maxAge}}).text())
		}
		parts = append(parts, strings.Join(names, " & "))
	}
	return strings.Join(parts, " | ")
}

// verdict tries every set of names to find the nearest one that suffices. No client can
// ask for the names in roles. The login was at that time, and has these values of acr. all
// are the alternatives of the tree, if it is at LevelScopes.
func (t *tree) verdict(all []alternative, granted, roles uint, acr []string, at time.Time) scopes.Verdict {
	age := time.Duration(-1)
	if now := time.Now(); !at.IsZero() && !at.After(now) {
		age = now.Sub(at)
	}
	if t.passesByOne(caller{granted: granted, acr: "", age: age}, acr) {
		v := scopes.Verdict{OK: true}
		for _, l := range modelLogins { // the longer ages come later
			if l.maxAge > age && t.passesByOne(caller{granted: granted, age: l.maxAge - 1}, acr) {
				v.Until = at.Add(l.maxAge)
			}
		}
		if t.passesByOne(caller{granted: granted, age: -1}, acr) {
			v.Until = time.Time{}
		}
		return v
	}
	var best []int
	var v scopes.Verdict
	for at, a := range all {
		missing, missingRole, missingLogin := set(a.names)&^granted, 0, 0
		if missing&roles != 0 {
			missingRole = 1
		}
		if a.acr != nil && !slices.ContainsFunc(acr, func(v string) bool { return slices.Contains(a.acr, v) }) {
			missingLogin++
		}
		if a.maxAge != 0 && (age < 0 || age >= a.maxAge) {
			missingLogin++
		}
		distance := []int{missingRole, bits.OnesCount(missing), missingLogin, len(a.names), at}
		if best == nil || slices.Compare(distance, best) < 0 {
			best = distance
			v = scopes.Verdict{
				Need: slices.Sorted(slices.Values(a.names)), ACR: a.acr, MaxAge: a.maxAge, StepUp: missing == 0,
			}
		}
	}
	return v
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
	case 'l':
		if t.login.acr == nil {
			return scopes.MaxAge(t.login.maxAge)
		}
		return scopes.ACR(t.login.acr[0], t.login.acr[1:]...)
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
	case 'l':
		if t.login.acr == nil {
			return map[time.Duration]string{5 * time.Minute: "max_age(5m)", time.Hour: "max_age(1h)"}[t.login.maxAge]
		}
		return "acr(" + strings.ReplaceAll(strings.Join(t.login.acr, " | "), "a|b", `"a|b"`) + ")"
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
		switch leaf := int(b>>2) % (len(modelNames) + len(keywords) + len(modelLogins)); {
		case b&1 != 0 && top > 0:
			op := byte('&')
			if b&2 != 0 {
				op = '|'
			}
			stack = append(stack[:top-1], &tree{op: op, left: stack[top-1], right: stack[top]})
		case leaf < len(modelNames):
			stack = append(stack, &tree{op: 'n', word: modelNames[leaf]})
		case leaf < len(modelNames)+len(keywords):
			stack = append(stack, &tree{op: 'k', word: keywords[leaf-len(modelNames)]})
		default:
			stack = append(stack, &tree{op: 'l', login: modelLogins[leaf-len(modelNames)-len(keywords)]})
		}
	}
	if len(stack) == 0 {
		return &tree{op: 'k', word: "deny"}
	}
	return stack[len(stack)-1]
}
