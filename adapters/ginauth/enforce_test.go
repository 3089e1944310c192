package ginauth_test

import (
	"testing"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

func TestUnroutedIsForRequestsThatNoRouteServes(t *testing.T) {
	tests := []struct {
		name, method, target string
		unrouted             bool
		status               int // of Gin's own answer
	}{
		{"a route without a rule", "GET", "/thing", false, 200},
		{"HEAD with a handler and without a rule", "HEAD", "/both", false, 200},
		{"an unknown path", "GET", "/nowhere", true, 404},
		{"an unknown path that a rule spells", "GET", "/listed", true, 404},
		{"a wrong method", "POST", "/thing", true, 405},
		{"a wrong method that a rule spells", "DELETE", "/thing", true, 405},
		{"HEAD without a handler", "HEAD", "/thing", true, 405},
		{"OPTIONS", "OPTIONS", "/thing", true, 405},
		{"a method that no route has", "EVIL", "/thing", true, 405},
		{"CONNECT", "CONNECT", "/thing", true, 405},
		{"a path that is not clean", "GET", "//thing", true, 404},
		{"the whole server", "OPTIONS", "*", true, 404},
	}
	deny, open := scopes.Requirement{}, scopes.Authenticated()
	for _, own := range []bool{false, true} {
		for _, laxer := range []string{"Default", "Unrouted"} {
			engine := gin.New()
			engine.HandleMethodNotAllowed = true
			if own {
				engine.NoRoute(named("before")) // also one from before Enforce is guarded
			}
			policy := scopes.Policy{Default: open, Unrouted: deny}
			if laxer == "Unrouted" {
				policy = scopes.Policy{Default: deny, Unrouted: open}
			}
			policy.Routes = map[string]scopes.Requirement{"GET /listed": scopes.Public(), "DELETE /thing": scopes.Public()}
			if err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}), policy.MustCompile()); err != nil {
				t.Fatal(err)
			}
			if own {
				engine.NoMethod(named("after"))
			}
			engine.GET("/thing", named("thing"))
			engine.GET("/both", named("both"))
			engine.HEAD("/both", named("both"))
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) {
					anonymous, status := 401, tt.status
					switch {
					case tt.unrouted != (laxer == "Unrouted"):
						anonymous, status = 403, 403
					case own:
						status = 200
					}
					if w := do(engine, tt.method, tt.target, ""); w.Code != anonymous {
						t.Errorf("without a token, handlers %v: %d, want %d", own, w.Code, anonymous)
					}
					if w := do(engine, tt.method, tt.target, "good"); w.Code != status {
						t.Errorf("with a token, handlers %v: %d, want %d", own, w.Code, status)
					}
				})
			}
		}
	}
}

// rulesOf is an implementation of Rules other than a policy.
type rulesOf map[string]scopes.Requirement

func (r rulesOf) Lookup(route string) scopes.Requirement { return r[route] }
func (r rulesOf) Has(route string) bool                  { _, ok := r[route]; return ok }
func (r rulesOf) Unrouted() scopes.Requirement           { return r["unrouted"] }

func TestRulesMayComeFromElsewhere(t *testing.T) {
	for _, tt := range []struct {
		name             string
		rules            scopes.Rules
		routed, unrouted int
	}{
		{"a map", rulesOf{"GET /": scopes.Authenticated(), "unrouted": scopes.Authenticated()}, 200, 404},
		{"a nil map", rulesOf(nil), 403, 403},
		{"a nil table", (*scopes.Table)(nil), 403, 403},
		{"nil", nil, 403, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			engine := gin.New()
			if err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}), tt.rules); err != nil {
				t.Fatal(err)
			}
			engine.GET("/", named("handler"))
			if w := do(engine, "GET", "/", "good"); w.Code != tt.routed {
				t.Errorf("a route: %d, want %d", w.Code, tt.routed)
			}
			if w := do(engine, "GET", "/nowhere", "good"); w.Code != tt.unrouted {
				t.Errorf("no route: %d, want %d", w.Code, tt.unrouted)
			}
		})
	}
}

func TestALateEnforceGuardsWhatComesAfterAndNamesWhatItDoesNot(t *testing.T) {
	for _, before := range []gin.HandlersChain{nil, {func(*gin.Context) {}}} {
		engine := gin.New()
		engine.Use(before...)
		engine.NoRoute(named("no route"))
		engine.POST("/early", named("early"))
		engine.GET(`/early\:batch`, named("early"))
		group := engine.Group("/group", named("not of the engine"))
		group.GET("", named("early"))
		err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}), scopes.Policy{Routes: map[string]scopes.Requirement{
			"GET /late": scopes.All("read"), "GET /write": scopes.All("write"),
		}}.MustCompile())
		const want = "ginauth: Enforce was called after these routes were registered, and does not guard them: " +
			"GET /early:batch, GET /group, POST /early"
		if err == nil || err.Error() != want {
			t.Errorf("error %v", err)
		}
		engine.GET("/late", named("late"))
		engine.GET("/write", named("late"))
		engine.Group("/later").GET("", named("late"))
		for _, tt := range []struct {
			method, target, token string
			status                int
		}{
			{"POST", "/early", "", 200}, // as the error says
			{"GET", "/late", "", 401},
			{"GET", "/late", "good", 200},
			{"GET", "/write", "good", 403},
			{"GET", "/later", "good", 403},
			{"GET", "/nowhere", "good", 403},
		} {
			if w := do(engine, tt.method, tt.target, tt.token); w.Code != tt.status {
				t.Errorf("%s %s: %d, want %d", tt.method, tt.target, w.Code, tt.status)
			}
		}
	}
}

// Enforce cannot see such a group. The documentation warns of it.
func TestAGroupThatWasMadeBeforeEnforceStaysOpen(t *testing.T) {
	engine := gin.New()
	early := engine.Group("/early")
	if err := ginauth.Enforce(engine, newGuard(t, middleware.Options{}), nil); err != nil {
		t.Fatal(err)
	}
	early.GET("/thing", named("thing"))
	if w := do(engine, "GET", "/early/thing", ""); w.Code != 200 {
		t.Errorf("status %d: Gin has changed, and the warning can go", w.Code)
	}
}
