package middleware_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

func TestTheObserverIsToldWhyCredentialsAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		header http.Header
		cause  string
	}{
		{"nothing", nil, "no bearer credentials"},
		{"Basic", fields("Authorization", "Basic eDp5"), "another scheme"},
		{"two headers", fields("Authorization", "Bearer a", "Authorization", "Bearer b"), "more than one Authorization header"},
		{"two headers, and a cookie", fields("Authorization", "Bearer a", "Authorization", "Bearer b", "Cookie", "token=c"), "more than one Authorization header"},
		{"no token", fields("Authorization", "Bearer "), "nothing after the scheme"},
		{"a comma", fields("Authorization", "Bearer a,b"), "white space or a comma"},
		{"a comma before the token", fields("Authorization", "Bearer ,a"), "white space or a comma"},
		{"a tab", fields("Authorization", "Bearer a\tb"), "white space or a comma"},
		{"a tab before the token", fields("Authorization", "Bearer \ta"), "white space or a comma"},
		{"a colon after the scheme", fields("Authorization", "Bearer:a"), "another scheme"},
		{"a space", fields("Authorization", "Bearer a b"), "white space or a comma"},
		{"a header and a cookie", fields("Authorization", "Bearer a", "Cookie", "token=b"), "a token in a header and another in a cookie"},
		{"two cookies", fields("Cookie", "token=a; token=b"), "more than one cookie"},
		{"an empty cookie", fields("Cookie", "token="), "an empty cookie"},
		{"a comma in a cookie", fields("Cookie", `token="a,b"`), "white space or a comma"},
		{"a space before the token in a cookie", fields("Cookie", `token=" a"`), "white space or a comma"},
		{"a cookie by another origin", fields("Cookie", "token=a", "Sec-Fetch-Site", "cross-site"), "a cookie sent by a page of another origin"},
		{"a token of 16 KiB is the verifier's to judge", bearer(strings.Repeat("x", 16<<10)), "unheard of"},
		{"a token of a byte more", bearer(strings.Repeat("x", 16<<10+1)), "longer than 16 KiB"},
		{"a cookie of a byte more", fields("Cookie", "token="+strings.Repeat("x", 16<<10+1)), "longer than 16 KiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rec recorder
			g := newGuard(t, opaque, middleware.Options{Cookie: "token", Observe: rec.observe})
			if _, err := g.Check(
				t.Context(), middleware.Request{Method: "POST", Header: tt.header}, scopes.Authenticated(),
			); err == nil {
				t.Fatal("passes")
			}
			if cause := rec.last(t).Cause; cause == nil || !strings.Contains(cause.Error(), tt.cause) {
				t.Errorf("cause %v, want one with %q", cause, tt.cause)
			}
		})
	}
}

// Each part of a token that a JWT decodes, with an octet that no token has.
func TestAJWTsGuardTellsWhiteSpaceAndCommasApart(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	good := issuer.Mint(authtest.Token{})
	parts := strings.Split(good, ".")
	several, err := middleware.ByIssuer(map[string]middleware.Verifier{issuer.URL(): newJWT(t, issuer, nil)})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]middleware.Verifier{"one issuer": newJWT(t, issuer, nil), "several": several} {
		for _, octet := range []string{" ", ",", "\t"} {
			for _, token := range []string{
				parts[0][:9] + octet + parts[0][9:] + "." + parts[1] + "." + parts[2],
				parts[0] + "." + parts[1][:9] + octet + parts[1][9:] + "." + parts[2],
				good[:len(good)-9] + octet + good[len(good)-9:],
				good + octet, "a" + octet + "b",
			} {
				var rec recorder
				g := newGuard(t, v, middleware.Options{Observe: rec.observe})
				for range 2 { // the good token in between is remembered
					_, err := g.Check(t.Context(), middleware.Request{Header: bearer(token)}, scopes.Authenticated())
					if cause := rec.last(t).Cause; codeOf(err) != "invalid" ||
						!strings.Contains(cause.Error(), "white space or a comma") {
						t.Errorf("%s: %q: code %q, cause %v", name, token, codeOf(err), cause)
					}
					if _, err := g.Check(t.Context(), middleware.Request{Header: bearer(good)}, scopes.Authenticated()); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

func TestAVerifierSeesNoTokenThatCantBeOne(t *testing.T) {
	everything := middleware.VerifierFunc(func(_ context.Context, token string) (middleware.Claims, error) {
		return middleware.NewClaims(map[string]any{"sub": token})
	})
	for _, octet := range []string{" ", ",", "\t"} {
		g := newGuard(t, everything, middleware.Options{Cookie: "token"})
		for name, header := range map[string]http.Header{
			"header": bearer("a" + octet + "b"), "cookie": fields("Cookie", `token="a`+octet+`b"`),
		} {
			_, err := g.Check(t.Context(), middleware.Request{Method: "GET", Header: header}, scopes.Authenticated())
			if codeOf(err) != "invalid" {
				t.Errorf("%q in the %s: code %q", octet, name, codeOf(err))
			}
		}
	}
}

// The guard leaves out no cookie of the name, whatever its value is. Otherwise a caller
// with a bad token would pass on an optional route, as if there were no token.
func TestNoCookieVanishes(t *testing.T) {
	tests := []struct {
		name   string
		header http.Header
		code   middleware.Code // "": passes
		who    string
	}{
		{"none", fields("Cookie", "theme=dark; session=x"), "", ""},
		{"one", fields("Cookie", "theme=dark; token=reader"), "", "reader"},
		{"one in quotes", fields("Cookie", `token="reader"`), "", "reader"},
		{"white space around it", fields("Cookie", "theme=dark ;\t token =reader ; x=y"), "", "reader"},
		{"line ends around the name", fields("Cookie", "theme=dark;\r\ntoken\r=reader\n"), "", "reader"},
		{"white space before the value", fields("Cookie", "token= reader"), "invalid", ""},
		{"another case is another name", fields("Cookie", "Token=reader"), "", ""},
		{"the name within another", fields("Cookie", "xtoken=reader; token2=reader; x=token=reader"), "", ""},
		{"a backslash", fields("Cookie", `token=ba\d`), "invalid", ""},
		{"a quote", fields("Cookie", `token=ev"il`), "invalid", ""},
		{"a quote at the end", fields("Cookie", `token=xreader"`), "invalid", ""},
		{"a quote at the start", fields("Cookie", `token="readerx`), "invalid", ""},
		{"one quote alone", fields("Cookie", `token="`), "invalid", ""},
		{"a control character", fields("Cookie", "token=ba\x01d"), "invalid", ""},
		{"an octet outside of ASCII", fields("Cookie", "token=b\xe4d"), "invalid", ""},
		{"a bad one and then a good one", fields("Cookie", `token=ev"il; token=reader`), "malformed", ""},
		{"a good one and then a bad one", fields("Cookie", `token=reader; token=ba\d`), "malformed", ""},
		{"two fields", fields("Cookie", "token=reader", "Cookie", `token=ba\d`), "malformed", ""},
		{"a bad one beside a header", fields("Cookie", `token=ba\d`, "Authorization", "Bearer reader"), "malformed", ""},
		{"an empty one", fields("Cookie", "token="), "malformed", ""},
		{"empty quotes", fields("Cookie", `token=""`), "malformed", ""},
		{"no value at all", fields("Cookie", "theme=dark; token"), "malformed", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuard(t, opaque, middleware.Options{Cookie: "token"})
			pass, err := g.Check(t.Context(), middleware.Request{Method: "GET", Header: tt.header}, scopes.Optional())
			if codeOf(err) != tt.code {
				t.Fatalf("code %q, want %q", codeOf(err), tt.code)
			}
			if err == nil && subject(pass.Context) != tt.who {
				t.Errorf("subject %q, want %q", subject(pass.Context), tt.who)
			}
		})
	}
}

// FuzzCookie compares the guard with net/http. The guard must find each cookie that
// net/http finds.
func FuzzCookie(f *testing.F) {
	for _, field := range []string{
		"", "token=a", `token="a"; x=y`, "token=a; token=b", "token", "\rtoken", ";;=;token= a ", `token=ba\d`,
	} {
		f.Add(field)
	}
	f.Fuzz(func(t *testing.T, field string) {
		var given []string
		g := newGuard(t, middleware.VerifierFunc(func(_ context.Context, token string) (middleware.Claims, error) {
			given = append(given, token)
			return middleware.NewClaims(nil)
		}), middleware.Options{Cookie: "token"})
		header := http.Header{"Cookie": {field}}
		_, err := g.Check(t.Context(), middleware.Request{Method: "GET", Header: header}, scopes.Optional())
		known := (&http.Request{Header: header}).CookiesNamed("token")
		switch {
		case len(known) > 1 && codeOf(err) != "malformed":
			t.Errorf("%q has %d cookies, and the verdict is %q", field, len(known), codeOf(err))
		case len(known) == 1 && err == nil && (len(given) != 1 || given[0] != known[0].Value):
			t.Errorf("%q holds the token %q, and the verifier was given %q", field, known[0].Value, given)
		case len(known) == 0 && len(given) > 0 && !strings.Contains(field, "token"):
			t.Errorf("the verifier was given %q out of %q", given, field)
		}
	})
}

// A scheme ends at the first octet that a token can't hold (RFC 9110 §5.6.2). If a token
// can hold the octet after Bearer, Bearer is only the beginning of another scheme.
func TestASchemeEndsWhereATokenDoes(t *testing.T) {
	const tchar = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	g := newGuard(t, opaque, middleware.Options{})
	for i := range 256 {
		octet := string([]byte{byte(i)})
		want := middleware.CodeInvalid
		if strings.Contains(tchar, octet) {
			want = ""
		}
		_, err := g.Check(
			t.Context(), middleware.Request{Header: fields("Authorization", "bearer"+octet+"forged")}, scopes.Optional(),
		)
		if codeOf(err) != want {
			t.Errorf("octet %q after the scheme: %q, want %q", octet, codeOf(err), want)
		}
	}
}

// On an optional route, the sender of what looks like a token does not pass as anonymous.
func TestTheCauseOfALookalikeOnAnOptionalRoute(t *testing.T) {
	var rec recorder
	g := newGuard(t, opaque, middleware.Options{Observe: rec.observe})
	r := middleware.Request{Header: fields("Authorization", "Bearer\treader")}
	_, err := g.Check(t.Context(), r, scopes.Optional())
	const want = "credentials that look like a bearer token but are not one"
	if cause := rec.last(t).Cause; codeOf(err) != middleware.CodeInvalid || cause == nil || cause.Error() != want {
		t.Errorf("code %q, cause %v", codeOf(err), cause)
	}
}
