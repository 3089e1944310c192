package ginauth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/adapters/ginauth"
	"github.com/gin-gonic/gin"
)

func TestConformance(t *testing.T) {
	policed := func(engine *gin.Engine, s adaptertest.Setup) (http.Handler, error) {
		table, err := s.Rules().Compile()
		if err != nil {
			return nil, err
		}
		if s.Recover != nil {
			engine.Use(outerRecovery(s))
		}
		if err := ginauth.Enforce(engine, s.Guard, table); err != nil {
			return nil, err
		}
		register(s, engine)
		return engine, nil
	}
	noPolicy := []adaptertest.Feature{adaptertest.WholePolicy}
	// Gin has no path for a request that no route serves, such as HEAD.
	noPath := []adaptertest.Feature{
		adaptertest.JudgesHEAD, adaptertest.HEADRules, adaptertest.RulesForMethods, adaptertest.RulesForPaths,
	}
	for _, tt := range []struct {
		name  string
		serve func(s adaptertest.Setup) (http.Handler, error)
		lacks []adaptertest.Feature
	}{
		{"Require", func(s adaptertest.Setup) (http.Handler, error) {
			engine := gin.New()
			if s.Recover != nil {
				engine.Use(outerRecovery(s))
			}
			register(s, engine, ginauth.Require(s.Guard, s.Need))
			return engine, nil
		}, noPolicy},
		{"Require of a group", func(s adaptertest.Setup) (http.Handler, error) {
			engine := gin.New()
			if s.Recover != nil {
				engine.Use(outerRecovery(s))
			}
			register(s, engine.Group("", ginauth.Require(s.Guard, s.Need)))
			return engine, nil
		}, noPolicy},
		{"Enforce", func(s adaptertest.Setup) (http.Handler, error) { return policed(gin.New(), s) }, noPath},
		{"Enforce behind middleware", func(s adaptertest.Setup) (http.Handler, error) {
			engine := gin.New()
			engine.Use(func(c *gin.Context) { c.Next() })
			return policed(engine, s)
		}, noPath},
		{"Enforce with ContextWithFallback", func(s adaptertest.Setup) (http.Handler, error) {
			engine := gin.New()
			engine.ContextWithFallback = true
			return policed(engine, s)
		}, noPath},
		{"Enforce with HandleMethodNotAllowed", func(s adaptertest.Setup) (http.Handler, error) {
			engine := gin.New()
			engine.HandleMethodNotAllowed = true
			return policed(engine, s)
		}, noPath},
	} {
		t.Run(tt.name, func(t *testing.T) { adaptertest.Run(t, adaptertest.HTTP(tt.serve), tt.lacks...) })
	}
}

// register adds the routes of s.
func register(s adaptertest.Setup, routes gin.IRoutes, guard ...gin.HandlerFunc) {
	for _, route := range s.Routes {
		method, path, _ := strings.Cut(route, " ")
		routes.Handle(method, path, append(guard, native(s))...)
	}
}

// outerRecovery does not abort the chain, so Gin calls the next handler unless the guard aborts.
func outerRecovery(s adaptertest.Setup) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			if p := recover(); p != nil {
				s.Recover(p)
			}
		}()
		c.Next()
	}
}

// native serves s by a handler that a user of Gin would write.
func native(s adaptertest.Setup) gin.HandlerFunc {
	return func(c *gin.Context) {
		if s.Stream == nil {
			if err := s.Handler(c.Request.Context()); err != nil {
				ginauth.Refuse(c, err)
			}
			return
		}
		err := ginauth.WhileAuthorized(c, s.Guard, s.Need, func(ctx context.Context) error {
			return s.Stream(ctx, func(message string) error {
				if _, err := c.Writer.WriteString(message); err != nil {
					return err
				}
				return http.NewResponseController(c.Writer).Flush()
			})
		})
		if err != nil && !c.Writer.Written() {
			ginauth.Refuse(c, err)
		}
	}
}
