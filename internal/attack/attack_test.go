package attack_test

import (
	"slices"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
)

// attack is a row of the table.
type attack struct {
	name      string // a sentence: what is sent
	reference string // the source: a specification, a CVE, or a library
	prepare   func(*world)
	send      func(*world) request
	reason    string          // a part of the cause that the observer gets
	code      middleware.Code // "" is invalid
	overGRPC  middleware.Code // the code on gRPC, or "" if it is the same
	httpOnly  string          // why the row does not run on gRPC
}

const (
	passes   middleware.Code = "passes"
	byServer middleware.Code = "refused by the server before any handler"
)

// table is the whole attack table.
func table() []attack {
	return slices.Concat(
		algorithmAttacks(), confusionAttacks(), unionAttacks(), headerKeyAttacks(), keyIDAttacks(), criticalAttacks(),
		typeAttacks(), signatureAttacks(), encodingAttacks(), jsonAttacks(), claimAttacks(), timeAttacks(),
		scopeAttacks(), loginAttacks(), tenantAttacks(), fieldAttacks(), placeAttacks(), keySetAttacks(),
		ambiguousKeyAttacks(), cacheAttacks(), resourceAttacks(),
	)
}

func TestAttacks(t *testing.T) {
	for _, a := range table() {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			for _, tr := range transports(false) {
				t.Run(tr.name, func(t *testing.T) {
					t.Parallel()
					if tr.grpc && a.httpOnly != "" {
						t.Skip(a.httpOnly)
					}
					w := newWorld(t, a.prepare, tr)
					code := a.code
					if code == "" {
						code = middleware.CodeInvalid
					}
					if tr.grpc && a.overGRPC != "" {
						code = a.overGRPC
					}
					w.expect(a.send(w), code, a.reason)

					// A good token must still pass: the API does not refuse everything, and the attack
					// has done no harm.
					w.subject = "user-1"
					w.expect(w.good(), passes, "")
				})
			}
		})
	}
}

// TestEachAttackIsNamed checks that each row has a name of its own, a source and a reason.
func TestEachAttackIsNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range table() {
		if a.name == "" || a.reference == "" || a.send == nil {
			t.Errorf("%q does not have a name, a reference and a request", a.name)
		}
		if seen[a.name] {
			t.Errorf("two attacks are named %q", a.name)
		}
		seen[a.name] = true
		if a.reason == "" && a.code != passes && a.code != byServer {
			t.Errorf("%q names no rule", a.name)
		}
	}
	t.Logf("%d attacks", len(seen))
}
