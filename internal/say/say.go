// Package say makes texts for operators. What an operator configured and what an issuer
// answered or signed may be said in a log. It is quoted and cut, because nobody checked its
// characters or its length.
package say

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// most is the length of the longest text that is said whole, in bytes before it is quoted.
const most = 200

// Quote returns text as a Go string literal, without line breaks and control characters. A
// text longer than 200 bytes is cut, and "..." follows.
func Quote(text string) string {
	if len(text) <= most {
		return strconv.Quote(text)
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return strconv.Quote(text[:end]) + "..."
}

// List returns texts in brackets, each quoted and cut. Once they have 200 bytes together, with
// their quotes, the number of the others takes their place.
func List(texts []string) string {
	var b strings.Builder
	b.WriteByte('[')
	size := 0
	for i, text := range texts {
		if i > 0 {
			b.WriteByte(' ')
		}
		if size += len(`""`) + len(text); i > 0 && size > most { // a thousand empty texts are long, too
			b.WriteString("and " + strconv.Itoa(len(texts)-i) + " more")
			break
		}
		b.WriteString(Quote(text))
	}
	b.WriteByte(']')
	return b.String()
}
