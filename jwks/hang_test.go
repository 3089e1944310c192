package jwks_test

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

// rude is a user's transport. It does what act says with a request. If act says nothing, it answers as an
// issuer.
type rude struct {
	*issuer
	mu      sync.Mutex
	act     func(*http.Request) (*http.Response, error)
	hanging int
}

func (r *rude) does(act func(*http.Request) (*http.Response, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.act = act
}

func (r *rude) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	act := r.act
	r.mu.Unlock()
	if act == nil {
		return r.issuer.RoundTrip(req)
	}
	r.mu.Lock()
	r.hanging++
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hanging--
	}()
	return act(req)
}

// hung returns the number of requests that the transport does not answer.
func (r *rude) hung() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hanging
}

func startRude(t testing.TB, cfg jwks.Config, i *issuer) (*rude, *jwks.Cache) {
	t.Helper()
	r := &rude{issuer: i}
	if cfg.Issuer == "" {
		cfg.KeysURL = keysURL
	}
	cfg.Client = &http.Client{Transport: r}
	c, err := jwks.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return r, c
}

// odd is a body with a configurable Read and Close.
type odd struct{ read, close func() }

func (o odd) Read([]byte) (int, error) {
	o.read()
	return 0, io.EOF
}

func (o odd) Close() error {
	o.close()
	return nil
}

func nothing() {}

// response is a good answer with that body.
func response(body io.ReadCloser) *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body}
}

func TestDutyATransportThatHangsHoldsItsOwnGoroutineAlone(t *testing.T) {
	release := func() (wait func(), free func()) {
		freed := make(chan struct{})
		return func() { <-freed }, sync.OnceFunc(func() { close(freed) })
	}
	rows := []struct {
		name string
		act  func(wait func()) (*http.Response, error)
	}{
		{"before it answers", func(wait func()) (*http.Response, error) { wait(); return nil, errors.New("late") }},
		{"before a good answer", func(wait func()) (*http.Response, error) {
			wait()
			return response(io.NopCloser(strings.NewReader(keySet(edJWK("late", 9))))), nil
		}},
		{"in its body", func(wait func()) (*http.Response, error) { return response(odd{wait, nothing}), nil }},
		{"at the end of its body", func(wait func()) (*http.Response, error) { return response(odd{nothing, wait}), nil }},
		{"before it panics", func(wait func()) (*http.Response, error) { wait(); panic("late") }},
		{"before it ends the goroutine", func(wait func()) (*http.Response, error) { wait(); runtime.Goexit(); return nil, nil }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wait, free := release()
				defer free()
				before := runtime.NumGoroutine()
				r, c := startRude(
					t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute, MaxStale: time.Hour},
					answering(ok(edJWK("a", 1))),
				)
				synctest.Wait()
				var asked atomic.Int64
				r.does(func(*http.Request) (*http.Response, error) { asked.Add(1); return row.act(wait) })

				began := time.Now()
				time.Sleep(time.Minute - 30*time.Second)
				mustServe(t, c, "a")
				waiting := time.Now()
				mustBeOutage(t, c, "b")
				if waited := time.Since(waiting); waited != 2*time.Second {
					t.Errorf("a caller waited for %v", waited)
				}
				time.Sleep(4*time.Second + time.Millisecond)
				synctest.Wait()
				if err := c.Status().LastError; err == nil || err.Error() != atKeys+"the issuer did not answer in time" {
					t.Errorf("LastError after the first: %v", err)
				}
				time.Sleep(10 * time.Minute)
				mustServe(t, c, "a")
				if n := asked.Load(); n != 2 {
					t.Errorf("%d requests hang, want 2", n)
				}
				if err := c.Status().LastError; err == nil || err.Error() != atKeys+"earlier requests to the issuer still hang" {
					t.Errorf("LastError: %v", err)
				}
				if n := runtime.NumGoroutine() - before; n > 4 { // two that hang, the cache's own, and one to spare
					t.Errorf("%d goroutines", n)
				}
				time.Sleep(time.Until(began.Add(time.Hour + 6*time.Second)))
				synctest.Wait()
				if n := c.Status().Keys; n != 0 {
					t.Errorf("%d keys serve past MaxStale", n)
				}
				mustBeOutage(t, c, "a")

				r.does(nil)
				free()
				time.Sleep(time.Minute)
				synctest.Wait()
				mustServe(t, c, "a")
				mustNotFind(t, c, "late")
			})
		})
	}
}

func TestOneRequestThatHangsStopsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		freed := make(chan struct{})
		defer close(freed)
		r, c := startRude(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, answering(ok(edJWK("a", 1))))
		synctest.Wait()
		r.does(func(*http.Request) (*http.Response, error) { <-freed; return nil, errors.New("late") })
		time.Sleep(time.Minute + time.Second)
		r.does(nil)
		r.issuer.answer(ok(edJWK("b", 2)))
		for range 3 {
			time.Sleep(time.Minute)
			synctest.Wait()
			mustServe(t, c, "b")
			if s := c.Status(); s.LastError != nil || time.Since(s.LastSuccess) > time.Minute {
				t.Errorf("%+v", s)
			}
		}
	})
}

// The metadata may hang for ever although the keys can be fetched.
func TestALookThatHangsStopsNoFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		freed := make(chan struct{})
		i := site(map[string]string{firstPlace: metadata(theIssuer, keysURL), keysURL: keySet(edJWK("a", 1))})
		r, c := startRude(
			t, jwks.Config{Issuer: theIssuer, MinRefresh: time.Minute, MaxRefresh: time.Minute, MaxStale: time.Hour}, i,
		)
		synctest.Wait()
		r.does(func(req *http.Request) (*http.Response, error) {
			if req.URL.String() == firstPlace {
				<-freed
			}
			return i.RoundTrip(req)
		})
		for range 5 * 60 {
			time.Sleep(time.Minute)
			synctest.Wait() // for the refresh of this minute
			if s := c.Status(); s.LastError != nil || s.Keys != 1 || time.Since(s.LastSuccess) > time.Minute {
				t.Fatalf("%+v", s)
			}
		}
		if r.hung() != 1 {
			t.Errorf("%d requests hang", r.hung())
		}
		i.answerBy(
			site(map[string]string{
				firstPlace: metadata(theIssuer, movedURL), movedURL: keySet(edJWK("b", 2)), keysURL: keySet(edJWK("a", 1)),
			}).reply,
		)
		close(freed)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		mustServe(t, c, "b")
	})
}

func TestDutyCloseReturnsWhateverTheTransportDoes(t *testing.T) {
	for name, cfg := range map[string]jwks.Config{
		"keys": {KeysURL: keysURL}, "metadata": {Issuer: "https://issuer.example"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				freed := make(chan struct{})
				r := &rude{}
				r.does(func(*http.Request) (*http.Response, error) { <-freed; return nil, errors.New("late") })
				cfg.Client = &http.Client{Transport: r}
				c := must(jwks.New(cfg))
				synctest.Wait()
				told := make(chan error)
				go func() {
					_, err := ask(c, "a")
					told <- err
				}()
				synctest.Wait()
				began := time.Now()
				go c.Close()
				if err := <-told; err == nil || err.Error() != "jwks: keys are unavailable: the cache is closed" {
					t.Errorf("the waiter got %v", err)
				}
				c.Close()
				if took := time.Since(began); took > time.Second {
					t.Errorf("Close took %v", took)
				}
				if r.hung() != 1 {
					t.Errorf("%d requests", r.hung())
				}
				close(freed)
				time.Sleep(time.Hour)
				synctest.Wait()
				if r.hung() != 0 {
					t.Errorf("%d requests after it was set free", r.hung())
				}
			})
		})
	}
}

// A transport may return an answer when its context ends.
func TestNoRequestFollowsAnotherAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		r := &rude{}
		r.does(func(req *http.Request) (*http.Response, error) {
			asked.Add(1)
			<-req.Context().Done()
			return &http.Response{StatusCode: 404, Header: http.Header{}, Body: http.NoBody}, nil
		})
		c := must(jwks.New(jwks.Config{Issuer: "https://issuer.example", Client: &http.Client{Transport: r}}))
		synctest.Wait()
		c.Close()
		if n := asked.Load(); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
}

// A body may return nothing again and again, and ignore its context.
func TestABodyThatYieldsNothingEndsWithItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c := startRude(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, answering(ok(edJWK("a", 1))))
		synctest.Wait()
		body := &still{}
		r.does(func(*http.Request) (*http.Response, error) { return response(io.NopCloser(body)), nil })
		time.Sleep(time.Minute + time.Second)
		r.does(nil)
		if body.reads.Load() == 0 {
			t.Fatal("nobody reads")
		}
		time.Sleep(4*time.Second + time.Millisecond)
		synctest.Wait()
		if err := c.Status().LastError; err == nil || err.Error() != atKeys+"the issuer did not answer in time" {
			t.Errorf("LastError: %v", err)
		}
		n := body.reads.Load()
		time.Sleep(time.Minute)
		if now := body.reads.Load(); now != n {
			t.Errorf("it is read %d times after the end of its request", now-n)
		}
		if err := c.Status().LastError; err != nil {
			t.Error(err)
		}
	})
}

type still struct{ reads atomic.Int64 }

func (s *still) Read([]byte) (int, error) {
	s.reads.Add(1)
	time.Sleep(time.Millisecond)
	return 0, nil
}

// A transport gets a second to return after the context of its request has ended.
func TestATransportThatReturnsALittleLateIsHeard(t *testing.T) {
	rows := []struct {
		name       string
		late, took time.Duration // since the end of the context
		want       string
		hung       int
	}{
		{"within the second", 900 * time.Millisecond, 900 * time.Millisecond, `the request to the issuer failed: "late"`, 0},
		{"after the second", 1100 * time.Millisecond, time.Second, "the issuer did not answer in time", 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, c := startRude(t, jwks.Config{MinRefresh: time.Minute, MaxRefresh: time.Minute}, answering(ok(edJWK("a", 1))))
				synctest.Wait()
				r.does(func(req *http.Request) (*http.Response, error) {
					<-req.Context().Done()
					time.Sleep(row.late)
					return nil, errors.New("late")
				})
				time.Sleep(time.Minute + 5*time.Second + row.took - time.Millisecond)
				synctest.Wait()
				if err := c.Status().LastError; err != nil {
					t.Errorf("the fetch ended too early: %v", err)
				}
				time.Sleep(time.Millisecond)
				synctest.Wait()
				if err := c.Status().LastError; err == nil || err.Error() != atKeys+row.want {
					t.Errorf("LastError: %v, want %s", err, row.want)
				}
				if r.hung() != row.hung {
					t.Errorf("%d requests hang, want %d", r.hung(), row.hung)
				}
				r.does(nil)
				time.Sleep(time.Minute)
				if s := c.Status(); s.LastError != nil || r.hung() != 0 {
					t.Errorf("%+v, %d requests hang", s, r.hung())
				}
			})
		})
	}
}
