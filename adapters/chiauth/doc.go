// Package chiauth guards chi.
package chiauth
