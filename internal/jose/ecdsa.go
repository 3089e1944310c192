package jose

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
)

var (
	errCurve = errors.New("the key's curve is not the algorithm's")
	errPoint = errors.New("the key's point is not on its curve")
)

// copyECDSA also returns the length of a signature, which is r and s, each as long as the order of the curve
// (RFC 7518 §3.4).
func copyECDSA(a Algorithm, key any) (*ecdsa.PublicKey, int, error) {
	k, _ := key.(*ecdsa.PublicKey)
	if k == nil || k.X == nil || k.Y == nil {
		return nil, 0, errKeyType
	}
	var curve elliptic.Curve
	switch a {
	case ES256:
		curve = elliptic.P256()
	case ES384:
		curve = elliptic.P384()
	default:
		curve = elliptic.P521()
	}
	if k.Curve != curve {
		return nil, 0, errCurve
	}
	// Encoding and decoding makes a copy, and refuses infinity and points that are not on the curve.
	point, err := k.Bytes()
	if err != nil {
		return nil, 0, errPoint
	}
	own, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, 0, errPoint
	}
	return own, 2 * ((curve.Params().BitSize + 7) / 8), nil
}

// verifyECDSA encodes r and s in DER, because the standard library takes this form. The DER is
// on the stack. The standard library checks the range of r and s.
func verifyECDSA(key *ecdsa.PublicKey, digest, signature []byte) bool {
	// Two integers of at most 66 octets (P-521), each with tag, length and perhaps a zero in
	// front; 138 octets need a length of two octets.
	var der [3 + 2*(3+66)]byte
	half := len(signature) / 2
	body := appendInteger(appendInteger(der[3:3], signature[:half]), signature[half:])
	start := 3 - 2
	if len(body) > 127 {
		start = 0
		der[1], der[2] = 0x81, byte(len(body))
	} else {
		der[2] = byte(len(body))
	}
	der[start] = 0x30 // SEQUENCE
	return ecdsa.VerifyASN1(key, digest, der[start:3+len(body)])
}

// appendInteger appends the big-endian number n as a DER INTEGER. It drops leading zeros,
// and adds one zero if the top bit is set.
func appendInteger(dst, n []byte) []byte {
	for len(n) > 1 && n[0] == 0 {
		n = n[1:]
	}
	if n[0] >= 0x80 {
		dst = append(dst, 0x02, byte(len(n)+1), 0)
	} else {
		dst = append(dst, 0x02, byte(len(n)))
	}
	return append(dst, n...)
}
