package jose

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
		c.Issuer, err = claimString(name, v)
	case "sub":
		c.Subject, err = claimString(name, v)
	case "jti":
		c.ID, err = claimString(name, v)
	case "client_id":
		c.ClientID, err = claimString(name, v)
	case "exp":
		c.Expiry, err = claimDate(name, v)
	case "nbf":
		c.NotBefore, err = claimDate(name, v)
	case "iat":
		c.IssuedAt, err = claimDate(name, v)
	case "aud":
		c.Audience, err = claimStrings(name, v)
	case "scope":
		c.Scope, err = claimStrings(name, v)
	case "scp":
		c.SCP, err = claimStrings(name, v)
	case "cnf":
		c.HasConfirmation, err = true, claimObject(name, v)
	case "at_hash", "c_hash", "s_hash":
		c.HasTokenHash = true
		_, err = claimString(name, v)
	case "events":
		c.HasEvents, err = true, claimObject(name, v)
	}
	return err
}

func claimString(name string, v Value) (string, error) {
	s, ok := v.Text()
	if !ok {
		return "", mistyped(name, "a string", v)
	}
	return s, nil
}

func claimStrings(name string, v Value) (Value, error) {
	if !stringOrStrings(v) {
		return v, mistyped(name, "a string or an array of strings", v)
	}
	return v, nil
}

func claimObject(name string, v Value) error {
	if v.Kind() != '{' {
		return mistyped(name, "an object", v)
	}
	return nil
}

func claimDate(name string, v Value) (NumericDate, error) {
	const want = "a number of seconds, from the year 1 to 9999"
	d, err := ParseNumericDate(v)
	switch {
	case err == nil:
		return d, nil
	case v.Kind() == '0':
		return d, &typeError{name, want, "not; perhaps it counts milliseconds"}
	}
	return d, mistyped(name, want, v)
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
