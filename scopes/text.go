package scopes

import (
	"math/bits"
	"strconv"
	"strings"
)

// The words that stand for levels in an expression, indexed by [Level].
var keywords = [...]string{
	LevelDeny:          "deny",
	LevelScopes:        "", // written as its names
	LevelAuthenticated: "authenticated",
	LevelOptional:      "optional",
	LevelPublic:        "public",
}

// String returns the expression that [Parse] reads back as r. Alternatives, and the names
// in them, are in the order in which the author wrote them. No alternative is there twice,
// and none that another one makes redundant. The texts of equal requirements can differ in
// order, and in nothing else; see [Requirement.Equal].
func (r Requirement) String() string {
	if r.level != LevelScopes {
		return keywords[r.level]
	}
	f := r.formula
	var b strings.Builder
	b.Grow(f.textLen())
	for i, written := range f.written {
		if i > 0 {
			b.WriteString(" | ")
		}
		for j, index := range []byte(written) {
			if j > 0 {
				b.WriteString(" & ")
			}
			name := f.names[index]
			if needsQuotes(name) {
				name = `"` + name + `"`
			}
			b.WriteString(name)
		}
	}
	return b.String()
}

// MarshalText does what [Requirement.String] does, for configuration files. It never fails.
func (r Requirement) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText does what [Parse] does, for configuration files and [flag.TextVar]. A text
// that is refused leaves r as it was.
func (r *Requirement) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// textLen is the length of the formula's expression in bytes, without writing it.
func (f *formula) textLen() int {
	var lengths [maxNames]int
	for i, name := range f.names {
		lengths[i] = len(name)
		if needsQuotes(name) {
			lengths[i] += len(`""`)
		}
	}
	// Each name but the last is followed by a joint: " & " or " | ".
	total := -len(" & ")
	for _, a := range f.alternatives {
		for ; a != 0; a &^= bit(bits.LeadingZeros64(a)) {
			total += lengths[bits.LeadingZeros64(a)] + len(" & ")
		}
	}
	return total
}

// ValidName tells whether name is one scope-token (RFC 6749 §3.3): one or more printable
// ASCII characters, and none of them a space, a double quote or a backslash. Use it for
// names from configuration before they go to [All] and [Any], which panic.
func ValidName(name string) bool {
	for i := range len(name) {
		if !nameByte(name[i]) {
			return false
		}
	}
	return name != ""
}

// nameByte tells whether c may stand in a scope-token: %x21 / %x23-5B / %x5D-7E.
func nameByte(c byte) bool {
	return c == 0x21 || 0x23 <= c && c <= 0x5B || 0x5D <= c && c <= 0x7E
}

// syntaxByte tells whether c has a meaning of its own outside of quotes.
func syntaxByte(c byte) bool {
	return c == '&' || c == '|' || c == '(' || c == ')'
}

func needsQuotes(name string) bool {
	if _, ok := keywordLevel(name); ok {
		return true
	}
	return strings.ContainsAny(name, "&|()")
}

func keywordLevel(word string) (Level, bool) {
	for level, k := range keywords {
		if word == k { // no word is empty
			return Level(level), true
		}
	}
	return LevelDeny, false
}

// excerpt quotes text for a message and cuts it where it is long, because configuration
// may hold anything.
func excerpt(text string) string { return excerptOf(text, 32) }

// excerptOf is [excerpt] with a bound in bytes.
func excerptOf(text string, most int) string {
	if len(text) > most {
		return strconv.Quote(text[:most]) + "..."
	}
	return strconv.Quote(text)
}
