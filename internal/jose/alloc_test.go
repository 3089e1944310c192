package jose_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// TestAllocations covers all work for a token except RSA and ECDSA, for which the standard library allocates.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	segment := base64.RawURLEncoding.EncodeToString([]byte(benchHeader))
	token := strings.Repeat("YWJj", 1024) + "." + strings.Repeat("YWJj", 300) + "." + strings.Repeat("YWJj", 85)
	buffer := make([]byte, 0, 2048)
	wide := "{" + members(63) + `,"x":[` + strings.Repeat(`{"a":1},`, 1000) + "{}]}"
	verifies := func(alg jose.Algorithm) func() {
		s := newSigner(t, alg)
		v, err := jose.NewVerifier(alg, s.public)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat(input, 40)
		signature := s.sign(t, text)
		return func() { must(t, v.Verify(text, signature)) }
	}
	for _, row := range []struct {
		name string
		most float64
		run  func()
	}{
		{"splitting a token", 0, func() { _, err := jose.Split(token); must(t, err) }},
		{"decoding into a buffer with room", 0, func() { _, err := jose.AppendDecode(buffer, token[:1200]); must(t, err) }},
		{"decoding into no buffer", 1, func() { _, err := jose.AppendDecode(nil, token[:1200]); must(t, err) }},
		{"decoding into a text", 1, func() { _, err := jose.DecodeText(token[:1200]); must(t, err) }},
		{"a header", 0, func() { _, err := jose.ParseHeader(benchHeader); must(t, err) }},
		{"a header segment, for kid and typ", 2, func() { _, err := jose.DecodeHeader(segment); must(t, err) }},
		{"the longest header segment, refused", 0, func() {
			if _, err := jose.DecodeHeader(token[:jose.MaxHeader]); err == nil {
				t.Error("accepted, want an error")
			}
		}},
		{"claims", 0, func() { _, err := jose.ParseClaims(benchPayload, nil); must(t, err) }},
		{"an object with a visitor that keeps something", 0, func() {
			n := 0
			must(t, jose.ParseObject(benchPayload, func(string, jose.Value) error { n++; return nil }))
			if n == 0 {
				t.Error("nothing visited")
			}
		}},
		{"an object as wide as the list, whose inner objects must not need a map each", 30, func() {
			must(t, jose.ParseObject(wide, ignore))
		}},
		{"walking through a value", 0, func() {
			n := 0
			for name, v := range jose.Value(benchPayload).Members() {
				for e := range v.Elements() {
					text, _ := e.Text()
					n += len(name) + len(text)
				}
			}
			if n == 0 {
				t.Error("nothing found")
			}
		}},
		{"a date with an exponent", 0, func() { _, err := jose.ParseNumericDate("1.7672256e9"); must(t, err) }},
		{"verifying HS256", 0, verifies(jose.HS256)},
		{"verifying EdDSA", 0, verifies(jose.EdDSA)},
	} {
		if got := testing.AllocsPerRun(100, row.run); got > row.most {
			t.Errorf("%s: got %v allocations, want at most %v", row.name, got, row.most)
		}
	}
}

// TestVerifyLetsTheSignatureStayOnTheStack also shows that the token is not copied.
func TestVerifyLetsTheSignatureStayOnTheStack(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s := newSigner(t, jose.EdDSA)
	v, err := jose.NewVerifier(jose.EdDSA, s.public)
	if err != nil {
		t.Fatal(err)
	}
	good := s.sign(t, input)
	if got := testing.AllocsPerRun(20, func() {
		var room [64]byte
		must(t, v.Verify(input, append(room[:0], good...)))
	}); got > 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}

// TestVerifyJudgesTheLengthFirst counts allocations: a signature of a wrong length must cause no
// cryptography.
func TestVerifyJudgesTheLengthFirst(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, alg := range algorithms {
		s := newSigner(t, alg)
		v, err := jose.NewVerifier(alg, s.public)
		if err != nil {
			t.Fatal(err)
		}
		short := s.sign(t, input)[1:]
		if got := testing.AllocsPerRun(20, func() {
			if v.Verify(input, short) == nil {
				t.Error("accepted, want an error")
			}
		}); got > 0 {
			t.Errorf("%v: got %v allocations, want 0", alg, got)
		}
	}
}

func must(t *testing.T, err error) {
	if err != nil {
		t.Error(err)
	}
}
