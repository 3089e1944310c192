package middleware

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/bearerguard/bearerguard/internal/say"
)

// ambient is credential for a Guard with Options.Cookie or Options.Header. A token is
// ambient if a browser may have attached it to the request of any page: it is in the
// cookie, or in a header that a proxy makes from a cookie.
func (g *Guard) ambient(r Request) (token string, code Code, cause error) {
	sent := r.Header.Values("Authorization")
	attached := g.header != ""
	if attached {
		token, code, cause = g.whole(r.Header.Values(g.header), sent)
	} else {
		token, code, cause = authorization(sent)
	}
	if g.cookie != "" && code != CodeMalformed {
		value, count := findCookie(r.Header.Values("Cookie"), g.cookie)
		switch {
		case count == 0:
		case count > 1:
			return "", CodeMalformed, errTwoCookies
		case code == CodeMissing && meansBearer(sent):
			return "", CodeMalformed, errTwoPlaces
		case code == CodeMissing && value == "":
			return "", CodeMalformed, errEmptyCookie
		case code == CodeMissing:
			token, code, cause, attached = value, "", nil, true
		case value == "": // it holds nothing that could differ
		case value != token:
			return "", CodeMalformed, errTwoPlaces
		default:
			attached = true
		}
	}
	switch {
	case code != "":
		return "", code, cause
	case !attached || !g.crossOrigin(r):
		return checkToken(token)
	case g.header == "":
		return "", CodeDenied, errCrossOrigin
	}
	return "", CodeDenied, errCrossHeader
}

// whole returns the token that is the whole value of Options.Header. sent are the values of
// the Authorization header, which then holds no token.
func (g *Guard) whole(values, sent []string) (token string, code Code, cause error) {
	const scheme = "Bearer "
	switch {
	case len(values) == 0 && meansBearer(sent):
		return "", CodeMissing, fmt.Errorf("the token is in Authorization, and Options.Header says %s", g.header)
	case len(values) == 0:
		return "", CodeMissing, errNoHeader
	case len(sent) > 0:
		return "", CodeMalformed, errBesideHeader
	case len(values) > 1:
		return "", CodeMalformed, errTwoFields
	case values[0] == "":
		return "", CodeMalformed, errEmptyHeader
	case len(values[0]) >= len(scheme) && strings.EqualFold(values[0][:len(scheme)], scheme):
		return "", CodeInvalid, errSchemeInHeader
	}
	return values[0], "", nil
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

// crossOrigin tells whether a browser sent r for a page of another origin. A browser
// attaches cookies to requests of any page, so a token in a cookie, or in a header that was
// made from one, does not prove that its owner wants the request.
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

// headerFault says why a header of that name can't hold a token, or "". No name is no fault.
func headerFault(name string) string {
	for _, c := range name {
		if c >= utf8.RuneSelf || !isTokenByte(byte(c)) {
			return "is not the name of a header field (RFC 9110 §5.6.2), because it has " + say.Quote(string(c))
		}
	}
	switch canonical := http.CanonicalHeaderKey(name); canonical {
	case "Authorization":
		return "holds the token by default, after the scheme Bearer: leave Header empty"
	case "Cookie":
		return "holds several cookies: name one in Cookie"
	case "Proxy-Authorization":
		return "is for proxies, which remove it"
	case "Origin", "Sec-Fetch-Site", "Upgrade":
		return "is read to find requests of other origins"
	case "Connection", "Content-Length", "Expect", "Host", "Trailer", "Transfer-Encoding":
		return "is read by the server itself, so it can't hold a token"
	case "Sec-Websocket-Protocol":
		return "must be answered with one of its protocols: use httpauth.Subprotocol"
	default:
		switch {
		case strings.HasPrefix(canonical, "Grpc-"):
			return "begins with grpc-: such keys of metadata are reserved for gRPC itself"
		case strings.HasSuffix(canonical, "-Bin"):
			return "ends in -bin: gRPC decodes the value of such metadata from base64, so it isn't the token any more"
		}
	}
	return ""
}

// originFault says why no browser sends origin, or "". origin is one that AddTrustedOrigin has
// accepted. Origins are compared to the letter, so it would trust nobody.
func originFault(origin string) string {
	u, _ := url.Parse(origin) // AddTrustedOrigin has parsed it
	sent := u.Scheme + "://" + strings.ToLower(u.Host)
	for scheme, port := range map[string]string{"https": ":443", "http": ":80"} {
		if u.Scheme == scheme {
			sent = strings.TrimSuffix(sent, port)
		}
	}
	switch {
	case strings.Contains(origin, "*"):
		return "has a wildcard, and origins are compared to the letter: list each of them"
	case u.User != nil:
		return "has credentials: write " + say.Quote(sent)
	case origin != sent:
		return "is written in another way by browsers: write " + say.Quote(sent)
	}
	return ""
}
