package jose

import (
	"errors"
	"slices"
	"unicode/utf8"
)

// MaxDepth is how deep objects and arrays may be nested for ParseObject. The outermost object is level one.
const MaxDepth = 32

// linearNames is how many names of an object are kept in a list, in which duplicates are looked for. A list
// is faster than a map for the objects that issuers send. An object with more members uses a map, so that the
// time for one member stays bounded. Its names then leave the list, so that the objects inside it can use the
// list.
const linearNames = 32

var (
	errUTF8      = errors.New("JSON is not valid UTF-8")
	errObject    = errors.New("not a JSON object")
	errSyntax    = errors.New("not valid JSON")
	errTrailing  = errors.New("text after the JSON object")
	errDepth     = errors.New("JSON nested too deeply")
	errDuplicate = errors.New("JSON object with a duplicate member name")
	errString    = errors.New("JSON string with a control character or an invalid escape")
	errNumber    = errors.New("not a JSON number")
)

// ParseObject checks that text is one JSON object (RFC 8259). These rules hold at every level:
//
//   - valid UTF-8, without a byte order mark, and only white space around the object,
//   - no duplicate names, compared after unescaping and case-sensitively,
//   - no lone surrogates in escapes (RFC 7493 §2),
//   - at most MaxDepth levels.
//
// It calls visit for each member of the outermost object in order, with the name unescaped. An error of visit
// ends the scan and is returned as it is. A Value that visit gets has been checked, but the text after it has
// not. So use what visit has seen only if ParseObject returns nil.
//
// It allocates only for names with escapes, and for objects that are wider or deeper than those of usual
// tokens.
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

// scanner checks JSON in one pass.
type scanner struct {
	cursor
	depth int

	// The names of the open objects, outermost first. All levels share one list, so a level needs no memory
	// of its own. It is an array because a slice would not stay on the stack.
	names [2 * linearNames]string
	named int
}

// document reads an object that is the whole text. member is described at object.
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

// object reads an object. If member is not nil, it is called at the start of each value and must read it.
func (s *scanner) object(member func(name string) error) error {
	if s.depth == MaxDepth {
		return errDepth
	}
	s.depth++
	first := s.named
	var many map[string]struct{} // the names, once there are more than linearNames or the list is full
	var marks uint64             // the marks of the names in the list; a name whose mark is absent is not in it

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

// mark returns one bit, which depends on name. Two names seldom share one.
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

// value reads any value. It calls itself, through object and array, at most MaxDepth deep.
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
