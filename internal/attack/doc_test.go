// Package attack_test attacks an API that is guarded by each of the four adapters.
//
//   - [TestAttacks] runs the attack table. It has one named request for each rule or known attack,
//     with its source. The requests go over real sockets, written octet by octet and frame by
//     frame. A refusal must come from the rule that the row names. Its answer must be the same as
//     for any other refusal of its code. A good token must pass afterwards.
//   - [TestTimesToTheSecond] compares the times of a token with a clock that stands still.
//   - [TestIssuerFaults] runs each fault of an issuer on each transport.
//   - [TestIssuerDuties] checks what a good issuer may expect of the guard.
//   - [TestSoak] mixes all of these. BEARERGUARD_SOAK=10m sets its duration.
//
// A new attack is a new row: a name that says what is sent, the source, the request, and a part of
// the reason that the observer must get.
package attack_test
