package oracle_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
)

// TestWycheproof checks our verdict on each vector. It must be the label, corrected by errata, unless
// deviations has the vector.
func TestWycheproof(t *testing.T) {
	used := map[string]bool{}
	for _, v := range vectors(t) {
		want := verdict(v.valid)
		if e := erratumOf(v); e != nil {
			want = !want
		}
		if d := deviationOf(v); d != nil {
			used[v.ref()] = true
			want = !want
		}
		err := vectorVerdict(v)
		t.Run(v.name, func(t *testing.T) {
			if got := verdict(err == nil); got != want {
				t.Errorf("%s (%v), want %s", got, err, want)
			}
		})
	}
	for _, d := range deviations {
		for _, id := range d.ids {
			if ref := fmt.Sprint(d.file, " ", id); !used[ref] {
				t.Errorf("deviation from a vector that does not exist: %s", ref)
			}
		}
	}
}

// TestErrata recomputes why the label of each erratum is wrong.
func TestErrata(t *testing.T) {
	byID := map[int]vector{}
	for _, v := range vectors(t) {
		if v.file == "signature" {
			byID[v.id] = v
		}
	}
	for _, e := range errata {
		for _, id := range e.ids {
			t.Run(byID[id].name, func(t *testing.T) {
				if v := byID[id]; !e.holds(v, byID) {
					t.Errorf("the label is right after all: %s", e.why)
				}
			})
		}
	}
}

// TestJWE checks that an encrypted token is refused because it is encrypted, whatever keys there are.
func TestJWE(t *testing.T) {
	secret, err := jwks.NewSecret("", "HS256", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	set, err := jwks.Static(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors(t) {
		if !strings.HasPrefix(v.group, "jwe_") {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			if err := verifyJWS(set, v.token); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestWycheproofPeers runs jwx and golang-jwt on the vectors. If one of them differs from us or from the
// published label, disputes must have an entry.
func TestWycheproofPeers(t *testing.T) {
	open := map[string]string{} // who is right
	for _, d := range disputes {
		for peer := range strings.FieldsSeq(d.peers) {
			for _, id := range d.ids {
				ref := fmt.Sprint(d.file, " ", id, " ", peer)
				if open[ref] != "" {
					t.Errorf("in two disputes: %s", ref)
				}
				open[ref] = d.right
			}
		}
	}
	for _, v := range vectors(t) {
		ours := vectorVerdict(v) == nil
		truth := v.valid != (erratumOf(v) != nil)
		for _, peer := range []struct {
			name  string
			judge func(vector) error
		}{{"jwx", jwxVerdict}, {"golang-jwt", golangJWTVerdict}} {
			err := peer.judge(v)
			theirs := err == nil
			ref := v.ref() + " " + peer.name
			want := ""
			if theirs != ours || theirs != v.valid {
				want = whoIsRight(ours == truth, theirs == truth)
			}
			if open[ref] != want {
				t.Errorf("%s: %s says %s (%v), we %s, the label %s. Right: %q, in disputes: %q", v.name, peer.name,
					verdict(theirs), err, verdict(ours), verdict(v.valid), want, open[ref])
			}
			delete(open, ref)
		}
	}
	for ref := range open {
		t.Errorf("disputed, and no such vector: %s", ref)
	}
}

func whoIsRight(we, they bool) string {
	switch {
	case we && they:
		return "both"
	case we:
		return "we"
	case they:
		return "they"
	default:
		return "neither"
	}
}

func (v vector) ref() string { return fmt.Sprint(v.file, " ", v.id) }

func erratumOf(v vector) *erratum {
	for i := range errata {
		if v.file == "signature" && slices.Contains(errata[i].ids, v.id) {
			return &errata[i]
		}
	}
	return nil
}

func deviationOf(v vector) *deviation {
	for i := range deviations {
		if deviations[i].file == v.file && slices.Contains(deviations[i].ids, v.id) {
			return &deviations[i]
		}
	}
	return nil
}

// algOf returns the alg of a token's header, and the alg of the key in the vector.
func algOf(v vector) (token, key string) {
	var header, k struct{ Alg string }
	text, _ := base64.RawURLEncoding.DecodeString(parts(v.token)[0])
	_ = json.Unmarshal(text, &header)
	_ = json.Unmarshal(v.public, &k)
	return header.Alg, k.Alg
}

// macHolds reports whether a vector's HMAC is that of the octets that are sent.
func macHolds(v vector) bool {
	var k struct{ K string }
	_ = json.Unmarshal(v.private, &k)
	secret, _ := base64.RawURLEncoding.DecodeString(k.K)
	p := parts(v.token)
	return encode(macOf(secret, "HS256", p[0]+"."+p[1])) == p[2]
}
