package jose

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// cursor is a position in a text. Its methods expect pos at the first byte of what they read, and move it
// just after the last one.
type cursor struct {
	text string
	pos  int
}

// name reads a string and unescapes it.
func (at *cursor) name() (string, error) {
	raw, escaped, err := at.quoted()
	if escaped {
		raw = unescape(raw)
	}
	return raw, err
}

// quoted reads a string and returns the text between its quotes, and whether it has escapes.
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

// delimited returns the text of the value at pos. It looks at quotes and brackets alone. In a text that was
// not checked, the result may be no value; it is "" if there is nothing before the next delimiter.
func (at *cursor) delimited() string {
	start, depth := at.pos, 0
	for ; at.pos < len(at.text); at.pos++ {
		switch c := at.text[at.pos]; c {
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth == 0 {
				return at.text[start:at.pos]
			}
			depth--
		case '"':
			at.closing()
		case ',', ':', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return at.text[start:at.pos]
			}
			continue
		default:
			continue
		}
		if depth == 0 { // just after a closing quote or bracket
			at.pos++
			break
		}
	}
	at.pos = min(at.pos, len(at.text))
	return at.text[start:at.pos]
}

// closing moves pos from an opening quote to the closing one, or to the end of the text if there is none.
func (at *cursor) closing() {
	for at.pos++; at.pos < len(at.text) && at.text[at.pos] != '"'; at.pos++ {
		if at.text[at.pos] == '\\' {
			at.pos++
		}
	}
}

func (at *cursor) literal(word string) error {
	if !strings.HasPrefix(at.text[at.pos:], word) {
		return errSyntax
	}
	at.pos += len(word)
	return nil
}

// number reads a number (RFC 8259 §6).
func (at *cursor) number() error {
	if at.peek() == '-' {
		at.pos++
	}
	if at.peek() == '0' {
		at.pos++
	} else if !at.digits() {
		return errNumber
	}
	if at.peek() == '.' {
		at.pos++
		if !at.digits() {
			return errNumber
		}
	}
	if c := at.peek(); c == 'e' || c == 'E' {
		at.pos++
		if c := at.peek(); c == '+' || c == '-' {
			at.pos++
		}
		if !at.digits() {
			return errNumber
		}
	}
	return nil
}

// digits reads as many digits as there are, and reports whether there was one.
func (at *cursor) digits() bool {
	start := at.pos
	for c := at.peek(); '0' <= c && c <= '9'; c = at.peek() {
		at.pos++
	}
	return at.pos > start
}

// peek returns the byte at pos, or 0 at the end of the text. A NUL in the text is not confused with its end,
// because JSON allows it nowhere.
func (at *cursor) peek() byte {
	if at.pos < len(at.text) {
		return at.text[at.pos]
	}
	return 0
}

// space skips white space and returns what peek returns after it.
func (at *cursor) space() byte {
	for ; at.pos < len(at.text); at.pos++ {
		if c := at.text[at.pos]; !isSpace(c) {
			return c
		}
	}
	return 0
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t'
}

// plainRun returns how many of the eight bytes of s, from the first one, are plain. In a JSON string all
// bytes are plain except quote, backslash and control characters (RFC 8259 §7). Other UTF-8 is checked
// elsewhere, for the whole text. To look at eight bytes at once makes ParseClaims a twelfth faster.
func plainRun(s string) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	w := binary.LittleEndian.Uint64(bytesOf(s))
	// The highest bit of each byte tells that it is not plain. A borrow may set it wrongly in later bytes,
	// but never in the first byte where it is set.
	quote, backslash := w^'"'*ones, w^'\\'*ones
	found := (w-' '*ones)&^w | (quote-ones)&^quote | (backslash-ones)&^backslash
	return bits.TrailingZeros64(found&highs) / 8 // 8 if there is none
}
