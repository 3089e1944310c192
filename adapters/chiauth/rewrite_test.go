package chiauth_test

import (
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
)

type rewriter = func(http.Handler) http.Handler

// override is a middleware of the user's that changes the method, in the request and
// for chi.
func override(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if method := r.Header.Get("X-HTTP-Method-Override"); method != "" {
			r.Method = method
			chi.RouteContext(r.Context()).RouteMethod = method
		}
		next.ServeHTTP(w, r)
	})
}

// host is a middleware of the user's that routes by the host.
func host(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "me.example" {
			chi.RouteContext(r.Context()).RoutePath = "/api/me"
		}
		next.ServeHTTP(w, r)
	})
}

// rewriters are all rewriters of chi, and some that users write.
var rewriters = []struct {
	name           string
	rewriter       rewriter
	method, target string
	header         [2]string
	before         string // the route that serves a request with a token if the rewriter comes before the guard
	behind         string // the route that serves one without a token if it comes behind the guard
}{
	{name: "none", rewriter: func(next http.Handler) http.Handler { return next }, target: "/api/me", before: "secret"},
	{name: "StripSlashes", rewriter: chimiddleware.StripSlashes, target: "/api/me/", before: "secret", behind: "any"},
	{
		name: "CleanPath, two slashes", rewriter: chimiddleware.CleanPath,
		target: "//api/me", before: "secret", behind: "any",
	},
	{
		name: "CleanPath, two dots", rewriter: chimiddleware.CleanPath,
		target: "/x/../api/me", before: "secret", behind: "any",
	},
	{
		name: "CleanPath, an escape", rewriter: chimiddleware.CleanPath,
		target: "/x%2Fy/../../api/me", before: "secret", behind: "any",
	},
	{name: "URLFormat", rewriter: chimiddleware.URLFormat, target: "/api/me.json", before: "secret", behind: "any"},
	{
		name: "PathRewrite", rewriter: chimiddleware.PathRewrite("/open", "/api/me"),
		target: "/open", before: "secret", behind: "open",
	},
	{name: "StripPrefix", rewriter: chimiddleware.StripPrefix("/v1"), target: "/v1/api/me", before: "secret", behind: "any"},
	{name: "RedirectSlashes", rewriter: chimiddleware.RedirectSlashes, target: "/api/me/"},
	{name: "GetHead", rewriter: chimiddleware.GetHead, method: "HEAD", target: "/api/me", before: "secret"},
	{
		name:     "RouteHeaders",
		rewriter: chimiddleware.RouteHeaders().Route("X-Clean", "yes", chimiddleware.StripSlashes).Handler,
		target:   "/api/me/", header: [2]string{"X-Clean", "yes"}, before: "secret", behind: "any",
	},
	{
		name: "another method", rewriter: override,
		target: "/open", header: [2]string{"X-HTTP-Method-Override", "DELETE"}, before: "deleted", behind: "open",
	},
	{name: "another host", rewriter: host, target: "http://me.example/open", before: "secret", behind: "open"},
}

// secrets are the routes of the tables. All are public, except the secret and the DELETE.
func secrets(r chi.Router) {
	r.Get("/*", named("any"))
	r.Get("/open", named("open"))
	r.Delete("/open", named("deleted"))
	r.Get("/api/me", named("secret"))
}

func TestARewriterBeforeTheGuardDecidesWhichRuleIsJudged(t *testing.T) {
	table := policy(t, map[string]string{
		"GET /*": "public", "GET /open": "public", "DELETE /open": "read", "GET /api/me": "read", "unrouted": "public",
	})
	for _, tt := range rewriters {
		t.Run(tt.name, func(t *testing.T) {
			r := chi.NewRouter()
			r.Use(tt.rewriter)
			chiauth.Enforce(r, newGuard(t), table)
			secrets(r)
			if tt.name == "RedirectSlashes" {
				if w := send(r, tt.method, tt.target, tt.header, ""); w.Code != 301 || w.Header().Get("Location") != "/api/me" {
					t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
				}
				return
			}
			if w := send(r, tt.method, tt.target, tt.header, ""); w.Code != 401 || w.Header().Get("Served-By") != "" {
				t.Errorf("without a token: %d by %q", w.Code, w.Header().Get("Served-By"))
			}
			if w := send(r, tt.method, tt.target, tt.header, "good"); w.Code != 200 || w.Header().Get("Served-By") != tt.before {
				t.Errorf("with a token: %d by %q, want %q", w.Code, w.Header().Get("Served-By"), tt.before)
			}
		})
	}
}

func TestARewriterBehindTheGuardReachesNoOtherRoute(t *testing.T) {
	places := map[string]func(r chi.Router, guard func(chi.Router), rewriter rewriter){
		"under Use of the router": func(r chi.Router, guard func(chi.Router), rewriter rewriter) {
			guard(r)
			r.Use(rewriter)
			secrets(r)
		},
		"around the router that Mount gets": func(r chi.Router, guard func(chi.Router), rewriter rewriter) {
			guard(r)
			inner := chi.NewRouter()
			inner.Use(rewriter)
			secrets(inner)
			r.Mount("/", inner)
		},
		"in a router of Route in a router of Mount": func(r chi.Router, guard func(chi.Router), rewriter rewriter) {
			guard(r)
			inner := chi.NewRouter()
			inner.Use(rewriter)
			inner.Route("/", func(r chi.Router) {
				r.Use(rewriter)
				secrets(r)
			})
			r.Mount("/", inner)
		},
		"in a Group": func(r chi.Router, guard func(chi.Router), rewriter rewriter) {
			guard(r)
			r.Group(func(r chi.Router) {
				r.Use(rewriter)
				secrets(r)
			})
		},
		"behind With, in front of a mount": func(r chi.Router, guard func(chi.Router), rewriter rewriter) {
			guard(r)
			inner := chi.NewRouter()
			secrets(inner)
			r.With(rewriter).Mount("/", inner)
		},
		"in a mounted router that is guarded itself": func(r chi.Router, guard func(chi.Router), rewriter rewriter) {
			inner := chi.NewRouter()
			guard(inner)
			inner.Use(rewriter)
			secrets(inner)
			r.Mount("/", inner)
		},
	}
	for place, build := range places {
		for _, tt := range rewriters {
			t.Run(place+"/"+tt.name, func(t *testing.T) {
				o := &told{}
				table := policy(t, map[string]string{
					"GET /*": "public", "GET /open": "public", "DELETE /open": "read", "GET /api/me": "read", "unrouted": "read",
				})
				r := chi.NewRouter()
				build(r, func(r chi.Router) { chiauth.Enforce(r, observed(t, o), table) }, tt.rewriter)
				w := send(r, tt.method, tt.target, tt.header, "")
				served := w.Header().Get("Served-By")
				if served == "secret" || served == "deleted" {
					t.Fatalf("%d by %q, judged as %q", w.Code, served, o.last())
				}
				switch place { // in a Group, http.StripPrefix answers 404 itself, and rewriters come too late for chi
				case "in a Group", "behind With, in front of a mount":
				default:
					if served != tt.behind && tt.name != "StripPrefix" {
						t.Errorf("%d by %q, want %q", w.Code, served, tt.behind)
					}
				}
				w = send(r, tt.method, tt.target, tt.header, "good")
				served = w.Header().Get("Served-By")
				rule := map[string]string{
					"any": "GET /*", "open": "GET /open", "deleted": "DELETE /open", "secret": "GET /api/me",
				}[served]
				if rule != "" && rule != o.last() {
					t.Errorf("%q serves, judged as %q", served, o.last())
				}
			})
		}
	}
}
