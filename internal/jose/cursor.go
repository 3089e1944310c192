package jose

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// cursor is a place in a text. Its methods expect pos at the first byte of what they read and
// leave it just after.
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

// delimited reads the value at pos by its quotes and brackets alone and returns its text: exact
// for a checked value; for any other text some stretch of it, "" when there is none.
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

// closing moves pos from an opening quote to the closing one, or to the end if there is none.
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

// number follows the grammar of RFC 8259 §6.
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

// digits reads a run of digits and reports whether there was one.
func (at *cursor) digits() bool {
	start := at.pos
	for c := at.peek(); '0' <= c && c <= '9'; c = at.peek() {
		at.pos++
	}
	return at.pos > start
}

// peek is the byte at pos, or 0 at the end: NUL stands nowhere in JSON, so it is as good an end as any.
func (at *cursor) peek() byte {
	if at.pos < len(at.text) {
		return at.text[at.pos]
	}
	return 0
}

// space skips white space and returns what peek then sees.
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
