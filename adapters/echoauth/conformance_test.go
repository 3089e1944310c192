package echoauth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/adapters/echoauth"
	"github.com/labstack/echo/v4"
)

func TestConformance(t *testing.T) {
	enforced := func(e *echo.Echo, s adaptertest.Setup) (http.Handler, error) {
		table, err := s.Rules().Compile()
		if err != nil {
			return nil, err
		}
		e.Use(outerRecovery(s), echoauth.Enforce(s.Guard, table))
		register(s, e.Add)
		return e, nil
	}
	noPath := []adaptertest.Feature{adaptertest.RulesForPaths} // Echo tells none that it doesn't know
	noPolicy := []adaptertest.Feature{adaptertest.WholePolicy}
	for _, tt := range []struct {
		name  string
		serve func(s adaptertest.Setup) (http.Handler, error)
		lacks []adaptertest.Feature
	}{
		{"Require", func(s adaptertest.Setup) (http.Handler, error) {
			e := echo.New()
			e.Use(outerRecovery(s))
			register(s, e.Add, echoauth.Require(s.Guard, s.Need))
			return e, nil
		}, noPolicy},
		{"Require of a group", func(s adaptertest.Setup) (http.Handler, error) {
			e := echo.New()
			e.Use(outerRecovery(s))
			register(s, e.Group("", echoauth.Require(s.Guard, s.Need)).Add)
			return e, nil
		}, noPolicy},
		{"Enforce", func(s adaptertest.Setup) (http.Handler, error) { return enforced(echo.New(), s) }, noPath},
		{"Enforce in Debug mode", func(s adaptertest.Setup) (http.Handler, error) {
			e := echo.New()
			e.Debug = true
			return enforced(e, s)
		}, noPath},
	} {
		t.Run(tt.name, func(t *testing.T) { adaptertest.Run(t, adaptertest.HTTP(tt.serve), tt.lacks...) })
	}
}

// register adds the routes of s.
func register(
	s adaptertest.Setup,
	add func(method, path string, f echo.HandlerFunc, guard ...echo.MiddlewareFunc) *echo.Route,
	guard ...echo.MiddlewareFunc,
) {
	for _, route := range s.Routes {
		method, path, _ := strings.Cut(route, " ")
		add(method, path, native(s), guard...)
	}
}

// outerRecovery recovers from a panic and does nothing else.
func outerRecovery(s adaptertest.Setup) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if s.Recover == nil {
			return next
		}
		return func(c echo.Context) error {
			defer func() {
				if p := recover(); p != nil {
					s.Recover(p)
				}
			}()
			return next(c)
		}
	}
}

// native serves s by a handler that a user of Echo would write.
func native(s adaptertest.Setup) echo.HandlerFunc {
	return func(c echo.Context) error {
		w := c.Response()
		if s.Stream == nil {
			if err := s.Handler(c.Request().Context()); err != nil {
				return echoauth.Refuse(c, err)
			}
			return c.NoContent(http.StatusOK)
		}
		err := echoauth.WhileAuthorized(c, s.Guard, s.Need, func(ctx context.Context) error {
			return s.Stream(ctx, func(message string) error {
				if _, err := w.Write([]byte(message)); err != nil {
					return err
				}
				return http.NewResponseController(w).Flush()
			})
		})
		if w.Committed {
			return nil
		}
		return echoauth.Refuse(c, err)
	}
}
