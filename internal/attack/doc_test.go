// Package attack_test attacks an API that is guarded by each of the four adapters.
//
//   - [TestAttacks] is the attack table: one named request for each rule or known attack, with
//     where it comes from, over real sockets, written octet by octet and frame by frame. A refusal
//     must come from the rule that it names, must look to the caller like any other refusal of its
//     code, and must leave good tokens alone.
//   - [TestTimesToTheSecond] holds the times of a token against a clock that stands still.
//   - [TestIssuerFaults] is the matrix of bad days of an issuer on each transport, and
//     [TestIssuerDuties] holds what a good issuer may expect of us.
//   - [TestSoak] mixes it all for as long as BEARERGUARD_SOAK says: BEARERGUARD_SOAK=10m.
//
// A new attack is a new row: a name that says what is sent, where it is known from, the request,
// and a part of the reason that the observer must be told.
package attack_test
