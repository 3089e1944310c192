package middleware

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Strings is the type of a claim that is a string or an array of strings, in a struct for
// [ClaimsAs] and [Claims.Decode], for [Claim], and for encoding/json. Such a claim is aud
// (RFC 7519 §4.1.3), and with several issuers scp, groups or roles. An issuer may send the
// one form today and the other tomorrow.
//
//	type user struct {
//		Groups middleware.Strings `json:"groups"`
//	}
//
// A string becomes one element, and is not split at spaces: [Claims.Scopes] lists scopes.
// A value of another type, null, and an array with an element that is no string are errors.
// Strings is written as an array. encoding/json writes a nil Strings as null.
type Strings []string

var errStrings = errors.New("bearerguard: neither a string nor an array of strings")

// UnmarshalJSON sets s to the strings in text. In case of an error it leaves s as it is.
func (s *Strings) UnmarshalJSON(text []byte) error {
	if jsontext.Value(text).Kind() == '"' {
		var one string
		if err := json.Unmarshal(text, &one); err != nil {
			return err
		}
		*s = Strings{one}
		return nil
	}
	var many []*string // a null among strings would be ""
	if err := json.Unmarshal(text, &many); err != nil || many == nil {
		return errStrings
	}
	list := make(Strings, len(many))
	for i, one := range many {
		if one == nil {
			return errStrings
		}
		list[i] = *one
	}
	*s = list
	return nil
}
