package jose

import (
	"errors"
	"slices"
	"unicode/utf8"
)

// MaxDepth is the deepest nesting of objects and arrays that ParseObject accepts; the outermost
// object is level one.
const MaxDepth = 32

// linearNames is the number of members up to which a name is looked for in a list of those before it.
// That is faster than a map for the objects that issuers really send, and it bounds what one
// hostile member can cost. A wider level moves to a map, and out of the list that it shares with
// its inner objects.
const linearNames = 32

var (
	errUTF8      = errors.New("jose: JSON is not valid UTF-8")
	errObject    = errors.New("jose: not a JSON object")
	errSyntax    = errors.New("jose: not valid JSON")
	errTrailing  = errors.New("jose: text after the JSON object")
	errDepth     = errors.New("jose: JSON nested too deeply")
	errDuplicate = errors.New("jose: JSON object with a duplicate member name")
	errString    = errors.New("jose: JSON string with a control character or an invalid escape")
	errNumber    = errors.New("jose: not a JSON number")
)

// ParseObject checks that text is one JSON object (RFC 8259), strictly and at every level: valid
// UTF-8, no duplicate names (compared after unescaping, to the letter), no lone surrogates in
// escapes (RFC 7493 §2), at most MaxDepth levels, no byte order mark, nothing but white space
// around it.
//
// It calls visit for each member of the outermost object in order, with the name unescaped. An
// error from visit ends the scan and is returned as is. A Value handed to visit has been checked;
// what follows it in text has not: act on what was visited only after ParseObject has returned
// nil. It does not allocate, except for names with escapes and for objects with more members or
// more open levels than a real token has.
func ParseObject(text string, visit func(name string, v Value) error) error {
	if !utf8.ValidString(text) {
		return errUTF8
	}
	s := scanner{cursor: cursor{text: text}}
	return s.document(func(name string) error {
		start := s.pos
		if err := s.value(); err != nil {
			return err
		}
		return visit(name, Value(text[start:s.pos]))
	})
}

// scanner walks over JSON once.
type scanner struct {
	cursor
	depth int

	// The names of the open objects, outermost first: one list for all levels, so that a level
	// costs no memory of its own. An array and no slice, so that it stays on the stack.
	names [2 * linearNames]string
	named int
}

// document reads an object that is all of the text. For object's member see there.
func (s *scanner) document(member func(name string) error) error {
	if s.space() != '{' {
		return errObject
	}
	if err := s.object(member); err != nil {
		return err
	}
	if s.space(); s.pos != len(s.text) {
		return errTrailing
	}
	return nil
}

// object reads an object. It calls member, unless nil, at the start of each value; member must
// consume that value.
func (s *scanner) object(member func(name string) error) error {
	if s.depth == MaxDepth {
		return errDepth
	}
	s.depth++
	first := s.named
	var many map[string]struct{} // the names, once the list is no place for them
	var marks uint64             // a bit for each name in the list: without it, a name isn't there

	s.pos++
	c := s.space()
	if c == '}' {
		s.pos++
		s.depth--
		return nil
	}
	for {
		if c != '"' {
			return errSyntax
		}
		name, err := s.name()
		if err != nil {
			return err
		}
		if many == nil && (s.named-first == linearNames || s.named == len(s.names)) {
			many = make(map[string]struct{})
			for _, earlier := range s.names[first:s.named] {
				many[earlier] = struct{}{}
			}
			s.named = first
		}
		if many == nil {
			if m := mark(name); marks&m == 0 {
				marks |= m
			} else if slices.Contains(s.names[first:s.named], name) {
				return errDuplicate
			}
			s.names[s.named] = name
			s.named++
		} else {
			if _, dup := many[name]; dup {
				return errDuplicate
			}
			many[name] = struct{}{}
		}

		if s.space() != ':' {
			return errSyntax
		}
		s.pos++
		s.space()
		if member != nil {
			err = member(name)
		} else {
			err = s.value()
		}
		if err != nil {
			return err
		}

		switch s.space() {
		case ',':
			s.pos++
			c = s.space()
		case '}':
			s.pos++
			s.named = first
			s.depth--
			return nil
		default:
			return errSyntax
		}
	}
}

// mark is a bit picked by name, mostly another one for another name.
func mark(name string) uint64 {
	if name == "" {
		return 1
	}
	return 1 << ((len(name) + 7*int(name[0]) + 3*int(name[len(name)-1])) % 64)
}

func (s *scanner) array() error {
	if s.depth == MaxDepth {
		return errDepth
	}
	s.depth++
	s.pos++
	if s.space() == ']' {
		s.pos++
		s.depth--
		return nil
	}
	for {
		if err := s.value(); err != nil {
			return err
		}
		switch s.space() {
		case ',':
			s.pos++
			s.space()
		case ']':
			s.pos++
			s.depth--
			return nil
		default:
			return errSyntax
		}
	}
}

// value reads any value. Its recursion ends at MaxDepth.
func (s *scanner) value() error {
	switch s.peek() {
	case '{':
		return s.object(nil)
	case '[':
		return s.array()
	case '"':
		_, _, err := s.quoted()
		return err
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		return s.number()
	}
}
