package authtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// worlds are the two ways to reach an issuer.
var worlds = map[string]authtest.Config{
	"in memory":   {},
	"on loopback": {Addr: "127.0.0.1:0"},
}

// inWorlds runs a test in both. In memory it runs inside a bubble, where waiting takes no time
// and every goroutine must end. On loopback it uses real sockets.
func inWorlds(t *testing.T, test func(t *testing.T, issuer *authtest.Issuer)) {
	t.Run("in memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, newIssuer(t, authtest.Config{})) })
	})
	t.Run("on loopback", func(t *testing.T) {
		test(t, newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"}))
	})
}

// inBubble tells whether the clock is that of a bubble. It then moves only while the test waits.
func inBubble(issuer *authtest.Issuer) bool { return strings.HasPrefix(issuer.URL(), "https:") }

// fetch gets the key set, and returns how long it took. It gives up after the time in
// within.
func fetch(issuer *authtest.Issuer, within time.Duration) (status int, body []byte, took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	start := time.Now()
	defer func() { took = time.Since(start) }()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer.URL()+"/jwks", nil)
	if err != nil {
		return 0, nil, 0, err
	}
	resp, err := issuer.Client().Do(req)
	if err != nil {
		return 0, nil, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, 0, err
}

func TestBreakAndHeal(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		asked := 0
		expect := func(sentence string, want int) {
			t.Helper()
			if status, _, _, err := fetch(issuer, time.Minute); err != nil || status != want {
				t.Errorf("%s: %d, %v; want %d", sentence, status, err, want)
			}
			if asked++; issuer.Fetches() != asked {
				t.Errorf("%s: %d fetches, want %d", sentence, issuer.Fetches(), asked)
			}
		}
		issuer.Heal()
		expect("healthy from the start", 200)
		issuer.Break(authtest.Fault{Status: 500})
		expect("broken", 500)
		issuer.Break(authtest.Fault{Status: 404})
		expect("a second fault takes the place of the first", 404)
		issuer.Heal()
		expect("healed", 200)
	})
}

func TestBreakPanics(t *testing.T) {
	own := func(healthy http.Handler) http.Handler { return healthy }
	for name, fault := range map[string]authtest.Fault{
		"a fault that says nothing":           {},
		"a fault that only says where":        {OnlyKeys: true},
		"both places":                         {OnlyKeys: true, OnlyMetadata: true, Down: true},
		"down and hanging":                    {Down: true, Hang: true},
		"down with a status":                  {Down: true, Status: 500},
		"hanging with a body":                 {Hang: true, Body: "x"},
		"a handler of one's own and a status": {Handler: own, Status: 500},
		"a handler of one's own and down":     {Handler: own, Down: true},
		"a handler of one's own that is nil":  {Handler: func(http.Handler) http.Handler { return nil }},
		"a negative delay":                    {Delay: -1, Down: true},
		"a delay of what never comes":         {Delay: time.Second, Hang: true},
		"a header without an answer":          {Header: http.Header{"Cache-Control": {"no-store"}}},
		"an interim status":                   {Status: 103},
		"a status past the last class":        {Status: 600},
		"a body with 204, which allows none":  {Status: 204, Body: "x"},
		"a body with 304, which allows none":  {Status: 304, Body: "x"},
	} {
		t.Run(name, func(t *testing.T) {
			issuer := newIssuer(t, authtest.Config{})
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "authtest: Fault: ") {
					t.Errorf("panic %q", message)
				}
			}()
			issuer.Break(fault)
		})
	}
}

func TestDown(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		// A good answer first: a connection kept from it would be tried, and then a new one.
		if _, _, _, err := fetch(issuer, time.Minute); err != nil {
			t.Fatal(err)
		}
		issuer.Break(authtest.Fault{Down: true})
		_, _, _, err := fetch(issuer, time.Minute)
		if !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want a connection that ends without an answer", err)
		}
		if issuer.Fetches() != 2 {
			t.Errorf("%d fetches", issuer.Fetches())
		}
	})
}

func TestStatusAndHeader(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		header := http.Header{"Retry-After": {"7"}}
		issuer.Break(authtest.Fault{Status: 429, Header: header})
		header.Set("Retry-After", "8")
		resp, body := get(t, issuer, issuer.URL()+"/jwks")
		if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "7" || body != "" {
			t.Errorf("%d, %v, %q", resp.StatusCode, resp.Header, body)
		}
	})
}

func TestDelay(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Fault{Delay: 20 * time.Millisecond})
		status, body, took, err := fetch(issuer, time.Minute)
		if err != nil || status != 200 || !json.Valid(body) || inBubble(issuer) && took != 20*time.Millisecond {
			t.Errorf("%d, %q, %v after %v", status, body, err, took)
		}
		issuer.Break(authtest.Fault{Delay: time.Hour, Handler: func(http.Handler) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				t.Error("asked for a caller who has left")
			})
		}})
		if _, _, _, err := fetch(issuer, 20*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestHang(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Fault{Hang: true})
		if _, _, took, err := fetch(issuer, 20*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %v", err, took)
		}
		issuer.Heal()
		if _, _, _, err := fetch(issuer, time.Minute); err != nil {
			t.Errorf("after it healed: %v", err)
		}
	})
}

func TestBody(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Fault{Header: http.Header{"Content-Type": {"text/html"}}, Body: "<h1>it works"})
		resp, body := get(t, issuer, issuer.URL()+"/jwks")
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/html" || body != "<h1>it works" {
			t.Errorf("%d, %v, %q", resp.StatusCode, resp.Header, body)
		}
	})
}

func TestRedirectToAnotherIssuer(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	other := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	issuer.Break(authtest.Fault{Status: 302, Header: http.Header{"Location": {other.URL() + "/jwks"}}})
	if _, body := get(t, issuer, issuer.URL()+"/jwks"); !strings.Contains(body, other.Key().ID()) {
		t.Errorf("got %s", body)
	}
}

func TestOnly(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		for _, c := range []struct {
			name           string
			fault          authtest.Fault
			jwks, metadata int
		}{
			{"everything", authtest.Fault{Status: 500}, 500, 500},
			{"only the keys", authtest.Fault{OnlyKeys: true, Status: 500}, 500, 200},
			{"only the metadata", authtest.Fault{OnlyMetadata: true, Status: 500}, 200, 500},
		} {
			issuer.Break(c.fault)
			for path, want := range map[string]int{
				"/jwks":                             c.jwks,
				"/.well-known/openid-configuration": c.metadata,
				"/.well-known/oauth-authorization-server": c.metadata,
			} {
				if resp, _ := get(t, issuer, issuer.URL()+path); resp.StatusCode != want {
					t.Errorf("%s: %s gives %d", c.name, path, resp.StatusCode)
				}
			}
		}
	})
}

func TestFaultKeepsItsState(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	issuer.Break(authtest.Fault{Handler: func(healthy http.Handler) http.Handler {
		seen := 0
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if seen++; seen < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			healthy.ServeHTTP(w, r)
		})
	}})
	for _, want := range []int{503, 503, 200} {
		if resp, _ := get(t, issuer, issuer.URL()+"/jwks"); resp.StatusCode != want {
			t.Errorf("%d, want %d", resp.StatusCode, want)
		}
	}
}
