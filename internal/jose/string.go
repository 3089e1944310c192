package jose

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf16"
)

// name reads a string and unescapes it.
func (at *cursor) name() (string, error) {
	raw, escaped, err := at.quoted()
	if escaped {
		raw = unescape(raw)
	}
	return raw, err
}

// quoted reads a string and returns what stands between its quotes.
func (at *cursor) quoted() (raw string, escaped bool, err error) {
	text := at.text
	start := at.pos + 1
	for i := start; i < len(text); {
		if i+8 <= len(text) {
			run := plainRun(text[i : i+8])
			if i += run; run == 8 {
				continue
			}
		}
		switch c := text[i]; {
		case c == '"':
			at.pos = i + 1
			return text[start:i], escaped, nil
		case c == '\\':
			_, n := escape(text[i:])
			if n == 0 {
				return "", false, errString
			}
			escaped = true
			i += n
		case c < ' ':
			return "", false, errString
		default:
			i++
		}
	}
	return "", false, errSyntax
}

// plainRun counts the bytes at the start of s, of which it looks at eight at once, that stand for
// themselves in a JSON string (RFC 8259 §7): all but quote, backslash and the controls. Bytes of
// longer UTF-8 sequences are plain, since UTF-8 is checked once for the whole text.
func plainRun(s string) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	w := binary.LittleEndian.Uint64(bytesOf(s))
	// The highest bit of a byte says that it is not plain. A borrow may set that of later bytes by
	// mistake; the first one to be set is right.
	quote, backslash := w^'"'*ones, w^'\\'*ones
	found := (w-' '*ones)&^w | (quote-ones)&^quote | (backslash-ones)&^backslash
	return bits.TrailingZeros64(found&highs) / 8 // 8 if there is none
}

// unescape returns raw, the inside of a checked string, with its escapes replaced.
func unescape(raw string) string {
	var b strings.Builder
	b.Grow(len(raw)) // an escape is never shorter than the UTF-8 that it stands for
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			b.WriteString(raw)
			return b.String()
		}
		b.WriteString(raw[:i])
		r, n := escape(raw[i:])
		if n == 0 { // not in a checked string; progress all the same
			r, n = unicode.ReplacementChar, 1
		}
		b.WriteRune(r)
		raw = raw[i+n:]
	}
}

// escape reads the escape at the start of s (RFC 8259 §7), a surrogate pair as one, and returns
// what it stands for and its length in s, which is 0 when it is none: a lone surrogate stands for
// nothing that UTF-8 can say.
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

// hex4 is the number in an escape \uXXXX at the start of s, or -1.
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
