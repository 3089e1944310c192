package jwks_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/jwks"
)

// logbook is a handler that keeps lines, without their time.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (b *logbook) Enabled(context.Context, slog.Level) bool { return true }
func (b *logbook) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b *logbook) WithGroup(string) slog.Handler            { return b }

func (b *logbook) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.Key + "=" + a.Value.String()
		return true
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, line)
	return nil
}

// take returns the lines since the last call.
func (b *logbook) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := b.lines
	b.lines = nil
	return lines
}

func (b *logbook) expect(t testing.TB, when string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, b.take()); diff != "" {
		t.Errorf("%s: the log (-want +got)\n%s", when, diff)
	}
}

const (
	thePlace   = theIssuer + "/.well-known/openid-configuration"
	theOther   = theIssuer + "/.well-known/oauth-authorization-server"
	failingNow = "WARN keys cannot be fetched "
	failsNow   = failingNow + "issuer=" + theIssuer + " keys=0 error=jwks: "
	otherwise  = "WARN keys cannot be fetched, for another reason than before "
	again      = "INFO keys are fetched again "
)

func TestTheLogSaysWhatIsWrong(t *testing.T) {
	named := func(issuer string) map[string]reply {
		return map[string]reply{thePlace: page(metadata(issuer, keysURL))}
	}
	html := reply{body: "\n<!DOCTYPE html>\n<p>secret", header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}}
	const known = `"` + thePlace + `": the metadata name the issuer `
	const last = `; and "` + theOther + `": status 404`
	const stranger = `: set Issuer to the name that the issuer gives itself; ` +
		`if it is reached under another URL than that, set MetadataURL, too, or use jwks.Config.KeysURL`
	rows := []struct {
		name  string
		pages map[string]reply
		want  string
	}{
		{"a final slash", named(theIssuer + "/"), known + `"https://issuer.example/", not "https://issuer.example": they differ only in the final slash; set Issuer to "https://issuer.example/"` + last},
		{"the case", named("https://Issuer.example"), known + `"https://Issuer.example", not "https://issuer.example": they differ only in the case of letters; set Issuer to "https://Issuer.example"` + last},
		{"the case and a final slash", named("https://ISSUER.example/"), known + `"https://ISSUER.example/", not "https://issuer.example": they differ only in the final slash and the case of letters; set Issuer to "https://ISSUER.example/"` + last},
		{"the case of the scheme", named("HTTPS://issuer.example"), known + `"HTTPS://issuer.example", not "https://issuer.example": they differ only in the case of letters; set Issuer to "HTTPS://issuer.example"` + last},
		{"the scheme", named("http://issuer.example"), known + `"http://issuer.example", not "https://issuer.example": they differ only in the scheme; an https issuer that calls itself http is often behind a proxy, and must be told its public URL` + last},
		{"another host", named("https://evil.example"), known + `"https://evil.example", not "https://issuer.example"` + stranger + last},
		{"another path", named(theIssuer + "/a"), known + `"https://issuer.example/a", not "https://issuer.example"` + stranger + last},
		{"the default port", named(theIssuer + ":443/"), known + `"https://issuer.example:443/", not "https://issuer.example": they differ only in the default port and the final slash; set Issuer to "https://issuer.example:443/"` + last},
		{"another port", named(theIssuer + ":8443"), known + `"https://issuer.example:8443", not "https://issuer.example"` + stranger + last},
		{"another scheme and its port", named("http://issuer.example:443"), known + `"http://issuer.example:443", not "https://issuer.example"` + stranger + last},
		{"credentials", named("https://u:secret@issuer.example"), known + `"https://issuer.example", not "https://issuer.example"` + stranger + last},
		{"another scheme than http", named("ftp://issuer.example"), known + `"ftp://issuer.example", not "https://issuer.example"` + stranger + last},
		{"a name that is no URL", named("%"), known + `"%", not "https://issuer.example"` + stranger + last},
		{"a query", named(theIssuer + "?secret"), known + `"https://issuer.example?...", not "https://issuer.example"` + stranger + last},
		{"a name with a line break, that is long", named("https://\n" + strings.Repeat("a", 300)), known + `"https://\n` + strings.Repeat("a", 191) + `"..., not "https://issuer.example"` + stranger + last},
		{"no name", named(""), `"` + thePlace + `": the metadata name no issuer` + last},
		{"the same metadata at both places", map[string]reply{thePlace: page(metadata(theIssuer+"/", keysURL)), theOther: page(metadata(theIssuer+"/", keysURL))}, `"` + thePlace + `" and "` + theOther + `": the metadata name the issuer "https://issuer.example/", not "https://issuer.example": they differ only in the final slash; set Issuer to "https://issuer.example/"`},
		{"a wrong path", nil, `"` + thePlace + `" and "` + theOther + `": status 404`},
		{"a status that asks for a pause", map[string]reply{thePlace: {status: 503, header: http.Header{"Retry-After": {"30"}}}}, `"` + thePlace + `": status 503`},
		{"a pause at the second place", map[string]reply{theOther: {status: 429}}, `"` + thePlace + `": status 404; and "` + theOther + `": status 429`},
		{"a login page", map[string]reply{thePlace: html, theOther: html}, `"` + thePlace + `" and "` + theOther + `": the response is not JSON but "text/html", and begins with "<!DOCTYPE html>"`},
		{"a login page instead of the keys", map[string]reply{thePlace: page(metadata(theIssuer, keysURL)), keysURL: html}, `"` + keysURL + `": the response is not JSON but "text/html", and begins with "<!DOCTYPE html>"`},
		{"a long text", map[string]reply{thePlace: page(strings.Repeat("é", 100))}, `"` + thePlace + `": the response is not JSON, and begins with "` + strings.Repeat("é", 30) + `"` + last},
		{"an empty body", map[string]reply{thePlace: page(" \n")}, `"` + thePlace + `": the response is empty` + last},
		{"metadata that are an array", map[string]reply{thePlace: page("[]")}, `"` + thePlace + `": the metadata are malformed: not a JSON object` + last},
		{"no jwks_uri", map[string]reply{thePlace: page(`{"issuer":"` + theIssuer + `"}`)}, `"` + thePlace + `": the metadata have no jwks_uri` + last},
		{"a jwks_uri over http", map[string]reply{thePlace: page(metadata(theIssuer, "http://keys.example/?secret"))}, `"` + thePlace + `": the metadata are refused: their jwks_uri "http://keys.example/?..." is http, and its host is not a loopback host, so anybody on the network path could replace the keys: write https, or set jwks.Config.InsecureAllowHTTP` + last},
		{"a jwks_uri over http on loopback", map[string]reply{thePlace: page(metadata(theIssuer, "http://localhost/?secret"))}, `"` + thePlace + `": the metadata are refused: their jwks_uri "http://localhost/?..." is http, although the metadata came by https` + last},
		{"a jwks_uri with credentials", map[string]reply{thePlace: page(metadata(theIssuer, "https://u:secret@keys.example/"))}, `"` + thePlace + `": the metadata are refused: their jwks_uri "https://keys.example/" has credentials: write "https://keys.example/", and let the HTTP client authenticate itself` + last},
		{"an unknown name", map[string]reply{thePlace: {err: &net.DNSError{Name: "issuer.example", Err: "no such host", IsNotFound: true}}}, `"` + thePlace + `": the host name "issuer.example" cannot be resolved: no such host`},
		{"a proxy that is down", map[string]reply{thePlace: {err: &net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}}}, `"` + thePlace + `": the proxy cannot be connected to: connection refused`},
		{"http where https is asked for", map[string]reply{thePlace: {err: http.ErrSchemeMismatch}}, `"` + thePlace + `": the server speaks http, not https`},
		{"a connection that breaks", map[string]reply{thePlace: {err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}}, `"` + thePlace + `": the request to the issuer failed: connection reset by peer`},
		{"an error of the transport's own", map[string]reply{thePlace: {err: errors.New("out\nof luck")}}, `"` + thePlace + `": the request to the issuer failed: "out\nof luck"`},
		{"an error about another URL", map[string]reply{thePlace: {err: fmt.Errorf("proxy: %w", &url.Error{Op: "Get", URL: "https://h/?secret", Err: errors.New("refused")})}}, `"` + thePlace + `": the request to the issuer failed: "refused"`},
		{"a redirect to a login page", map[string]reply{thePlace: {status: 302, header: http.Header{"Location": {"/login?secret"}}}, theIssuer + "/login?secret": html}, `"` + thePlace + `": the response is not JSON but "text/html", after a redirect to "https://issuer.example/login?...", and begins with "<!DOCTYPE html>"` + last},
		{"a redirect to nothing", map[string]reply{thePlace: {status: 302, header: http.Header{"Location": {"/login"}}}}, `"` + thePlace + `" and "` + theOther + `": status 404, after a redirect to "https://issuer.example/login"`},
		{"a redirect to what is not a URL", map[string]reply{thePlace: {status: 302, header: http.Header{"Location": {"https://u:secret@issuer.example:%zz/?secret"}}}}, `"` + thePlace + `": the issuer redirects to what is not a URL`},
		{"a redirect to another origin", map[string]reply{thePlace: {status: 302, header: http.Header{"Location": {"https://login.example/a?secret"}}}}, `"` + thePlace + `": the issuer redirects to another origin, "https://login.example:443"` + last},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book logbook
				i := pages(row.pages)
				c := start(t, jwks.Config{Issuer: theIssuer, Logger: slog.New(&book)}, i)
				time.Sleep(10 * time.Minute) // with many failures that are the same
				if i.fetches() < 4 {
					t.Fatalf("only %d requests", i.fetches())
				}
				want := failsNow + row.want
				book.expect(t, "at the start", want)
				err := c.Status().LastError
				if err == nil || failsNow+strings.TrimPrefix(err.Error(), "jwks: ") != want {
					t.Errorf("LastError: %v", err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := c.Ready(ctx); err == nil || err.Error() != "jwks: no keys yet: "+row.want {
					t.Errorf("Ready: %v", err)
				}
			})
		})
	}
}

// The details of the two pages differ at each request, and the same is wrong with both.
func TestAFailureIsLoggedOnceAlthoughItsDetailsVary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book logbook
		i, n := &issuer{}, 0
		i.answerBy(func(*http.Request) reply {
			n++
			return reply{body: fmt.Sprintf("<html id=%d>", n)}
		})
		c := start(t, jwks.Config{Issuer: theIssuer, Logger: slog.New(&book)}, i)
		time.Sleep(10 * time.Minute)
		i.answerBy(func(*http.Request) reply {
			n++
			return reply{err: &net.OpError{Op: "dial", Addr: &net.TCPAddr{Port: n}, Err: syscall.ECONNREFUSED}}
		})
		time.Sleep(10 * time.Minute)
		book.expect(t, "after 20 minutes",
			failsNow+`"`+thePlace+`" and "`+theOther+`": the response is not JSON, and begins with "<html id=1>"`,
			otherwise+`issuer=`+theIssuer+` keys=0 error=jwks: "`+thePlace+
				`": the issuer cannot be connected to: connection refused`)
		if err := c.Status().LastError; strings.Contains(err.Error(), "id=1>") {
			t.Errorf("LastError is old: %v", err)
		}
	})
}

func TestTheLogTellsEachChangeOfState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book logbook
		i := answering(ok(edJWK("a", 1)))
		start(t, jwks.Config{
			MinRefresh: time.Minute, MaxRefresh: time.Minute, MaxStale: time.Hour, Logger: slog.New(&book),
		}, i)
		const at = "keys_url=" + keysURL
		passes := func(d time.Duration, r reply, when string, want ...string) {
			t.Helper()
			i.answer(r)
			time.Sleep(d)
			book.expect(t, when, want...)
		}
		good, gone := ok(edJWK("a", 1)), reply{status: 404}
		passes(10*time.Minute, good, "a first success, and more")
		passes(5*time.Minute, gone, "a failure", failingNow+at+" keys=1 error="+atKeys+"status 404")
		passes(5*time.Minute, reply{status: 500}, "another failure", otherwise+at+" keys=1 error="+atKeys+"status 500")
		passes(time.Minute, gone, "the first one again, too early")
		passes(2*time.Minute, good, "a good answer", again+at+" keys=1")
		passes(2*time.Hour, gone, "longer than MaxStale",
			failingNow+at+" keys=1 error="+atKeys+"status 404",
			"WARN keys were dropped, because they are older than MaxStale "+at+" error="+atKeys+"status 404")
		passes(2*time.Minute, good, "a good answer after all", again+at+" keys=1")
		passes(10*time.Minute, ok(), "an empty set", "WARN the issuer publishes no keys, so every token is refused "+at)
		passes(2*time.Minute, good, "a key again", again+at+" keys=1")
		passes(10*time.Minute, good, "nothing new")
	})
}

// The known URL fails, and so do the metadata, which might name another one.
func TestAFailureOfKnownKeysAlsoNamesTheMetadata(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book logbook
		replies := map[string]reply{thePlace: page(metadata(theIssuer, keysURL)), keysURL: ok(edJWK("a", 1))}
		i := pages(replies)
		c := start(t, jwks.Config{
			Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute, Logger: slog.New(&book),
		}, i)
		synctest.Wait()
		i.edit(func() {
			replies[keysURL] = reply{status: 500}
			replies[thePlace] = reply{status: 429, header: http.Header{"Retry-After": {"100"}}}
		})
		time.Sleep(time.Minute + time.Millisecond)
		synctest.Wait() // later the metadata are not asked, and the failure is the same
		const atMetadata = `; and "` + thePlace + `": status 429`
		if err := c.Status().LastError; err == nil || err.Error() != atKeys+"status 500"+atMetadata {
			t.Errorf("LastError: %v", err)
		}
		time.Sleep(10 * time.Minute)
		book.expect(t, "after ten minutes", failingNow+"issuer="+theIssuer+" keys=1 error="+atKeys+"status 500"+atMetadata)
	})
}

func TestFailuresByTurnsDoNotFillTheLog(t *testing.T) {
	rows := []struct {
		name  string
		kinds int
		most  int // lines in an hour
	}{
		{"two kinds", 2, 8},
		{"a new kind each time", 1 << 20, 32},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book logbook
				i, n := &issuer{}, 0
				i.answerBy(func(*http.Request) reply {
					n++
					return page(metadata(fmt.Sprintf("https://%d.example", n/2%row.kinds), keysURL))
				})
				start(t, jwks.Config{Issuer: theIssuer, Logger: slog.New(&book)}, i)
				time.Sleep(time.Hour - time.Second)
				if lines := len(book.take()); lines < row.most/2 || lines > row.most {
					t.Errorf("%d lines, want about %d", lines, row.most)
				}
			})
		})
	}
}

// Callers with unknown kids cause a fetch each UnknownKeyInterval, and every second one fails. The log ends
// with what is true.
func TestAnIssuerThatFlapsDoesNotFillTheLog(t *testing.T) {
	for name, last := range map[string]reply{again: ok(edJWK("a", 1)), failingNow: {status: 503}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book logbook
				i, n := &issuer{}, 0
				i.answerBy(func(*http.Request) reply {
					if n++; n%2 == 0 {
						return reply{status: 503}
					}
					return ok(edJWK("a", 1))
				})
				c := start(t, jwks.Config{Logger: slog.New(&book)}, i)
				for range 30 * 60 {
					_, _ = c.Keys(t.Context(), jwks.Query{KeyID: "unknown", Algorithm: "EdDSA"})
					time.Sleep(2 * time.Second)
				}
				if i.fetches() < 1000 {
					t.Fatalf("only %d requests", i.fetches())
				}
				i.answer(last)
				time.Sleep(time.Hour)
				lines := book.take()
				if len(lines) < 20 || len(lines) > 4*8+8 {
					t.Errorf("%d lines in an hour", len(lines))
				}
				if got := lines[len(lines)-1]; !strings.HasPrefix(got, name) {
					t.Errorf("the last line is %s", got)
				}
			})
		})
	}
}

func TestNoQueryIsEverSaid(t *testing.T) {
	const target = keysURL + "?key=secret"
	rows := []struct {
		name string
		r    reply
	}{
		{"a status", reply{status: 404}},
		{"a page that repeats it", reply{body: "no such page: /keys?key=secret"}},
		{"an error that repeats it", reply{err: errors.New("Get " + target + ": refused")}},
		{"an error of net/http", reply{err: &url.Error{Op: "Get", URL: target, Err: errors.New(target)}}},
		{"no answer", reply{delay: time.Hour}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book logbook
				c := start(t, jwks.Config{KeysURL: target, Logger: slog.New(&book)}, answering(row.r))
				_, err := ask(c, "a")
				time.Sleep(time.Minute)
				texts := append(book.take(), err.Error(), c.Status().LastError.Error())
				for _, text := range texts {
					if !strings.Contains(text, keysURL+"?...") || strings.Contains(text, "secret") {
						t.Errorf("%s", text)
					}
				}
				if len(texts) != 3 {
					t.Errorf("%d texts, want 3", len(texts))
				}
			})
		})
	}
}

// Without a Logger, the default one is read at each line.
func TestWithoutALoggerTheDefaultOneAtTheTimeIsUsed(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	synctest.Test(t, func(t *testing.T) {
		var first, second logbook
		slog.SetDefault(slog.New(&first))
		i := answering(reply{status: 404})
		start(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, i)
		synctest.Wait()
		slog.SetDefault(slog.New(&second))
		i.answer(ok(edJWK("a", 1)))
		time.Sleep(2 * time.Minute)
		first.expect(t, "the first logger", failingNow+"keys_url="+keysURL+" keys=0 error="+atKeys+"status 404")
		second.expect(t, "the second logger", again+"keys_url="+keysURL+" keys=1")
	})
}

// rudeHandler does something before it keeps the line.
type rudeHandler struct {
	*logbook
	act func()
}

func (h rudeHandler) Handle(ctx context.Context, r slog.Record) error {
	defer h.logbook.Handle(ctx, r)
	h.act()
	return nil
}

func TestAHandlerThatMisbehavesHarmsNobody(t *testing.T) {
	hang := make(chan struct{})
	rows := []struct {
		name string
		act  func()
	}{
		{"it panics", func() { panic("handler") }},
		{"it ends its goroutine", runtime.Goexit},
		{"it hangs", func() { <-hang }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hang = make(chan struct{})
				var book logbook
				i := answering(reply{status: 404})
				c := start(t, jwks.Config{
					MinRefresh: time.Minute, MaxRefresh: time.Minute, Logger: slog.New(rudeHandler{&book, row.act}),
				}, i)
				synctest.Wait()
				for n := range 100 { // more changes than wait for a handler
					i.answer(ok(edJWK("a", 1)))
					time.Sleep(3 * time.Minute) // rare enough to be told
					before := time.Now()
					mustServe(t, c, "a")
					if time.Since(before) != 0 {
						t.Fatalf("round %d: a caller waited for %v", n, time.Since(before))
					}
					i.answer(reply{status: 404})
					time.Sleep(3 * time.Minute) // rare enough to be told
					mustStayInvalid(t, c, "a")
				}
				before := time.Now()
				c.Close()
				waited, hung := time.Since(before), row.name == "it hangs"
				if hung && waited != time.Second || !hung && waited != 0 {
					t.Errorf("Close took %v", waited)
				}
				close(hang)
				synctest.Wait()
				if lines := book.take(); hung && len(lines) != 17 || !hung && len(lines) != 201 {
					t.Errorf("%d lines", len(lines))
				}
			})
		})
	}
}

func TestTheLogSaysWhatIsWrongOnRealSockets(t *testing.T) {
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	untrustedName := strings.Replace(untrusted.URL, "127.0.0.1", "localhost", 1)
	trusting := untrusted.Client() // the certificate is for example.com and 127.0.0.1
	later := &http.Transport{TLSClientConfig: trusting.Transport.(*http.Transport).TLSClientConfig.Clone()}
	later.TLSClientConfig.Time = func() time.Time { return time.Now().AddDate(200, 0, 0) }
	defer later.CloseIdleConnections()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()

	loopback := httptest.NewUnstartedServer(nil)
	address := "http://" + loopback.Listener.Addr().String()
	loopback.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, metadata(address, address+"/keys"))
	})
	loopback.Start()
	defer loopback.Close()
	alias := strings.Replace(address, "127.0.0.1", "localhost", 1)

	const gone = "http://127.0.0.1:0" // nobody can listen on port 0
	const first, second = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
	tls := strings.Replace(plain.URL, "http:", "https:", 1)
	rows := []struct {
		name, issuer string
		client       *http.Client
		want         string
	}{
		{"localhost for 127.0.0.1", alias, nil, `"` + alias + first + `" and "` + alias + second + `": the metadata name the issuer "` + address + `", not "` + alias + `": they differ only in the name of the loopback host; set Issuer to "` + address + `"`},
		{"connection refused", gone, nil, `"` + gone + first + `": the issuer cannot be connected to: ` + refused()},
		{"an untrusted certificate", untrusted.URL, nil, `"` + untrusted.URL + first + `": the issuer's certificate is not trusted: certificate signed by unknown authority`},
		{"a certificate for another host", untrustedName, trusting, `"` + untrustedName + first + `": the issuer's certificate is not trusted: it is not for "localhost", but for ["example.com" "*.example.com"]`},
		{"a certificate that has expired", untrusted.URL, &http.Client{Transport: later}, `"` + untrusted.URL + first + `": the issuer's certificate is not trusted: it has expired or is not valid yet`},
		{"https where the server speaks http", tls, nil, `"` + tls + first + `": the server speaks http, not https`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var book logbook
			c := must(jwks.New(jwks.Config{Issuer: row.issuer, Client: row.client, Logger: slog.New(&book)}))
			landed(t, c)
			c.Close() // it waits for the line
			book.expect(t, "after a fetch", failingNow+"issuer="+row.issuer+" keys=0 error=jwks: "+row.want)
		})
	}
}

// refused returns what the system says about a port that nobody listens on.
func refused() string {
	_, err := net.Dial("tcp", "127.0.0.1:0")
	var number syscall.Errno
	errors.As(err, &number)
	return number.Error()
}
