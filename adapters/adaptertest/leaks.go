package adaptertest

import (
	"fmt"
	"strings"
)

// secret is part of each cause that a case makes.
const secret = "SECRET cause"

// leaks returns an error if the answer contains a part of the token or of the cause.
func leaks(call Call, got Answer, seen *witness) error {
	text := got.Body
	for name, values := range got.Header {
		text += "\n" + name + ": " + strings.Join(values, "\n")
	}
	secrets := []string{secret}
	for _, values := range call.Header {
		for _, value := range values {
			parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" .,;=", r) })
			secrets = append(secrets, parts...)
		}
	}
	_, _, events := seen.told()
	for _, e := range events {
		if e.Cause != nil && e.Cause.Error() != e.Err.Error() {
			secrets = append(secrets, e.Cause.Error())
		}
	}
	for _, part := range secrets {
		if len(part) > 8 && strings.Contains(text, part) {
			return fmt.Errorf("the answer contains %.40q, which is from the request or the cause", part)
		}
	}
	return nil
}
