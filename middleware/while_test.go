package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

func withToken() middleware.Request { return middleware.Request{Header: bearer("token")} }

// while calls WhileAuthorized with a token that expires after a minute, in a bubble.
func while(
	t *testing.T, v middleware.Verifier, f func(context.Context) error,
) (took time.Duration, seen *recorder, err error) {
	t.Helper()
	seen = new(recorder)
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, v, middleware.Options{Observe: seen.observe})
		start := time.Now()
		err = g.WhileAuthorized(t.Context(), withToken(), scopes.Authenticated(), f)
		took = time.Since(start)
		time.Sleep(2 * time.Hour) // for what was left behind
	})
	return took, seen, err
}

func TestWhileReturnsWhatTheFunctionReturns(t *testing.T) {
	want := errors.New("its own")
	took, seen, err := while(t, aging, func(ctx context.Context) error {
		if subject(ctx) != "user" {
			t.Errorf("subject %q", subject(ctx))
		}
		time.Sleep(time.Second)
		return want
	})
	if err != want || took != time.Second || len(seen.events) != 1 {
		t.Errorf("%v after %v, %d decisions", err, took, len(seen.events))
	}
}

// prolonging returns a verifier whose tokens are good for a minute at a time, that many times.
func prolonging(times int) middleware.Verifier {
	return middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		if times--; times < 0 {
			return middleware.Claims{}, middleware.ErrInvalidToken
		}
		return middleware.NewClaims(map[string]any{"exp": time.Now().Add(time.Minute)})
	})
}

// metadata is a header of another type than http.Header, as other transports have it.
type metadata map[string][]string

func (m metadata) Values(name string) []string { return m[name] }

// The check after the token's expiry reads the header as it was at the start, with each field
// that a check needs.
func TestWhileCopiesAHeaderOfAnotherType(t *testing.T) {
	tests := []struct {
		name   string
		header metadata
	}{
		{"a token in the Authorization field", metadata{"Authorization": {"Bearer token"}}},
		{"a token in a cookie", metadata{"Cookie": {"token=token"}, "Sec-Fetch-Site": {"same-origin"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGuard(t, prolonging(2), middleware.Options{Cookie: "token"})
				r := middleware.Request{Method: "POST", Header: tt.header}
				err := g.WhileAuthorized(t.Context(), r, scopes.Authenticated(), func(ctx context.Context) error {
					for name := range tt.header {
						tt.header[name][0] = "written over by the function"
						delete(tt.header, name)
					}
					time.Sleep(90 * time.Second) // past the second check
					return ctx.Err()
				})
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestWhileReadsEachFieldOfACookiesOrigin(t *testing.T) {
	for name, header := range map[string]metadata{
		"Sec-Fetch-Site": {"Cookie": {"token=token"}, "Sec-Fetch-Site": {"cross-site"}},
		"Origin":         {"Cookie": {"token=token"}, "Origin": {"https://evil.example"}},
		"Upgrade":        {"Cookie": {"token=token"}, "Origin": {"https://evil.example"}, "Upgrade": {"websocket"}},
	} {
		method := "POST"
		if name == "Upgrade" {
			method = "GET"
		}
		g := newGuard(t, prolonging(2), middleware.Options{Cookie: "token"})
		r := middleware.Request{Method: method, Host: "api.example", Header: header}
		err := g.WhileAuthorized(t.Context(), r, scopes.Authenticated(), func(context.Context) error { return nil })
		if codeOf(err) != "denied" {
			t.Errorf("%s: code %q", name, codeOf(err))
		}
	}
}

func TestWhileTakesARequestWithoutAHeader(t *testing.T) {
	g := newGuard(t, prolonging(2), middleware.Options{})
	want := errors.New("its own")
	err := g.WhileAuthorized(
		t.Context(), middleware.Request{}, scopes.Optional(), func(context.Context) error { return want },
	)
	if err != want {
		t.Errorf("got %v", err)
	}
}

func TestWhileEndsWithTheToken(t *testing.T) {
	var cause error
	took, seen, err := while(t, aging, func(ctx context.Context) error {
		<-ctx.Done()
		cause = context.Cause(ctx)
		return nil
	})
	if codeOf(err) != "invalid" || took != time.Minute {
		t.Errorf("%v after %v", err, took)
	}
	if cause != err {
		t.Errorf("the function was told %v", cause)
	}
	if len(seen.events) != 2 || seen.events[1].Err == nil {
		t.Errorf("observed %+v", seen.events)
	}
}

// Everything that runs for a request has ended when WhileAuthorized returns. Otherwise it
// could write into the response of another caller.
func TestWhileReturnsWhenTheFunctionHasReturned(t *testing.T) {
	ended := false
	took, _, err := while(t, aging, func(context.Context) error {
		time.Sleep(time.Hour)
		ended = true
		return nil
	})
	if codeOf(err) != "invalid" || took != time.Hour || !ended {
		t.Errorf("%v after %v, ended: %v", err, took, ended)
	}
}

func TestWhileDoesNotCallTheFunctionOfARefusedRequest(t *testing.T) {
	_, _, err := while(t, opaque, func(context.Context) error {
		t.Error("called")
		return nil
	})
	if codeOf(err) != "invalid" {
		t.Error(err)
	}
}

func TestWhileAsksAgainWhereTheVerifierGoesByAnotherClock(t *testing.T) {
	asked := 0
	lenient := middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		asked++
		return middleware.NewClaims(map[string]any{"exp": 1}) // long over, by our clock
	})
	took, _, err := while(t, lenient, func(context.Context) error {
		time.Sleep(10*time.Second + time.Millisecond)
		return nil
	})
	if err != nil || took != 10*time.Second+time.Millisecond || asked < 10 || asked > 12 {
		t.Errorf("%v after %v, asked %d times", err, took, asked)
	}
}

func TestWhileRunsTheFunctionInTheCallersGoroutine(t *testing.T) {
	ended, returned := make(chan struct{}), false
	g := newGuard(t, middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		return middleware.NewClaims(map[string]any{"exp": 4000000000})
	}), middleware.Options{})
	go func() {
		defer close(ended)
		_ = g.WhileAuthorized(t.Context(), withToken(), scopes.Authenticated(), func(context.Context) error {
			runtime.Goexit()
			return nil
		})
		returned = true
	}()
	<-ended
	if returned {
		t.Error("WhileAuthorized returned, although its goroutine has ended")
	}
}

func TestWhilePanicsAsTheFunctionDoes(t *testing.T) {
	defer func() {
		if p := recover(); p != "its own" {
			t.Errorf("recovered %v", p)
		}
	}()
	g := newGuard(t, middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		return middleware.NewClaims(map[string]any{"exp": 4000000000})
	}), middleware.Options{})
	_ = g.WhileAuthorized(
		t.Context(), withToken(), scopes.Authenticated(),
		func(context.Context) error { panic("its own") },
	)
}

func TestWhileCallsAFunctionWithoutExpiryInItsOwnGoroutine(t *testing.T) {
	want := errors.New("its own")
	_, seen, err := while(t, middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		return middleware.NewClaims(nil)
	}), func(context.Context) error {
		time.Sleep(time.Hour)
		return want
	})
	if err != want || len(seen.events) != 1 {
		t.Errorf("%v, %d decisions", err, len(seen.events))
	}
}

// With report-only nothing ends, and the observer is told of each refusal.
func TestWhileUnderReportOnlyEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen recorder
		g := newGuard(
			t, aging,
			middleware.Options{
				Observe: seen.observe, InsecureReportOnly: func(context.Context, middleware.Request) bool { return true },
			},
		)
		start := time.Now()
		err := g.WhileAuthorized(t.Context(), withToken(), scopes.All("nobody-has-it"), func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(time.Hour):
				return nil
			}
		})
		if took := time.Since(start); err != nil || took != time.Hour {
			t.Errorf("%v after %v", err, took)
		}
		codes := []middleware.Code{}
		for _, e := range seen.events {
			codes = append(codes, e.Err.Code())
		}
		if !slices.Equal(codes, []middleware.Code{"insufficient_scope", "invalid"}) {
			t.Errorf("observed %v", codes)
		}
	})
}

// renewing is a verifier. Each check returns the next of these claims. A duration in them
// becomes the time that long after the check.
func renewing(each ...map[string]any) middleware.Verifier {
	return middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		if len(each) == 0 {
			return middleware.Claims{}, fmt.Errorf("%w: expired", middleware.ErrInvalidToken)
		}
		claims := maps.Clone(each[0])
		each = each[1:]
		for name, value := range claims {
			if after, ok := value.(time.Duration); ok {
				claims[name] = time.Now().Add(after)
			}
		}
		return middleware.NewClaims(claims)
	})
}

// Within WhileAuthorized, ClaimsFrom and Authorize use the claims of the last check.
func TestWhileHandsOnTheClaimsOfTheLastCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(
			t,
			renewing(
				map[string]any{"sub": "first", "scope": "write", "exp": time.Minute},
				map[string]any{"sub": "second", "scope": "read", "exp": time.Minute},
			),
			middleware.Options{},
		)
		err := g.WhileAuthorized(t.Context(), withToken(), scopes.Authenticated(), func(ctx context.Context) error {
			inner := context.WithValue(ctx, contextKey{}, "")
			if err := g.Authorize(inner, scopes.All("write")); err != nil || subject(inner) != "first" {
				t.Errorf("at first: %v, %q", err, subject(inner))
			}
			time.Sleep(90 * time.Second)
			if subject(inner) != "second" {
				t.Errorf("the claims of %q, want those of the second check", subject(inner))
			}
			if err := g.Authorize(inner, scopes.Authenticated()); err != nil {
				t.Errorf("a token that was prolonged is refused: %v", err)
			}
			if err := g.Authorize(inner, scopes.All("read")); err != nil {
				t.Errorf("a scope that was given is not granted: %v", err)
			}
			if err := g.Authorize(inner, scopes.All("write")); codeOf(err) != "insufficient_scope" {
				t.Errorf("a scope that was taken is granted: %v", err)
			}
			<-ctx.Done()
			return nil
		})
		if codeOf(err) != "invalid" {
			t.Error(err)
		}
	})
}

type contextKey struct{}

// The check that is under way is canceled, and the observer is not told.
func TestWhileReturnsWhatTheFunctionReturnsDuringACheck(t *testing.T) {
	for _, verdict := range []error{nil, middleware.ErrInvalidToken, errors.New("an outage")} {
		var calls atomic.Int32
		v := middleware.VerifierFunc(func(ctx context.Context, _ string) (middleware.Claims, error) {
			if calls.Add(1) > 1 {
				<-ctx.Done()
				if verdict != nil {
					return middleware.Claims{}, verdict
				}
			}
			return middleware.NewClaims(map[string]any{"exp": bubbleStart + 60})
		})
		want := errors.New("its own")
		took, seen, err := while(t, v, func(context.Context) error {
			time.Sleep(61 * time.Second)
			return want
		})
		if err != want || took != 61*time.Second || len(seen.events) != 1 || calls.Load() != 2 {
			t.Errorf("%v after %v, %d decisions, %d verifications", err, took, len(seen.events), calls.Load())
		}
	}
}

// A check that panics ends the function, but not the process, because WhileAuthorized
// panics in the goroutine of the request, where the server recovers.
func TestWhilePanicsAsItsSecondCheckDoes(t *testing.T) {
	tests := []struct {
		name string
		fail func()
		want any
		code middleware.Code
	}{
		{"a verifier that panics", func() { panic("of the verifier") }, "of the verifier", ""},
		{"a verifier that ends its goroutine is an outage", runtime.Goexit, nil, "unavailable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := true
				g := newGuard(t, middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
					if !first {
						tt.fail()
					}
					first = false
					return middleware.NewClaims(map[string]any{"exp": bubbleStart + 60})
				}), middleware.Options{})
				var told middleware.Code
				var err error
				panicked := func() (p any) {
					defer func() { p = recover() }()
					err = g.WhileAuthorized(t.Context(), withToken(), scopes.Authenticated(), func(ctx context.Context) error {
						<-ctx.Done()
						told = codeOf(context.Cause(ctx))
						return nil
					})
					return nil
				}()
				if panicked != tt.want || codeOf(err) != tt.code || told != "unavailable" {
					t.Errorf("panicked with %v, returned %v; the function was told %q", panicked, err, told)
				}
			})
		})
	}
}

func TestWhilePanicsAsTheFunctionDoesAfterARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if p := recover(); p != "its own" {
				t.Errorf("recovered %v", p)
			}
		}()
		g := newGuard(t, aging, middleware.Options{})
		_ = g.WhileAuthorized(t.Context(), withToken(), scopes.Authenticated(), func(ctx context.Context) error {
			<-ctx.Done()
			panic("its own")
		})
	})
}

// The function may write to the request's header, as a proxy does.
func TestWhileReadsTheHeaderOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		header := bearer("token")
		g := newGuard(
			t, renewing(map[string]any{"exp": time.Minute}, map[string]any{"exp": time.Minute}), middleware.Options{},
		)
		r := middleware.Request{Header: header}
		err := g.WhileAuthorized(t.Context(), r, scopes.Authenticated(), func(ctx context.Context) error {
			header.Del("Authorization")
			time.Sleep(90 * time.Second)
			return ctx.Err()
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// The shortest wait between two checks is a second, even if a token expires in a
// nanosecond.
func TestWhileChecksAtMostOnceASecond(t *testing.T) {
	asked := 0
	v := middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		if asked++; asked == 1 {
			return middleware.NewClaims(map[string]any{"exp": bubbleStart + 60})
		}
		return middleware.NewClaims(map[string]any{"exp": time.Now().Add(time.Nanosecond)})
	})
	if _, _, err := while(t, v, func(context.Context) error {
		time.Sleep(70*time.Second + time.Millisecond)
		return nil
	}); err != nil || asked != 12 {
		t.Errorf("%v, asked %d times, want 12", err, asked)
	}
}

// The second check reads the same fields as the first.
func TestWhileChecksCookiesAndOriginsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := renewing(map[string]any{"exp": time.Minute}, map[string]any{"exp": time.Minute})
		g := newGuard(t, v, middleware.Options{Cookie: "token"})
		r := middleware.Request{
			Method: "GET",
			Header: fields(
				"Cookie", "token=x", "Sec-Fetch-Site", "same-origin", "Origin", "https://api.example", "Upgrade", "websocket",
			),
			Host: "api.example",
		}
		err := g.WhileAuthorized(t.Context(), r, scopes.Authenticated(), func(ctx context.Context) error {
			time.Sleep(90 * time.Second)
			return ctx.Err()
		})
		if err != nil {
			t.Errorf("a cookie of the same origin: %v", err)
		}
	})
	for _, name := range []string{"Sec-Fetch-Site", "Origin"} {
		header := fields(
			"Cookie", "token=x", "Upgrade", "websocket", name,
			map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}[name],
		)
		g := newGuard(t, renewing(map[string]any{"exp": time.Minute}), middleware.Options{Cookie: "token"})
		err := g.WhileAuthorized(
			t.Context(), middleware.Request{Method: "GET", Header: header, Host: "api.example"}, scopes.Authenticated(),
			func(context.Context) error { return nil },
		)
		if codeOf(err) != "denied" {
			t.Errorf("%s of another origin: %v", name, err)
		}
	}
}

// WhileAuthorized has ended its own context when the caller writes the body of a refusal.
func TestTheBodyOfARefusedStreamGetsTheContextOfTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, prolonging(1), middleware.Options{
			Body: func(ctx context.Context, _ middleware.Request, _ *middleware.Error) (string, []byte) {
				return "text/plain", fmt.Append(nil, ctx.Err())
			},
		})
		err := g.WhileAuthorized(t.Context(), withToken(), scopes.Authenticated(), func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		})
		var refusal *middleware.Error
		if !errors.As(err, &refusal) {
			t.Fatalf("WhileAuthorized returns %v", err)
		}
		if _, body := refusal.Body(); string(body) != "<nil>" {
			t.Errorf("the context of the body: %s", body)
		}
	})
}
