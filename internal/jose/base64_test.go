package jose_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/internal/jose"
)

func TestAppendDecode(t *testing.T) {
	for _, row := range []struct {
		name, in, want string
		ok             bool
	}{
		{"nothing stands for no octets", "", "", true},
		{"two characters are one octet", "YQ", "a", true},
		{"three characters are two octets", "YWI", "ab", true},
		{"four characters are three octets", "YWJj", "abc", true},
		{"the last two letters of the alphabet are minus and underscore", "-_-_", "\xfb\xff\xbf", true},
		{"RFC 7515 appendix C", "A-z_4ME", "\x03\xec\xff\xe0\xc1", true},
		{"one character is no encoding", "Y", "", false},
		{"five characters are no encoding", "YWJjY", "", false},
		{"padding is refused", "YQ==", "", false},
		{"padding after three is refused", "YWI=", "", false},
		{"padding alone is refused", "====", "", false},
		{"trailing bits after two characters are refused", "YR", "", false},
		{"trailing bits after three characters are refused", "YWJ", "", false},
		{"the standard alphabet's plus is refused", "+_-_", "", false},
		{"the standard alphabet's slash is refused", "-/-_", "", false},
		{"the standard alphabet's plus as the last of four is refused", "YWJ+", "", false},
		{"the standard alphabet's slash as the last of four is refused", "YWJ/", "", false},
		{"a space is refused", "YW Jj", "", false},
		{"a dot is refused", "YWJj.YWJj", "", false},
		{"LF at the end is refused", "YWJj\n", "", false},
		{"LF at the start is refused", "\nYWJj", "", false},
		{"CR in the middle is refused", "YW\rJj", "", false},
		{"CR and LF are refused", "YW\r\nJj", "", false},
		{"three line ends beside five characters are refused", "YW\n\n\nJjY", "", false},
		{"a LF that makes one of four characters is refused", "YWI\n", "", false},
		{"four line ends alone are refused", "\n\n\n\n", "", false},
		{"one line end alone is refused", "\n", "", false},
		{"a byte over 127 is refused", "YWJ\xff", "", false},
		{"NUL is refused", "YWJ\x00", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := jose.AppendDecode([]byte("kept"), row.in)
			if (err == nil) != row.ok {
				t.Fatalf("got err = %v, want ok %v", err, row.ok)
			}
			if diff := cmp.Diff("kept"+row.want, string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if text, err := jose.DecodeText(row.in); text != row.want || (err == nil) != row.ok {
				t.Errorf("DecodeText: got %q, %v", text, err)
			}
		})
	}
}

func TestDecodedLen(t *testing.T) {
	for n := range 40 {
		encoded := base64.RawURLEncoding.EncodedLen(n)
		if got := jose.DecodedLen(encoded); got != n {
			t.Errorf("DecodedLen(%d): got %d, want %d", encoded, got, n)
		}
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// naiveDecode works on bits, one at a time.
func naiveDecode(s string) (out []byte, ok bool) {
	var bits []byte
	for i := range len(s) {
		n := strings.IndexByte(alphabet, s[i])
		if n < 0 {
			return nil, false
		}
		for shift := 5; shift >= 0; shift-- {
			bits = append(bits, byte(n>>shift&1))
		}
	}
	for ; len(bits) >= 8; bits = bits[8:] {
		var b byte
		for _, bit := range bits[:8] {
			b = b<<1 | bit
		}
		out = append(out, b)
	}
	return out, len(bits) < 6 && bytes.Count(bits, []byte{1}) == 0
}

// TestAppendDecodeOfEveryByteInEveryPlace uses short texts, because a decoder may treat the last characters
// differently.
func TestAppendDecodeOfEveryByteInEveryPlace(t *testing.T) {
	const whole = "YWJjZGVm-_-_YWJj"
	for length := 1; length <= len(whole); length++ {
		for place := range length {
			for b := range 256 {
				text := []byte(whole[:length])
				text[place] = byte(b)
				s := string(text)
				want, ok := naiveDecode(s)
				got, err := jose.AppendDecode(nil, s)
				if (err == nil) != ok || ok && !bytes.Equal(got, want) {
					t.Fatalf("%q: got %x, %v; the model wants %x, ok %v", s, got, err, want, ok)
				}
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "Y", "YQ", "YR", "YWI", "YWJj", "YWJjY", "YWJj\n", "YWI\n", "\r\n", "YQ==", "-_", "+/", "eyJhbGciOiJSUzI1NiJ9",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, ok := naiveDecode(s)
		got, err := jose.AppendDecode(nil, s)
		if (err == nil) != ok {
			t.Fatalf("%q: got err = %v, the model wants ok %v", s, err, ok)
		}
		if ok && !bytes.Equal(got, want) {
			t.Fatalf("%q: got %x, want %x", s, got, want)
		}
		if ok && base64.RawURLEncoding.EncodeToString(got) != s {
			t.Fatalf("%q has a second spelling", s)
		}
	})
}
