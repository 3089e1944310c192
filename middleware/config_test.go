package middleware_test

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestARefusedConfigurationLeavesNothingRunning(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Addr: "127.0.0.1:0"})
	// A verifier with this configuration discovers its keys in the background.
	good := middleware.JWTConfig{Issuer: issuer.URL(), Audience: []string{issuer.Audience()}}
	before := runtime.NumGoroutine()
	for range 10 {
		if _, err := middleware.NewJWT(middleware.JWTConfig{Issuer: issuer.URL()}); err == nil {
			t.Fatal("accepted without an audience")
		}
		if _, err := middleware.New(good, middleware.Options{Cookie: "a b"}); err == nil {
			t.Fatal("accepted with a bad cookie")
		}
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() >= before+10; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// counted is a transport that counts its requests and answers none.
type counted struct{ atomic.Int32 }

func (c *counted) RoundTrip(*http.Request) (*http.Response, error) {
	c.Add(1)
	return nil, errors.New("no answer")
}

func TestNoIssuerIsAskedForARefusedConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked counted
		good := middleware.JWTConfig{
			Issuer: "https://issuer.test", Audience: []string{"api"}, Client: &http.Client{Transport: &asked},
		}
		bad := good
		bad.Issuer, bad.Audience = "https://other.test", nil
		refused := func(name string, g *middleware.Guard, err error) {
			if err == nil {
				t.Errorf("%s: accepted", name)
				_ = g.Close()
			}
			time.Sleep(time.Hour)
			if n := asked.Load(); n != 0 {
				t.Errorf("%s: %d requests", name, n)
			}
		}
		g, err := middleware.New(bad, middleware.Options{})
		refused("a fault of the configuration", g, err)
		g, err = middleware.New(good, middleware.Options{Cookie: "a b"})
		refused("a fault of the options", g, err)
		var many []middleware.JWTConfig // the first ones would have time to ask before the last one is refused
		for n := range 200 {
			good.Issuer = fmt.Sprintf("https://issuer%d.test", n)
			many = append(many, good)
		}
		g, err = middleware.NewMultiIssuer(append(many, bad), middleware.Options{})
		refused("a fault of the last issuer", g, err)
		g, err = middleware.NewMultiIssuer([]middleware.JWTConfig{good}, middleware.Options{Cookie: "a b"})
		refused("a fault of the options for several issuers", g, err)

		g, err = middleware.NewMultiIssuer([]middleware.JWTConfig{good}, middleware.Options{})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if asked.Load() == 0 {
			t.Error("a good configuration asks nobody")
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAFaultIsToldOnce(t *testing.T) {
	_, err := middleware.NewJWT(middleware.JWTConfig{Grants: []middleware.Grant{
		{Path: "roles"}, {Path: "groups", Prefix: "group:"},
	}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, field := range []string{"JWTConfig.Issuer", "JWTConfig.Grants"} {
		if n := strings.Count(err.Error(), field); n != 1 {
			t.Errorf("what is missing in %s is told %d times:\n%v", field, n, err)
		}
	}
}

func TestTheBordersOfTheConfigurationAreWithin(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	for name, edit := range map[string]func(*middleware.JWTConfig){
		"a leeway of a second":       func(c *middleware.JWTConfig) { c.Leeway = time.Second },
		"a leeway of five minutes":   func(c *middleware.JWTConfig) { c.Leeway = 5 * time.Minute },
		"a lifetime of a second":     func(c *middleware.JWTConfig) { c.MaxLifetime = time.Second },
		"a lifetime without a bound": func(c *middleware.JWTConfig) { c.MaxLifetime = 0 },
		"two grants with one prefix": func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{{Path: "roles", Prefix: "role:"}, {Path: "realm_access.roles", Prefix: "role:"}}
		},
		"two grants without a prefix, and one with": func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{
				{Path: "a", InsecureNoPrefix: true}, {Path: "b", Prefix: "role:"}, {Path: "c", InsecureNoPrefix: true, Keys: true},
			}
		},
		"a separator of several characters": func(c *middleware.JWTConfig) {
			c.Grants = []middleware.Grant{{Path: "a", Prefix: "role:", Separator: ", "}}
		},
	} {
		t.Run(name, func(t *testing.T) { _ = newJWT(t, issuer, edit) })
	}
}
