package jose

import (
	"crypto/ed25519"
	"errors"
	"math/big"
	"slices"
)

var errEdPoint = errors.New("the Ed25519 key is not a point of large order on the curve")

func copyEd25519(key any) (ed25519.PublicKey, int, error) {
	k, _ := key.(ed25519.PublicKey)
	if len(k) != ed25519.PublicKeySize {
		return nil, 0, errKeyType
	}
	if !isEd25519Point(k) {
		return nil, 0, errEdPoint
	}
	return slices.Clone(k), ed25519.SignatureSize, nil
}

var (
	// edPrime is the order of the field, 2^255 - 19.
	edPrime = parseHex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed")

	// smallOrder holds the y-coordinates of the eight points of small order. The two points that share one
	// differ in the sign of x.
	smallOrder = []*big.Int{
		big.NewInt(1), // order 1
		parseHex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec"), // order 2
		big.NewInt(0), // order 4
		parseHex("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"), // order 8
		parseHex("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826"), // order 8
	}
)

func parseHex(digits string) *big.Int {
	n, _ := new(big.Int).SetString(digits, 16)
	return n
}

// isEd25519Point reports whether key encodes a point of the curve (RFC 8032 §5.1.3) that is not of small
// order. crypto/ed25519 checks the point only when it verifies a signature, too late to refuse a key. Under a
// key of small order one signature is valid for many messages.
//
// The point itself is not needed. The curve is -x² + y² = 1 + d·x²·y² with d = -121665/121666. So x² is
// u/v with u = 121666·(y² - 1) and v = 121666 - 121665·y². There is such an x if u/v is a square modulo
// the prime. u/v is a square if and only if u·v is one.
func isEd25519Point(key []byte) bool {
	encoded := slices.Clone(key)
	slices.Reverse(encoded) // to big-endian
	encoded[0] &= 0x7f      // drops the sign of x: it is wrong only if x = 0, and such a point is of small order
	y := new(big.Int).SetBytes(encoded)
	small := slices.ContainsFunc(smallOrder, func(s *big.Int) bool { return y.Cmp(s) == 0 })
	if small || y.Cmp(edPrime) >= 0 {
		return false
	}
	yy := new(big.Int).Mul(y, y)
	u := new(big.Int).Sub(yy, big.NewInt(1))
	u.Mul(u, big.NewInt(121666))
	v := new(big.Int).Mul(yy, big.NewInt(-121665))
	v.Add(v, big.NewInt(121666))
	return big.Jacobi(u.Mul(u, v), edPrime) == 1
}
