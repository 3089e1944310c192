// Mutate takes the rules of a package out, one at a time, and names those whose absence no test notices.
// It is a module of its own, so it is built first, and then run from the root of the module that it tries:
//
//	(cd internal/mutate && go build -o /tmp/mutate .)
//	/tmp/mutate [-list] [-v] [-run regexp] [-skip file] [-witness dirs] [-j n] ./middleware ./jwks ...
//
// A rule is a place at which the code decides. Each of these is one mutant:
//
//   - a condition of an if, or a case of a switch without a tag, that never holds, and one that always does;
//   - an operand of && or || that is left out;
//   - a bound that is off by its border: < and <=, > and >=, Before and After;
//   - a value that is struck from a case of a switch with a tag;
//   - a return of an error or a verdict, outside of such a branch, that reports success or the other verdict;
//   - a constant that is a number, one more and one less; or a duration, twice and half of it;
//   - a statement that is left out: a call for its effect alone, or an assignment to what outlives the
//     function;
//   - a ! that nothing above covers, left out.
//
// # How mutants are tried
//
// The mutants of all named packages are built together, because a build takes longer than most tests. Such a
// package is a schema: each mutant stands in it beside the code that it changes, and a variable, which is set
// from the environment, tells which mutant is active. Some mutants do not fit into a schema: a constant is
// one, because the compiler needs its value, and so is what does not compile within a schema. Each of them
// has a build of its own. No file of the tree is ever written, because go's -overlay tells the compiler where
// the changed files are.
//
// Each test runs once by itself, in a build that notes which mutants are reached. For a mutant in a schema,
// only the tests that reach it run: first those of the mutant's own package, then those of the witnesses,
// which are the packages of -witness that depend on it; and fast ones before slow ones. If they pass, all
// tests of these packages run together, because some may only fail after others. A test that fails because of
// the schema, as one that counts allocations may, is asked in a build without one, after all others.
//
// A mutant that no test fails has survived, and is printed with its place. The line says so if no test
// reaches it; nothing runs then. With -v, a mutant that is killed is printed too, with the first test that
// failed. A mutant that keeps tests running for five times as long as they take without it, and for 8 seconds
// at least, counts as killed; one that does not compile by itself, as not viable.
//
// The file of -skip lists known equivalents, mutants that no test can tell from the original, one on a line:
//
//	file: function: mutation: the reason why nothing can tell it
//
// A line that fits no mutant of the named packages is stale, and an error. The exit status is 0 if no mutant
// survived, 1 if one did or a line is stale, and 2 if the tests do not pass without any mutation, or nothing
// could be done at all.
package main
