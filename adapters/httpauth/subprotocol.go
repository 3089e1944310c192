package httpauth

import (
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/nethttp"
)

// offers is the field in which a WebSocket client lists its subprotocols (RFC 6455 §11.3.4).
const offers = "Sec-Websocket-Protocol"

// Subprotocol is for the WebSockets of browsers, which can't set the header Authorization. The
// page offers its token as a subprotocol, behind a prefix that none of the real ones has:
//
//	new WebSocket(url, ["chat", "bearer." + token])
//
// Put it in front of everything, whichever router is behind it:
//
//	server := http.Server{Handler: httpauth.Subprotocol("bearer.")(router)}
//
// If a protocol of Sec-WebSocket-Protocol begins with prefix, the next handler gets a copy of
// the request. In the copy, the protocol is taken out, and the token is in Authorization. So
// guards, handlers and logs behind it find the token where they expect it, and a server that
// chooses among the protocols never answers with the token. An Authorization header that was
// there stays, and a guard refuses both as malformed. A guard with middleware.Options.Header
// refuses either, because it reads no token from Authorization.
//
// This applies to requests of each method, of public routes, and of WebSockets over HTTP/2 (RFC
// 8441). All other requests are passed on as they are.
//
// A server must answer with a protocol that the client offered, and a browser closes the
// connection if it does not. So the client must offer another one than the token, which the
// server chooses. If it offers no other, or two tokens, the answer is 400, on public routes
// too.
//
// What is in front of Subprotocol sees the token in Sec-WebSocket-Protocol. A proxy or a logger
// that hides Authorization may not hide this field. prefix is compared to the letter. A token
// must consist of the characters of RFC 9110 §5.6.2, as every JWT does.
//
// Subprotocol panics if prefix is empty or has other characters.
func Subprotocol(prefix string) func(http.Handler) http.Handler {
	if prefix == "" || strings.ContainsFunc(prefix, notInTokens) {
		panic("httpauth: the prefix of Subprotocol must consist of token characters (RFC 9110 §5.6.2)")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			tokens, others := split(r.Header[offers], prefix)
			switch {
			case len(tokens) == 0:
				next.ServeHTTP(w, r)
				return
			case len(tokens) > 1:
				http.Error(w, "more than one token in Sec-WebSocket-Protocol", http.StatusBadRequest)
				return
			case len(others) == 0:
				http.Error(w, "no other protocol beside the token in Sec-WebSocket-Protocol", http.StatusBadRequest)
				return
			}
			lent := nethttp.Lend(r.Context(), r)
			defer nethttp.GiveBack(r, lent)
			lent.Header = r.Header.Clone()
			lent.Header[offers] = []string{strings.Join(others, ", ")}
			lent.Header.Add("Authorization", "Bearer "+tokens[0])
			next.ServeHTTP(w, lent)
		})
	}
}

// split returns what follows prefix in the protocols that begin with it, and the others.
func split(fields []string, prefix string) (tokens, others []string) {
	for _, field := range fields {
		for protocol := range strings.SplitSeq(field, ",") {
			protocol = strings.Trim(protocol, " \t")
			if token, found := strings.CutPrefix(protocol, prefix); found {
				tokens = append(tokens, token)
			} else if protocol != "" { // an empty element counts as none, RFC 9110 §5.6.1.2
				others = append(others, protocol)
			}
		}
	}
	return tokens, others
}

// notInTokens tells whether a token can't have c (RFC 9110 §5.6.2).
func notInTokens(c rune) bool {
	return !strings.ContainsRune(
		"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", c,
	)
}
