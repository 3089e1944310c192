// Package adaptertest is the conformance table for adapters: requests that every adapter
// must answer in the same way, whatever its framework.
package adaptertest
