// Package jwtauth moves an API from go-chi/jwtauth to bearerguard. jwtauth still signs the tokens.
package jwtauth
