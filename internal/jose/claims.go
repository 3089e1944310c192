package jose

import "errors"

var (
	errClaimString   = errors.New("jose: a registered claim that must be a string is not one")
	errClaimAudience = errors.New("jose: aud is neither a string nor an array of strings")
	errClaimScope    = errors.New("jose: scope or scp is neither a string nor an array of strings")
	errClaimConfirm  = errors.New("jose: cnf is not an object")
	errClaimEvents   = errors.New("jose: events is not an object")
)

// Claims holds the registered claims of one payload (RFC 7519 §4.1, RFC 9068 §2.2, RFC 7800 §3.1, RFC 8417
// §2.2). Its strings share memory with Text. A string claim that is absent looks like one that is empty.
type Claims struct {
	Text                          string // the whole payload
	Issuer, Subject, ID, ClientID string // iss, sub, jti and client_id
	Audience                      Value  // aud: a string or an array of strings; "" when absent
	Expiry, NotBefore, IssuedAt   NumericDate
	Scope, SCP                    Value // scope and scp: as aud, although RFC 8693 §4.2 has the string only
	HasConfirmation, HasTokenHash bool  // cnf; at_hash, c_hash or s_hash
	HasEvents                     bool  // events, of a security event
}

// ParseClaims reads the registered claims of text, a payload that is already decoded from base64url. It
// refuses what ParseObject refuses, a registered claim of the wrong type (null is one), and what
// ParseNumericDate refuses.
//
// If other is not nil, it is called for every member in order, registered or not. As with ParseObject, what
// it has seen is valid only if ParseClaims returns no error.
func ParseClaims(text string, other func(name string, v Value)) (Claims, error) {
	c := Claims{Text: text}
	err := ParseObject(text, func(name string, v Value) error {
		if err := c.set(name, v); err != nil {
			return err
		}
		if other != nil {
			other(name, v)
		}
		return nil
	})
	if err != nil {
		return Claims{}, err
	}
	return c, nil
}

func (c *Claims) set(name string, v Value) (err error) {
	switch name {
	case "iss":
		c.Issuer, err = claimString(v)
	case "sub":
		c.Subject, err = claimString(v)
	case "jti":
		c.ID, err = claimString(v)
	case "client_id":
		c.ClientID, err = claimString(v)
	case "exp":
		c.Expiry, err = ParseNumericDate(v)
	case "nbf":
		c.NotBefore, err = ParseNumericDate(v)
	case "iat":
		c.IssuedAt, err = ParseNumericDate(v)
	case "aud":
		if c.Audience = v; !stringOrStrings(v) {
			err = errClaimAudience
		}
	case "scope":
		if c.Scope = v; !stringOrStrings(v) {
			err = errClaimScope
		}
	case "scp":
		if c.SCP = v; !stringOrStrings(v) {
			err = errClaimScope
		}
	case "cnf":
		if c.HasConfirmation = true; v.Kind() != '{' {
			err = errClaimConfirm
		}
	case "at_hash", "c_hash", "s_hash":
		c.HasTokenHash = true
		_, err = claimString(v)
	case "events":
		if c.HasEvents = true; v.Kind() != '{' {
			err = errClaimEvents
		}
	}
	return err
}

func claimString(v Value) (string, error) {
	s, ok := v.Text()
	if !ok {
		return "", errClaimString
	}
	return s, nil
}

func stringOrStrings(v Value) bool {
	if v.Kind() == '"' {
		return true
	}
	for e := range v.Elements() {
		if e.Kind() != '"' {
			return false
		}
	}
	return v.Kind() == '['
}
