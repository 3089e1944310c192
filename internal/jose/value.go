package jose

import (
	"iter"
	"strings"
)

// Value is the text of one JSON value that ParseObject has checked, without surrounding white
// space; "" is no value. Because it has been checked, its methods have no way to fail. They are
// cheap: they look only at quotes and brackets.
type Value string

// Kind is the first byte of the value, with '0' for every number: n f t " 0 { or [. It is 0 for
// no value.
func (v Value) Kind() byte {
	switch {
	case v == "":
		return 0
	case v[0] == '-' || '1' <= v[0] && v[0] <= '9':
		return '0'
	}
	return v[0]
}

// Text is the string that v stands for; ok is false when v is not a JSON string. Without escapes
// it shares v's memory.
func (v Value) Text() (s string, ok bool) {
	if len(v) < 2 || v[0] != '"' {
		return "", false
	}
	s = string(v[1 : len(v)-1])
	if strings.IndexByte(s, '\\') >= 0 {
		s = unescape(s)
	}
	return s, true
}

// Elements yields the elements of an array; nothing for any other value.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) { v.elements(yield) }
}

// Members yields the members of an object in order, names unescaped; nothing for any other value.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) { v.members(yield) }
}

// The bodies stand apart from their iterators so that those are inlined into a range statement
// and cost no allocation.

func (v Value) elements(yield func(Value) bool) {
	if v.Kind() != '[' {
		return
	}
	s := scanner{text: string(v), pos: 1}
	for {
		s.space()
		element := s.delimited()
		if element == "" || !yield(Value(element)) || s.space() != ',' {
			return
		}
		s.pos++
	}
}

func (v Value) members(yield func(string, Value) bool) {
	if v.Kind() != '{' {
		return
	}
	s := scanner{text: string(v), pos: 1}
	for {
		s.space()
		name, ok := Value(s.delimited()).Text()
		if !ok || s.space() != ':' {
			return
		}
		s.pos++
		s.space()
		if !yield(name, Value(s.delimited())) || s.space() != ',' {
			return
		}
		s.pos++
	}
}

// delimited reads the value at pos by its quotes and brackets alone and returns its text: exact
// for a checked value; for any other text some stretch of it, "" when there is none.
func (s *scanner) delimited() string {
	start, depth := s.pos, 0
	for ; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; c {
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth == 0 {
				return s.text[start:s.pos]
			}
			depth--
		case '"':
			s.closing()
		case ',', ':', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return s.text[start:s.pos]
			}
			continue
		default:
			continue
		}
		if depth == 0 { // just after a closing quote or bracket
			s.pos++
			break
		}
	}
	s.pos = min(s.pos, len(s.text))
	return s.text[start:s.pos]
}

// closing moves pos from an opening quote to the closing one, or to the end if there is none.
func (s *scanner) closing() {
	for s.pos++; s.pos < len(s.text) && s.text[s.pos] != '"'; s.pos++ {
		if s.text[s.pos] == '\\' {
			s.pos++
		}
	}
}
