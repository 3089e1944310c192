package routers_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/gorilla/mux"
)

func TestConformance(t *testing.T) {
	for _, tt := range []struct {
		name    string
		serve   func(s adaptertest.Setup) (http.Handler, error)
		without []adaptertest.Feature
	}{
		{"gorilla, Enforce", func(s adaptertest.Setup) (http.Handler, error) {
			table, err := s.Rules().Compile()
			if err != nil {
				return nil, err
			}
			router := mux.NewRouter()
			router.Use(mux.MiddlewareFunc(httpauth.Enforce(s.Guard, table, onGorilla)))
			for _, route := range s.Routes {
				method, path, _ := strings.Cut(route, " ")
				router.HandleFunc(path, native(s)).Methods(method)
			}
			return router, nil
		}, []adaptertest.Feature{
			adaptertest.JudgesUnrouted, // gorilla answers 404 and 405 before its middleware runs
			adaptertest.JudgesHEAD,     // gorilla does the same for HEAD
			adaptertest.HEADRules,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { adaptertest.Run(t, adaptertest.HTTP(tt.serve), tt.without...) })
	}
}

// native serves s as an ordinary handler of net/http.
func native(s adaptertest.Setup) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.Stream == nil {
			if err := s.Handler(r.Context()); err != nil {
				httpauth.Refuse(w, err)
			}
			return
		}
		sent := false
		err := httpauth.WhileAuthorized(s.Guard, w, r, s.Need, func(ctx context.Context) error {
			return s.Stream(ctx, func(message string) error {
				sent = true
				if _, err := io.WriteString(w, message); err != nil {
					return err
				}
				return http.NewResponseController(w).Flush()
			})
		})
		if err != nil && !sent {
			httpauth.Refuse(w, err)
		}
	}
}
