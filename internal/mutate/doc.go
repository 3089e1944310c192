// Mutate removes the rules of a package one at a time, and reports those whose removal no test detects. It is
// a module of its own, so build it first, and then run it from the root of the module with the package:
//
//	(cd internal/mutate && go build -o /tmp/mutate .)
//	/tmp/mutate [-list] [-v] [-run regexp] [-skip file] [-witness dirs] [-j n] ./middleware ./jwks ...
//
// A rule is a place at which the code decides. Each of these is one mutant:
//
//   - a condition of an if, or a case of a switch without a tag, that never holds, and one that always does;
//   - an operand of && or || that is left out;
//   - a bound that is off by one: < and <=, > and >=, Before and After;
//   - a value that is removed from a case of a switch with a tag;
//   - a return of an error or a bool, outside of such a branch, that returns no error or the other bool;
//   - a constant that is a number, one more and one less; or a duration, twice and half of it;
//   - a statement that is left out: a call whose result is not used, or an assignment to a variable that
//     outlives the function;
//   - a ! that is left out, if none of the above covers it.
//
// # How mutants are tried
//
// The mutants of all named packages are built together, because a build takes longer than most tests. Such a
// build has a schema of each file: it contains each mutant beside the code that the mutant changes, and a
// variable says which mutant is active. The environment sets the variable. No file of the tree is written,
// because the flag -overlay of go tells the compiler where the changed files are.
//
// Some mutants do not fit into a schema. Constants do not, because the compiler needs their values. Other
// mutants do not compile inside a schema. Each of these mutants has a build of its own.
//
// Each test first runs once by itself, in a build that records which mutants it reaches. For a mutant in a
// schema, only tests of packages that reach it run. These packages are the mutant's own and its witnesses,
// which are the packages of -witness that depend on it. Their tests run in this order, until one fails:
//
//   - the fast tests that reach the mutant, and then the slow ones, those of its own package first;
//   - all tests of each package together, because a test may fail only after others;
//   - in a build without a schema, tests that fail because of the schema, such as tests of allocations.
//
// A mutant is killed if a test fails. With -v, it is printed with the first test that failed. A mutant also
// counts as killed if the tests run five times as long as without it, and at least for 8 seconds. It is not
// viable if it does not compile by itself. All other mutants have survived. They are printed with their
// place, and the line says if no test reaches the mutant.
//
// The file of -skip lists equivalents, which are mutants that behave like the original. Each line has one:
//
//	file: function: mutation: the reason why no test can fail
//
// A line that fits no mutant of the named packages is stale, and is an error. The exit status is 0 if no
// mutant survived, 1 if one survived or a line is stale, and 2 if the tests fail without a mutation or mutate
// could not run.
package main
