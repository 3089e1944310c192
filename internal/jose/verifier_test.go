package jose_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bearerguard/bearerguard/internal/jose"
)

const input = "eyJhbGciOiJ4In0.eyJpc3MiOiJqb2UifQ"

func TestVerifyAcceptsWhatTheStandardLibrarySigned(t *testing.T) {
	for _, alg := range algorithms {
		t.Run(alg.String(), func(t *testing.T) {
			s := newSigner(t, alg)
			v, err := jose.NewVerifier(alg, s.public)
			if err != nil {
				t.Fatal(err)
			}
			// Several rounds: r and s of ECDSA are sometimes short, and then begin with zeros.
			for range 40 {
				if err := v.Verify(input, s.sign(t, input)); err != nil {
					t.Fatal(err)
				}
			}
			if err := v.Verify("", s.sign(t, "")); err != nil {
				t.Error("an empty text:", err)
			}
		})
	}
}

func TestVerifyRefusesAnyChange(t *testing.T) {
	for _, alg := range algorithms {
		t.Run(alg.String(), func(t *testing.T) {
			s := newSigner(t, alg)
			v, err := jose.NewVerifier(alg, s.public)
			if err != nil {
				t.Fatal(err)
			}
			good := s.sign(t, input)
			half := len(good) / 2
			flipped := func(i int) []byte {
				c := slices.Clone(good)
				c[i/8] ^= 1 << (i % 8)
				return c
			}
			for _, row := range []struct {
				name, input string
				signature   []byte
			}{
				{"another text", input + "A", good},
				{"a shorter text", input[1:], good},
				{"no text", "", good},
				{"no signature", input, nil},
				{"an empty signature", input, []byte{}},
				{"the signature of another text", input, s.sign(t, input+"A")},
				{"the signature of another key", input, otherSigner(t, alg).sign(t, input)},
				{"the last octet missing", input, good[:len(good)-1]},
				{"the first octet missing", input, good[1:]},
				{"a zero behind", input, append(slices.Clone(good), 0)},
				{"a zero in front", input, append([]byte{0}, good...)},
				{"the signature twice", input, append(slices.Clone(good), good...)},
				{"zeros alone", input, make([]byte, len(good))},
				{"ones alone", input, bytes.Repeat([]byte{0xff}, len(good))},
				{"the first half zero: r of ECDSA", input, append(make([]byte, half), good[half:]...)},
				{"the second half zero: s of ECDSA", input, append(slices.Clone(good[:half]), make([]byte, len(good)-half)...)},
				{"the halves swapped", input, append(slices.Clone(good[half:]), good[:half]...)},
			} {
				if err := v.Verify(row.input, row.signature); err == nil {
					t.Errorf("%s: accepted, want an error", row.name)
				}
			}
			for i := 0; i < 8*len(good); i += 7 { // 7 and 8 share no divisor, so each bit of an octet is tested
				if err := v.Verify(input, flipped(i)); err == nil {
					t.Errorf("bit %d flipped: accepted, want an error", i)
				}
			}
			if err := v.Verify(input, good); err != nil {
				t.Error("the unchanged signature:", err)
			}
		})
	}
}

func otherSigner(t *testing.T, alg jose.Algorithm) signer {
	if rsaAlg := alg <= jose.PS512; !rsaAlg {
		return newSigner(t, alg)
	}
	return signer{alg: alg, private: otherRSAKey()}
}

var otherRSAKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func TestVerifyRefusesOtherFormsOfTheSignature(t *testing.T) {
	t.Run("ECDSA in DER", func(t *testing.T) {
		for _, alg := range []jose.Algorithm{jose.ES256, jose.ES384, jose.ES512} {
			s := newSigner(t, alg)
			v, err := jose.NewVerifier(alg, s.public)
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Verify(input, derSignature(t, s.sign(t, input))); err == nil {
				t.Errorf("%v: accepted, want an error", alg)
			}
		}
	})
	t.Run("PKCS #1 v1.5 for PSS, and the other way", func(t *testing.T) {
		for _, pair := range [][2]jose.Algorithm{
			{jose.RS256, jose.PS256}, {jose.RS384, jose.PS384}, {jose.RS512, jose.PS512},
		} {
			for _, p := range [][2]jose.Algorithm{pair, {pair[1], pair[0]}} {
				s := newSigner(t, p[0])
				v, err := jose.NewVerifier(p[1], s.public)
				if err != nil {
					t.Fatal(err)
				}
				if err := v.Verify(input, s.sign(t, input)); err == nil {
					t.Errorf("%v for %v: accepted, want an error", p[0], p[1])
				}
			}
		}
	})
	t.Run("another hash", func(t *testing.T) {
		for _, p := range [][2]jose.Algorithm{
			{jose.RS256, jose.RS512}, {jose.RS512, jose.RS384}, {jose.PS256, jose.PS384}, {jose.HS256, jose.HS512},
		} {
			s := newSigner(t, p[0])
			v, err := jose.NewVerifier(p[1], s.public)
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Verify(input, s.sign(t, input)); err == nil {
				t.Errorf("%v for %v: accepted, want an error", p[0], p[1])
			}
		}
	})
	t.Run("PSS with a salt of another length", func(t *testing.T) {
		k := rsaKey()
		v, err := jose.NewVerifier(jose.PS256, &k.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte(input))
		for _, salt := range []int{1, 20, 31, 33, rsa.PSSSaltLengthAuto} {
			signature, err := rsa.SignPSS(rand.Reader, k, hashes[jose.PS256], digest[:], &rsa.PSSOptions{SaltLength: salt})
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Verify(input, signature); err == nil {
				t.Errorf("salt length %d: accepted, want an error", salt)
			}
		}
	})
}

func TestZeroVerifierVerifiesNothing(t *testing.T) {
	for _, signature := range [][]byte{nil, {}, make([]byte, 32)} {
		if err := new(jose.Verifier).Verify("", signature); err == nil {
			t.Errorf("a signature of %d octets: accepted, want an error", len(signature))
		}
	}
}

func TestVerifierIsSafeForConcurrentUse(t *testing.T) {
	for _, alg := range []jose.Algorithm{jose.RS256, jose.ES256, jose.EdDSA, jose.HS256} {
		s := newSigner(t, alg)
		v, err := jose.NewVerifier(alg, s.public)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 8 {
			text := input + strings.Repeat("A", i)
			good := s.sign(t, text)
			wg.Go(func() {
				for range 20 {
					if v.Verify(text, good) != nil || v.Verify(text+"B", good) == nil {
						t.Errorf("%v: wrong verdict beside other goroutines", alg)
					}
				}
			})
		}
		wg.Wait()
	}
}
