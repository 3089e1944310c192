package scopes

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// keywords are the words for levels in an expression, indexed by [Level].
var keywords = [...]string{
	LevelDeny:          "deny",
	LevelScopes:        "", // such a requirement is written as its names
	LevelAuthenticated: "authenticated",
	LevelOptional:      "optional",
	LevelPublic:        "public",
}

// String returns an expression that [Parse] reads back as r. The alternatives, and the
// names in them, are in the order in which the author wrote them. acr and max_age come after
// the names. Duplicate alternatives, and alternatives that another one makes redundant, are
// left out. Alternatives that differ only in acr are written as one. The texts of equal
// requirements can differ only in order; see [Requirement.Equal].
func (r Requirement) String() string {
	if r.level != LevelScopes {
		return keywords[r.level]
	}
	f := r.formula
	var b strings.Builder
	b.Grow(f.textLen())
	for i, a := range f.alternatives {
		if i > 0 {
			b.WriteString(" | ")
		}
		end := ""
		for j, index := range []byte(a.written) {
			name := f.atoms[index]
			switch value := isValue(name); {
			case value && end == "": // the first one: the values come last
				b.WriteString(operator(j, " & ") + "acr(")
				name, end = name[len(" "):], ")"
			case value:
				b.WriteString(" | ")
				name = name[len(" "):]
			default:
				b.WriteString(operator(j, " & "))
			}
			if needsQuotes(name) {
				name = `"` + name + `"`
			}
			b.WriteString(name)
		}
		b.WriteString(end)
		if a.maxAge != 0 {
			b.WriteString(operator(len(a.written), " & ") + "max_age(" + span(a.maxAge) + ")")
		}
	}
	return b.String()
}

// operator returns text if it is not before the first operand.
func operator(at int, text string) string {
	if at == 0 {
		return ""
	}
	return text
}

// span returns d as [time.ParseDuration] reads it, without the zeros at the end that d.String
// has: "5m".
func span(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MarshalText returns the text of [Requirement.String]. The error is always nil.
func (r Requirement) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads an expression as [Parse] does, for configuration files and
// [flag.TextVar]. If there is an error, r stays as it was.
func (r *Requirement) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// textLen returns the length of the formula's expression in bytes. It does not make the
// text.
func (f *formula) textLen() int {
	var lengths [maxNames]int
	for i, name := range f.atoms {
		lengths[i] = len(name)
		if isValue(name) {
			name = name[len(" "):]
			lengths[i]--
		}
		if needsQuotes(name) {
			lengths[i] += len(`""`)
		}
	}
	// An operator, " & " or " | ", follows each atom but the last.
	total := -len(" & ")
	for _, a := range f.alternatives {
		if a.set&f.values != 0 {
			total += len("acr()")
		}
		if a.maxAge != 0 {
			total += len("max_age()") + len(span(a.maxAge)) + len(" & ")
		}
		for set := a.set; set != 0; set &^= bit(bits.LeadingZeros64(set)) {
			total += lengths[bits.LeadingZeros64(set)] + len(" & ")
		}
	}
	return total
}

// ValidName reports whether name is one scope-token (RFC 6749 §3.3): one or more printable
// ASCII characters without spaces, double quotes and backslashes. Call it before you pass
// names from configuration to [All] or [Any], because these panic.
func ValidName(name string) bool {
	for i := range len(name) {
		if !nameByte(name[i]) {
			return false
		}
	}
	return name != ""
}

// nameByte reports whether a scope-token can contain c: %x21 / %x23-5B / %x5D-7E.
func nameByte(c byte) bool {
	return c == 0x21 || 0x23 <= c && c <= 0x5B || 0x5D <= c && c <= 0x7E
}

// syntaxByte reports whether c is an operator or a parenthesis outside of quotes.
func syntaxByte(c byte) bool {
	return c == '&' || c == '|' || c == '(' || c == ')'
}

func needsQuotes(name string) bool {
	if _, ok := keywordLevel(name); ok {
		return true
	}
	return strings.ContainsAny(name, "&|()")
}

// keywordLevel finds the keyword that word is, in any case.
func keywordLevel(word string) (Level, bool) {
	for level, k := range keywords {
		if strings.EqualFold(word, k) { // never the empty text of LevelScopes, because no word is empty
			return Level(level), true
		}
	}
	return LevelDeny, false
}

// excerpt quotes text for a message, and cuts it after 32 bytes, because configuration can
// contain anything.
func excerpt(text string) string { return excerptOf(text, 32) }

// excerptOf is [excerpt] that cuts after most bytes.
func excerptOf(text string, most int) string {
	if len(text) > most {
		return strconv.Quote(text[:most]) + "..."
	}
	return strconv.Quote(text)
}
