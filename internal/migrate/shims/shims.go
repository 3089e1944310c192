// Package shims has middleware for callers that do not yet send the token as RFC 6750 §2.1 says.
// It stands in front of the guard, on net/http, chi, Echo and Gin, whose engines are handlers.
//
// The header of the request is changed in place, because net/http removes the temporary files of
// forms only from the request that it made itself.
package shims

import (
	"net/http"
	"strings"
)

// BareToken lets callers send "Authorization: TOKEN".
func BareToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i, value := range r.Header["Authorization"] {
			if strings.Count(value, ".") == 2 && !strings.ContainsAny(value, " \t,") {
				r.Header["Authorization"][i] = "Bearer " + value
			}
		}
		next.ServeHTTP(w, r)
	})
}

// QueryToken lets callers send "?name=TOKEN". A token in the header as well makes two, and the
// guard answers 400.
func QueryToken(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if query := r.URL.Query(); query.Has(name) {
			for _, token := range query[name] {
				r.Header.Add("Authorization", "Bearer "+token)
			}
			query.Del(name)
			r.URL.RawQuery = query.Encode() // the handler, and loggers behind this, do not see it
		}
		next.ServeHTTP(w, r)
	})
}

// OtherHeader lets callers send "name: TOKEN". A token in Authorization as well makes two, and the
// guard answers 400.
func OtherHeader(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, token := range r.Header.Values(name) {
			r.Header.Add("Authorization", "Bearer "+strings.TrimPrefix(token, "Bearer "))
		}
		r.Header.Del(name)
		next.ServeHTTP(w, r)
	})
}
