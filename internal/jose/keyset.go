package jose

import (
	"errors"
	"unicode/utf8"
)

var errKeySet = errors.New(`jose: a JWK Set needs a member "keys" that is an array`)

// SplitKeySet returns the texts of the elements of "keys" in a JWK Set (RFC 7517 §5), in order; they
// share text's memory. Of more than limit elements it returns the first and leaves out the rest, though
// it reads on: the document is accepted or refused as a whole.
//
// The outer object is held to ParseObject's rules, while an element is only delimited by its quotes and
// brackets: what is wrong inside of it, bad UTF-8 included, then harms no other. An element's own text
// must still go through ParseObject. A set without "keys" is refused; an empty one is not.
func SplitKeySet(text string, limit int) (elements []string, err error) {
	s := scanner{cursor: cursor{text: text}}
	found := false
	checked := 0 // all before it is valid UTF-8 or lies in an element
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
