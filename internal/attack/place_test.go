package attack_test

import (
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// placeAttacks are for APIs that accept tokens in other places than Authorization. GOOD stands for
// a good token, the same one in each place, and OTHER for another good one.
func placeAttacks() []attack {
	out := headerAttacks()
	out = append(out, bothPlacesAttacks()...)
	return append(out, subprotocolAttacks()...)
}

// sends sends these fields, names and values in turn.
func sends(method string, fields ...string) func(*world) request {
	return func(w *world) request {
		good := w.mint(authtest.Token{Claims: map[string]any{"jti": "1"}})
		other := w.mint(authtest.Token{Claims: map[string]any{"jti": "2"}})
		r := request{method: method, header: http.Header{}}
		for i := 0; i < len(fields); i += 2 {
			value := strings.NewReplacer("GOOD", good, "OTHER", other).Replace(fields[i+1])
			r.header[fields[i]] = append(r.header[fields[i]], value)
		}
		return r
	}
}

// assertion is the header of an identity-aware proxy.
const assertion = "X-Proxy-Assertion"

// headerAttacks are for an API behind an identity-aware proxy, with Options.Header.
func headerAttacks() []attack {
	const (
		none                  = "no header that Options.Header names"
		list, csrf, malformed = "RFC 9110 §5.3", "RFC 9700 §4.7; CWE-352", middleware.CodeMalformed
		missing, denied       = middleware.CodeMissing, middleware.CodeDenied
		twice, beside         = "more than one header that Options.Header names", "an Authorization header beside the header"
	)
	out := []attack{
		{name: "a second header of the configured name", reference: list, send: sends("", assertion, "GOOD", assertion, "OTHER"), code: malformed, reason: twice},
		{name: "the same token in two headers of the configured name", reference: list, send: sends("", assertion, "GOOD", assertion, "GOOD"), code: malformed, reason: twice},
		{name: "an empty header before one of the configured name", reference: list, send: sends("", assertion, "", assertion, "GOOD"), code: malformed, reason: twice},
		{name: "a configured header in two cases", reference: "RFC 9110 §5.1; RFC 9113 §8.2.1", send: sends("", assertion, "GOOD", "x-PROXY-assertion", "OTHER"), code: malformed, reason: twice, overGRPC: byServer},
		{name: "two tokens in a configured header, joined by a proxy", reference: list, send: sends("", assertion, "GOOD, OTHER"), reason: notToken68},
		{name: "an empty configured header", reference: list, send: sends("", assertion, ""), code: malformed, reason: "an empty header that Options.Header names"},
		{name: "a scheme in a configured header", reference: "RFC 6750 §2.1", send: sends("", assertion, "Bearer GOOD"), reason: "its whole value must be the token"},
		{name: "another token in Authorization beside a configured header", reference: "RFC 6750 §2", send: sends("", assertion, "GOOD", "Authorization", "Bearer OTHER"), code: malformed, reason: beside},
		{name: "the same token in Authorization beside a configured header", reference: "RFC 6750 §2", send: sends("", assertion, "GOOD", "Authorization", "Bearer GOOD"), code: malformed, reason: beside},
		{name: "Basic beside a configured header", reference: "RFC 6750 §2", send: sends("", assertion, "GOOD", "Authorization", "Basic eDp5"), code: malformed, reason: beside},
		{name: "a token in Authorization in place of a configured header", reference: "RFC 6750 §2", send: sends("", "Authorization", "Bearer GOOD"), code: missing, reason: "the token is in Authorization, and Options.Header says X-Proxy-Assertion"},
		{name: "a configured header with an underscore for a hyphen", reference: "CWE-444; the CGI names of nginx", send: sends("", "X_proxy_assertion", "GOOD"), code: missing, reason: none},
		{name: "a configured header as metadata of gRPC for octets", reference: "gRPC over HTTP/2: custom metadata", send: sends("", assertion+"-Bin", "GOOD"), code: missing, reason: none},
		{name: "a configured header in a trailer", reference: "RFC 9110 §6.5.1", send: func(w *world) request {
			return request{method: http.MethodPost, trailer: assertion + ": " + w.mint(authtest.Token{})}
		}, code: missing, reason: none, httpOnly: "a trailer: gRPC's server takes none from its callers"},
		{name: "a configured header in capitals", reference: "RFC 9110 §5.1; RFC 9113 §8.2.1", send: sends("", "X-PROXY-ASSERTION", "GOOD"), code: passes, overGRPC: byServer},
		{name: "a configured header for another site's page", reference: csrf, send: sends(http.MethodPost, assertion, "GOOD", "Sec-Fetch-Site", "cross-site"), code: denied, reason: "another origin"},
		{name: "a configured header for another host of the site", reference: csrf, send: sends(http.MethodPost, assertion, "GOOD", "Sec-Fetch-Site", "same-site"), code: denied, reason: "another origin"},
		{name: "a configured header for another origin's page in an old browser", reference: csrf, send: sends(http.MethodPost, assertion, "GOOD", "Origin", "https://evil.test"), code: denied, reason: "another origin"},
		{name: "a configured header for a page without an origin", reference: csrf, send: sends(http.MethodPost, assertion, "GOOD", "Origin", "null"), code: denied, reason: "another origin"},
		{name: "a configured header for a WebSocket from another origin", reference: "CWE-1385", send: sends("", assertion, "GOOD", "Origin", "https://evil.test", "Upgrade", "websocket"), code: denied, reason: "another origin"},
		{name: "a bad token in a configured header", reference: "RFC 7515 §5.2", send: sends("", assertion, "x"), reason: "not three non-empty parts"},
	}
	for i := range out {
		out[i].prepare = func(w *world) { w.options.Header = assertion }
	}
	return out
}

// bothPlacesAttacks send a cookie beside a header, to an API that reads both.
func bothPlacesAttacks() []attack {
	const csrf, places = "RFC 9700 §4.7; CWE-352", "RFC 6750 §2"
	const differ = "a token in a header and another in a cookie"
	malformed := middleware.CodeMalformed
	out := []attack{
		{name: "the same token in a cookie and in Authorization", reference: places, send: sends("", "Cookie", "session=GOOD", "Authorization", "Bearer GOOD"), code: passes},
		{name: "the same token in a cookie and in Authorization, from another site", reference: csrf, send: sends(http.MethodPost, "Cookie", "session=GOOD", "Authorization", "Bearer GOOD", "Sec-Fetch-Site", "cross-site"), code: middleware.CodeDenied, reason: "another origin"},
		{name: "two good tokens, in a cookie and in Authorization", reference: places, send: sends("", "Cookie", "session=OTHER", "Authorization", "Bearer GOOD"), code: malformed, reason: differ},
		{name: "a cookie that begins like the token in Authorization", reference: places, send: sends("", "Cookie", "session=GOODx", "Authorization", "Bearer GOOD"), code: malformed, reason: differ},
		{name: "an empty cookie beside a good token", reference: places, send: sends(http.MethodPost, "Cookie", "session=", "Authorization", "Bearer GOOD", "Sec-Fetch-Site", "cross-site"), code: passes},
		{name: "an empty cookie beside the same token in another cookie", reference: "RFC 6265 §5.4", send: sends("", "Cookie", "session=; session=GOOD", "Authorization", "Bearer GOOD"), code: malformed, reason: "more than one cookie"},
		{name: "a cookie beside a lookalike of the same token", reference: places, send: sends("", "Cookie", "session=GOOD", "Authorization", "Basic eDp5, Bearer GOOD"), code: malformed, reason: differ},
	}
	for i := range out {
		out[i].prepare = func(w *world) { w.options.Cookie = "session" }
	}
	proxied := []attack{
		{name: "two good tokens, in a cookie and in a configured header", reference: places, send: sends("", "Cookie", "session=OTHER", assertion, "GOOD"), code: malformed, reason: differ},
		{name: "the same token in a cookie and in a configured header, from another site", reference: csrf, send: sends(http.MethodPost, "Cookie", "session=GOOD", assertion, "GOOD", "Sec-Fetch-Site", "cross-site"), code: middleware.CodeDenied, reason: "another origin"},
		{name: "an empty cookie beside a configured header, from another site", reference: csrf, send: sends(http.MethodPost, "Cookie", "session=", assertion, "GOOD", "Sec-Fetch-Site", "cross-site"), code: middleware.CodeDenied, reason: "another origin"},
		{name: "the same token in a cookie and in Authorization, in place of a configured header", reference: places, send: sends("", "Cookie", "session=GOOD", "Authorization", "Bearer GOOD"), code: malformed, reason: differ},
	}
	for i := range proxied {
		proxied[i].prepare = func(w *world) { w.options.Header, w.options.Cookie = assertion, "session" }
	}
	return append(out, proxied...)
}

// subprotocolAttacks are for the WebSockets of browsers. Each API of the table has
// httpauth.Subprotocol in front.
func subprotocolAttacks() []attack {
	const offers, where = "Sec-Websocket-Protocol", "RFC 6455 §4.1, §11.3.4"
	out := []attack{
		{name: "a token in a subprotocol", reference: where, send: sends("", offers, "chat, bearer.GOOD"), code: passes},
		{name: "a token in a subprotocol from another site's page, which must know it", reference: "CWE-1385", send: sends("", offers, "chat, bearer.GOOD", "Upgrade", "websocket", "Sec-Fetch-Site", "cross-site"), code: passes},
		{name: "a subprotocol beside Authorization", reference: "RFC 6750 §2", send: sends("", offers, "chat, bearer.GOOD", "Authorization", "Bearer OTHER"), code: middleware.CodeMalformed, reason: "more than one Authorization header"},
		{name: "a subprotocol beside the same token in Authorization", reference: "RFC 6750 §2", send: sends("", offers, "chat, bearer.GOOD", "Authorization", "Bearer GOOD"), code: middleware.CodeMalformed, reason: "more than one Authorization header"},
		{name: "a subprotocol beside Basic", reference: "RFC 6750 §2", send: sends("", offers, "chat, bearer.GOOD", "Authorization", "Basic eDp5"), code: middleware.CodeMalformed, reason: "more than one Authorization header"},
		{name: "two tokens in subprotocols", reference: where, send: sends("", offers, "chat, bearer.GOOD, bearer.OTHER"), code: byServer},
		{name: "two tokens in two fields of subprotocols", reference: where, send: sends("", offers, "chat, bearer.GOOD", offers, "bearer.GOOD"), code: byServer},
		{name: "a subprotocol with the token alone, which the server would have to repeat", reference: where, send: sends("", offers, "bearer.GOOD"), code: byServer},
		{name: "a subprotocol with the token beside empty elements", reference: "RFC 9110 §5.6.1.2", send: sends("", offers, ", bearer.GOOD,,"), code: byServer},
		{name: "a subprotocol with the prefix in another case", reference: where, send: sends("", offers, "chat, Bearer.GOOD"), code: middleware.CodeMissing, reason: "no bearer credentials"},
		{name: "a subprotocol with the prefix alone", reference: where, send: sends("", offers, "chat, bearer."), code: middleware.CodeMalformed, reason: "nothing after the scheme"},
		{name: "a subprotocol with two tokens and a space between them", reference: where, send: sends("", offers, "chat, bearer.GOOD OTHER"), reason: notToken68},
		{name: "a subprotocol with a bad token", reference: where, send: sends("", offers, "chat, bearer.x"), reason: "not three non-empty parts"},
		{name: "a subprotocol beside a cookie with another token", reference: "RFC 6750 §2", prepare: func(w *world) { w.options.Cookie = "session" }, send: sends("", offers, "chat, bearer.GOOD", "Cookie", "session=OTHER"), code: middleware.CodeMalformed, reason: "a token in a header and another in a cookie"},
		{name: "a subprotocol with the cookie's token, from another origin", reference: "CWE-1385", prepare: func(w *world) { w.options.Cookie = "session" }, send: sends("", offers, "chat, bearer.GOOD", "Cookie", "session=GOOD", "Upgrade", "websocket", "Sec-Fetch-Site", "cross-site"), code: middleware.CodeDenied, reason: "another origin"},
		{name: "a subprotocol in place of a configured header", reference: "RFC 6750 §2", prepare: func(w *world) { w.options.Header = assertion }, send: sends("", offers, "chat, bearer.GOOD"), code: middleware.CodeMissing, reason: "the token is in Authorization"},
		{name: "a subprotocol beside a configured header", reference: "RFC 6750 §2", prepare: func(w *world) { w.options.Header = assertion }, send: sends("", offers, "chat, bearer.GOOD", assertion, "GOOD"), code: middleware.CodeMalformed, reason: "an Authorization header beside the header"},
	}
	for i := range out {
		out[i].httpOnly = "a WebSocket"
	}
	return out
}
