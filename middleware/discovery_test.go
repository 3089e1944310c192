package middleware_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// journal is a handler that sends each line, without its time.
type journal chan string

func (l journal) Enabled(context.Context, slog.Level) bool { return true }
func (l journal) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l journal) WithGroup(string) slog.Handler            { return l }

func (l journal) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.Key + "=" + a.Value.String()
		return true
	})
	l <- line
	return nil
}

// asDefault makes l the default logger until the end of the test.
func asDefault(t *testing.T, l journal) {
	t.Helper()
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(l))
}

func (l journal) none(t *testing.T) {
	t.Helper()
	select {
	case line := <-l:
		t.Errorf("a line that nobody waits for: %s", line)
	default:
	}
}

// There are the two statements of the quickstart and nothing else: no logger, no client and no request.
func TestAWrongIssuerIsInTheLogBeforeAnyRequest(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	localhost := strings.Replace(issuer.URL(), "127.0.0.1", "localhost", 1)
	const first, second = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
	rows := []struct{ name, issuer, want string }{
		{"a final slash", issuer.URL() + "/", `"` + issuer.URL() + first + `" and "` + issuer.URL() + second + `": the metadata name the issuer "` + issuer.URL() + `", not "` + issuer.URL() + `/": they differ only in the final slash; set Issuer to "` + issuer.URL() + `"`},
		{"localhost for 127.0.0.1", localhost, `"` + localhost + first + `" and "` + localhost + second + `": the metadata name the issuer "` + issuer.URL() + `", not "` + localhost + `": they differ only in the name of the loopback host; set Issuer to "` + issuer.URL() + `"`},
		{"a wrong path", issuer.URL() + "/realm", `"` + issuer.URL() + "/realm" + first + `" and "` + issuer.URL() + second + `/realm" and "` + issuer.URL() + first + `/realm": status 404`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			lines := make(journal, 10)
			asDefault(t, lines)
			var mux http.ServeMux
			orders := http.NotFoundHandler()

			guard, err := middleware.New(middleware.JWTConfig{
				Issuer: row.issuer, Audience: []string{"https://api.example"},
			}, middleware.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer guard.Close()
			mux.Handle("GET /orders", httpauth.Require(guard, scopes.All("orders:read"))(orders))

			want := "WARN keys cannot be fetched issuer=" + row.issuer + " keys=0 error=jwks: " + row.want
			if got := <-lines; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if err := guard.Ready(ctx); err == nil || err.Error() != "jwks: no keys yet: "+row.want {
				t.Errorf("Ready: %v", err)
			}
		})
	}
}

func TestTheKeyCachesLogToTheLoggerOfTheOptions(t *testing.T) {
	byDefault := make(journal, 10)
	asDefault(t, byDefault)
	rows := []struct {
		name string
		make func(cfg middleware.JWTConfig, l *slog.Logger) (interface{ Close() error }, error)
		want bool // in the logger of the options
	}{
		{"New", func(cfg middleware.JWTConfig, l *slog.Logger) (interface{ Close() error }, error) {
			return middleware.New(cfg, middleware.Options{Logger: l})
		}, true},
		{"NewMultiIssuer", func(cfg middleware.JWTConfig, l *slog.Logger) (interface{ Close() error }, error) {
			return middleware.NewMultiIssuer([]middleware.JWTConfig{cfg}, middleware.Options{Logger: l})
		}, true},
		{"NewMultiIssuer without a logger", func(cfg middleware.JWTConfig, _ *slog.Logger) (interface{ Close() error }, error) {
			return middleware.NewMultiIssuer([]middleware.JWTConfig{cfg}, middleware.Options{})
		}, false},
		{"NewJWT", func(cfg middleware.JWTConfig, _ *slog.Logger) (interface{ Close() error }, error) {
			return middleware.NewJWT(cfg)
		}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := newIssuer(t, authtest.Config{})
				issuer.Break(authtest.Fault{Status: 500})
				own := make(journal, 10)
				used, other := byDefault, own
				if row.want {
					used, other = own, byDefault
				}
				cfg := middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{"a"}, Client: issuer.Client()}
				g, err := row.make(cfg, slog.New(own))
				if err != nil {
					t.Fatal(err)
				}
				defer g.Close()
				synctest.Wait()
				issuer.Heal()
				time.Sleep(time.Minute)
				synctest.Wait()
				other.none(t)
				const failing, again = "WARN keys cannot be fetched issuer=", "INFO keys are fetched again issuer="
				failed, healed := <-used, <-used
				if !strings.HasPrefix(failed, failing+issuer.URL()) || !strings.HasSuffix(failed, "status 500") ||
					healed != again+issuer.URL()+" keys=1" {
					t.Errorf("got  %s\n     %s", failed, healed)
				}
				used.none(t)
			})
		})
	}
}

func TestAnIssuerThatIsWrittenWrongSaysWhatToWrite(t *testing.T) {
	const tenants = `has { or }: a name with a placeholder is not the name of an issuer; ` +
		`each tenant needs a JWTConfig of its own, joined by middleware.NewMultiIssuer`
	rows := []struct{ name, issuer, want string }{
		{"http", "http://issuer.example", `"http://issuer.example" is http, and its host is not a loopback host, so anybody on the network path could replace the keys: write https, or set MetadataURL if this is only a name, or give Keys a cache of jwks.New(jwks.Config{Issuer: "http://issuer.example", InsecureAllowHTTP: true})`},
		{"no scheme", "issuer.example", `"issuer.example" has no scheme: write "https://issuer.example"`},
		{"a query", "https://issuer.example?p=secret", `"https://issuer.example?..." has a query, and the name of an issuer has none: write "https://issuer.example"`},
		{"a fragment", "https://issuer.example#a", `"https://issuer.example" has a fragment: leave it out`},
		{"credentials", "https://u:secret@issuer.example", `"https://issuer.example" has credentials: write "https://issuer.example", and let the HTTP client authenticate itself`},
		{"no host", "https:///a", `"https:///a" has no host`},
		{"a placeholder", "https://issuer.example/{tenant}/v2.0", tenants},
		{"a space after it", "https://issuer.example ", `has white space around it: remove it`},
	}
	for _, row := range rows {
		_, err := middleware.NewJWT(middleware.JWTConfig{Issuer: row.issuer, Audience: []string{"a"}})
		if want := "bearerguard: JWTConfig.Issuer: " + row.want; err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", row.name, err, want)
		}
	}
}

func TestTheURLOfTheMetadataIsChecked(t *testing.T) {
	const good = "https://meta.example/configuration?p=a"
	rows := []struct {
		name string
		cfg  middleware.JWTConfig
		want string
	}{
		{"http", middleware.JWTConfig{MetadataURL: "http://meta.example"}, `MetadataURL: "http://meta.example" is http, and its host is not a loopback host, so anybody on the network path could replace the keys: write https, or give Keys a cache of jwks.New with jwks.Config.MetadataURL and InsecureAllowHTTP`},
		{"no URL", middleware.JWTConfig{MetadataURL: "/configuration"}, `MetadataURL: "/configuration" has no scheme and no host: write the whole URL`},
		{"beside keys", middleware.JWTConfig{MetadataURL: good, Keys: trust(t, newKey(t, "ES256"))}, "MetadataURL: has no effect beside Keys"},
		{"an issuer with a placeholder", middleware.JWTConfig{MetadataURL: good, Issuer: "https://issuer.example/{tenantid}"}, "Issuer: has { or }: "},
		{"an issuer with a space after it", middleware.JWTConfig{MetadataURL: good, Issuer: "issuer "}, "Issuer: has white space around it: remove it"},
	}
	for _, row := range rows {
		row.cfg.Audience = []string{"a"}
		if row.cfg.Issuer == "" {
			row.cfg.Issuer = "http://issuer.example"
		}
		_, err := middleware.NewJWT(row.cfg)
		if err == nil || !strings.HasPrefix(err.Error(), "bearerguard: JWTConfig."+row.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", row.name, err, row.want)
		}
	}
}

// The issuer's name is not where it is reached: the metadata must still have that name.
func TestMetadataAtAnotherURLThanTheIssuersName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		for name, good := range map[string]bool{issuer.URL(): true, "http://issuer.example": false} {
			v, err := middleware.NewJWT(middleware.JWTConfig{
				Issuer: name, MetadataURL: issuer.URL() + "/.well-known/openid-configuration",
				Audience: []string{issuer.Audience()}, Client: issuer.Client(),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close()
			_, err = v.Verify(t.Context(), issuer.Mint(authtest.Token{Claims: map[string]any{"iss": name}}))
			if (err == nil) != good {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// An issuer whose keys are given may have any name, but neither a placeholder nor white space around it.
func TestAnIssuerWhoseKeysAreGivenNeedsNoURL(t *testing.T) {
	keys := trust(t, newKey(t, "ES256"))
	rows := []struct {
		issuer string
		ok     bool
	}{
		{"our own issuer", true},
		{"http://issuer.example?a", true},
		{"https://issuer.example/{tenant}", false},
		{" our own issuer", false},
	}
	for _, row := range rows {
		v, err := middleware.NewJWT(middleware.JWTConfig{Issuer: row.issuer, Audience: []string{"a"}, Keys: keys})
		if (err == nil) != row.ok {
			t.Errorf("%q: %v", row.issuer, err)
		}
		if err == nil {
			_ = v.Close()
		}
	}
}

// Close waits for the request that it ends, so that nothing of a Guard runs after it.
func TestCloseOfAGuardWaitsForItsKeyCaches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Int32
		slow := &http.Client{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			time.Sleep(100 * time.Millisecond)
			ended.Add(1)
			return nil, r.Context().Err()
		})}
		var cfgs []middleware.JWTConfig
		for _, issuer := range []string{"https://a.test", "https://b.test"} {
			cfgs = append(cfgs, middleware.JWTConfig{Issuer: issuer, Audience: []string{"api"}, Client: slow})
		}
		g, err := middleware.NewMultiIssuer(cfgs, middleware.Options{})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // both requests are on their way
		if err := g.Close(); err != nil || ended.Load() != 2 {
			t.Errorf("%v, and %d of 2 requests have ended", err, ended.Load())
		}
	})
}
