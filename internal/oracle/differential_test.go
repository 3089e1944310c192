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

// TestDifferential gives the tokens of each rule to all judges. Our verdict must be that of the rule. The
// verdict of each other judge must be the same, unless disagreements has an entry. If a judge accepts one
// token of a rule and refuses another, the rule must be split into two.
func TestDifferential(t *testing.T) {
	start := *seed
	if start == 0 {
		start = rand.Uint64()
	}
	t.Logf("seed %d, %d tokens for each rule", start, *rounds)
	explained := explanations(t)

	total := 0
	// In a bubble the clock stands still for all libraries while they verify tokens.
	synctest.Test(t, func(t *testing.T) {
		issuers := [][]*key{keysOf("issuer", publicAlgorithms), keysOf("issuer", secretAlgorithms)}
		panels := [][]judge{panel(t, issuers[0]), panel(t, issuers[1])}
		seen := map[string]bool{}
		for _, rule := range rules() {
			if seen[rule.name] {
				t.Errorf("two rules of one name: %s", rule.name)
			}
			seen[rule.name] = true
			// The name of a rule is in its seed, so other rules do not change its tokens.
			r := rand.New(rand.NewPCG(start, hashOfName(rule.name)))
			tally := map[string]map[verdict]string{} // for each judge, an example of each verdict
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
						t.Errorf("%s: disagreements has an entry, but %s agrees with us", rule.name, judge.name)
					}
					want = say
				}
				switch {
				case len(got) == 2:
					t.Errorf("%s: %s accepts one token and refuses another:\n%s\n%s", rule.name, judge.name, got[accept], got[refuse])
				case got[want] == "":
					t.Errorf("%s: %s: want %s\n%s", rule.name, judge.name, want, got[!want])
				}
				delete(explained, class{rule.name, judge.name})
			}
		}
	})
	for c := range explained {
		t.Errorf("disagreements has an entry for a rule or peer that does not exist: %v", c)
	}
	t.Logf("%d tokens", total)
}

// explanations returns disagreements by class, with the verdict of the peer.
func explanations(t *testing.T) map[class]verdict {
	t.Helper()
	explained := map[class]verdict{}
	for _, d := range disagreements {
		for peer := range strings.FieldsSeq(d.peers) {
			for _, rule := range d.rules {
				c := class{rule, peer}
				if _, twice := explained[c]; twice {
					t.Errorf("disagreements has two entries for %v", c)
				}
				explained[c] = d.say
			}
		}
	}
	return explained
}

// class is a rule and a peer. The peer has one verdict for all tokens of the rule.
type class struct{ rule, peer string }

// pick chooses a key that fits the rule. world is the index of the key's issuer.
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

// share says how often an algorithm is picked. Slow algorithms are picked less often.
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
		return alg != "Ed25519" // some of the judges do not know this name yet
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
