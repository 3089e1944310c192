package jose_test

import (
	"errors"
	"fmt"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// The token and the key of RFC 7515 A.1.
func Example() {
	const token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." +
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
		"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	secret, err := jose.AppendDecode(
		nil, "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := jose.NewVerifier(jose.HS256, secret)
	if err != nil {
		fmt.Println(err)
		return
	}

	claims, err := func() (jose.Claims, error) {
		parts, err := jose.Split(token)
		if err != nil {
			return jose.Claims{}, err
		}
		header, err := jose.DecodeHeader(parts.Header)
		if err != nil {
			return jose.Claims{}, err
		}
		if header.Algorithm != jose.HS256 { // the key decides, not the token
			return jose.Claims{}, errors.New("not the key's algorithm")
		}
		signature, err := jose.AppendDecode(nil, parts.Signature)
		if err != nil {
			return jose.Claims{}, err
		}
		if err := verifier.Verify(parts.SigningInput, signature); err != nil {
			return jose.Claims{}, err
		}
		payload, err := jose.DecodeText(parts.Payload)
		if err != nil {
			return jose.Claims{}, err
		}
		return jose.ParseClaims(payload, nil)
	}()
	fmt.Println(claims.Issuer, claims.Expiry.Seconds, err)
	// Output: joe 1300819380 <nil>
}

func ExampleParseObject() {
	const payload = `{"iss":"https://issuer.example","realm_access":{"roles":["editor","reviewer"]}}`
	var roles []string
	err := jose.ParseObject(payload, func(name string, v jose.Value) error {
		if name != "realm_access" {
			return nil
		}
		for name, v := range v.Members() {
			if name != "roles" {
				continue
			}
			for e := range v.Elements() {
				if role, ok := e.Text(); ok {
					roles = append(roles, role)
				}
			}
		}
		return nil
	})
	fmt.Println(roles, err)
	// Output: [editor reviewer] <nil>
}

// visit may get a member before an error is found. Here the error is after the member.
func ExampleParseObject_incorrect() {
	admin := false
	err := jose.ParseObject(`{"admin":true,"admin":false}`, func(name string, v jose.Value) error {
		admin = admin || name == "admin" && v == "true"
		return nil
	})
	fmt.Println("wrong:", admin)
	fmt.Println("right:", err == nil && admin)
	// Output:
	// wrong: true
	// right: false
}

func ExampleSplitKeySet() {
	elements, err := jose.SplitKeySet(`{"keys":[{"kty":"EC","kty":"RSA"},{"kty":"OKP"},{"kty":"RSA"}]}`, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range elements {
		fmt.Println(e, jose.ParseObject(e, func(string, jose.Value) error { return nil }))
	}
	// Output:
	// {"kty":"EC","kty":"RSA"} JSON object with a duplicate member name
	// {"kty":"OKP"} <nil>
}
