package jwks

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

var (
	errPEM        = errors.New("jwks: not exactly one PEM block")
	errPEMType    = errors.New("jwks: the PEM block is not of type PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE")
	errPEMPrivate = errors.New("jwks: the PEM block holds a private key; " +
		"configure the public one, and consider this one leaked")
	errPEMContent = errors.New("jwks: the content of the PEM block is malformed")
)

// ParsePEM returns the key in exactly one PEM block: PUBLIC KEY (SubjectPublicKeyInfo, RFC 5280 §4.1), RSA
// PUBLIC KEY (PKCS #1, RFC 8017 appendix A.1.1) or CERTIFICATE. kid and alg are those of [NewKey], whose
// rules apply.
//
// It takes the public key of a certificate, and ignores its dates, issuer, usages and revocation. It refuses
// private keys, and text before or after the block other than white space.
func ParsePEM(kid, alg string, text []byte) (*Key, error) {
	text = bytes.TrimSpace(text)
	block, rest := pem.Decode(text)
	begin := []byte("-----BEGIN")
	if block == nil || len(rest) != 0 || !bytes.HasPrefix(text, begin) || bytes.Count(text, begin) != 1 {
		return nil, errPEM
	}
	pub, err := publicFromPEM(block)
	if err != nil {
		return nil, err
	}
	return NewKey(kid, alg, pub)
}

func publicFromPEM(block *pem.Block) (pub crypto.PublicKey, err error) {
	switch block.Type {
	case "PUBLIC KEY":
		pub, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		pub, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			pub = cert.PublicKey
		}
	case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
		return nil, errPEMPrivate
	default:
		return nil, errPEMType
	}
	if err != nil {
		return nil, errPEMContent
	}
	return pub, nil
}
