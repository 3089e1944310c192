package ginauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/gin-gonic/gin"
)

func TestARefusalIsAnsweredWithProblemDetails(t *testing.T) {
	tests := []struct {
		name, token string
		need        scopes.Requirement
		status      int
		challenge   string
		detail      string
	}{
		{"without a token", "", scopes.Authenticated(), 401, `Bearer realm="api"`, "authentication required"},
		{"an invalid token", "bad", scopes.Authenticated(), 401, `Bearer realm="api", error="invalid_token"`, "invalid token"},
		{"a missing scope", "good", scopes.All("write"), 403, `Bearer realm="api", error="insufficient_scope", scope="write"`, "insufficient scope"},
		{"a closed route", "good", scopes.Requirement{}, 403, "", "access denied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			engine := enforced(newGuard(t, middleware.Options{}), map[string]scopes.Requirement{"GET /": tt.need})
			engine.GET("/", named("handler"))
			w := do(engine, "GET", "/", tt.token)
			if h := w.Header(); w.Code != tt.status || h.Get("WWW-Authenticate") != tt.challenge ||
				h.Get("Content-Type") != "application/problem+json" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%d %v", w.Code, w.Header())
			}
			var problem struct {
				Detail string
				Status int
			}
			if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Detail != tt.detail ||
				problem.Status != tt.status {
				t.Errorf("%s: %v", w.Body, err)
			}
		})
	}
}

func TestAConfiguredBodyReachesTheCallerAsItIs(t *testing.T) {
	for _, page := range []string{"<p>\"no\" & never</p>", ""} {
		opts := middleware.Options{Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
			return "text/html", []byte(page)
		}}
		engine := gin.New()
		engine.Use(func(c *gin.Context) {
			c.Header("Content-Type", "application/json")
		}, ginauth.Require(newGuard(t, opts), scopes.Authenticated()))
		for _, target := range []string{"/", "/nowhere"} {
			engine.GET(target, named("handler"))
			w := do(engine, "GET", target, "bad")
			if w.Code != 401 || w.Body.String() != page || w.Header().Get("Content-Type") != "text/html" ||
				w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
			}
		}
	}
}

func TestRefuseInsideOfAHandler(t *testing.T) {
	g := newGuard(t, middleware.Options{})
	authorize := func(ctx context.Context) error { return g.Authorize(ctx, scopes.All("write")) }
	for _, tt := range []struct {
		name   string
		err    func(context.Context) error
		status int
		body   string
	}{
		{"a refusal", authorize, 403, "insufficient scope"},
		{"a refusal that was wrapped", func(ctx context.Context) error { return fmt.Errorf("SECRET: %w", authorize(ctx)) }, 403, "insufficient scope"},
		{"the text of any other error is not sent", func(context.Context) error { return errors.New("SECRET") }, 500, "Internal Server Error"},
		{"a nil refusal", func(context.Context) error { return (*middleware.Error)(nil) }, 500, "Internal Server Error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			engine := gin.New()
			engine.GET("/", ginauth.Require(g, scopes.Authenticated()),
				func(c *gin.Context) { ginauth.Refuse(c, tt.err(c.Request.Context())) },
				func(*gin.Context) { t.Error("the chain goes on") })
			w := do(engine, "GET", "/", "good")
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) ||
				strings.Contains(w.Body.String(), "SECRET") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if (w.Header().Get("WWW-Authenticate") != "") != (tt.status == 403) {
				t.Errorf("challenge %q", w.Header().Get("WWW-Authenticate"))
			}
		})
	}
}

// Refuse adds no second body to a response that has begun, and no later handler adds to it.
func TestRefuseAddsNothingToAResponseThatHasBegun(t *testing.T) {
	g := newGuard(t, middleware.Options{})
	for name, begin := range map[string]func(*gin.Context){
		"a body":   func(c *gin.Context) { c.String(200, "part") },
		"a header": func(c *gin.Context) { c.Writer.WriteHeaderNow() },
		"a flush":  func(c *gin.Context) { c.Writer.Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			engine := gin.New()
			engine.GET("/", ginauth.Require(g, scopes.Authenticated()), func(c *gin.Context) {
				begin(c)
				ginauth.Refuse(c, g.Authorize(c.Request.Context(), scopes.All("write")))
				if !c.IsAborted() {
					t.Error("the chain isn't aborted")
				}
			}, func(*gin.Context) { t.Error("the chain goes on") })
			if w := do(engine, "GET", "/", "good"); w.Code != 200 || w.Body.String() != "part" && name == "a body" ||
				w.Body.Len() > 0 && name != "a body" {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// An outer error handler that writes without a check cannot add a second body.
func TestNobodyAddsToARefusal(t *testing.T) {
	refuse := func(g *middleware.Guard) gin.HandlerFunc { return ginauth.Require(g, scopes.Authenticated()) }
	for _, tt := range []struct {
		name    string
		handler gin.HandlerFunc
		want    string // "": problem details; "-": nothing
	}{
		{"problem details", refuse(newGuard(t, middleware.Options{})), ""},
		{"a configured body", refuse(newGuard(t, middleware.Options{Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
			return "text/plain", []byte("no")
		}})), "no"},
		{"an empty body", refuse(newGuard(t, middleware.Options{Body: func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
			return "text/plain", nil
		}})), "-"},
		{"an error that is not a refusal", func(c *gin.Context) { ginauth.Refuse(c, errors.New("SECRET")) }, "Internal Server Error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			engine := gin.New()
			engine.Use(func(c *gin.Context) {
				c.Next()
				c.String(http.StatusOK, "more")
			})
			engine.GET("/", tt.handler)
			server := httptest.NewServer(engine)
			defer server.Close()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer bad")
			resp, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || strings.Contains(string(body), "more") ||
				tt.want != "" && strings.Trim(tt.want, "-") != string(body) {
				t.Errorf("%q, %v", body, err)
			}
		})
	}
}
