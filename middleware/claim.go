package middleware

import (
	"fmt"

	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/go-json-experiment/json"
)

// Claim decodes one claim of c into a T. path has the syntax of [Grant].Path: dots separate
// the names of nested objects, and a dot or a backslash inside a name has a backslash before
// it: "tenant", "org.id", `https://example\.com/tenant`. Names match to the letter (RFC 7519
// §4), and no two claims have the same name, because a token with duplicates was refused.
//
// Each of these is an error that names path: the claim is absent or null, its value does not
// decode into a T, path is malformed, and c is the zero Claims. An absent claim is an error,
// so that the "" of a token without a tenant never equals the "" of something else without
// one. Compare nothing before you have looked at the error:
//
//	tenant, err := middleware.Claim[string](claims, "tenant")
//	if err == nil && tenant != want {
//		err = errors.New("another tenant")
//	}
//	if err != nil {
//		return guard.Forbid(ctx, err)
//	}
//
// The value is decoded as by [Claims.Decode], and shares nothing with c. A null inside of it
// is what json makes of it: the zero value of a field or an element.
func Claim[T any](c Claims, path string) (T, error) {
	var v, zero T
	text, err := c.find(path)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		return zero, fmt.Errorf("claim %s: %w", say.Quote(path), err)
	}
	return v, nil
}

// find returns a copy of the JSON of one claim.
func (c Claims) find(path string) ([]byte, error) {
	if c.IsZero() {
		return nil, errNoClaims
	}
	steps, err := splitPath(path)
	if err != nil {
		return nil, fmt.Errorf("the path %w", err)
	}
	v := follow(c.c.object(), steps)
	switch v.Kind() {
	case 0:
		return nil, errAbsent
	case 'n':
		return nil, errNull
	}
	return []byte(v), nil
}
