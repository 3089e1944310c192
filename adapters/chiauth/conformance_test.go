package chiauth_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/adapters/chiauth"
	"github.com/go-chi/chi/v5"
)

func TestConformance(t *testing.T) {
	register := func(r chi.Router, s adaptertest.Setup) {
		for _, route := range s.Routes {
			method, path, _ := strings.Cut(route, " ")
			r.Method(method, path, native(s))
		}
	}
	for _, tt := range []struct {
		name  string
		serve func(s adaptertest.Setup) (http.Handler, error)
		lacks []adaptertest.Feature
	}{
		{"Require under Use", func(s adaptertest.Setup) (http.Handler, error) {
			r := chi.NewRouter()
			r.Use(chiauth.Require(s.Guard, s.Need))
			register(r, s)
			return r, nil
		}, []adaptertest.Feature{adaptertest.WholePolicy}},
		{"Require in a Group", func(s adaptertest.Setup) (http.Handler, error) {
			r := chi.NewRouter()
			r.Group(func(r chi.Router) {
				r.Use(chiauth.Require(s.Guard, s.Need))
				register(r, s)
			})
			return r, nil
		}, []adaptertest.Feature{adaptertest.WholePolicy}},
		{"Enforce", func(s adaptertest.Setup) (http.Handler, error) {
			table, err := s.Rules().Compile()
			r := chi.NewRouter()
			chiauth.Enforce(r, s.Guard, table)
			register(r, s)
			return r, err
		}, nil},
		{"Enforce in front of a mounted router", func(s adaptertest.Setup) (http.Handler, error) {
			table, err := s.Rules().Compile()
			r, inner := chi.NewRouter(), chi.NewRouter()
			chiauth.Enforce(r, s.Guard, table)
			register(inner, s)
			r.Mount("/", inner)
			return r, err
		}, nil},
		{"Enforce in a mounted router", func(s adaptertest.Setup) (http.Handler, error) {
			table, err := s.Rules().Compile()
			r := chi.NewRouter()
			r.Route("/", func(r chi.Router) {
				chiauth.Enforce(r, s.Guard, table)
				register(r, s)
			})
			return r, err
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) { adaptertest.Run(t, adaptertest.HTTP(tt.serve), tt.lacks...) })
	}
}

// native serves s by a handler that a user of net/http would write.
func native(s adaptertest.Setup) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Stream == nil {
			if err := s.Handler(r.Context()); err != nil {
				chiauth.Refuse(w, err)
			}
			return
		}
		sent := false
		err := chiauth.WhileAuthorized(s.Guard, w, r, s.Need, func(ctx context.Context) error {
			return s.Stream(ctx, func(message string) error {
				sent = true
				if _, err := io.WriteString(w, message); err != nil {
					return err
				}
				return http.NewResponseController(w).Flush()
			})
		})
		if err != nil && !sent {
			chiauth.Refuse(w, err)
		}
	})
}
