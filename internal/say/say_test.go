package say_test

import (
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/internal/say"
)

func TestQuote(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a short text is whole", "https://issuer.example", `"https://issuer.example"`},
		{"an empty text is seen", "", `""`},
		{"a line break cannot start a line of the log", "a\nlevel=INFO", `"a\nlevel=INFO"`},
		{"200 bytes are whole", strings.Repeat("a", 200), `"` + strings.Repeat("a", 200) + `"`},
		{"201 bytes are cut", strings.Repeat("a", 201), `"` + strings.Repeat("a", 200) + `"...`},
		{"no character is cut in two", strings.Repeat("a", 199) + "éé", `"` + strings.Repeat("a", 199) + `"...`},
		{"octets that are no UTF-8 are escaped", strings.Repeat("\x80", 300), `"` + strings.Repeat(`\x80`, 196) + `"...`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := say.Quote(tt.text); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestList(t *testing.T) {
	long := strings.Repeat("a", 150)
	tests := []struct {
		name  string
		texts []string
		want  string
	}{
		{"none", nil, `[]`},
		{"each is quoted", []string{"a", "b c"}, `["a" "b c"]`},
		{"a long list is cut, and the others are counted", []string{long, long, "c"}, `["` + long + `" and 2 more]`},
		{"empty texts are counted, too", make([]string, 4000), "[" + strings.Repeat(`"" `, 100) + "and 3900 more]"},
		{"the first is always said", []string{long + long, "b"}, `["` + (long + long)[:200] + `"... and 1 more]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := say.List(tt.texts); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
