// Package gooidc compares coreos/go-oidc with bearerguard, for docs/comparison.md.
package gooidc
