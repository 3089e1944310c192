package jose

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// unescape replaces the escapes in raw, which is the inside of a checked string.
func unescape(raw string) string {
	var b strings.Builder
	b.Grow(len(raw)) // large enough, because no escape is shorter than its UTF-8
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			b.WriteString(raw)
			return b.String()
		}
		b.WriteString(raw[:i])
		r, n := escape(raw[i:])
		if n == 0 { // impossible in a checked string; without this, the loop would not end
			r, n = unicode.ReplacementChar, 1
		}
		b.WriteRune(r)
		raw = raw[i+n:]
	}
}

// escape reads the escape at the start of s (RFC 8259 §7) and returns its character and its length in s. A
// surrogate pair is one escape. n is 0 if there is no valid escape. A lone surrogate is not valid, because
// UTF-8 cannot express it.
func escape(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case '"', '\\', '/':
		return rune(s[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, n = hex4(s), 6
		if utf16.IsSurrogate(r) {
			low := hex4(s[n:])
			if r = utf16.DecodeRune(r, low); r == unicode.ReplacementChar {
				return 0, 0
			}
			n = 12
		}
		if r >= 0 {
			return r, n
		}
	}
	return 0, 0
}

// hex4 returns the number of the escape \uXXXX at the start of s, or -1 if there is none.
func hex4(s string) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	var r rune
	for i := 2; i < 6; i++ {
		c := s[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
