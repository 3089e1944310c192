package jwks_test

import (
	"testing"

	"github.com/bearerguard/bearerguard/jwks"
)

// FuzzParseSet checks that a set which is accepted has a key, that no key serves an HMAC, and that none
// accepts an empty signature. It does not compare with another parser, because broken elements are left out.
func FuzzParseSet(f *testing.F) {
	for _, element := range []string{
		with(rsaMembers(), m{"alg": "RS256", "use": "sig", "key_ops": []string{"verify"}}), with(ecMembers(), nil),
		with(edMembers(), m{"alg": "Ed25519"}),
		with(rsaMembers(), m{"e": "Aw"}), with(ecMembers(), m{"crv": "P-521"}), `{"kty":"oct","k":"AAAA"}`,
		`{"kty":"RSA","kty":"EC"}`, `{}`, `null`, `[]`,
	} {
		f.Add([]byte(keySet(element)))
		f.Add([]byte(keySet(element, edJWK("a", 1))))
	}
	f.Add([]byte(keySet(`{""}`, edJWK("a", 1))))
	f.Add([]byte(`{"keys":[]}`))
	f.Add([]byte("{\"a\":\"\\ud800\",\"keys\":[{\"\xff\":1}]}"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		set, err := jwks.ParseSet(doc)
		if err != nil {
			return
		}
		for _, alg := range []string{"HS256", "HS384", "HS512", "none", ""} {
			if _, err := set.Keys(t.Context(), jwks.Query{Algorithm: alg}); err == nil {
				t.Fatalf("the set serves %q", alg)
			}
		}
		found := false
		for _, alg := range []string{
			"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
		} {
			keys, _ := set.Keys(t.Context(), jwks.Query{Algorithm: alg})
			for _, k := range keys {
				found = true
				if k.Verify(alg, "", nil) == nil {
					t.Fatalf("a key of the set accepts an empty signature under %s", alg)
				}
			}
		}
		if !found {
			t.Fatal("accepted without a key")
		}
	})
}

// FuzzParsePEM checks that there is a key with an algorithm, or an error.
func FuzzParsePEM(f *testing.F) {
	f.Add([]byte(block("CERTIFICATE", certificate(ecKey()))))
	f.Add([]byte(block("PUBLIC KEY", []byte{0x30, 0})))
	public := must(jwks.NewKey("", "", edPublic(1)))
	f.Add([]byte("-----BEGIN RSA PUBLIC KEY-----\n-----END RSA PUBLIC KEY-----"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := jwks.ParsePEM("", "", text)
		if (k == nil) != (err != nil) {
			t.Fatalf("got key %v and error %v, want one of them", k, err)
		}
		if err != nil {
			return
		}
		if _, err := jwks.Static(k, public); err != nil {
			t.Fatal("ParsePEM returned a key that Static refuses beside a public key")
		}
	})
}
