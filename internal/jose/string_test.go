package jose_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/internal/jose"
)

func TestParseObjectTakesLiteralsThatAreSpeltOut(t *testing.T) {
	for _, text := range []string{
		"txxx", "tru", "truE", "fxxxx", "fals", "falsy", "nxxx", "nul", "nulL", "n", "t", "f", "True", "NULL",
	} {
		for _, format := range []string{`{"a":%s}`, `{"a":[%s]}`, `{"a":%s`, `{"a":{"b":%s}}`} {
			if err := jose.ParseObject(fmt.Sprintf(format, text), func(string, jose.Value) error { return nil }); err == nil {
				t.Errorf("%s is accepted, want an error", fmt.Sprintf(format, text))
			}
		}
	}
}

// TestParseObjectHexadecimalDigits has each byte at each place of a \u escape.
func TestParseObjectHexadecimalDigits(t *testing.T) {
	for place := range 4 {
		for c := range 256 {
			digits := []byte("0041")
			digits[place] = byte(c)
			var got string
			err := jose.ParseObject(`{"a":"\u`+string(digits)+`"}`, func(_ string, v jose.Value) error {
				got, _ = v.Text()
				return nil
			})
			isDigit := '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
			// d800 to dfff are halves of surrogate pairs, and the other half is not there.
			lone := place == 0 && (c == 'd' || c == 'D') && digits[1] >= '8'
			if (err == nil) != (isDigit && !lone) {
				t.Errorf(`\u%s: %v`, digits, err)
			}
			if err == nil {
				var want rune
				_, _ = fmt.Sscanf(string(digits), "%x", &want)
				if got != string(want) {
					t.Errorf(`\u%s is %q, want %q`, digits, got, string(want))
				}
			}
		}
	}
}

// TestParseObjectStringsByteForByte has each byte of ASCII at each place of the eight that are looked at
// together. The byte after it is one that a mistake in the arithmetic could confuse.
func TestParseObjectStringsByteForByte(t *testing.T) {
	for place := range 17 {
		for c := range 0x80 {
			for _, next := range "\x1f !\"#[\\]\x7f" {
				text := `{"a":"` + strings.Repeat("x", place) + string(rune(c)) + string(next) + `yyyyyyyyyyyy"}`
				if err := jose.ParseObject(text, ignore); (err == nil) != json.Valid([]byte(text)) {
					t.Fatalf("%q: %v", text, err)
				}
			}
		}
	}
}

func TestParseObjectRefusesAStringWithoutAnEnd(t *testing.T) {
	for n := range 40 {
		for _, text := range []string{`{"a":"`, `{"`} {
			if err := jose.ParseObject(text+strings.Repeat("x", n), ignore); err == nil {
				t.Errorf("%s and %d times x: accepted, want an error", text, n)
			}
		}
	}
}

// TestParseObjectRefusesATextCutAtAnyByte cuts a text that contains every kind of value.
func TestParseObjectRefusesATextCutAtAnyByte(t *testing.T) {
	const whole = `{"a\u0041":"\ud83d\ude00\n\"x","b":[1,-2.5e+10,{"c":null}],"d":true,"e":false}`
	for n := range len(whole) {
		if err := jose.ParseObject(whole[:n], func(string, jose.Value) error { return nil }); err == nil {
			t.Errorf("%s is accepted, want an error", whole[:n])
		}
	}
	if err := jose.ParseObject(whole, func(string, jose.Value) error { return nil }); err != nil {
		t.Errorf("all of it: %v", err)
	}
}

func TestParseObjectLeavesWhiteSpaceOutOfValues(t *testing.T) {
	for _, space := range []string{" ", "\t", "\n", "\r", " \t\r\n"} {
		text := "{#\"l\"#:#[#1#,#true#,#\"x\"#,#[#]#]#,#\"o\"#:#{#\"a\"#:#1#,#\"b\"#:#null#}#}"
		var spaced string
		for _, c := range text {
			if c == '#' {
				spaced += space
			} else {
				spaced += string(c)
			}
		}
		var elements, members []string
		err := jose.ParseObject(spaced, func(name string, v jose.Value) error {
			for e := range v.Elements() {
				elements = append(elements, string(e))
			}
			for name, m := range v.Members() {
				members = append(members, name+"="+string(m))
			}
			return nil
		})
		if err != nil {
			t.Errorf("%q: %v", space, err)
		}
		if want := []string{"1", "true", `"x"`, "[" + space + "]"}; !slices.Equal(elements, want) {
			t.Errorf("%q: elements %q, want %q", space, elements, want)
		}
		if want := []string{"a=1", "b=null"}; !slices.Equal(members, want) {
			t.Errorf("%q: members %q, want %q", space, members, want)
		}
	}
}
