package middleware

import "strings"

// maxTokenBytes bounds a token. Larger ones are refused unread.
const maxTokenBytes = 16 << 10

// credential finds the bearer token of r in the Authorization header (RFC 6750 §2.1), or
// in the cookie or the header that the options name. It does not look into the query or a
// form, because these end up in logs and histories (RFC 9700 §4.3.2). If it refuses r, the
// token is "" and the code and the cause say why.
func (g *Guard) credential(r Request) (token string, code Code, cause error) {
	switch {
	case r.Header == nil:
		return "", CodeMissing, errNoCredentials
	case g.csrf == nil: // the options name neither
		return authorization(r.Header.Values("Authorization"))
	}
	return g.ambient(r)
}

// authorization parses the values of the Authorization header.
func authorization(values []string) (token string, code Code, cause error) {
	switch {
	case len(values) == 0:
		return "", CodeMissing, errNoCredentials
	case len(values) > 1:
		return "", CodeMalformed, errTwoHeaders
	}
	scheme, rest, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", CodeMissing, errOtherScheme
	}
	token = strings.TrimLeft(rest, " ") // 1*SP, RFC 9110 §11.4
	if token == "" {
		return "", CodeMalformed, errNothingAfter
	}
	return checkToken(token)
}

// meansBearer tells whether the sender of values meant to send a bearer token. The answer
// may be true although authorization finds another scheme: an octet other than a space may
// follow the scheme, or other credentials may come first, joined by a comma as a proxy
// joins two fields. On a route that needs a token, such a value counts as no token. On an
// optional route, its sender must not pass as anonymous.
func meansBearer(values []string) bool {
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			if isBearer(strings.TrimLeft(part, " \t")) {
				return true
			}
		}
	}
	return false
}

// isBearer tells whether value begins with the scheme Bearer. A scheme is a token (RFC
// 9110 §11.1), so it ends at the first octet that a token can't have.
func isBearer(value string) bool {
	const scheme = "Bearer"
	if len(value) < len(scheme) || !strings.EqualFold(value[:len(scheme)], scheme) {
		return false
	}
	return len(value) == len(scheme) || !isTokenByte(value[len(scheme)])
}

// isTokenByte tells whether a token may have c (RFC 9110 §5.6.2).
func isTokenByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// checkToken refuses a token that is too large, unread.
func checkToken(token string) (string, Code, error) {
	if len(token) > maxTokenBytes {
		return "", CodeInvalid, errLongToken
	}
	return token, "", nil
}

// isToken68 tells whether token can be one token: not several, and without parameters
// after it. It leaves the rest of RFC 6750's b64token alphabet to the verifier, which
// decodes the token anyway.
func isToken68(token string) bool {
	return strings.IndexByte(token, ' ') < 0 && strings.IndexByte(token, ',') < 0 && strings.IndexByte(token, '\t') < 0
}
