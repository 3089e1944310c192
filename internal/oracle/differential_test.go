package oracle_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seed   = flag.Uint64("seed", 1, "of the generated tokens; 0: another one each time")
	rounds = flag.Int("rounds", 10, "tokens for each rule")
)

// TestDifferential has each rule's tokens judged by all. Our verdict is the rule's. The others' is the same,
// unless disagreements says otherwise. If a judge accepts one token of a rule and refuses another, the rule
// is really two.
func TestDifferential(t *testing.T) {
	start := *seed
	if start == 0 {
		start = rand.Uint64()
	}
	t.Logf("seed %d, %d tokens for each rule", start, *rounds)
	explained := explanations(t)

	total := 0
	// In a bubble the clock stands still while tokens are judged, for all libraries alike.
	synctest.Test(t, func(t *testing.T) {
		issuers := [][]*key{keysOf("issuer", publicAlgorithms), keysOf("issuer", secretAlgorithms)}
		panels := [][]judge{panel(t, issuers[0]), panel(t, issuers[1])}
		seen := map[string]bool{}
		for _, rule := range rules() {
			if seen[rule.name] {
				t.Errorf("two rules of one name: %s", rule.name)
			}
			seen[rule.name] = true
			// Seeded by its name, a rule makes the same tokens whatever else is in the tables.
			r := rand.New(rand.NewPCG(start, hashOfName(rule.name)))
			tally := map[string]map[verdict]string{} // by judge: an example of either verdict
			for range *rounds {
				world, k := rule.pick(r, issuers)
				d := newDraft(r, time.Now(), k)
				rule.change(d)
				token := d.token()
				total++
				for _, judge := range panels[world] {
					if tally[judge.name] == nil {
						tally[judge.name] = map[verdict]string{}
					}
					err := judge.accept(token)
					tally[judge.name][verdict(err == nil)] = fmt.Sprintf("%v: %.2000s", err, token)
				}
			}
			for _, judge := range panels[0] {
				got := tally[judge.name]
				want := rule.want
				if say, ok := explained[class{rule.name, judge.name}]; ok {
					if say == want {
						t.Errorf("%s: the explanation has %s say the same as we", rule.name, judge.name)
					}
					want = say
				}
				switch {
				case len(got) == 2:
					t.Errorf("%s: %s is of two minds:\n%s\n%s", rule.name, judge.name, got[accept], got[refuse])
				case got[want] == "":
					t.Errorf("%s: %s: want %s\n%s", rule.name, judge.name, want, got[!want])
				}
				delete(explained, class{rule.name, judge.name})
			}
		}
	})
	for c := range explained {
		t.Errorf("explained, and no such rule or peer: %v", c)
	}
	t.Logf("%d tokens", total)
}

// explanations is disagreements by class, with what the peer says.
func explanations(t *testing.T) map[class]verdict {
	t.Helper()
	explained := map[class]verdict{}
	for _, d := range disagreements {
		for peer := range strings.FieldsSeq(d.peers) {
			for _, rule := range d.rules {
				c := class{rule, peer}
				if _, twice := explained[c]; twice {
					t.Errorf("explained twice: %v", c)
				}
				explained[c] = d.say
			}
		}
	}
	return explained
}

// class is where a peer may differ from us: all tokens of one rule.
type class struct{ rule, peer string }

// pick chooses a key that the rule makes sense for, and tells which issuer's it is.
func (r rule) pick(random *rand.Rand, issuers [][]*key) (world int, k *key) {
	var fitting []*key
	for _, k := range slices.Concat(issuers...) {
		if r.fits(k.alg) {
			fitting = append(fitting, slices.Repeat([]*key{k}, share(k.alg))...)
		}
	}
	k = fitting[random.IntN(len(fitting))]
	if slices.Contains(issuers[1], k) {
		world = 1
	}
	return world, k
}

// share is how often an algorithm is picked, compared with others: the costly ones less often.
func share(alg string) int {
	switch alg {
	case "ES256", "EdDSA", "HS256":
		return 4
	case "HS384", "HS512":
		return 2
	default:
		return 1
	}
}

func (r rule) fits(alg string) bool {
	if r.algs == "" {
		return alg != "Ed25519" // the name is newer than some of the judges
	}
	for prefix := range strings.FieldsSeq(r.algs) {
		if strings.HasPrefix(alg, prefix) {
			return true
		}
	}
	return false
}

// hashOfName is FNV-1a.
func hashOfName(name string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return h
}
