package jose

import (
	"errors"
	"unicode/utf8"
)

var errKeySet = errors.New(`a JWK Set needs a member "keys" that is an array`)

// SplitKeySet returns the elements of "keys" in a JWK Set (RFC 7517 §5), in order and unchecked. They share
// memory with text. If there are more than limit elements, it returns the first ones, but still checks the
// whole document. It refuses a set without "keys". It accepts an empty set.
//
// The rules of ParseObject apply to the outer object. The end of an element is found by quotes and brackets
// alone, so that an error inside it, bad UTF-8 included, does not harm the others. The caller must pass each
// element to ParseObject.
func SplitKeySet(text string, limit int) (elements []string, err error) {
	s := scanner{cursor: cursor{text: text}}
	found := false
	checked := 0 // the text before this index is valid UTF-8, except perhaps inside elements
	err = s.document(func(name string) error {
		if name != "keys" {
			return s.value()
		}
		if s.peek() != '[' {
			return errKeySet
		}
		found = true
		s.pos++
		if s.space() == ']' {
			s.pos++
			return nil
		}
		for {
			start := s.pos
			element := s.delimited()
			if element == "" {
				return errSyntax
			}
			if !utf8.ValidString(text[checked:start]) {
				return errUTF8
			}
			checked = s.pos
			if len(elements) < limit {
				elements = append(elements, element)
			}
			switch s.space() {
			case ',':
				s.pos++
				s.space()
			case ']':
				s.pos++
				return nil
			default:
				return errSyntax
			}
		}
	})
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, errKeySet
	case !utf8.ValidString(text[checked:]):
		return nil, errUTF8
	}
	return elements, nil
}
