package jose

import (
	"crypto/ed25519"
	"errors"
	"math/big"
	"slices"
)

var errEdPoint = errors.New("jose: the Ed25519 key is not a point of large order on the curve")

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

// isEd25519Point reports whether key decodes to a point (RFC 8032 §5.1.3) of large order. The
// standard library finds out only while it verifies, too late to refuse a key; and under a key of
// small order one signature fits many messages.
//
// The x-coordinate itself is never needed, only its square. The curve -x² + y² = 1 + d·x²·y²
// gives x² from y, and doubling a point takes x² and y to y' = (y² + x²) / (1 - d·x²·y²) and x'²
// = 4·x²·y² / (1 + d·x²·y²)².
func isEd25519Point(key []byte) bool {
	p := new(big.Int).Sub(new(big.Int).Lsh(one, 255), big.NewInt(19))
	mod := func(z *big.Int) *big.Int { return z.Mod(z, p) }
	add := func(a, b *big.Int) *big.Int { return mod(new(big.Int).Add(a, b)) }
	sub := func(a, b *big.Int) *big.Int { return mod(new(big.Int).Sub(a, b)) }
	mul := func(a, b *big.Int) *big.Int { return mod(new(big.Int).Mul(a, b)) }
	div := func(a, b *big.Int) *big.Int { return mul(a, new(big.Int).ModInverse(b, p)) }
	d := div(big.NewInt(-121665), big.NewInt(121666))

	// Little-endian y. The top bit is the sign of x, which could be wrong only for x = 0, and
	// those points are of small order.
	encoded := slices.Clone(key)
	slices.Reverse(encoded)
	encoded[0] &= 0x7f
	y := new(big.Int).SetBytes(encoded)
	if y.Cmp(p) >= 0 {
		return false
	}

	// The denominators here and below are never zero: -1 is a square modulo p and d is not.
	yy := mul(y, y)
	xx := div(sub(yy, one), add(mul(d, yy), one))
	if big.Jacobi(xx, p) < 0 {
		return false
	}

	// The curve has 8·L points, L prime: an order that is not large divides 8, and then 8·P = (0,
	// 1), the only point with that y.
	for range 3 {
		dxy := mul(d, mul(xx, yy))
		y = div(add(yy, xx), sub(one, dxy))
		root := add(one, dxy)
		xx = div(mul(big.NewInt(4), mul(xx, yy)), mul(root, root))
		yy = mul(y, y)
	}
	return y.Cmp(one) != 0
}

var one = big.NewInt(1)
