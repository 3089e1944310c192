package authtest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// marshal writes JSON with sorted member names and without HTML escapes, so that a test finds in the token
// what it wrote.
func marshal(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("authtest: %v", err))
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// overlay writes good after the changes, as [Token.Claims] describes them.
func overlay(good, changes map[string]any) []byte {
	maps.Copy(good, changes)
	for name, value := range good {
		switch value := value.(type) {
		case nil:
			delete(good, name)
		case time.Time:
			good[name] = value.Unix()
		}
	}
	return marshal(good)
}

// encode is the base64url of RFC 7515 §2.
func encode(octets []byte) string { return base64.RawURLEncoding.EncodeToString(octets) }
