package jwks_test

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

type panicking struct{}

func (panicking) Error() string { return "hostile text" }

func TestDutyAPanicOfTheTransportIsAFailedFetch(t *testing.T) {
	boom := func() { panic("hostile text") }
	rows := []struct {
		name string
		act  func(*http.Request) (*http.Response, error)
		want string
	}{
		{"a panic", func(*http.Request) (*http.Response, error) { panic("hostile text") }, "the HTTP client panicked"},
		{"a panic with an error", func(*http.Request) (*http.Response, error) { panic(panicking{}) }, "the HTTP client panicked"},
		{"a panic with nil", func(*http.Request) (*http.Response, error) { panic(nil) }, "the HTTP client panicked"},
		{"the end of the goroutine", func(*http.Request) (*http.Response, error) { runtime.Goexit(); return nil, nil }, "the HTTP client ended its goroutine"},
		{"a body that panics", func(*http.Request) (*http.Response, error) { return response(odd{boom, nothing}), nil }, "the HTTP client panicked"},
		{"a body that panics at its end", func(*http.Request) (*http.Response, error) { return response(odd{nothing, boom}), nil }, "the HTTP client panicked"},
		{"a body that ends the goroutine", func(*http.Request) (*http.Response, error) { return response(odd{runtime.Goexit, nothing}), nil }, "the HTTP client ended its goroutine"},
		{"no response at all", func(*http.Request) (*http.Response, error) { return nil, nil }, `the request to the issuer failed: "http: RoundTripper implementation (*jwks_test.rude) returned a nil *Response with a nil error"`},
		{"a response without a body or a header", func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil }, "the response is empty"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, c := startRude(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, answering(ok(edJWK("a", 1))))
				synctest.Wait()
				r.does(row.act)
				time.Sleep(time.Minute)
				synctest.Wait()
				if err := c.Status().LastError; err == nil || err.Error() != atKeys+row.want {
					t.Errorf("LastError: %v, want %s", err, row.want)
				}
				mustServe(t, c, "a")
				mustBeOutage(t, c, "b")
				time.Sleep(time.Hour) // many times over
				r.does(nil)
				time.Sleep(time.Minute)
				mustNotFind(t, c, "b")
			})
		})
	}
}

func TestAPanicWithAnErrorKeepsThatAloneAsTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := startRude(t, jwks.Config{MaxRefresh: time.Minute}, answering(ok()))
		synctest.Wait()
		r.does(func(*http.Request) (*http.Response, error) { panic(panicking{}) })
		time.Sleep(time.Minute)
		synctest.Wait()
		if err := c.Status().LastError; !as[panicking](err) || as[*net.OpError](err) {
			t.Errorf("LastError: %v", err)
		}
	})
}

// A transport may use a Set itself, and return ErrKeyNotFound. That says nothing about this cache's keys.
func TestAnErrorOfTheTransportIsNoAnswerAboutAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, jwks.Config{}, answering(reply{err: jwks.ErrKeyNotFound}))
		mustBeOutage(t, c, "a")
		if err := c.Status().LastError; errors.Is(err, jwks.ErrKeyNotFound) {
			t.Errorf("LastError: %v", err)
		}
	})
}

// crossJar is a user's Jar, which the cache must not use.
type crossJar struct{}

func (crossJar) SetCookies(*url.URL, []*http.Cookie) { panic("cookies") }
func (crossJar) Cookies(*url.URL) []*http.Cookie     { panic("cookies") }

func TestTheUsersOwnRedirectsAndCookiesAreNotAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		i.answerBy(func(r *http.Request) reply {
			if r.URL.RawQuery == "" {
				return reply{status: 302, header: http.Header{"Location": {"/keys?moved"}, "Set-Cookie": {"a=b"}}}
			}
			return ok(edJWK("a", 1))
		})
		c := must(jwks.New(jwks.Config{KeysURL: keysURL, Client: &http.Client{
			Transport:     i,
			Jar:           crossJar{},
			CheckRedirect: func(*http.Request, []*http.Request) error { panic("redirect") },
		}}))
		defer c.Close()
		mustServe(t, c, "a")
	})
}
