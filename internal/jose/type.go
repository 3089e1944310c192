package jose

// typeError says that a member has a value of a wrong type. Its texts are constants, so that it repeats
// nothing of a document that nobody has verified. Its own text is made only if somebody reads it.
type typeError struct{ name, want, found string }

func (e *typeError) Error() string {
	return "" + e.name + " must be " + e.want + ", and is " + e.found
}

// mistyped returns an error for a member that must be want, and is v. name is not a part of a buffer that is
// used again.
func mistyped(name, want string, v Value) error { return &typeError{name, want, v.TypeName()} }

// TypeName returns the type of v in JSON, in words: "a number", "an array with other values than strings",
// "empty" for the empty string. It is "absent" for no value.
func (v Value) TypeName() string {
	switch v.Kind() {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		if v == `""` {
			return "empty"
		}
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		for e := range v.Elements() {
			if e.Kind() != '"' {
				return "an array with other values than strings"
			}
		}
		return "an array"
	}
	return "absent"
}
