package jwks_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/jwks"
)

func metadata(issuer, keysURL string) string {
	return fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q,"scopes_supported":["a"]}`, issuer, keysURL)
}

// site answers by URL, and with 404 if it does not have the URL.
func site(pages map[string]string) *issuer {
	i := &issuer{}
	i.answerBy(func(r *http.Request) reply {
		body, found := pages[r.URL.String()]
		if !found {
			return reply{status: 404}
		}
		return reply{body: body}
	})
	return i
}

// edit changes the answers between two requests.
func (i *issuer) edit(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *issuer) urls() (urls []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, r := range i.requests {
		urls = append(urls, strings.TrimPrefix(r.URL.String(), "https://"))
	}
	return urls
}

func TestDiscoveryAsksWhereTheStandardsSay(t *testing.T) {
	const keys = "https://keys.example/k"
	rows := []struct {
		name, issuer, at string
		asked            []string
	}{
		{"OpenID Connect", "https://i.example", "https://i.example/.well-known/openid-configuration", []string{"i.example/.well-known/openid-configuration", "keys.example/k"}},
		{"with a path: appended", "https://i.example/t/1", "https://i.example/t/1/.well-known/openid-configuration", []string{"i.example/t/1/.well-known/openid-configuration", "keys.example/k"}},
		{"with a slash at the end: one is dropped", "https://i.example/t/", "https://i.example/t/.well-known/openid-configuration", []string{"i.example/t/.well-known/openid-configuration", "keys.example/k"}},
		{"RFC 8414", "https://i.example", "https://i.example/.well-known/oauth-authorization-server", []string{"i.example/.well-known/openid-configuration", "i.example/.well-known/oauth-authorization-server", "keys.example/k"}},
		{"RFC 8414 with a slash for a path", "https://i.example/", "https://i.example/.well-known/oauth-authorization-server", []string{"i.example/.well-known/openid-configuration", "i.example/.well-known/oauth-authorization-server", "keys.example/k"}},
		{"RFC 8414 with a path: inserted", "https://i.example/t/1", "https://i.example/.well-known/oauth-authorization-server/t/1", []string{"i.example/t/1/.well-known/openid-configuration", "i.example/.well-known/oauth-authorization-server/t/1", "keys.example/k"}},
		{"a path in capitals: appended as it is", "https://i.example/Tenant/A", "https://i.example/Tenant/A/.well-known/openid-configuration", []string{"i.example/Tenant/A/.well-known/openid-configuration", "keys.example/k"}},
		{"RFC 8414 with a path in capitals: inserted as it is", "https://i.example/Tenant/A", "https://i.example/.well-known/oauth-authorization-server/Tenant/A", []string{"i.example/Tenant/A/.well-known/openid-configuration", "i.example/.well-known/oauth-authorization-server/Tenant/A", "keys.example/k"}},
		{"OpenID Connect with a path: inserted", "https://i.example/t/1", "https://i.example/.well-known/openid-configuration/t/1", []string{"i.example/t/1/.well-known/openid-configuration", "i.example/.well-known/oauth-authorization-server/t/1", "i.example/.well-known/openid-configuration/t/1", "keys.example/k"}},
		{"OpenID Connect, inserted, with a slash at the end", "https://i.example/t/", "https://i.example/.well-known/openid-configuration/t", []string{"i.example/t/.well-known/openid-configuration", "i.example/.well-known/oauth-authorization-server/t", "i.example/.well-known/openid-configuration/t", "keys.example/k"}},
		{"RFC 8414 with a slash at the end", "https://i.example/t/", "https://i.example/.well-known/oauth-authorization-server/t", []string{"i.example/t/.well-known/openid-configuration", "i.example/.well-known/oauth-authorization-server/t", "keys.example/k"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := site(map[string]string{row.at: metadata(row.issuer, keys), keys: keySet(edJWK("a", 1))})
				c := start(t, jwks.Config{Issuer: row.issuer}, i)
				mustServe(t, c, "a")
				if diff := cmp.Diff(row.asked, i.urls()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestDiscoveryRefuses(t *testing.T) {
	const name = "https://issuer.example"
	rows := []struct{ name, issuer, metadata string }{
		{"another issuer", name, metadata("https://evil.example", keysURL)},
		{"the issuer with a slash more", name, metadata(name+"/", keysURL)},
		{"the issuer with a slash less", name + "/", metadata(name, keysURL)},
		{"the issuer in another case", name, metadata("https://Issuer.example", keysURL)},
		{"no issuer", name, `{"jwks_uri":"` + keysURL + `"}`},
		{"no jwks_uri", name, `{"issuer":"` + name + `"}`},
		{"a jwks_uri that is no string", name, `{"issuer":"` + name + `","jwks_uri":["` + keysURL + `"]}`},
		{"an issuer that is no string", name, `{"issuer":null,"jwks_uri":"` + keysURL + `"}`},
		{"duplicate members", name, `{"issuer":"https://evil.example","issuer":"` + name + `","jwks_uri":"` + keysURL + `"}`},
		{"text after it", name, metadata(name, keysURL) + "{}"},
		{"a web page", name, "<html>"},
		{"plain http", name, metadata(name, "http://issuer.example/keys")},
		{"plain http on loopback for an https issuer", name, metadata(name, "http://127.0.0.1/keys")},
		{"plain http on loopback for an issuer whose https is in capitals", "HTTPS://issuer.example", metadata("HTTPS://issuer.example", "http://127.0.0.1/keys")},
		{"plain http in capitals on loopback for an https issuer", name, metadata(name, "HTTP://127.0.0.1/keys")},
		{"a host that ends in localhost, for an issuer on localhost", "http://localhost:8080", metadata("http://localhost:8080", "http://evillocalhost:8080/keys")},
		{"every interface, for an issuer on loopback", "http://127.0.0.1:8080", metadata("http://127.0.0.1:8080", "http://0.0.0.0:8080/keys")},
		{"a file", name, metadata(name, "file:///etc/keys")},
		{"credentials in jwks_uri", name, metadata(name, "https://u:p@issuer.example/keys")},
		{"a relative jwks_uri", name, metadata(name, "/keys")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := &issuer{}
				i.answerBy(func(r *http.Request) reply {
					if strings.Contains(r.URL.Path, ".well-known") {
						return reply{body: row.metadata}
					}
					return ok(edJWK("a", 1))
				})
				c := start(t, jwks.Config{Issuer: row.issuer}, i)
				mustBeOutage(t, c, "a")
				if err := c.Status().LastError; err == nil || !strings.Contains(err.Error(), `"`+row.issuer) {
					t.Errorf("LastError: %v", err)
				}
			})
		})
	}
}

func TestDiscoveryErrorsSayWhy(t *testing.T) {
	const (
		name   = "https://issuer.example"
		first  = name + "/.well-known/openid-configuration"
		second = name + "/.well-known/oauth-authorization-server"
	)
	answer := func(first, second, keys reply) func(*http.Request) reply {
		return func(r *http.Request) reply {
			switch {
			case strings.Contains(r.URL.Path, "openid"):
				return first
			case strings.Contains(r.URL.Path, "oauth"):
				return second
			}
			return keys
		}
	}
	text := func(body string) reply { return reply{body: body} }
	gone, broken := reply{status: 404}, reply{status: 500}
	rows := []struct {
		name string
		by   func(*http.Request) reply
		want string
	}{
		{"an issuer that is no string", answer(text(`{"issuer":null,"jwks_uri":"`+keysURL+`"}`), gone, gone), first + `": the metadata are malformed: issuer is not a string; and "` + second + `": status 404`},
		{"a jwks_uri that is no string", answer(text(`{"issuer":"`+name+`","jwks_uri":["`+keysURL+`"]}`), gone, gone), first + `": the metadata are malformed: jwks_uri is not a string; and "` + second + `": status 404`},
		{"another issuer", answer(text(metadata("https://evil.example", keysURL)), gone, gone), first + `": the metadata name the issuer "https://evil.example", not "` + name + `": set Issuer to the name that the issuer gives itself; if it is reached under another URL than that, set MetadataURL, too, or use jwks.Config.KeysURL; and "` + second + `": status 404`},
		{"a file", answer(text(metadata(name, "file:///etc/keys")), gone, gone), first + `": the metadata are refused: their jwks_uri "file:///etc/keys" has the scheme "file": write https; and "` + second + `": status 404`},
		{"both places fail", answer(gone, broken, gone), first + `": status 404; and "` + second + `": status 500`},
		{"both places fail alike", answer(gone, gone, gone), first + `" and "` + second + `": status 404`},
		{"keys that are not where the metadata says", answer(text(metadata(name, keysURL)), gone, broken), keysURL + `": status 500`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := &issuer{}
				i.answerBy(row.by)
				c := start(t, jwks.Config{Issuer: name}, i)
				if _, err := ask(c, "a"); err == nil || err.Error() != `jwks: keys are unavailable: "`+row.want {
					t.Errorf("got %v, want %s", err, row.want)
				}
				i.answerBy(answer(text(metadata(name, keysURL)), gone, ok(edJWK("a", 1))))
				time.Sleep(2 * time.Minute)
				mustServe(t, c, "a")
			})
		})
	}
}

func TestDiscoveryObeysAPauseThatTheSecondPlaceAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		i.answerBy(func(r *http.Request) reply {
			if strings.Contains(r.URL.Path, "openid") {
				return reply{status: 404}
			}
			return reply{status: 429, header: http.Header{"Retry-After": {"50"}}}
		})
		start(t, jwks.Config{Issuer: "https://issuer.example"}, i)
		time.Sleep(49 * time.Second)
		mustFetch(t, i, 2)
		time.Sleep(time.Minute)
		if i.fetches() == 2 {
			t.Error("never asked again")
		}
	})
}

func TestDiscoveryOfPlainHTTPFromAnHTTPSIssuerIfThatIsAllowed(t *testing.T) {
	const name, plain = "https://issuer.example", "http://keys.example/k"
	for _, allowed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			i := site(map[string]string{
				name + "/.well-known/openid-configuration": metadata(name, plain), plain: keySet(edJWK("a", 1)),
			})
			c := start(t, jwks.Config{Issuer: name, InsecureAllowHTTP: allowed}, i)
			if _, err := ask(c, "a"); (err == nil) != allowed {
				t.Errorf("InsecureAllowHTTP %v: %v", allowed, err)
			}
		})
	}
}

func TestDiscoveryOfAnIssuerWithHTTPSInCapitals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const name = "HTTPS://issuer.example"
		i := &issuer{}
		i.answerBy(func(r *http.Request) reply {
			if strings.Contains(r.URL.Path, ".well-known") {
				return reply{body: metadata(name, "HTTPS://issuer.example/keys")}
			}
			return ok(edJWK("a", 1))
		})
		c := start(t, jwks.Config{Issuer: name}, i)
		mustServe(t, c, "a")
	})
}

func TestDiscoveryDoesNotAskASilentHostTwice(t *testing.T) {
	for name, r := range map[string]reply{"down": down, "asks for a pause": {status: 429}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := answering(r)
				start(t, jwks.Config{Issuer: "https://issuer.example"}, i)
				synctest.Wait()
				mustFetch(t, i, 1)
			})
		})
	}
}

func TestDiscoveryAgain(t *testing.T) {
	const (
		name    = "https://issuer.example"
		place   = name + "/.well-known/openid-configuration"
		moved   = "https://issuer.example/moved"
		minutes = time.Minute + time.Second
	)
	cfg := jwks.Config{Issuer: name, MinRefresh: time.Minute, MaxRefresh: time.Minute}
	pages := func() map[string]string {
		return map[string]string{place: metadata(name, keysURL), keysURL: keySet(edJWK("a", 1)), moved: keySet(edJWK("b", 2))}
	}
	t.Run("after a failed fetch, in the same flight", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pages()
			i := site(p)
			c := start(t, cfg, i)
			mustServe(t, c, "a")
			i.edit(func() {
				p[place] = metadata(name, moved)
				delete(p, keysURL)
			})
			mustServe(t, c, "b")
		})
	})
	t.Run("after a fetch that hung", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pages()
			i := site(p)
			c := start(t, cfg, i)
			mustServe(t, c, "a")
			i.answerBy(func(r *http.Request) reply {
				if r.URL.String() == keysURL {
					return reply{delay: time.Hour}
				}
				return reply{body: map[string]string{place: metadata(name, moved), moved: p[moved]}[r.URL.String()]}
			})
			time.Sleep(time.Minute + 5*time.Second + time.Millisecond)
			mustServe(t, c, "b")
		})
	})
	t.Run("which names the same URL: no second try in that flight", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pages()
			i := site(p)
			c := start(t, cfg, i)
			mustServe(t, c, "a")
			i.edit(func() { delete(p, keysURL) })
			mustBeOutage(t, c, "b")
			want := []string{"issuer.example/keys", "issuer.example/.well-known/openid-configuration"}
			if diff := cmp.Diff(want, i.urls()[2:]); diff != "" {
				t.Error(diff)
			}
		})
	})
	t.Run("once an hour", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pages()
			i := site(p)
			c := start(t, cfg, i)
			synctest.Wait()
			i.edit(func() { p[place] = metadata(name, moved) })
			time.Sleep(59 * time.Minute)
			mustServe(t, c, "a")
			time.Sleep(2 * minutes)
			mustServe(t, c, "b")
		})
	})
	t.Run("at its very hour", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pages()
			i := site(p)
			c := start(t, jwks.Config{Issuer: name, MinRefresh: time.Hour, MaxRefresh: time.Hour}, i)
			synctest.Wait()
			i.edit(func() { p[place] = metadata(name, moved) })
			time.Sleep(time.Hour)
			synctest.Wait()
			if n := len(i.urls()); n != 5 {
				t.Errorf("%d requests: %v", n, i.urls())
			}
			mustServe(t, c, "b")
			mustFetch(t, i, 5)
		})
	})
	t.Run("not after a fetch that asks for a pause", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			i := site(pages())
			c := start(t, cfg, i)
			mustServe(t, c, "a")
			n := i.fetches()
			i.answer(reply{status: 429})
			time.Sleep(minutes)
			mustFetch(t, i, n+1)
		})
	})
	t.Run("at most once a minute while it fails", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pages()
			i := site(p)
			start(t, jwks.Config{Issuer: name, MinRefresh: 15 * time.Second, MaxRefresh: 15 * time.Second}, i)
			synctest.Wait()
			i.edit(func() { delete(p, place) })
			time.Sleep(70 * time.Minute)
			asked := strings.Count(strings.Join(i.urls(), " "), "openid-configuration")
			if asked < 8 || asked > 12 {
				t.Errorf("discovery was asked %d times", asked)
			}
		})
	})
	t.Run("an ETag belongs to its URL", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{}
			target := keysURL
			i.answerBy(func(r *http.Request) reply {
				switch {
				case r.URL.String() == place:
					return reply{body: metadata(name, target)}
				case r.URL.String() != target:
					return reply{status: 404}
				case r.Header.Get("If-None-Match") != "":
					return reply{status: 304}
				case target == moved:
					return ok(edJWK("b", 2))
				}
				return reply{header: http.Header{"Etag": {`"1"`}}, body: keySet(edJWK("a", 1))}
			})
			c := start(t, cfg, i)
			mustServe(t, c, "a")
			i.edit(func() { target = moved })
			time.Sleep(minutes)
			if s := c.Status(); s.LastError != nil || !slices.Equal(s.KeyIDs, []string{"b"}) {
				t.Errorf("%+v", s)
			}
		})
	})
	t.Run("a discovery that fails leaves the known URL at work", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pages()
			i := site(p)
			c := start(t, cfg, i)
			mustServe(t, c, "a")
			i.edit(func() {
				delete(p, place)
				p[keysURL] = keySet(edJWK("c", 3))
			})
			time.Sleep(3 * time.Hour)
			mustServe(t, c, "c")
			if s := c.Status(); s.LastError != nil || time.Since(s.LastSuccess) > minutes {
				t.Errorf("%+v", s)
			}
		})
	})
}

func TestKeysURLDiscoversNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := site(map[string]string{keysURL: keySet(edJWK("a", 1))})
		c := start(t, jwks.Config{KeysURL: keysURL}, i)
		mustServe(t, c, "a")
		mustFetch(t, i, 1)
	})
}

func TestALookThatFindsTheSameURLCausesNoFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := site(map[string]string{firstPlace: metadata(theIssuer, keysURL), keysURL: keySet(edJWK("a", 1))})
		start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Hour, MaxRefresh: time.Hour}, i)
		time.Sleep(time.Hour + time.Second)
		const place, keys = "issuer.example/.well-known/openid-configuration", "issuer.example/keys"
		if diff := cmp.Diff([]string{place, keys, keys, place}, i.urls()); diff != "" {
			t.Error(diff)
		}
	})
}

// No request is under way then, but the look is not over, because nobody has used its result.
func TestALookThatEndsDuringAFetchIsFollowedByNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replies := map[string]reply{firstPlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1))}
		i := pages(replies)
		c := start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		i.edit(func() { replies[firstPlace] = after(4*time.Second, replies[firstPlace]) })
		time.Sleep(time.Hour + time.Second)
		mustNotFind(t, c, "b") // a fetch during the look
		i.edit(func() { replies[keysURL] = after(1500*time.Millisecond, replies[keysURL]) })
		time.Sleep(2 * time.Second)
		if i.inFlight() != 1 {
			t.Fatal("no look is under way")
		}
		mustNotFind(t, c, "c") // a fetch that ends after the look
		time.Sleep(30 * time.Second)
		if n := strings.Count(strings.Join(i.urls(), " "), "openid-configuration"); n != 2 {
			t.Errorf("the metadata were asked for %d times, want 2", n)
		}
	})
}

// The metadata may be on the host that asked for a pause.
func TestALookFollowsNoFetchThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replies := map[string]reply{firstPlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1))}
		i := pages(replies)
		start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Hour, MaxRefresh: time.Hour}, i)
		synctest.Wait()
		i.edit(func() { replies[keysURL] = reply{status: 429, header: http.Header{"Retry-After": {"30"}}} })
		time.Sleep(time.Hour + 29*time.Second)
		mustFetch(t, i, 3)
		i.edit(func() { replies[keysURL] = ok(edJWK("a", 1)) })
		time.Sleep(time.Second)
		synctest.Wait()
		const place, keys = "issuer.example/.well-known/openid-configuration", "issuer.example/keys"
		if diff := cmp.Diff([]string{place, keys, keys, keys, place}, i.urls()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNextRefreshIsWhenALookFoundAnotherURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replies := map[string]reply{firstPlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1))}
		i := pages(replies)
		c := start(t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Hour, MaxRefresh: time.Hour}, i)
		synctest.Wait()
		i.edit(func() {
			replies[firstPlace] = after(2*time.Second, page(metadata(theIssuer, movedURL)))
			replies[movedURL] = after(2*time.Second, ok(edJWK("b", 2)))
		})
		time.Sleep(time.Hour + 2*time.Second)
		found := time.Now()
		time.Sleep(time.Second)
		if next := c.Status().NextRefresh; i.inFlight() != 1 || !next.Equal(found) {
			t.Errorf("%d requests under way, next refresh at %v, want %v", i.inFlight(), next, found)
		}
	})
}
