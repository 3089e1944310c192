package jwks

import (
	"encoding/json"
	"mime"
	"strings"

	"github.com/bearerguard/bearerguard/internal/say"
)

// longestStart is how much of a body that is not JSON is said. Its first line is enough to know a login
// page or an error of a proxy.
const longestStart = 60

// unreadable is the fault of a body that could not be read. otherwise is the text if the body is JSON after
// all.
func unreadable(r response, otherwise string) *fault {
	body := strings.TrimSpace(string(r.body))
	switch {
	case body == "":
		return &fault{text: "the response is empty"}
	case json.Valid(r.body):
		return &fault{text: otherwise}
	}
	f := &fault{text: "the response is not JSON"}
	if kind, _, err := mime.ParseMediaType(r.header.Get("Content-Type")); err == nil {
		f.text += " but " + say.Quote(kind)
	}
	line, _, _ := strings.Cut(body, "\n")
	if len(line) > longestStart {
		line = strings.ToValidUTF8(line[:longestStart], "")
	}
	f.add(r.via + ", and begins with " + say.Quote(strings.TrimSpace(line)))
	return f
}
