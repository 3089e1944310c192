package middleware

import (
	"net/http"
	"strings"
)

// maxTokenBytes bounds a token. Larger ones are refused unread.
const maxTokenBytes = 16 << 10

// credential finds the bearer token of r in the Authorization header (RFC 6750 §2.1), or
// in the cookie if one is configured. It does not look into the query or a form, because
// these end up in logs and histories (RFC 9700 §4.3.2). If it refuses r, the token is ""
// and the code and the cause say why.
func (g *Guard) credential(r Request) (token string, code Code, cause error) {
	if r.Header == nil {
		return "", CodeMissing, errNoCredentials
	}
	token, code, cause = authorization(r.Header.Values("Authorization"))
	if g.cookie == "" || code == CodeMalformed {
		return token, code, cause
	}

	value, count := findCookie(r.Header.Values("Cookie"), g.cookie)
	switch {
	case count == 0:
		return token, code, cause
	case meansBearer(r.Header.Values("Authorization")):
		return "", CodeMalformed, errTwoPlaces
	case count > 1:
		return "", CodeMalformed, errTwoCookies
	case value == "":
		return "", CodeMalformed, errEmptyCookie
	case g.crossOrigin(r):
		return "", CodeDenied, errCrossOrigin
	}
	return checkToken(value)
}

// findCookie returns the value of the last cookie of that name, without the quotes that
// may be around it (RFC 6265 §4.1.1), and the number of such cookies. It leaves out none.
// [http.Request.CookiesNamed] leaves out those whose value has an octet that is not
// allowed, so a bad token would count as no token.
func findCookie(fields []string, name string) (value string, count int) {
	const space = " \t\r\n" // what net/http trims around a name
	for _, field := range fields {
		for part := range strings.SplitSeq(field, ";") {
			before, after, _ := strings.Cut(strings.Trim(part, space), "=")
			if strings.Trim(before, space) != name {
				continue
			}
			count, value = count+1, after
			if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' {
				value = value[1 : n-1]
			}
		}
	}
	return value, count
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

// crossOrigin tells whether a browser sent r for a page of another origin. A browser
// attaches cookies to requests of any page, so a token in a cookie does not prove that its
// owner wants the request.
func (g *Guard) crossOrigin(r Request) bool {
	header := make(http.Header, 2)
	for _, name := range []string{"Sec-Fetch-Site", "Origin"} {
		if values := r.Header.Values(name); len(values) > 0 {
			header[name] = values
		}
	}
	method := r.Method
	if len(r.Header.Values("Upgrade")) > 0 {
		// A GET opens a WebSocket. The check lets a GET pass, but a WebSocket may then do
		// anything.
		method = http.MethodPost
	}
	return g.csrf.Check(&http.Request{Method: method, Host: r.Host, Header: header}) != nil
}
