package migrate

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// Row is a request, and how the two programs answered it.
type Row struct{ What, Before, After string }

// credentials sends requests that differ in their credentials.
func (c Comparison) credentials(t *testing.T) []Row {
	issuer := c.signer(t)
	before, after := c.Before(t, issuer.Issuer), c.After(t, issuer.Issuer)
	var rows []Row
	send := func(what string, edit func(*http.Request)) (a, b Answer) {
		ask := func(s Server) Answer {
			r := httptest.NewRequest(http.MethodGet, "http://api.example"+c.Target, http.NoBody)
			edit(r)
			return s(r)
		}
		a, b = ask(before), ask(after)
		rows = append(rows, Row{what, a.Status, b.Status})
		return a, b
	}
	bears := func(what string, token authtest.Token) (a, b Answer) {
		text := issuer.mint(token)
		return send(what, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+text) })
	}
	claims := func(claims map[string]any) authtest.Token { return authtest.Token{Claims: claims} }
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }

	bears("a good token", authtest.Token{})
	noneBefore, noneAfter := send("no token", func(*http.Request) {})
	lateBefore, lateAfter := bears("a token that has expired", claims(map[string]any{"exp": ago(time.Hour)}))
	bears("a token that expired 10 s ago", claims(map[string]any{"exp": ago(10 * time.Second)}))
	bears("a token without `exp`", claims(map[string]any{"exp": nil}))
	bears("a token without `iss`", claims(map[string]any{"iss": nil}))
	bears("a token of another `iss`", claims(map[string]any{"iss": "https://other.example"}))
	bears("a token without `aud`", claims(map[string]any{"aud": nil}))
	bears("a token for another `aud`", claims(map[string]any{"aud": "https://other.example"}))
	bears("a token without the right", claims(c.poor()))

	forgedBefore, forgedAfter := bears("a token with a bad signature", issuer.forged())
	bears("`alg` is `none`", authtest.Token{Algorithm: "none"})
	bears("`alg` is that of another kind of key", issuer.confused(t))
	bears("`crit` names an unknown extension", authtest.Token{Header: map[string]any{
		"crit": []string{"x"}, "x": true,
	}})
	bears("an ID token (`at_hash`)", authtest.Token{
		Header: map[string]any{"typ": "JWT"}, Claims: map[string]any{"at_hash": "x"},
	})
	bears("a logout token (`typ`)", authtest.Token{Header: map[string]any{"typ": "logout+jwt"}})
	bears("a token bound to a key (`cnf`)", claims(map[string]any{"cnf": map[string]any{"jkt": "x"}}))

	good := issuer.mint(authtest.Token{})
	bad := issuer.mint(issuer.forged())
	header := func(what string, values ...string) {
		send(what, func(r *http.Request) { r.Header["Authorization"] = values })
	}
	header("`Authorization: bearer TOKEN`, in lower case", "bearer "+good)
	header("`Authorization: TOKEN`, without `Bearer`", good)
	header("two Authorization headers, good and bad", "Bearer "+good, "Bearer "+bad)
	header("two Authorization headers, bad and good", "Bearer "+bad, "Bearer "+good)
	send("the token in `X-Token`", func(r *http.Request) { r.Header.Set("X-Token", good) })
	if !c.NotHTTP {
		send("the token in `?token=`", func(r *http.Request) { r.URL.RawQuery = "token=" + good })
		send("the token in `?token=`, a bad one in the header", func(r *http.Request) {
			r.URL.RawQuery = "token=" + good
			r.Header.Set("Authorization", "Bearer "+bad)
		})
		send("the token in the cookie `jwt`", func(r *http.Request) {
			r.AddCookie(&http.Cookie{Name: "jwt", Value: good})
		})
		send("the token in the header and in the cookie `jwt`", func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+good)
			r.AddCookie(&http.Cookie{Name: "jwt", Value: good})
		})
		send("a path without a route, no token", func(r *http.Request) { r.URL.Path += "/nothing" })
	}
	return append(rows,
		Row{"the challenge, without a token", code(noneBefore.Challenge), code(noneAfter.Challenge)},
		Row{"the body, without a token", code(noneBefore.Body), code(noneAfter.Body)},
		Row{"the body, expired", code(lateBefore.Body), code(lateAfter.Body)},
		Row{"the body, bad signature", code(forgedBefore.Body), code(forgedAfter.Body)},
	)
}

func (c Comparison) poor() map[string]any {
	if c.Poor != nil {
		return c.Poor
	}
	return map[string]any{"scope": "other"}
}

// code quotes text in Markdown.
func code(text string) string {
	if text == "" {
		return "none"
	}
	return "`" + text + "`"
}

// keys sends good tokens while the issuer changes its keys or is down. A shared secret is not
// fetched, so nothing can differ there.
func (c Comparison) keys(t *testing.T) []Row {
	if c.Issuer.Algorithm == "HS256" {
		return nil
	}
	var rows []Row
	// The issuer of each program is its own, because fetches are bounded.
	try := func(what string, last func(issuer *signer, start func() Server) (answer string)) {
		var answers []string
		for _, start := range []func(*testing.T, *authtest.Issuer) Server{c.Before, c.After} {
			issuer := c.signer(t)
			answers = append(answers, last(issuer, func() Server { return start(t, issuer.Issuer) }))
		}
		rows = append(rows, Row{what, answers[0], answers[1]})
	}
	ask := func(issuer *signer, server Server) string {
		r := httptest.NewRequest(http.MethodGet, "http://api.example"+c.Target, http.NoBody)
		r.Header.Set("Authorization", "Bearer "+issuer.mint(authtest.Token{}))
		return server(r).Status
	}
	try("a token of a key that the issuer has just added", func(issuer *signer, start func() Server) string {
		server := start()
		ask(issuer, server)
		issuer.rotate()
		return ask(issuer, server)
	})
	try("20 tokens of unknown keys", func(issuer *signer, start func() Server) string {
		unknown := func() authtest.Token { return authtest.Token{Header: map[string]any{"kid": rand.Text()}} }
		const tokens, pause = 20, 1500 * time.Millisecond
		server := start()
		ask(issuer, server)
		before, began := issuer.Fetches(), time.Now()
		for range tokens {
			r := httptest.NewRequest(http.MethodGet, "http://api.example"+c.Target, http.NoBody)
			r.Header.Set("Authorization", "Bearer "+issuer.mint(unknown()))
			server(r)
		}
		switch n := issuer.Fetches() - before; {
		case n == 0:
			return "no fetch"
		case n == tokens:
			return "20 fetches"
		case n <= 1+int(time.Since(began)/pause): // slow machines take longer
			return "1 fetch"
		default:
			return strconv.Itoa(n) + " fetches"
		}
	})
	down := authtest.Fault{Down: true}
	try("the issuer is down, the keys are known", func(issuer *signer, start func() Server) string {
		server := start()
		ask(issuer, server)
		issuer.Break(down)
		return ask(issuer, server)
	})
	try("the issuer is down, the key is new", func(issuer *signer, start func() Server) string {
		server := start()
		ask(issuer, server)
		issuer.rotate()
		issuer.Break(down)
		return ask(issuer, server)
	})
	try("the issuer is down since the start", func(issuer *signer, start func() Server) string {
		issuer.Break(down)
		return ask(issuer, start())
	})
	return rows
}
