package attack_test

import (
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// fieldAttacks change how the credentials are sent. The token itself is good: GOOD stands for one.
func fieldAttacks() []attack {
	const (
		list, scheme, bearers = "RFC 9110 §5.3; RFC 6750 §2", "RFC 9110 §11.4; RFC 6750 §2.1", "RFC 6750 §2.1"
		missing, malformed    = middleware.CodeMissing, middleware.CodeMalformed
		other                 = "credentials of another scheme"
	)
	fields := func(values ...string) func(*world) request {
		return func(w *world) request {
			good := w.mint(authtest.Token{})
			var out []string
			for _, v := range values {
				out = append(out, strings.ReplaceAll(v, "GOOD", good))
			}
			return field(out...)
		}
	}
	out := []attack{
		{name: "the same token in two headers", reference: list, send: fields("Bearer GOOD", "Bearer GOOD"), code: malformed, reason: "more than one Authorization header"},
		{name: "a good token before a bad one", reference: list, send: fields("Bearer GOOD", "Bearer x"), code: malformed, reason: "more than one Authorization header"},
		{name: "a bad token before a good one", reference: list, send: fields("Bearer x", "Bearer GOOD"), code: malformed, reason: "more than one Authorization header"},
		{name: "Basic before a good token", reference: list, send: fields("Basic eDp5", "Bearer GOOD"), code: malformed, reason: "more than one Authorization header"},
		{name: "an empty header before a good token", reference: list, send: fields("", "Bearer GOOD"), code: malformed, reason: "more than one Authorization header"},
		{name: "two tokens in a list", reference: list, send: fields("Bearer GOOD,Bearer GOOD"), reason: notToken68},
		{name: "two tokens in a list without a second scheme", reference: list, send: fields("Bearer GOOD,GOOD"), reason: notToken68},
		{name: "a comma behind the token", reference: list, send: fields("Bearer GOOD,"), reason: notToken68},
		{name: "Basic in a list before a good token", reference: list, send: fields("Basic eDp5, Bearer GOOD"), code: missing, reason: other},
		{name: "parameters behind the token", reference: bearers, send: fields(`Bearer GOOD, realm="x"`), reason: notToken68},
		{name: "a parameter instead of the token", reference: bearers, send: fields("Bearer token=GOOD"), reason: notBase64},
		{name: "the scheme twice", reference: scheme, send: fields("Bearer Bearer GOOD"), reason: notToken68},
		{name: "the scheme alone", reference: scheme, send: fields("Bearer"), code: malformed, reason: "nothing after the scheme"},
		{name: "no scheme", reference: scheme, send: fields("GOOD"), code: missing, reason: other},
		{name: "a colon after the scheme", reference: scheme, send: fields("Bearer: GOOD"), code: missing, reason: other},
		{name: "nothing between scheme and token", reference: scheme, send: fields("BearerGOOD"), code: missing, reason: other},
		{name: "a scheme that begins with the right one", reference: scheme, send: fields("BearerX GOOD"), code: missing, reason: other},
		{name: "a scheme in quotes", reference: scheme, send: fields(`"Bearer" GOOD`), code: missing, reason: other},
		{name: "a token of the scheme DPoP", reference: "RFC 9449 §7.1", send: fields("DPoP GOOD"), code: missing, reason: other},
		{name: "a token of the scheme Token", reference: scheme, send: fields("Token GOOD"), code: missing, reason: other},
		{name: "a token in the field of proxies", reference: "RFC 9110 §11.7.2", send: inField("Proxy-Authorization", "Bearer GOOD"), code: missing, reason: "no bearer credentials"},
		{name: "a token in a field of its own", reference: bearers, send: inField("Access-Token", "GOOD"), code: missing, reason: "no bearer credentials"},
		{name: "a token in the metadata of gRPC for octets", reference: bearers, send: inField("Authorization-Bin", "Bearer GOOD"), code: missing, reason: "no bearer credentials"},
		{name: "a token in a cookie that is not configured", reference: bearers, send: inField("Cookie", "session=GOOD"), code: missing, reason: "no bearer credentials"},
	}

	// No client would send these. HTTP/2 has no lines to break, and its servers refuse such fields.
	out = append(out, []attack{
		{name: "a token in the query", reference: "RFC 6750 §2.3, §5.3; RFC 9700 §4.3.2", send: func(w *world) request {
			return request{target: "/things?access_token=" + w.mint(authtest.Token{})}
		}, code: missing, reason: "no bearer credentials", httpOnly: "a query"},
		{name: "a token in a form", reference: "RFC 6750 §2.2", send: func(w *world) request {
			return request{method: http.MethodPost, body: "access_token=" + w.mint(authtest.Token{})}
		}, code: missing, reason: "no bearer credentials", httpOnly: "a form"},
		{name: "a header that a line feed brings in", reference: "RFC 9112 §11.1; CWE-113", send: fields("Bearer x\r\nAuthorization: Bearer GOOD"), code: malformed, reason: "more than one Authorization header", overGRPC: byServer},
		{name: "a second header in another case", reference: "RFC 9110 §5.1; RFC 9113 §8.2.1", send: func(w *world) request {
			return request{header: http.Header{
				"Authorization": {"Bearer x"}, "aUTHORIZATION": {"Bearer " + w.mint(authtest.Token{})},
			}}
		}, code: malformed, reason: "more than one Authorization header", overGRPC: byServer},
		{name: "a token on a folded line of its own", reference: "RFC 9112 §5.2", send: fields("Bearer x\r\n GOOD"), reason: notToken68, overGRPC: byServer},
		{name: "a tab after the scheme", reference: scheme, send: fields("Bearer\tGOOD"), code: missing, reason: other},
		{name: "a space that is not ASCII after the scheme", reference: scheme, send: fields("Bearer\u00a0GOOD"), code: missing, reason: other},
		{name: "a NUL before the token", reference: "RFC 9110 §5.5", send: fields("Bearer \x00GOOD"), code: byServer},
		{name: "a NUL after the token", reference: "RFC 9110 §5.5", send: fields("Bearer GOOD\x00"), code: byServer},
		{name: "a carriage return within the token", reference: "RFC 9110 §5.5; RFC 9112 §2.2", send: fields("Bearer GOOD\rx"), code: byServer},
		{name: "a control character within the token", reference: "RFC 9110 §5.5", send: fields("Bearer GOOD\x7f"), code: byServer},
		{name: "a space before the colon", reference: "RFC 9112 §5.1", send: inField("Authorization ", "Bearer GOOD"), code: byServer},
		{name: "a token in a trailer", reference: "RFC 9110 §6.5.1", send: func(w *world) request {
			return request{method: http.MethodPost, trailer: "Authorization: Bearer " + w.mint(authtest.Token{})}
		}, code: missing, reason: "no bearer credentials", httpOnly: "a trailer: gRPC's server takes none from its callers"},
		{name: "a field name in capitals", reference: "RFC 9110 §5.1; RFC 9113 §8.2.1", send: inField("AUTHORIZATION", "Bearer GOOD"), code: passes, overGRPC: byServer},
		{name: "a header of 2 MB", reference: "RFC 6585 §5", send: fields("Bearer " + strings.Repeat("A", 2<<20)), code: byServer, httpOnly: "a bound of net/http's; gRPC's is 16 MB"},
	}...)
	return append(out, cookieAttacks()...)
}

func inField(name, value string) func(*world) request {
	return func(w *world) request {
		return request{header: http.Header{name: {strings.ReplaceAll(value, "GOOD", w.mint(authtest.Token{}))}}}
	}
}

// cookieAttacks are for an API that also accepts tokens in a cookie.
func cookieAttacks() []attack {
	const csrf, twice = "RFC 9700 §4.7; CWE-352", "RFC 6265 §5.4"
	configured := func(w *world) { w.options.Cookie = "session" }
	cookies := func(method string, header map[string]string) func(*world) request {
		return func(w *world) request {
			r := request{method: method, header: http.Header{}}
			for name, value := range header {
				r.header.Set(name, strings.ReplaceAll(value, "GOOD", w.mint(authtest.Token{})))
			}
			return r
		}
	}
	out := []attack{
		{name: "two cookies of the name", reference: twice, send: cookies("", map[string]string{"Cookie": "session=x; session=GOOD"}), code: middleware.CodeMalformed, reason: "more than one cookie"},
		{name: "a cookie and another token in the header", reference: "RFC 6750 §2", send: cookies("", map[string]string{"Cookie": "session=GOOD", "Authorization": "Bearer GOOD"}), code: middleware.CodeMalformed, reason: "a token in a header and another in a cookie"},
		{name: "a cookie and a bad header", reference: "RFC 6750 §2", send: cookies("", map[string]string{"Cookie": "session=GOOD", "Authorization": "Bearer x"}), code: middleware.CodeMalformed, reason: "a token in a header and another in a cookie"},
		{name: "an empty cookie", reference: twice, send: cookies("", map[string]string{"Cookie": "session="}), code: middleware.CodeMalformed, reason: "an empty cookie"},
		{name: "a cookie in another case", reference: "RFC 6265 §5.3", send: cookies("", map[string]string{"Cookie": "Session=GOOD"}), code: middleware.CodeMissing, reason: "no bearer credentials"},
		{name: "a cookie that another site's page sends", reference: csrf, send: cookies(http.MethodPost, map[string]string{"Cookie": "session=GOOD", "Sec-Fetch-Site": "cross-site"}), code: middleware.CodeDenied, reason: "another origin"},
		{name: "a cookie that another host of the site sends", reference: csrf, send: cookies(http.MethodPost, map[string]string{"Cookie": "session=GOOD", "Sec-Fetch-Site": "same-site"}), code: middleware.CodeDenied, reason: "another origin"},
		{name: "a cookie that an old browser sends from another origin", reference: csrf, send: cookies(http.MethodPost, map[string]string{"Cookie": "session=GOOD", "Origin": "https://evil.test"}), code: middleware.CodeDenied, reason: "another origin"},
		{name: "a cookie that a page without an origin sends", reference: csrf, send: cookies(http.MethodPost, map[string]string{"Cookie": "session=GOOD", "Origin": "null"}), code: middleware.CodeDenied, reason: "another origin"},
		{name: "a cookie that opens a WebSocket from another origin", reference: "CWE-1385", send: cookies("", map[string]string{"Cookie": "session=GOOD", "Origin": "https://evil.test", "Upgrade": "websocket"}), code: middleware.CodeDenied, reason: "another origin"},
	}
	for i := range out {
		out[i].prepare = configured
	}
	return out
}
