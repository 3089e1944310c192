// Package auth0 moves an API from auth0/go-jwt-middleware to bearerguard.
package auth0
