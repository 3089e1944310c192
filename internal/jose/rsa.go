package jose

import (
	"crypto/rsa"
	"errors"
	"math/big"
)

const (
	minRSABits = 2048  // RFC 7518 §3.3
	maxRSABits = 16384 // because the time to verify a signature grows with the key

	// With a small exponent, security depends on the padding alone. The standard library does not verify with
	// exponents over 31 bits.
	minExponent = 65537
	maxExponent = 1<<31 - 1
)

var (
	errModulus  = errors.New("RSA modulus is even or not of 2048 to 16384 bits")
	errExponent = errors.New("RSA public exponent is even or not between 65537 and 2^31-1")
)

// copyRSA also returns the length of a signature, which is that of the modulus (RFC 8017 §8.1.2, §8.2.2).
func copyRSA(key any) (*rsa.PublicKey, int, error) {
	k, _ := key.(*rsa.PublicKey)
	if k == nil || k.N == nil {
		return nil, 0, errKeyType
	}
	if bits := k.N.BitLen(); bits < minRSABits || bits > maxRSABits || k.N.Sign() < 0 || k.N.Bit(0) == 0 {
		return nil, 0, errModulus
	}
	if k.E < minExponent || k.E > maxExponent || k.E%2 == 0 {
		return nil, 0, errExponent
	}
	own := &rsa.PublicKey{N: new(big.Int).Set(k.N), E: k.E}
	return own, own.Size(), nil
}
