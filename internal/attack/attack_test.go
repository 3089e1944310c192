package attack_test

import (
	"slices"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
)

// attack is a row of the table.
type attack struct {
	name      string // a sentence: what is sent
	reference string // where it is known from
	prepare   func(*world)
	send      func(*world) request
	reason    string          // a part of what the observer is told
	code      middleware.Code // "": invalid
	overGRPC  middleware.Code // "": the same
	httpOnly  string          // what there is in it that gRPC has not
}

const (
	passes   middleware.Code = "passes"
	byServer middleware.Code = "refused by the server before any handler"
)

// table is the whole attack table.
func table() []attack {
	return slices.Concat(
		algorithmAttacks(), confusionAttacks(), headerKeyAttacks(), keyIDAttacks(), criticalAttacks(), typeAttacks(),
		signatureAttacks(), encodingAttacks(), jsonAttacks(), claimAttacks(), timeAttacks(), scopeAttacks(),
		fieldAttacks(), keySetAttacks(), ambiguousKeyAttacks(), cacheAttacks(),
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

					// Neither was it the API that refuses everything, nor has the attack harmed anybody.
					w.subject = "user-1"
					w.expect(w.good(), passes, "")
				})
			}
		})
	}
}

// TestEachAttackIsNamed keeps the table readable as one.
func TestEachAttackIsNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range table() {
		if a.name == "" || a.reference == "" || a.send == nil {
			t.Errorf("%q lacks a name, a reference or a request", a.name)
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
