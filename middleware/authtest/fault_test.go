package authtest_test

import (
	"compress/gzip"
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

// inWorlds runs a test in both: in memory inside of a bubble, where each wait is free and every
// goroutine must end, and on loopback with real sockets.
func inWorlds(t *testing.T, test func(t *testing.T, issuer *authtest.Issuer)) {
	t.Run("in memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, newIssuer(t, authtest.Config{})) })
	})
	t.Run("on loopback", func(t *testing.T) {
		test(t, newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"}))
	})
}

// inBubble tells that time is the bubble's: it passes in the steps that the test is about, and in no other.
func inBubble(issuer *authtest.Issuer) bool { return strings.HasPrefix(issuer.URL(), "https:") }

// fetch gets the key set within the time, and says how long it took.
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
		for n, fault := range []authtest.Fault{nil, authtest.Status(500, nil), authtest.Status(404, nil), nil} {
			issuer.Break(fault)
			want := []int{200, 500, 404, 200}[n]
			if status, _, _, err := fetch(issuer, time.Minute); err != nil || status != want {
				t.Errorf("%d, %v; want %d", status, err, want)
			}
			if issuer.Fetches() != n+1 {
				t.Errorf("%d fetches, want %d", issuer.Fetches(), n+1)
			}
		}
	})
}

func TestDown(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		// A good answer first: a connection kept from it would be tried, and then a new one.
		if _, _, _, err := fetch(issuer, time.Minute); err != nil {
			t.Fatal(err)
		}
		issuer.Break(authtest.Down())
		_, _, _, err := fetch(issuer, time.Minute)
		if !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want a connection that ends without an answer", err)
		}
		if issuer.Fetches() != 2 {
			t.Errorf("%d fetches", issuer.Fetches())
		}
	})
}

func TestStatus(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		header := http.Header{"Retry-After": {"7"}}
		issuer.Break(authtest.Status(429, header))
		header.Set("Retry-After", "8")
		resp, body := get(t, issuer, issuer.URL()+"/jwks")
		if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "7" || body != "" {
			t.Errorf("%d, %v, %q", resp.StatusCode, resp.Header, body)
		}
	})
}

func TestSlow(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Slow(20 * time.Millisecond))
		status, body, took, err := fetch(issuer, time.Minute)
		if err != nil || status != 200 || !json.Valid(body) || inBubble(issuer) && took != 20*time.Millisecond {
			t.Errorf("%d, %q, %v after %v", status, body, err, took)
		}
		issuer.Break(func(http.Handler) http.Handler {
			return authtest.Slow(time.Hour)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				t.Error("asked for a caller who has left")
			}))
		})
		if _, _, _, err := fetch(issuer, 20*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestHang(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Hang())
		if _, _, took, err := fetch(issuer, 20*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %v", err, took)
		}
		issuer.Break(nil)
		if _, _, _, err := fetch(issuer, time.Minute); err != nil {
			t.Errorf("after it healed: %v", err)
		}
	})
}

func TestDrip(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Drip(time.Millisecond))
		status, body, took, err := fetch(issuer, time.Minute)
		if err != nil || status != 200 || !json.Valid(body) || inBubble(issuer) && took != time.Duration(len(body))*time.Millisecond {
			t.Errorf("%d, %q, %v after %v", status, body, err, took)
		}

		issuer.Break(authtest.Drip(time.Hour))
		status, body, _, err = fetch(issuer, 100*time.Millisecond)
		if status != 200 || len(body) != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("header first, then nothing in time: %d, %q, %v", status, body, err)
		}
	})
}

func TestOversized(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		for _, n := range []int64{0, 24, 25, 32 << 10, 32<<10 + 24, 1<<20 + 1} {
			issuer.Break(authtest.Oversized(n))
			status, body, _, err := fetch(issuer, time.Minute)
			if err != nil || status != 200 || int64(len(body)) != max(n, 24) || !json.Valid(body) {
				t.Errorf("n %d: %d, %d octets, valid %t, %v", n, status, len(body), json.Valid(body), err)
			}
		}
	})
}

func TestOversizedIsNeverWhole(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Oversized(1 << 50))
		resp, err := issuer.Client().Get(issuer.URL() + "/jwks")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil || resp.ContentLength != -1 {
			t.Errorf("%v with length %d", err, resp.ContentLength)
		}
	})
}

func TestGzipBomb(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.GzipBomb(1 << 20))
		status, body, _, err := fetch(issuer, time.Minute)
		if err != nil || status != 200 || len(body) != 1<<20 || !json.Valid(body) {
			t.Errorf("%d, %d octets, %v", status, len(body), err)
		}

		// Who asks for gzip gets it packed.
		req, err := http.NewRequest(http.MethodGet, issuer.URL()+"/jwks", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip")
		resp, err := issuer.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		packed, err := io.ReadAll(resp.Body)
		if err != nil || resp.Header.Get("Content-Encoding") != "gzip" || len(packed) > 1<<20/500 {
			t.Fatalf("%v, %v, %d octets", err, resp.Header, len(packed))
		}
		if _, err := gzip.NewReader(strings.NewReader(string(packed))); err != nil {
			t.Error(err)
		}

		// The bomb is not made faster than it is read.
		issuer.Break(authtest.GzipBomb(1 << 50))
		endless, err := issuer.Client().Get(issuer.URL() + "/jwks")
		if err != nil {
			t.Fatal(err)
		}
		defer endless.Body.Close()
		if _, err := io.CopyN(io.Discard, endless.Body, 1<<20); err != nil || !endless.Uncompressed || endless.Header.Get("Content-Encoding") != "" {
			t.Errorf("%v, unpacked %t, %v", err, endless.Uncompressed, endless.Header)
		}
	})
}

func TestBody(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Body("text/html", "<h1>it works"))
		resp, body := get(t, issuer, issuer.URL()+"/jwks")
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/html" || body != "<h1>it works" {
			t.Errorf("%d, %v, %q", resp.StatusCode, resp.Header, body)
		}
	})
}

func TestRedirectTo(t *testing.T) {
	inWorlds(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.OnlyJWKS(authtest.RedirectTo(issuer.URL() + "/jwks?moved")))
		resp, body := get(t, issuer, issuer.URL()+"/jwks")
		if resp.StatusCode != 200 || !strings.Contains(body, issuer.Key().ID()) || resp.Request.URL.RawQuery != "moved" {
			t.Errorf("within the origin: %d, %q, %v", resp.StatusCode, body, resp.Request.URL)
		}
		if issuer.Fetches() != 2 {
			t.Errorf("%d fetches", issuer.Fetches())
		}

		issuer.Break(authtest.RedirectTo("https://elsewhere.test/jwks"))
		client := issuer.Client()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, err := client.Get(issuer.URL() + "/jwks")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 302 || resp.Header.Get("Location") != "https://elsewhere.test/jwks" {
			t.Errorf("elsewhere: %d, %v", resp.StatusCode, resp.Header)
		}
	})
}

func TestRedirectToAnotherIssuer(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	other := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	issuer.Break(authtest.RedirectTo(other.URL() + "/jwks"))
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
			{"everything", authtest.Status(500, nil), 500, 500},
			{"only the keys", authtest.OnlyJWKS(authtest.Status(500, nil)), 500, 200},
			{"only the metadata", authtest.OnlyMetadata(authtest.Status(500, nil)), 200, 500},
		} {
			issuer.Break(c.fault)
			for path, want := range map[string]int{"/jwks": c.jwks, "/.well-known/openid-configuration": c.metadata, "/.well-known/oauth-authorization-server": c.metadata} {
				if resp, _ := get(t, issuer, issuer.URL()+path); resp.StatusCode != want {
					t.Errorf("%s: %s gives %d", c.name, path, resp.StatusCode)
				}
			}
		}
	})
}

func TestFaultKeepsItsState(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	issuer.Break(func(next http.Handler) http.Handler {
		seen := 0
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if seen++; seen < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	for _, want := range []int{503, 503, 200} {
		if resp, _ := get(t, issuer, issuer.URL()+"/jwks"); resp.StatusCode != want {
			t.Errorf("%d, want %d", resp.StatusCode, want)
		}
	}
}
