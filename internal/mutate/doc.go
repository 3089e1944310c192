// Mutate takes the rules of a package out, one at a time, and names those that no test misses.
//
//	go run ./internal/mutate [-list] [-v] [-run regexp] [-skip file] [-witness dirs] [-j n] ./middleware ./jwks ...
//
// A rule is a place at which the code decides. Each of these is one mutant:
//
//   - a condition of an if, or a case of a switch without a tag, that never holds, and one that always does;
//   - an operand of && or || that is left out;
//   - a bound that is off by its border: < and <=, > and >=, Before and After;
//   - a value that is struck from a case of a switch with a tag;
//   - a return of an error or a verdict, outside of such a branch, that reports success or the other verdict;
//   - a constant that is a number, one more and one less; or a duration, twice and half of it;
//   - a statement that is left out: a call for its effect alone, or an assignment to what outlives the function;
//   - a ! that nothing above covers, left out.
//
// The tests of the mutant's own package run first, with go's -overlay, so that no file of the tree is ever written. Only if
// they pass, the tests of the witnesses run: those packages of -witness that depend on the mutant's. A mutant that none
// of them fails has survived, and is printed with its place; with -v, so is one that is killed, with the test that missed it first.
// One that keeps its tests running for five times as long as they take without it, and for 8 seconds at least, counts as killed; one that does not compile, as not viable.
//
// The file of -skip lists known equivalents, mutants that no test can tell from the original, one on a line:
//
//	file: function: mutation: the reason why nothing can tell it
//
// A line that fits no mutant of the named packages is stale, and an error. Exit status: 0 if nobody survived, 1 if somebody did or a
// line is stale, 2 if the tests don't pass without any mutation, or nothing could be done at all.
package main
