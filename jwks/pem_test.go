package jwks_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func certificate(key crypto.Signer) []byte {
	long := time.Now().Add(-24 * time.Hour)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: long, NotAfter: long.Add(time.Hour)}
	return must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
}

func TestParsePEM(t *testing.T) {
	spki := block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)))
	private := block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(rsaKey())))
	rows := []struct{ name, alg, text, want string }{
		{"SubjectPublicKeyInfo, RSA", "RS256", spki, "RS256"},
		{"SubjectPublicKeyInfo, EC", "", block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&ecKey().PublicKey))), "ES256"},
		{"SubjectPublicKeyInfo, Ed25519", "EdDSA", block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(edPublic(1)))), "EdDSA"},
		{"PKCS #1", "PS256", block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)), "PS256"},
		{"a certificate, even one past its date", "", block("CERTIFICATE", certificate(ecKey())), "ES256"},
		{"white space around it", "RS256", "\r\n\n" + spki + "\n\n", "RS256"},
		{"nothing", "", "", ""},
		{"no PEM", "", "not a key", ""},
		{"an algorithm that does not fit", "ES256", spki, ""},
		{"a private key", "", private, ""},
		{"a PKCS #1 private key", "", block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey())), ""},
		{"an EC private key", "", block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ecKey()))), ""},
		{"a private key that calls itself public", "", strings.ReplaceAll(private, "PRIVATE", "PUBLIC"), ""},
		{"a block of another type", "", block("DH PARAMETERS", []byte{1}), ""},
		{"content that is none", "", block("PUBLIC KEY", []byte("x")), ""},
		{"a certificate that is none", "", block("CERTIFICATE", []byte("x")), ""},
		{"two keys", "", spki + spki, ""},
		{"a key and a block that is broken", "", spki + "-----BEGIN PUBLIC KEY-----\n!", ""},
		{"a block that is broken and a key", "", "-----BEGIN PUBLIC KEY-----\n!\n" + spki, ""},
		{"text before it", "", "my key:\n" + spki, ""},
		{"text after it", "", spki + "that was my key", ""},
		{"a weak key", "", block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(weakRSA())), ""},
	}
	for _, row := range rows {
		k, err := jwks.ParsePEM("kid", row.alg, []byte(row.text))
		if row.want == "" {
			if err == nil {
				t.Errorf("%s is accepted, want an error", row.name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: got error %v, want none", row.name, err)
			continue
		}
		if got := strings.Join(served(k), " "); got != row.want || k.ID() != "kid" {
			t.Errorf("%s: key %s serves %s, want %s", row.name, k.ID(), got, row.want)
		}
	}
	for kind, want := range map[string]string{
		"PRIVATE KEY":           "holds a private key",
		"RSA PRIVATE KEY":       "holds a private key",
		"EC PRIVATE KEY":        "holds a private key",
		"ENCRYPTED PRIVATE KEY": "holds a private key",
		"DH PARAMETERS":         "not of type",
		"PUBLIC KEY":            "content of the PEM block is malformed",
		"CERTIFICATE":           "content of the PEM block is malformed",
	} {
		if _, err := jwks.ParsePEM("", "", []byte(block(kind, []byte("x")))); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", kind, err, want)
		}
	}
}
