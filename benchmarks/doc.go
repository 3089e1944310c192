// Package benchmarks compares bearerguard with its peers and with the bare standard library. It is a
// module of its own, so that the library does not depend on its peers.
//
//	go test ./...                                  checks that peers refuse bad tokens, and runs all briefly
//	go run ./cmd/compare                           prints the tables, in about 6 minutes
//	go run ./cmd/compare -write RESULTS.md         writes them into RESULTS.md
//	go run ./cmd/compare -bench new.txt            writes the figures for benchstat, too
//	go run ./cmd/loadgen -svg ../docs/loadgen.svg  measures a server over real sockets, and draws it
//
// Use an idle machine. The commands measure processor time and take turns between the subjects, so other
// programs disturb the figures less than usual, but they still do.
//
//   - internal/workload makes the tokens, good and bad.
//   - internal/peers gives each library the same function and the same policy.
//   - internal/stopwatch measures.
//   - cmd/compare chooses what is measured, and compares it with the targets.
//   - cmd/loadgen sends requests to a protected server, also while the issuer is down.
package benchmarks
