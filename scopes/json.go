package scopes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// UnmarshalJSON decodes a policy from a JSON object that has one meaning only:
//
//	{"routes": {"GET /orders": "orders:read"}, "default": "deny", "unrouted": "authenticated"}
//
// Each member may be left out, and what is left out is denied. The document replaces p
// as a whole. The error joins every fault, and a document with a fault leaves p as it
// was. These are faults:
//
//   - a member or a route that is there twice, even if other escapes spell it
//   - a member with another name, even if it differs in case alone
//   - a value of another type, and null
//   - an expression that [Parse] refuses
//   - text that is not Unicode
//
// The decoder of an enclosing document has rules of its own: encoding/json takes the last
// of two policies with one name. A struct that embeds a Policy inherits this method, so
// a field with a name is better.
func (p *Policy) UnmarshalJSON(document []byte) error {
	var d policyDecoder
	if utf8.Valid(document) {
		d.object(document, "", "member", d.member)
	} else {
		d.fault("", errors.New("not UTF-8"))
	}
	if len(d.faults) > 0 {
		return errors.Join(d.faults...)
	}
	*p = d.policy
	return nil
}

// MarshalJSON encodes a policy as [Policy.UnmarshalJSON] decodes it. The error names a
// route that is not Unicode text.
func (p Policy) MarshalJSON() ([]byte, error) {
	for _, route := range slices.Sorted(maps.Keys(p.Routes)) {
		if notUnicode(route) {
			return nil, fmt.Errorf("scopes: Policy.Routes[%q]: %w", route, errNotUnicode)
		}
	}
	type plain Policy // without this method
	encoded := plain(p)
	if encoded.Routes == nil {
		encoded.Routes = map[string]Requirement{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // "&" is for the encoder of the whole document to escape
	err := e.Encode(encoded)
	return bytes.TrimSpace(b.Bytes()), err
}

// UnmarshalJSON decodes a requirement from a JSON string, as [Requirement.UnmarshalText]
// does from its text. Null and values of other types are errors. They leave r as it was.
func (r *Requirement) UnmarshalJSON(value []byte) error {
	decoded, err := decodeRequirement(value)
	if err != nil {
		return fmt.Errorf("scopes: %w", err)
	}
	*r = decoded
	return nil
}

func decodeRequirement(value []byte) (Requirement, error) {
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		return Requirement{}, err
	}
	text, ok := v.(string)
	if !ok {
		return Requirement{}, wrongType(v, "a string with an expression")
	}
	return parse(text)
}

// policyDecoder collects what a document says and what is wrong with it.
type policyDecoder struct {
	policy Policy
	faults []error
}

// fault adds an error about the place at, "" for the document.
func (d *policyDecoder) fault(at string, err error) {
	if at != "" {
		err = fmt.Errorf("%s: %w", at, err)
	}
	d.faults = append(d.faults, fmt.Errorf("scopes: policy in JSON: %w", err))
}

// member takes a member of the policy.
func (d *policyDecoder) member(at, name string, value []byte) {
	switch name {
	case "routes":
		d.policy.Routes = map[string]Requirement{}
		d.object(value, at, "route", d.route)
	case "default":
		d.policy.Default = d.requirement(at, value)
	case "unrouted":
		d.policy.Unrouted = d.requirement(at, value)
	default:
		d.fault(at, errors.New(`unknown, the members are "routes", "default" and "unrouted"`))
	}
}

// route takes a member of routes.
func (d *policyDecoder) route(at, route string, value []byte) {
	if notUnicode(route) {
		d.fault(at, errNotUnicode)
	}
	d.policy.Routes[route] = d.requirement(at, value)
}

func (d *policyDecoder) requirement(at string, value []byte) Requirement {
	r, err := decodeRequirement(value)
	if err != nil {
		d.fault(at, err)
	}
	return r
}

// object reads the JSON object at a place, and gives each of its members, with the place of
// its own, to take. Noun says what a member is.
func (d *policyDecoder) object(text []byte, at, noun string, take func(at, name string, value []byte)) {
	tokens := json.NewDecoder(bytes.NewReader(text))
	start, err := tokens.Token()
	if err == nil && start != json.Delim('{') {
		d.fault(at, wrongType(start, "an object"))
		return
	}
	times := map[string]int{}
	for err == nil && tokens.More() {
		var name string
		var value []byte
		if name, value, err = nextMember(tokens); err == nil {
			place := noun + " " + excerptOf(name, 128)
			if times[name]++; times[name] == 2 {
				d.fault(place, errors.New("more than once"))
			}
			take(place, name, value)
		}
	}
	if err == nil {
		err = end(tokens)
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		d.fault(at, err)
	}
}

func nextMember(tokens *json.Decoder) (name string, value json.RawMessage, err error) {
	token, err := tokens.Token()
	if err != nil {
		return "", nil, err
	}
	err = tokens.Decode(&value)
	return token.(string), value, err // a token in this place is a string
}

// end reads the end of an object, and that of the text.
func end(tokens *json.Decoder) error {
	if _, err := tokens.Token(); err != nil {
		return err
	}
	switch _, err := tokens.Token(); err {
	case io.EOF:
		return nil
	case nil:
		return errors.New("more text behind the object")
	default:
		return err
	}
}

// wrongType is the error for a value, or for the token that it starts with.
func wrongType(v any, want string) error {
	got := "number"
	switch v.(type) {
	case nil:
		got = "null"
	case bool:
		got = "bool"
	case string:
		got = "string"
	case map[string]any:
		got = "object"
	case []any, json.Delim:
		got = "array"
	}
	return fmt.Errorf("cannot unmarshal %s, want %s", got, want)
}

var errNotUnicode = errors.New("text that is not Unicode")

// notUnicode tells whether a route is not Unicode text. [encoding/json] decodes half of a
// surrogate pair to U+FFFD, and so do most decoders of UTF-8 with a wrong byte.
func notUnicode(route string) bool { return strings.ContainsRune(route, utf8.RuneError) }
