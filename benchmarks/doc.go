// Package benchmarks holds bearerguard against its peers and against the bare standard
// library. It is a module of its own, so that no peer enters the library's.
//
//	go test ./...                                that peers refuse what they must, and a short run
//	go run ./cmd/compare                         the tables, in about 6 minutes
//	go run ./cmd/compare -write RESULTS.md       the same, into RESULTS.md
//	go run ./cmd/plot                            ../docs/loadgen.svg, from examples/loadgen
//
// Figures of a busy machine are spoilt less than usual, since processor time is measured and
// all subjects are interleaved; they are spoilt all the same.
//
//   - internal/workload makes the tokens, good and bad.
//   - internal/peers puts each library behind the same function and under the same policy.
//   - internal/stopwatch measures.
//   - cmd/compare says what is measured and holds it against the targets.
package benchmarks
