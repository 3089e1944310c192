package urls_test

import (
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/internal/urls"
)

func TestCheckSaysWhatToWrite(t *testing.T) {
	const without = "is not a URL: write https, :// and the host, without credentials"
	rows := []struct {
		name, text string
		rules      urls.Rules
		want       string // "": the URL is good
	}{
		{"https", "https://issuer.example:8443/a/b/", urls.Rules{}, ""},
		{"https in capitals", "HTTPS://issuer.example", urls.Rules{}, ""},
		{"a query that is allowed", "https://issuer.example/keys?appid=1", urls.Rules{Query: true}, ""},
		{"http on localhost", "http://LocalHost:8080", urls.Rules{}, ""},
		{"http on a loopback address", "http://[::1]:8080", urls.Rules{}, ""},
		{"http that is allowed", "http://issuer.example", urls.Rules{HTTP: true}, ""},

		{"http", "http://issuer.example", urls.Rules{}, `"http://issuer.example" is http, and its host is not a loopback host, so anybody on the network path could replace the keys: write https`},
		{"http, with a hint", "http://issuer.example", urls.Rules{OrHTTP: "set A"}, `"http://issuer.example" is http, and its host is not a loopback host, so anybody on the network path could replace the keys: write https, or set A`},
		{"no scheme", "issuer.example/a", urls.Rules{}, `"issuer.example/a" has no scheme: write "https://issuer.example/a"`},
		{"no slashes", "https:issuer.example/a", urls.Rules{}, `"https:issuer.example/a" has no :// behind its scheme: write "https://issuer.example/a"`},
		{"a host with the name of a scheme", "https", urls.Rules{}, `"https" has no scheme: write "https://https"`},
		{"one slash", "HTTP:/localhost:8080/a", urls.Rules{}, `"HTTP:/localhost:8080/a" has no :// behind its scheme: write "HTTP://localhost:8080/a"`},
		{"no scheme, but a port", "issuer.example:8080", urls.Rules{}, `"issuer.example:8080" has no scheme: write "https://issuer.example:8080"`},
		{"no scheme, but credentials", "u:secret@issuer.example", urls.Rules{}, without},
		{"no scheme, but credentials with a question mark", "u:sec?ret@issuer.example", urls.Rules{}, without},
		{"one slash, and credentials", "https:/u:secret@issuer.example", urls.Rules{}, without},
		{"no colon, and credentials", "https//u:secret@issuer.example", urls.Rules{}, without},
		{"three slashes, and credentials", "https:///u:secret@issuer.example", urls.Rules{}, without},
		{"another scheme, three slashes, and credentials", "ftp:///u:secret@issuer.example", urls.Rules{}, without},
		{"credentials before the scheme", "a@b://u:secret@issuer.example", urls.Rules{}, without},
		{"only slashes and credentials", "//u:secret@issuer.example", urls.Rules{}, without},
		{"no scheme, on localhost", "localhost:8080/a", urls.Rules{}, `"localhost:8080/a" has no scheme: write "http://localhost:8080/a"`},
		{"no scheme, on a loopback address", "[::1]:8080", urls.Rules{}, `"[::1]:8080" has no scheme: write "http://[::1]:8080"`},
		{"no scheme, and localhost is only a part of the host", "localhost.example", urls.Rules{}, `"localhost.example" has no scheme: write "https://localhost.example"`},
		{"no scheme, but a URL in the query", "issuer.example?a=https://secret", urls.Rules{}, `"issuer.example?..." has no scheme: write "https://issuer.example?..."`},
		{"a path", "/keys", urls.Rules{}, `"/keys" has no scheme and no host: write the whole URL`},
		{"nothing", "", urls.Rules{}, `"" has no scheme and no host: write the whole URL`},
		{"no host", "https:///keys", urls.Rules{}, `"https:///keys" has no host`},
		{"another scheme", "ftp://issuer.example", urls.Rules{HTTP: true}, `"ftp://issuer.example" has the scheme "ftp": write https`},
		{"credentials", "https://u:secret@issuer.example/a", urls.Rules{}, `"https://issuer.example/a" has credentials: write "https://issuer.example/a", and let the HTTP client authenticate itself`},
		{"a query", "https://issuer.example/a?secret=1", urls.Rules{}, `"https://issuer.example/a?..." has a query, and the name of an issuer has none: write "https://issuer.example/a"`},
		{"an empty query", "https://issuer.example?", urls.Rules{}, `"https://issuer.example?..." has a query, and the name of an issuer has none: write "https://issuer.example"`},
		{"the metadata of an issuer", "https://issuer.example/a/.well-known/openid-configuration", urls.Rules{}, `"https://issuer.example/a/.well-known/openid-configuration" is the URL of a document that the issuer publishes: write "https://issuer.example/a"`},
		{"the metadata after RFC 8414", "http://127.0.0.1:80/.well-known/oauth-authorization-server", urls.Rules{}, `"http://127.0.0.1:80/.well-known/oauth-authorization-server" is the URL of a document that the issuer publishes: write "http://127.0.0.1:80"`},
		{"the keys in place of the issuer", "https://issuer.example/.well-known/jwks.json", urls.Rules{}, `"https://issuer.example/.well-known/jwks.json" is the URL of a document that the issuer publishes: write "https://issuer.example"`},
		{"the URL of keys", "https://issuer.example/.well-known/jwks.json", urls.Rules{Query: true}, ""},
		{"an issuer below .well-known", "https://issuer.example/.well-known/a", urls.Rules{}, ""},
		{"a fragment", "https://issuer.example#secret", urls.Rules{}, `"https://issuer.example" has a fragment: leave it out`},
		{"an empty fragment", "https://issuer.example#", urls.Rules{Query: true}, `"https://issuer.example" has a fragment: leave it out`},
		{"a port that is no number", "https://issuer.example:port", urls.Rules{}, `"https://issuer.example:port" is not a URL`},
		{"credentials with a slash", "https://u:secret/x@issuer.example", urls.Rules{}, without},
		{"white space before it", " https://issuer.example", urls.Rules{}, `has white space around it: remove it`},
		{"a line break after it", "https://issuer.example\n", urls.Rules{}, `has white space around it: remove it`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := ""
			if err := row.rules.Check(row.text); err != nil {
				got = err.Error()
			}
			if got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}

func TestNameOfAnIssuer(t *testing.T) {
	rows := []struct{ name, text, want string }{
		{"a URL", "https://issuer.example", ""},
		{"no URL", "our own issuer", ""},
		{"a placeholder", "https://issuer.example/{tenant}", "NewMultiIssuer"},
		{"the end of a placeholder", "https://issuer.example/tenant}", "placeholder"},
		{"a space at the end", "https://issuer.example ", "white space"},
		{"the reason of a preset", "{providers.Okta: server: required}", "providers.Okta: server: required"},
		{"the reason of a preset, with a brace", `{providers.Okta: server: "}" is bad}`, `providers.Okta: server: "}" is bad`},
		{"a placeholder with the name of the presets", "{providers}", "placeholder"},
	}
	for _, row := range rows {
		err := urls.Name(row.text)
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %q", row.name, err, row.want)
		}
	}
}

func TestQuoteKeepsSecretsBack(t *testing.T) {
	rows := []struct{ name, text, want string }{
		{"a URL", "https://h/keys", `"https://h/keys"`},
		{"a query", "https://h/keys?secret", `"https://h/keys?..."`},
		{"a fragment", "https://h/keys#secret", `"https://h/keys"`},
		{"a fragment before a question mark", "https://h/keys#secret?secret", `"https://h/keys"`},
		{"credentials", "https://u:secret@h/keys", `"https://h/keys"`},
		{"an at sign in the path", "https://h/@keys", `"https://h/@keys"`},
		{"a line break", "https://h/\nkeys", `"https://h/\nkeys"`},
		{"a long text", strings.Repeat("a", 201), `"` + strings.Repeat("a", 200) + `"...`},
	}
	for _, row := range rows {
		if got := urls.Quote(row.text); got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
	}
}

func TestOverlooked(t *testing.T) {
	rows := []struct{ name, configured, found, want string }{
		{"a final slash", "https://issuer.example", "https://issuer.example/", "the final slash"},
		{"the case", "https://issuer.example", "https://Issuer.example", "the case of letters"},
		{"the case of a scheme", "https://issuer.example", "HTTPS://issuer.example", "the case of letters"},
		{"the case of a name that is no URL", "tenant-a", "Tenant-A", "the case of letters"},
		{"the case of a URN", "urn:tenant:a", "urn:Tenant:A", "the case of letters"},
		{"another URN", "urn:tenant:a", "urn:tenant:b", ""},
		{"a URN instead of a URL", "http:a", "https:b", ""},
		{"credentials in the configuration", "https://u@issuer.example", "https://issuer.example", ""},
		{"a query in the configuration", "https://issuer.example/?tenant=a", "https://issuer.example/", ""},
		{"a fragment in the configuration", "https://issuer.example/#a", "https://issuer.example/", ""},
		{"a colon without a port", "https://issuer.example:", "https://issuer.example", ""},
		{"another spelling of a character", "https://issuer.example/é", "https://issuer.example/%C3%A9", ""},
	}
	for _, row := range rows {
		if got, _ := urls.Overlooked(row.configured, row.found); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}
