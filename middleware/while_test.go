package middleware_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
)

// while calls While with a token that expires after a minute, in a bubble.
func while(t *testing.T, v middleware.Verifier, f func(context.Context) error) (took time.Duration, seen *recorder, err error) {
	t.Helper()
	seen = new(recorder)
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(t, v, middleware.Options{Observe: seen.observe})
		start := time.Now()
		err = g.While(t.Context(), middleware.Request{Header: bearer("token")}, scopes.Authenticated(), f)
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

func TestWhileDoesNotWaitForAFunctionThatHeedsNothing(t *testing.T) {
	if took, _, err := while(t, aging, func(context.Context) error {
		time.Sleep(time.Hour)
		panic("nobody is left to see this")
	}); codeOf(err) != "invalid" || took != time.Minute {
		t.Errorf("%v after %v", err, took)
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
	lenient := verifierFunc(func(context.Context, string) (*middleware.Claims, error) {
		asked++
		return middleware.ParseClaims([]byte(`{"exp":1}`)) // long over, by our clock
	})
	took, _, err := while(t, lenient, func(context.Context) error {
		time.Sleep(10*time.Second + time.Millisecond)
		return nil
	})
	if err != nil || took != 10*time.Second+time.Millisecond || asked < 10 || asked > 12 {
		t.Errorf("%v after %v, asked %d times", err, took, asked)
	}
}

func TestWhileTellsOfAFunctionThatEndedItsGoroutine(t *testing.T) {
	took, _, err := while(t, aging, func(context.Context) error {
		runtime.Goexit()
		return nil
	})
	if err == nil || took != 0 {
		t.Errorf("%v after %v, want an error at once", err, took)
	}
}

func TestWhilePanicsAsTheFunctionDoes(t *testing.T) {
	defer func() {
		if p := recover(); p != "its own" {
			t.Errorf("recovered %v", p)
		}
	}()
	g := newGuard(t, verifierFunc(func(context.Context, string) (*middleware.Claims, error) {
		return middleware.ParseClaims([]byte(`{"exp":4000000000}`))
	}), middleware.Options{})
	_ = g.While(t.Context(), middleware.Request{Header: bearer("token")}, scopes.Authenticated(), func(context.Context) error { panic("its own") })
}

func TestWhileCallsAFunctionWithoutExpiryInItsOwnGoroutine(t *testing.T) {
	want := errors.New("its own")
	_, seen, err := while(t, verifierFunc(func(context.Context, string) (*middleware.Claims, error) {
		return middleware.ParseClaims([]byte(`{}`))
	}), func(context.Context) error {
		time.Sleep(time.Hour)
		return want
	})
	if err != want || len(seen.events) != 1 {
		t.Errorf("%v, %d decisions", err, len(seen.events))
	}
}

// Report-only lets everything go on, and tells what would have ended.
func TestWhileUnderReportOnlyEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen recorder
		g := newGuard(t, aging, middleware.Options{Observe: seen.observe, InsecureReportOnly: func(string) bool { return true }})
		start := time.Now()
		err := g.While(t.Context(), middleware.Request{Header: bearer("token")}, scopes.All("nobody-has-it"), func(ctx context.Context) error {
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
