// Package ginjwt moves an API from appleboy/gin-jwt to bearerguard. Login, refresh and logout stay
// with gin-jwt.
package ginjwt
