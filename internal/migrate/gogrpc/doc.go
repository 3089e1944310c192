// Package gogrpc moves a server from the authentication of grpc-ecosystem/go-grpc-middleware, with
// golang-jwt and keyfunc, to bearerguard.
package gogrpc
