package middleware_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestARefusedConfigurationLeavesNothingRunning(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	good := middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}} // discovers, in the background
	before := runtime.NumGoroutine()
	for range 10 {
		if _, err := middleware.NewJWT(middleware.JWTConfig{Issuer: issuer.URL()}); err == nil {
			t.Fatal("accepted without an audience")
		}
		if _, err := middleware.New(good, middleware.Options{Cookie: "a b"}); err == nil {
			t.Fatal("accepted with a bad cookie")
		}
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() >= before+10; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestAFaultIsToldOnce(t *testing.T) {
	_, err := middleware.NewJWT(middleware.JWTConfig{})
	if err == nil {
		t.Fatal("accepted")
	}
	if n := strings.Count(err.Error(), "JWTConfig.Issuer"); n != 1 {
		t.Errorf("the missing issuer is told %d times:\n%v", n, err)
	}
}
