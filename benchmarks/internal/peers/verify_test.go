package peers_test

import (
	"slices"
	"testing"

	"github.com/bearerguard/bearerguard/benchmarks/internal/peers"
	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
)

func world(t testing.TB, algorithm string) (*workload.World, []workload.Bad) {
	t.Helper()
	w, err := workload.New(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	bad, err := w.Bad()
	if err != nil {
		t.Fatal(err)
	}
	return w, bad
}

// A library without checks would be fast, so each must refuse the bad tokens.
func TestVerifiersAcceptTheGoodTokenAndRefuseTheBadOnes(t *testing.T) {
	for _, algorithm := range workload.Algorithms {
		w, bad := world(t, algorithm)
		for _, v := range peers.Verifiers {
			if !v.Knows(algorithm) {
				continue
			}
			verify, err := v.New(w)
			if err != nil {
				t.Fatalf("%s, %s: %v", algorithm, v.Name, err)
			}
			if subject, err := verify(w.Good()); err != nil || subject != workload.Subject {
				t.Errorf("%s, %s: the good token: %q, %v", algorithm, v.Name, subject, err)
			}
			for _, b := range bad {
				_, err := verify(b.Token)
				if unchecked := slices.Contains(v.Unchecked, b.Name); (err == nil) != unchecked {
					t.Errorf("%s, %s: a token %s: error %v, listed as unchecked: %t",
						algorithm, v.Name, b.Name, err, unchecked)
				}
			}
		}
	}
}

func TestTheFloorChecksTheSignature(t *testing.T) {
	for _, algorithm := range workload.Algorithms {
		w, bad := world(t, algorithm)
		good, err := peers.NewFloor(w, w.Good())
		if err != nil {
			t.Fatal(err)
		}
		if err := good(); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
		forged, err := peers.NewFloor(w, bad[0].Token)
		if err != nil {
			t.Fatal(err)
		}
		if forged() == nil {
			t.Errorf("%s: a forgery passed", algorithm)
		}
	}
}

func TestMiddlewaresLetTheGoodTokenThroughAndNoBadOne(t *testing.T) {
	w, bad := world(t, "RS256")
	for _, m := range peers.Middlewares {
		handler, err := m.New(w)
		if err != nil {
			t.Fatalf("%s, %s: %v", m.Framework, m.Name, err)
		}
		call := handler(w.Good())
		for range 2 { // the second time, it is known
			if err := call(); err != nil {
				t.Errorf("%s, %s: the good token: %v", m.Framework, m.Name, err)
			}
		}
		for _, b := range append(bad, workload.Bad{Name: "that is none at all"}) {
			err := handler(b.Token)()
			if passes := m.Open || slices.Contains(m.Unchecked, b.Name); (err == nil) != passes {
				t.Errorf("%s, %s: a token %s: %v", m.Framework, m.Name, b.Name, err)
			}
		}
	}
}

func TestHostileTokensAreRefused(t *testing.T) {
	w, _ := world(t, "RS256")
	verify, err := peers.NewOurs(w, -1)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range w.Hostile() {
		if _, err := verify(h.Token); err == nil {
			t.Errorf("%s: accepted", h.Name)
		}
	}
}
