// Package echojwt moves an API from labstack/echo-jwt to bearerguard.
package echojwt
