package scopes_test

import (
	"encoding/json"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a name", "a", "a"},
		{"a URL is a name", "https://api.example/things.read?x=1#y", "https://api.example/things.read?x=1#y"},
		{"and binds tighter, on the right", "a | b & c", "a | b & c"},
		{"and binds tighter, on the left", "a & b | c", "a & b | c"},
		{"parentheses bind tightest", "a & (b | c)", "a & b | a & c"},
		{"parentheses may be idle", "((a))", "a"},
		{"space is free", " \t\n( a\n|\tb ) ", "a | b"},
		{"space is not needed", "(a|b)&c", "a & c | b & c"},
		{"a quoted name", `b & "c|d"`, `b & "c|d"`},
		{"quotes that are not needed", `"a"`, "a"},
		{"operators next to quotes", `"a"&"b"|"c"`, "a & b | c"},
		{"a quoted keyword is a name", `"public"`, `"public"`},
		{"a quoted keyword with a capital is a name", `"Public"`, `"Public"`},
		{"a longer word than a keyword is a name", "publicly", "publicly"},
		{"deny", "deny", "deny"},
		{"authenticated", "authenticated", "authenticated"},
		{"optional", "optional", "optional"},
		{"public", "public", "public"},
		{"and takes the stricter level", "public & optional & a & authenticated", "a"},
		{"or takes the laxer level", "deny | a | authenticated", "authenticated"},
		{"deny wins every and", "a & deny & b", "deny"},
		{"redundant alternatives go", "a & b | a | a", "a"},
		{"32 parentheses deep", strings.Repeat("(", 32) + "a" + strings.Repeat(")", 32), "a"},
		{"many parentheses side by side", strings.Repeat("(a)|", 100) + "(a)", "a"},
		{"64 names", strings.Join(numbered("n", 64), "&"), strings.Join(numbered("n", 64), " & ")},
		{"64 alternatives", strings.Join(numbered("n", 64), "|"), strings.Join(numbered("n", 64), " | ")},
		{"16 KiB", strings.Repeat(" ", 16<<10-1) + "a", "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := scopes.Parse(tt.text)
			if err != nil || r.String() != tt.want {
				t.Errorf("Parse(%q) = %v, %v; want %s", tt.text, r, err, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	const operand = `expected a scope name or "(", found `
	for _, tt := range []struct{ name, text, want string }{
		{"empty text", "", "byte 0: " + operand + "the end"},
		{"nothing but space", " \n", "byte 2: " + operand + "the end"},
		{"public with a capital", "Public", `byte 0: expected public in small letters, or the scope name in quotes, found "Public"`},
		{"deny in capitals", "DENY", `byte 0: expected deny in small letters, or the scope name in quotes, found "DENY"`},
		{"optional with a capital, in parentheses", "(a | Optional)", `byte 5: expected optional in small letters, or the scope name in quotes, found "Optional"`},
		{"authenticated with a capital inside", "a & authentiCated", `byte 4: expected authenticated in small letters, or the scope name in quotes, found "authentiCated"`},
		{"two names without an operator", "read write", `byte 5: expected "&", "|" or the end, found "write"`},
		{"two quoted names without an operator", `"a""b"`, `byte 3: expected "&", "|" or the end, found "b"`},
		{"a name that runs into a quote", `a"b"`, `byte 1: expected "&", "|" or the end, found "b"`},
		{"a doubled operator", "a && b", "byte 3: " + operand + `"&"`},
		{"an operator in front", "| a", "byte 0: " + operand + `"|"`},
		{"an operator at the end", "a |", "byte 3: " + operand + "the end"},
		{"empty parentheses", "()", "byte 1: " + operand + `")"`},
		{"a parenthesis too few", "(a | b", `byte 6: expected "&", "|" or ")", found the end`},
		{"a parenthesis too many", "a)", `byte 1: expected "&", "|" or the end, found ")"`},
		{"a parenthesis after a name", "a(b)", `byte 1: expected "&" or "|" behind a scope name, because only acr and max_age have parentheses, found "("`},
		{"two names in parentheses", "(a b)", `byte 3: expected "&", "|" or ")", found "b"`},
		{"33 parentheses deep", strings.Repeat("(", 33) + "a" + strings.Repeat(")", 33), `byte 32: expected parentheses nested at most 32 deep, found "("`},
		{"an empty name", `""`, `byte 1: expected a scope name in the quotes, found "\""`},
		{"a quote that opens nothing", `"`, "byte 1: expected a scope name in the quotes, found the end"},
		{"a quote that is not closed", `"a`, "byte 2: expected a closing quote, found the end"},
		{"a space in quotes", `"a b"`, `byte 2: expected a closing quote, found " "`},
		{"a backslash in quotes", `"a\"b"`, `byte 2: expected a closing quote, found "\\"`},
		{"a backslash", `a & b\c`, `byte 5: expected a character of a scope name (RFC 6749 §3.3), found "\\"`},
		{"a backslash after an operator", `a & \`, `byte 4: expected a character of a scope name (RFC 6749 §3.3), found "\\"`},
		{"a backslash after a parenthesis", `(\a)`, `byte 1: expected a character of a scope name (RFC 6749 §3.3), found "\\"`},
		{"a backslash after parentheses", `(a)\`, `byte 3: expected a character of a scope name (RFC 6749 §3.3), found "\\"`},
		{"a backslash after a name", `a \`, `byte 2: expected a character of a scope name (RFC 6749 §3.3), found "\\"`},
		{"a letter beyond ASCII", "é", `byte 0: expected a character of a scope name (RFC 6749 §3.3), found "é"`},
		{"a byte that is no UTF-8", "a\xff", `byte 1: expected a character of a scope name (RFC 6749 §3.3), found "\xff"`},
		{"a carriage return", "a\r\n", `byte 1: expected a character of a scope name (RFC 6749 §3.3), found "\r"`},
		{"a NUL", "a\x00", `byte 1: expected a character of a scope name (RFC 6749 §3.3), found "\x00"`},
		{"a long word is cut in the error", "a " + strings.Repeat("x", 40), `byte 2: expected "&", "|" or the end, found "` + strings.Repeat("x", 32) + `"...`},
		{"a word of 32 bytes is not cut", "a " + strings.Repeat("x", 32), `byte 2: expected "&", "|" or the end, found "` + strings.Repeat("x", 32) + `"`},
		{"65 names", strings.Join(numbered("n", 65), "&"), "byte 255: more than 64 scope names in one requirement"},
		{"65 alternatives", "(a|b)&(" + strings.Join(numbered("n", 32), "|") + ") | c", "byte 136: more than 64 alternatives in one requirement"},
		{"a product of 2 to the 32", strings.Repeat("(a|b)&(c|d)&(e|f)&(g|h)&(i|j)&(k|l)&(m|n)&", 4) + "a", "byte 35: more than 64 alternatives in one requirement"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := scopes.Parse(tt.text)
			if err == nil || err.Error() != "scopes: "+tt.want {
				t.Errorf("Parse(%q) = %v, %v; want %s", tt.text, r, err, tt.want)
			}
			if !r.Equal(scopes.Requirement{}) {
				t.Errorf("%v comes with the error, want deny", r)
			}
		})
	}
}

func TestParseBoundsItsText(t *testing.T) {
	text := strings.Repeat(" ", 16<<10) + "a"
	const want = "scopes: an expression of more than 16 KiB"
	if _, err := scopes.Parse(text); err == nil || err.Error() != want {
		t.Errorf("Parse: %v, want %s", err, want)
	}
	if err := new(scopes.Requirement).UnmarshalText([]byte(text)); err == nil || err.Error() != want {
		t.Errorf("UnmarshalText: %v, want %s", err, want)
	}
	// The text is short, but the product of its parts is long.
	x := strings.Repeat("x", 3000)
	text = "(a|b|c|d)&" + x + "&" + x[1:]
	if _, err := scopes.Parse(text); err == nil ||
		!strings.HasSuffix(err.Error(), "a requirement of more than 16 KiB as text") {
		t.Errorf("Parse: %v", err)
	}
}

// The texts that cost most multiply the same 64 alternatives again and again. Each product
// has 4096 members, and absorption reduces it to 64. Without absorption, the product would
// grow without bound.
func TestParseOfHostileTextEnds(t *testing.T) {
	const square = "((a|b)&(c|d)&(e|f)&(g|h)&(i|j)&(k|l))"
	text := square
	for len(text)+len(square) < 16<<10 {
		text += "&" + square
	}
	r, err := scopes.Parse(text)
	if err != nil || !strings.HasPrefix(r.String(), "a & c & e & g & i & k | ") {
		t.Fatalf("%v, %v", r, err)
	}
}

func TestTextRoundTripsThroughJSON(t *testing.T) {
	for _, text := range []string{"deny", "public", `a | b & "c|d"`} {
		want, err := scopes.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := scopes.Public()
		if err := json.Unmarshal(data, &got); err != nil || !got.Equal(want) || got.String() != text {
			t.Errorf("%s became %s and then %v, %v", text, data, got, err)
		}
	}
}

func TestRefusedTextLeavesTheRequirement(t *testing.T) {
	r := scopes.All("a")
	if err := r.UnmarshalText([]byte("b |")); err == nil || r.String() != "a" {
		t.Errorf("%v, %v", r, err)
	}
}

func TestRequirementAsFlag(t *testing.T) {
	var r scopes.Requirement
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.TextVar(&r, "need", scopes.Authenticated(), "")
	if err := flags.Parse([]string{"-need", "a&b"}); err != nil || r.String() != "a & b" {
		t.Errorf("%v, %v", r, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "a", "deny", "public | a", `a & (b | "c|d")`, `"public"`, "Public", `"Public"`, "((a))", "a&b|c&d|a",
		"read write", "(a|b)&(c|d)&(e|f)&(g|h)&(i|j)&(k|l)&(m|n)", `"a\"b"`, "a\r", "é", "(((", "\xff", `"((&))"&a`,
		"pay & acr(gold | silver) & max_age(5m)", "acr(a)&acr(b)", `acr ("a|b")|max_age(1h0m1s)&acr`, "acr(", "max_age(1.5s)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := scopes.Parse(text)
		if err != nil {
			if !r.Equal(scopes.Requirement{}) || !strings.HasPrefix(err.Error(), "scopes: ") || len(err.Error()) > 256 {
				t.Fatalf("Parse(%q) = %v, %v", text, r, err)
			}
			return
		}
		canonical := r.String()
		again, err := scopes.Parse(canonical)
		if err != nil || !again.Equal(r) || again.String() != canonical {
			t.Fatalf("Parse(%q) = %v, then %v, %v", text, r, again, err)
		}
		// A token with all that a verdict asks for passes. A token with nothing does not.
		v := r.Evaluate(scopes.Granted{})
		if (r.Level() == scopes.LevelScopes) != (v.Need != nil || v.ACR != nil || v.MaxAge != 0) {
			t.Fatalf("%v needs %+v", r, v)
		}
		granted := scopes.Granted{Names: v.Need, ACR: v.ACR[:min(len(v.ACR), 1)]}
		if v.MaxAge != 0 {
			granted.AuthTime = time.Now()
		}
		if r.Level() == scopes.LevelScopes && !r.Evaluate(granted).OK {
			t.Fatalf("%v is not met by %+v", r, granted)
		}
	})
}
