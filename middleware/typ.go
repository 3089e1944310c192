package middleware

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/internal/say"
)

// defaultTypes are the accepted values of typ without JWTConfig.Types. "" stands for no typ.
var defaultTypes = []string{"", "JWT", "at+jwt"}

// otherTypes are values of typ for JWTs that are never access tokens. A caller may send one by
// mistake, or to pass it off as one. Most are in IANA's registry of media types, the others in
// drafts or in common use. JOSE+JSON marks a form in which no token is accepted.
var otherTypes = [...]string{
	"dpop+jwt", "logout+jwt", "secevent+jwt", "token-introspection+jwt", "oauth-authz-req+jwt",
	"client-authentication+jwt", "oauth-client-attestation+jwt", "oauth-client-attestation-pop+jwt", "rt+jwt",
	"authorization-grant+jwt", "oauth-id-jag+jwt", "wpt+jwt",
	"entity-statement+jwt", "trust-mark+jwt", "trust-mark-delegation+jwt", "trust-mark-status-response+jwt",
	"resolve-response+jwt", "explicit-registration-response+jwt", "jwk-set+jwt", "statuslist+jwt",
	"kb+jwt", "sd-jwt", "dc+sd-jwt", "vc+sd-jwt", "vc+jwt", "vp+jwt", "eat+jwt", "openid4vci-proof+jwt",
	"key-attestation+jwt", "passport", "JOSE+JSON",
}

// types returns the accepted values of typ, without "application/".
func (cfg JWTConfig) types(faults *faults) (accepted []string) {
	switch {
	case cfg.RequireRFC9068 && cfg.Types != nil:
		faults.add("Types", "contradicts RequireRFC9068, which accepts at+jwt alone")
		return nil
	case cfg.RequireRFC9068:
		return []string{"at+jwt"}
	case cfg.Types == nil:
		return defaultTypes
	case len(cfg.Types) == 0:
		faults.add("Types", `empty: no token could be accepted (nil: JWT, at+jwt or absent; "" in the list: absent)`)
	}
	for i, typ := range cfg.Types {
		field := fmt.Sprintf("Types[%d]", i)
		typ = subtype(typ)
		if spaced(typ) {
			faults.add(field, "%s has white space around it: write %s", say.Quote(typ), say.Quote(strings.TrimSpace(typ)))
		}
		if kind := known(otherTypes[:], typ); kind != "" {
			faults.add(field, "%s marks another kind of token, which must not pass as an access token: leave it out", kind)
		}
		accepted = append(accepted, typ)
	}
	return accepted
}

// isATJWT tells whether typ marks an access token (RFC 9068 §2.1).
func isATJWT(typ string) bool { return isType(typ, "at+jwt") }

// onlyATJWT tells whether no other type than at+jwt is in types.
func onlyATJWT(types []string) bool {
	return len(types) > 0 && !slices.ContainsFunc(types, func(typ string) bool { return !isATJWT(typ) })
}

// isType tells whether typ is the media type application/name. Case does not count, and
// application/ may be left out (RFC 7515 §4.1.9).
func isType(typ, name string) bool { return strings.EqualFold(subtype(typ), name) }

// subtype returns typ without application/.
func subtype(typ string) string {
	const prefix = "application/"
	if len(typ) > len(prefix) && strings.EqualFold(typ[:len(prefix)], prefix) {
		return typ[len(prefix):]
	}
	return typ
}

// known returns the one of names that typ is, or "".
func known(names []string, typ string) string {
	for _, name := range names {
		if isType(typ, name) {
			return name
		}
	}
	return ""
}

// hasType tells whether typ is accepted. A typ that is empty was refused before, so "" is an
// absent one.
func (v *JWT) hasType(typ string) bool {
	return slices.ContainsFunc(v.types, func(name string) bool { return isType(typ, name) })
}

// otherType is the reason for a typ that is not accepted.
func (v *JWT) otherType(typ string) error {
	found := typeName(typ)
	switch {
	case v.requireRFC9068:
		return invalid("typ is not at+jwt", func() string {
			return "it is " + found + ", and JWTConfig.RequireRFC9068 is set"
		})
	case !slices.Equal(v.types, defaultTypes):
		return invalid("typ is not on the list of accepted types", func() string {
			return "it is " + found + ", and JWTConfig.Types is " + say.List(v.types)
		})
	}
	return invalid("typ does not mark an access token", func() string {
		return "it is " + found + ", and must be JWT, at+jwt or absent"
	})
}

// typeName returns typ if it is a known one. Otherwise it says what typ is, without its text,
// because a header is read before the signature is verified.
func typeName(typ string) string {
	if typ == "" {
		return "absent"
	}
	for _, names := range [][]string{{"JWT", "at+jwt", "JOSE"}, otherTypes[:]} {
		if name := known(names, typ); name != "" {
			return name
		}
	}
	return "an unknown name"
}
