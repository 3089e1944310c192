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

// UnmarshalJSON decodes a policy from a JSON object that can be read in one way only:
//
//	{"routes": {"GET /orders": "orders:read"}, "default": "deny", "unrouted": "authenticated"}
//
// Each member can be left out. A missing default or unrouted denies. The document replaces
// all of p. The error joins every fault. If there is one, p stays as it was. These are
// faults:
//
//   - a duplicate member or route, even if the two are written with different escapes
//   - a member with another name, even if only its case differs
//   - a value of another type, and null
//   - an expression that [Parse] refuses
//   - text that is not Unicode
//
// The decoder of an enclosing document has its own rules: if a document has two policies
// under one name, encoding/json takes the last one. Do not embed a Policy in a struct,
// because the struct would inherit this method. Give the field a name.
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
	e.SetEscapeHTML(false) // the encoder of the whole document escapes "&" if it is set to
	err := e.Encode(encoded)
	return bytes.TrimSpace(b.Bytes()), err
}

// UnmarshalJSON decodes a requirement from a JSON string with an expression. Null and
// values of other types are errors. If there is an error, r stays as it was.
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

// policyDecoder collects the policy of a document, and its faults.
type policyDecoder struct {
	policy Policy
	faults []error
}

// fault adds an error. at names its place, or is "" for the whole document.
func (d *policyDecoder) fault(at string, err error) {
	if at != "" {
		err = fmt.Errorf("%s: %w", at, err)
	}
	d.faults = append(d.faults, fmt.Errorf("scopes: policy in JSON: %w", err))
}

// member decodes a member of the policy.
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

// route decodes a member of "routes".
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

// object reads the JSON object in text, and calls take for each of its members. at is the
// place of the object. The place of a member is noun and the member's name.
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

// end reads the end of an object, and the end of the text.
func end(tokens *json.Decoder) error {
	if _, err := tokens.Token(); err != nil {
		return err
	}
	switch _, err := tokens.Token(); err {
	case io.EOF:
		return nil
	case nil:
		return errors.New("more text after the object")
	default:
		return err
	}
}

// wrongType is the error for a value of a wrong type. v is the value or its first token.
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

// notUnicode reports whether a route is not Unicode text. [encoding/json] decodes half of a
// surrogate pair to U+FFFD, and most decoders of UTF-8 do the same with a wrong byte.
func notUnicode(route string) bool { return strings.ContainsRune(route, utf8.RuneError) }
