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
	at := cursor{text: string(v), pos: 1}
	for {
		at.space()
		element := at.delimited()
		if element == "" || !yield(Value(element)) || at.space() != ',' {
			return
		}
		at.pos++
	}
}

func (v Value) members(yield func(string, Value) bool) {
	if v.Kind() != '{' {
		return
	}
	at := cursor{text: string(v), pos: 1}
	for {
		at.space()
		name, ok := Value(at.delimited()).Text()
		if !ok || at.space() != ':' {
			return
		}
		at.pos++
		at.space()
		if !yield(name, Value(at.delimited())) || at.space() != ',' {
			return
		}
		at.pos++
	}
}
