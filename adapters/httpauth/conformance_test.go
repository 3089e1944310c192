package httpauth_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/bearerguard/bearerguard/adapters/adaptertest"
	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/scopes"
)

func TestConformance(t *testing.T) {
	// routed is a mux with the routes of s, and the table for them.
	routed := func(s adaptertest.Setup) (*http.ServeMux, *scopes.Table, error) {
		mux := http.NewServeMux()
		for _, route := range s.Routes {
			mux.Handle(route, native(s))
		}
		table, err := s.Rules().Compile()
		return mux, table, err
	}
	for _, tt := range []struct {
		name  string
		serve func(s adaptertest.Setup) (http.Handler, error)
		lacks []adaptertest.Feature
	}{
		{"Require", func(s adaptertest.Setup) (http.Handler, error) {
			return httpauth.Require(s.Guard, s.Need)(native(s)), nil
		}, []adaptertest.Feature{adaptertest.WholePolicy}},
		{"Mux", func(s adaptertest.Setup) (http.Handler, error) {
			mux, table, err := routed(s)
			return httpauth.Mux(s.Guard, table, mux), err
		}, []adaptertest.Feature{
			adaptertest.JudgesUnrouted, // the mux itself answers 404 and 405
			adaptertest.HEADRules,      // rules are for patterns
		}},
		{"Enforce", func(s adaptertest.Setup) (http.Handler, error) {
			mux, table, err := routed(s)
			route := func(r *http.Request) string {
				_, pattern := mux.Handler(r)
				if exact := r.Method + " " + r.URL.Path; table.Has(exact) {
					return exact
				}
				return pattern
			}
			return httpauth.Enforce(s.Guard, table, route)(mux), err
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
	})
}
