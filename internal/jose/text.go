package jose

import "unsafe"

// DecodeText is the text that s, base64url without padding, stands for, under the rules of
// AppendDecode. It allocates the text and nothing else.
func DecodeText(s string) (string, error) {
	octets, err := AppendDecode(make([]byte, 0, DecodedLen(len(s))), s)
	if err != nil {
		return "", err
	}
	// Nobody else holds octets, so nobody can write to them any more.
	return unsafe.String(unsafe.SliceData(octets), len(octets)), nil
}
