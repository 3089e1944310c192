package chiauth_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/google/go-cmp/cmp"
)

// opaque hides what a handler is.
func opaque(h http.Handler) http.Handler { return http.HandlerFunc(h.ServeHTTP) }

// shop is a router with routes of every kind.
func shop(r chi.Router) {
	r.Get("/", named("GET /"))
	r.Get("/orders/{id}", named("GET /orders/{id}"))
	r.Get("/orders/{id}/", named("GET /orders/{id}/"))
	r.Post("/orders/{number}", named("POST /orders/{number}"))
	r.Get("/years/{year:[0-9]{4}}", named("GET /years/{year:[0-9]{4}}"))
	r.Get("/files/*", named("GET /files/*"))
	r.Head("/own", named("HEAD /own"))
	r.Get("/own", named("GET /own"))
	r.Group(func(r chi.Router) {
		r.Use(chimiddleware.NoCache)
		r.With(chimiddleware.NoCache).Get("/grouped", named("GET /grouped"))
	})
	r.Route("/api", func(r chi.Router) {
		r.Get("/", named("GET /api/"))
		r.Get("/me", named("GET /api/me"))
		r.Route("/{tenant}/v1", func(r chi.Router) {
			r.Get("/users/{id}", named("GET /api/{tenant}/v1/users/{id}"))
			r.Get("/*", named("GET /api/{tenant}/v1/*"))
		})
	})
	r.Mount("/static", opaque(named("GET /static/*")))
	inner := chi.NewRouter()
	inner.Get("/a", named("GET /over/a"))
	r.Mount("/over", inner)
	r.Get("/over/*", named("GET /over/*"))
}

func TestARouteIsSpelledAsWalkSpellsIt(t *testing.T) {
	o := &told{}
	r := chi.NewRouter()
	chiauth.Enforce(r, observed(t, o), policy(t, map[string]string{"default": "public"}))
	shop(r)
	for _, tt := range []struct{ method, target, route string }{
		{"GET", "/", "GET /"},
		{"GET", "/orders/7", "GET /orders/{id}"},
		{"GET", "/orders/7/", "GET /orders/{id}/"},
		{"GET", "/orders/%7Bid%7D", "GET /orders/{id}"},
		{"GET", "/orders/a%2Fb", "GET /orders/{id}"},
		{"POST", "/orders/7", "POST /orders/{number}"},
		{"GET", "/years/2025", "GET /years/{year:[0-9]{4}}"},
		{"GET", "/files/a/b", "GET /files/*"},
		{"GET", "/files/", "GET /files/*"},
		{"HEAD", "/own", "HEAD /own"},
		{"GET", "/grouped", "GET /grouped"},
		{"GET", "/api", "GET /api/"},
		{"GET", "/api/", "GET /api/"},
		{"GET", "/api/me", "GET /api/me"},
		{"GET", "/api/acme/v1/users/7", "GET /api/{tenant}/v1/users/{id}"},
		{"GET", "/api/acme/v1", "GET /api/{tenant}/v1/*"},
		{"GET", "/api/acme/v1/", "GET /api/{tenant}/v1/*"},
		{"GET", "/static", "GET /static/*"},
		{"GET", "/static/", "GET /static/*"},
		{"GET", "/static/a/b", "GET /static/*"},
		{"GET", "/over/a", "GET /over/*"}, // the later registration serves, whatever is mounted
	} {
		w := do(r, tt.method, tt.target, "")
		if by := w.Header().Get("Served-By"); w.Code != 200 || by != tt.route || o.last() != tt.route {
			t.Errorf("%s %s: %d by %q, judged as %q, want %q", tt.method, tt.target, w.Code, by, o.last(), tt.route)
		}
	}
}

func TestAuditNamesWhatWalkNames(t *testing.T) {
	r := chi.NewRouter()
	shop(r)
	rules := map[string]string{
		"GET /over/*":  "public", // Walk does not see it
		"HEAD /api/me": "public", // of GET's handler
		"OPTIONS /own": "public",
	}
	err := chi.Walk(r, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		rules[method+" "+route] = "public"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := chiauth.Audit(r, policy(t, rules)); err != nil {
		t.Error(err)
	}
	delete(rules, "GET /api/")
	delete(rules, "GET /over/*")
	rules["GET /api"] = "public"
	rules["DELETE /own"] = "public"
	rules["HEAD /orders/{number}"] = "public" // only POST has that spelling
	err = chiauth.Audit(r, policy(t, rules))
	if err == nil {
		t.Fatal("no fault")
	}
	var got []string
	for _, fault := range err.(interface{ Unwrap() []error }).Unwrap() {
		got = append(got, fault.Error())
	}
	if len(got) != 5 || !slices.IsSorted(got[:2]) {
		t.Errorf("%q", got)
	}
}

func TestARuleInAnotherSpellingHasNoEffect(t *testing.T) {
	table := policy(t, map[string]string{"GET /orders/{id}": "public", "GET /api": "public", "GET /orders/{id}/": "deny"})
	r := chi.NewRouter()
	chiauth.Enforce(r, newGuard(t), table)
	shop(r)
	got := map[string]int{}
	for _, target := range []string{"/orders/7", "/orders/7/", "/api", "/api/"} {
		got[target] = do(r, "GET", target, "good").Code
	}
	if want := map[string]int{"/orders/7": 200, "/orders/7/": 403, "/api": 403, "/api/": 403}; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}

func TestUnroutedRequestsAndHEAD(t *testing.T) {
	rules := map[string]string{
		"GET /things/{id}": "read", "POST /things/{id}": "read", "GET /both": "deny", "HEAD /both": "public",
		"GET /own": "deny", "HEAD /own": "public", "GET /headless": "deny", "OPTIONS /things/{id}": "public",
		"GET /ping": "public", "DELETE /things/{id}": "deny", "GET /all": "public", "GET /nobody/{x}": "public",
		"unrouted": "authenticated",
	}
	build := func(getHead string) http.Handler {
		r := chi.NewRouter()
		if getHead == "before" {
			r.Use(chimiddleware.GetHead)
		}
		chiauth.Enforce(r, newGuard(t), policy(t, rules))
		if getHead == "behind" {
			r.Use(chimiddleware.GetHead)
		}
		r.Use(chimiddleware.Heartbeat("/ping"))
		r.Get("/things/{id}", named("thing"))
		r.Post("/things/{id}", named("thing"))
		r.Get("/own", named("own"))
		r.Head("/own", named("head"))
		r.Head("/headless", named("headless"))
		r.Get("/headless", named("headless"))
		r.Get("/both", named("both"))
		r.Handle("/all", named("all"))
		return r
	}
	type codes struct{ none, before, behind int } // by where GetHead is
	for _, tt := range []struct {
		name, method, target, token string
		want                        codes
	}{
		{"an unknown path without a token", "GET", "/nowhere", "", codes{401, 401, 401}},
		{"an unknown path with a token", "GET", "/nowhere", "good", codes{404, 404, 404}},
		{"a wrong method without a token", "PUT", "/things/7", "", codes{401, 401, 401}},
		{"a wrong method with a token", "PUT", "/things/7", "good", codes{405, 405, 405}},
		{"a method that chi does not know", "BREW", "/things/7", "good", codes{405, 405, 405}},
		{"a wrong method with a rule of its own", "DELETE", "/things/7", "good", codes{403, 403, 403}},
		{"OPTIONS with a rule of its own", "OPTIONS", "/things/7", "", codes{405, 405, 405}},
		{"OPTIONS without one", "OPTIONS", "/own", "", codes{401, 401, 401}},
		{"an answer of middleware behind the guard, by the rule of the route", "GET", "/ping", "", codes{200, 200, 200}},
		{"a path is not taken for a pattern", "GET", "/nobody/{x}", "", codes{401, 401, 401}},
		{"HEAD of GET's path without a token", "HEAD", "/things/7", "", codes{401, 401, 401}},
		{"HEAD of GET's path with one", "HEAD", "/things/7", "good", codes{405, 200, 200}},
		{"HEAD with a rule and a handler of its own", "HEAD", "/own", "", codes{200, 200, 200}},
		{"HEAD with a handler and no rule", "HEAD", "/headless", "good", codes{403, 403, 403}},
		// GET's handler serves under GET's rule alone.
		{"HEAD with a rule and no handler", "HEAD", "/both", "", codes{405, 403, 405}},
		{"HEAD of a pattern for all methods has its own rule", "HEAD", "/all", "good", codes{403, 403, 403}},
		{"HEAD of an unknown path", "HEAD", "/nowhere", "good", codes{404, 404, 404}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for place, want := range map[string]int{"none": tt.want.none, "before": tt.want.before, "behind": tt.want.behind} {
				w := do(build(place), tt.method, tt.target, tt.token)
				if w.Code != want {
					t.Errorf("GetHead %s: %d, want %d", place, w.Code, want)
				}
				if w.Code == 405 && tt.method != "BREW" && w.Header().Get("Allow") == "" {
					t.Error("405 without Allow")
				}
			}
		})
	}
}

func TestUnroutedIsDeniedByDefault(t *testing.T) {
	r := chi.NewRouter()
	chiauth.Enforce(r, newGuard(t), policy(t, map[string]string{"GET /": "public", "default": "public"}))
	r.Get("/", named("root"))
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		if w := do(r, method, "/nowhere", "good"); w.Code != 403 {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestRoutesAreKnownHoweverLateTheyAreRegistered(t *testing.T) {
	r := chi.NewRouter()
	chiauth.Enforce(r, newGuard(t), policy(t, map[string]string{
		"GET /late/me": "read", "GET /late": "read", "default": "public",
	}))
	r.Get("/", named("root"))
	do(r, "GET", "/", "")
	inner := chi.NewRouter()
	inner.Get("/me", named("me"))
	r.Mount("/late", inner)
	r.Get("/late", named("late"))
	for _, target := range []string{"/late/me", "/late"} {
		if w := do(r, "GET", target, ""); w.Code != 401 {
			t.Errorf("%s: %d", target, w.Code)
		}
		if w := do(r, "GET", target, "good"); w.Code != 200 {
			t.Errorf("%s with a token: %d", target, w.Code)
		}
	}
}
