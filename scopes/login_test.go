package scopes_test

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

const minute = time.Minute

func TestTextOfLogins(t *testing.T) {
	acr := scopes.ACR
	for _, tt := range []struct {
		name string
		r    scopes.Requirement
		want string
	}{
		{"values stay in order", acr("silver", "gold", "bronze"), "acr(silver | gold | bronze)"},
		{"repeated values count once", acr("gold", "gold"), "acr(gold)"},
		{"a value like a keyword, or with an operator, is quoted", acr("public", "a|b", "c(d)"), `acr("public" | "a|b" | "c(d)")`},
		{"a value may be a URI", acr("urn:mace:incommon:iap:silver"), "acr(urn:mace:incommon:iap:silver)"},
		{"names come first, then acr, then max_age", scopes.MaxAge(5 * minute).And(acr("gold")).And(scopes.All("b", "a")), "b & a & acr(gold) & max_age(5m)"},
		{"a name is not a value", scopes.All("gold").And(acr("gold")), "gold & acr(gold)"},
		{"acr and max_age are names, too", scopes.Any("acr", "max_age", "ACR"), "acr | max_age | ACR"},
		{"lists of one alternative intersect, in the order of the first", acr("c", "b", "a").And(acr("a", "x", "c")), "acr(c | a)"},
		{"the smaller age of two", scopes.MaxAge(minute).And(scopes.MaxAge(time.Hour)), "max_age(1m)"},
		{"the smaller age of two, in the other order", scopes.MaxAge(time.Hour).And(scopes.MaxAge(minute)), "max_age(1m)"},
		{"alternatives that no login can meet fall away", scopes.All("a").And(acr("x")).Or(acr("y")).And(acr("y")), "acr(y)"},
		{"a shorter list is redundant beside a longer one", acr("gold").Or(acr("gold", "silver")), "acr(gold | silver)"},
		{"a smaller age is redundant beside a larger one", scopes.MaxAge(minute).Or(scopes.MaxAge(time.Hour)), "max_age(1h)"},
		{"a login is redundant beside its scopes alone", scopes.All("a").And(acr("gold")).Or(scopes.All("a")), "a"},
		{"values that suffice without the rest are left out", scopes.All("a").And(acr("gold", "silver")).Or(acr("gold")), "a & acr(silver) | acr(gold)"},
		{"values that suffice with a larger age are left out", acr("gold", "silver").And(scopes.MaxAge(minute)).Or(acr("gold").And(scopes.MaxAge(time.Hour))), "acr(silver) & max_age(1m) | acr(gold) & max_age(1h)"},
		{"alternatives that differ only in acr are one", acr("gold").Or(scopes.All("a")).Or(acr("silver", "gold")), "acr(gold | silver) | a"},
		{"alternatives of other ages stay apart", acr("gold").And(scopes.MaxAge(minute)).Or(acr("silver")), "acr(gold) & max_age(1m) | acr(silver)"},
		{"or keeps a list and an age apart", acr("gold").Or(scopes.MaxAge(minute)), "acr(gold) | max_age(1m)"},
		{"seconds", scopes.MaxAge(time.Second), "max_age(1s)"},
		{"seconds beyond a minute", scopes.MaxAge(90 * time.Second), "max_age(1m30s)"},
		{"hours", scopes.MaxAge(20 * time.Hour), "max_age(20h)"},
		{"hours and minutes", scopes.MaxAge(90 * minute), "max_age(1h30m)"},
		{"hours and seconds", scopes.MaxAge(time.Hour + time.Second), "max_age(1h0m1s)"},
		{"ten minutes", scopes.MaxAge(10 * minute), "max_age(10m)"},
		{"the longest age", scopes.MaxAge(math.MaxInt32 * time.Second), "max_age(596523h14m7s)"},
		{"a level is laxer than a login", acr("gold").Or(scopes.Authenticated()), "authenticated"},
		{"a login is stricter than a level", acr("gold").And(scopes.Authenticated()), "acr(gold)"},
		{"deny is stricter than a login", scopes.MaxAge(minute).And(scopes.Deny()), "deny"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.r.String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			again, err := scopes.Parse(tt.want)
			if err != nil || !again.Equal(tt.r) || again.String() != tt.want {
				t.Errorf("it is read back as %v, %v", again, err)
			}
			var policy scopes.Policy
			text, err := scopes.Policy{Default: tt.r}.MarshalJSON()
			if err == nil {
				err = policy.UnmarshalJSON(text)
			}
			if err != nil || policy.Default.String() != tt.want {
				t.Errorf("as JSON it is %s, and read back %v, %v", text, policy.Default, err)
			}
		})
	}
}

func TestParseLogins(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"as in the documentation", "pay & acr(gold | silver) & max_age(5m)", "pay & acr(gold | silver) & max_age(5m)"},
		{"space is free", "acr ( gold\n|\tsilver )&max_age ( 5m )", "acr(gold | silver) & max_age(5m)"},
		{"space is not needed", "acr(gold|silver)|max_age(5m)", "acr(gold | silver) | max_age(5m)"},
		{"words of the language are values", "acr(public | acr | max_age | 1)", `acr("public" | acr | max_age | 1)`},
		{"quoted values", `acr("gold" | "a|b")`, `acr(gold | "a|b")`},
		{"acr without a parenthesis is a name", "acr & (acr(gold) | max_age)", "acr & acr(gold) | acr & max_age"},
		{"a value many times", "acr(a" + strings.Repeat("|a", 65) + ")", "acr(a)"},
		{"an age in seconds", "max_age(3600s)", "max_age(1h)"},
		{"an age in parts", "max_age(1h30m0s)", "max_age(1h30m)"},
		{"an age with a fraction", "max_age(0.5h)", "max_age(30m)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r, err := scopes.Parse(tt.text); err != nil || r.String() != tt.want {
				t.Errorf("Parse(%q) = %v, %v; want %s", tt.text, r, err, tt.want)
			}
		})
	}
}

func TestParseRefusesLogins(t *testing.T) {
	const age = "expected a duration in whole seconds, such as 5m or 1h30m, of at most 2147483647s, found "
	for _, tt := range []struct{ name, text, want string }{
		{"an empty list", "acr()", `byte 4: expected a value of acr, found ")"`},
		{"an empty list in a longer text", "a & acr( ) | b", `byte 9: expected a value of acr, found ")"`},
		{"a list that does not end", "acr(gold", `byte 8: expected "|" or ")", found the end`},
		{"a list that only begins", "acr(", `byte 4: expected a value of acr, found the end`},
		{"a list with and", "acr(gold & silver)", `byte 9: expected "|" or ")", found "&"`},
		{"a list with commas", "acr(gold, silver)", `byte 10: expected "|" or ")", found "silver"`},
		{"a list in a list", "acr((gold))", `byte 4: expected a value of acr, found "("`},
		{"a list with an operator at the end", "acr(gold |)", `byte 10: expected a value of acr, found ")"`},
		{"an empty value", `acr("")`, `byte 5: expected a scope name in the quotes, found "\""`},
		{"a value that no header can hold", `acr(a\b)`, `byte 5: expected a character of a scope name (RFC 6749 §3.3), found "\\"`},
		{"a value with a space", `acr("very good")`, `byte 9: expected a closing quote, found " "`},
		{"a value beyond ASCII", `acr(é)`, `byte 4: expected a character of a scope name (RFC 6749 §3.3), found "é"`},
		{"something behind a list", "acr(gold) silver", `byte 10: expected "&", "|" or the end, found "silver"`},
		{"a backslash behind a list", `acr(gold)\`, `byte 9: expected a character of a scope name (RFC 6749 §3.3), found "\\"`},
		{"a backslash behind an operator in a list", `acr(gold|\)`, `byte 9: expected a character of a scope name (RFC 6749 §3.3), found "\\"`},
		{"a backslash behind an age", `max_age(5m\)`, `byte 10: expected a character of a scope name (RFC 6749 §3.3), found "\\"`},
		{"acr in capitals", "ACR(gold)", `byte 3: expected "&" or "|" behind a scope name, because only acr and max_age have parentheses, found "("`},
		{"max_age without its underscore", "pay & maxage(5m)", `byte 12: expected "&" or "|" behind a scope name, because only acr and max_age have parentheses, found "("`},
		{"acr in quotes", `"acr"(gold)`, `byte 5: expected "&" or "|" behind a scope name, because only acr and max_age have parentheses, found "("`},
		{"no age", "max_age()", "byte 8: " + age + `")"`},
		{"no age and no end", "max_age(", "byte 8: " + age + "the end"},
		{"an age without a unit", "max_age(300)", "byte 8: " + age + `"300"`},
		{"an age of nothing", "max_age(0s)", "byte 8: " + age + `"0s"`},
		{"an age below nothing", "max_age(-5m)", "byte 8: " + age + `"-5m"`},
		{"an age of part of a second", "max_age(1500ms)", "byte 8: " + age + `"1500ms"`},
		{"an age that is too long", "max_age(2147483648s)", "byte 8: " + age + `"2147483648s"`},
		{"an age in quotes", `max_age("5m")`, "byte 8: " + age + `"5m"`},
		{"two ages", "max_age(5m | 1h)", `byte 11: expected ")", found "|"`},
		{"an age that does not end", "max_age(5m", `byte 10: expected ")", found the end`},
		{"lists that no login can meet", "acr(gold) & acr(silver)", "byte 10: " + noLogin},
		{"lists that no login can meet, in one of two alternatives", "a | acr(gold) & acr(silver)", "byte 14: " + noLogin},
		{"65 values", "acr(" + strings.Join(numbered("n", 65), "|") + ")", "byte 260: more than 64 scope names and values of acr in one requirement"},
		{"33 values and 32 names", "acr(" + strings.Join(numbered("n", 33), "|") + ")&" + strings.Join(numbered("n", 32), "&"), "byte 260: more than 64 scope names and values of acr in one requirement"},
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

func TestLiteralsOfLoginsPanic(t *testing.T) {
	long := strings.Repeat("x", 16<<10-len("acr()"))
	for _, tt := range []struct {
		name string
		f    func()
		want string
	}{
		{"an empty value", func() { scopes.ACR("") }, `scopes: ACR: "" is not one value of acr with the characters of a scope name (RFC 6749 §3.3)`},
		{"two values in one string", func() { scopes.ACR("gold", "silver bronze") }, `scopes: ACR: "silver bronze" is not one value of acr with the characters of a scope name (RFC 6749 §3.3)`},
		{"a quote", func() { scopes.ACR(`"`) }, `scopes: ACR: "\"" is not one value of acr with the characters of a scope name (RFC 6749 §3.3)`},
		{"64 values", func() { acrOf(numbered("n", 64)) }, ""},
		{"65 values", func() { acrOf(numbered("n", 65)) }, "scopes: ACR: more than 64 scope names and values of acr in one requirement"},
		{"65 names and values", func() { acrOf(numbered("n", 33)).Or(anyOf(numbered("n", 32))) }, "scopes: Or: more than 64 scope names and values of acr in one requirement"},
		{"16 KiB", func() { scopes.ACR(long) }, ""},
		{"a byte more", func() { scopes.ACR(long + "x") }, "scopes: ACR: a requirement of more than 16 KiB as text"},
		{"16 KiB with an age", func() { scopes.ACR(long[len(" & max_age(5m)"):]).And(scopes.MaxAge(5 * minute)) }, ""},
		{"a byte more with an age", func() { scopes.ACR(long[len("& max_age(5m)"):]).And(scopes.MaxAge(5 * minute)) }, "scopes: And: a requirement of more than 16 KiB as text"},
		{"16 KiB with quotes and two values", func() { scopes.ACR("|"+long[len(`|"" | y`):], "y") }, ""},
		{"a byte more with quotes and two values", func() { scopes.ACR("|"+long[len(`|"" | `):], "y") }, "scopes: ACR: a requirement of more than 16 KiB as text"},
		{"no common value", func() { scopes.ACR("gold").And(scopes.ACR("silver")) }, "scopes: And: " + noLogin},
		{"no age", func() { scopes.MaxAge(0) }, "scopes: MaxAge: 0s is not a whole number of seconds from 1 to 2147483647"},
		{"an age below nothing", func() { scopes.MaxAge(-minute) }, "scopes: MaxAge: -1m0s is not a whole number of seconds from 1 to 2147483647"},
		{"part of a second", func() { scopes.MaxAge(1500 * time.Millisecond) }, "scopes: MaxAge: 1.5s is not a whole number of seconds from 1 to 2147483647"},
		{"an age that is too long", func() { scopes.MaxAge((math.MaxInt32 + 1) * time.Second) }, "scopes: MaxAge: 596523h14m8s is not a whole number of seconds from 1 to 2147483647"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := panicText(tt.f); got != tt.want {
				t.Errorf("panics with %q, want %q", got, tt.want)
			}
		})
	}
}

func acrOf(values []string) scopes.Requirement { return scopes.ACR(values[0], values[1:]...) }

func TestEqualLogins(t *testing.T) {
	gold, silver, age := scopes.ACR("gold"), scopes.ACR("silver"), scopes.MaxAge(minute)
	for _, tt := range []struct {
		name string
		a, b scopes.Requirement
		want bool
	}{
		{"values in another order", scopes.ACR("gold", "silver"), scopes.ACR("silver", "gold"), true},
		{"values by Or", gold.Or(silver), scopes.ACR("gold", "silver"), true},
		{"other values", gold, silver, false},
		{"a value and a scope of its name", gold, scopes.All("gold"), false},
		{"another age", age, scopes.MaxAge(time.Hour), false},
		{"an age and none", gold.And(age), gold, false},
		{"the same values with other scopes", scopes.All("a").And(gold).Or(scopes.All("b").And(silver)), scopes.All("b").And(gold).Or(scopes.All("a").And(silver)), false},
		{"what another alternative covers", scopes.All("a").And(scopes.ACR("gold", "silver")).Or(gold), scopes.All("a").And(silver).Or(gold), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.a.Equal(tt.b) != tt.want || tt.b.Equal(tt.a) != tt.want {
				t.Errorf("%v equals %v: %t, want %t", tt.a, tt.b, !tt.want, tt.want)
			}
		})
	}
}

func TestEvaluateLogins(t *testing.T) {
	type names = []string
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when each bubble begins
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	pay, gold, age := scopes.All("pay"), scopes.ACR("gold", "silver"), scopes.MaxAge(5*minute)
	both := pay.And(gold).And(age)
	asked := scopes.Verdict{ACR: names{"gold", "silver"}, StepUp: true}
	for _, tt := range []struct {
		name    string
		r       scopes.Requirement
		granted scopes.Granted
		want    scopes.Verdict
	}{
		{"one of the values", gold, scopes.Granted{ACR: names{"silver"}}, scopes.Verdict{OK: true}},
		{"a value of several of the token", gold, scopes.Granted{ACR: names{"x", "gold"}}, scopes.Verdict{OK: true}},
		{"another value", gold, scopes.Granted{ACR: names{"bronze"}}, asked},
		{"no value", gold, scopes.Granted{}, asked},
		{"case matters", gold, scopes.Granted{ACR: names{"GOLD"}}, asked},
		{"a scope is no value", gold, scopes.Granted{Names: names{"gold", " gold"}}, asked},
		{"a value is no scope", scopes.All("gold"), scopes.Granted{ACR: names{"gold"}}, scopes.Verdict{Need: names{"gold"}}},
		{"one string of two values is neither", gold, scopes.Granted{ACR: names{"gold silver"}}, asked},
		{"a young login", age, scopes.Granted{AuthTime: ago(minute)}, scopes.Verdict{OK: true, Until: now.Add(4 * minute)}},
		{"a login of now", age, scopes.Granted{AuthTime: now}, scopes.Verdict{OK: true, Until: now.Add(5 * minute)}},
		{"a login of the last moment", age, scopes.Granted{AuthTime: ago(5*minute - 1)}, scopes.Verdict{OK: true, Until: now.Add(1)}},
		{"a login that is just too old", age, scopes.Granted{AuthTime: ago(5 * minute)}, scopes.Verdict{MaxAge: 5 * minute, StepUp: true}},
		{"a login of long ago", age, scopes.Granted{AuthTime: ago(1 << 62)}, scopes.Verdict{MaxAge: 5 * minute, StepUp: true}},
		{"a login of the first year", age, scopes.Granted{AuthTime: time.Time{}.Add(1)}, scopes.Verdict{MaxAge: 5 * minute, StepUp: true}},
		{"a login at an unknown time", age, scopes.Granted{}, scopes.Verdict{MaxAge: 5 * minute, StepUp: true}},
		{"a login at an unknown time, and the longest age", scopes.MaxAge(math.MaxInt32 * time.Second), scopes.Granted{}, scopes.Verdict{MaxAge: math.MaxInt32 * time.Second, StepUp: true}},
		{"a login in the future", age, scopes.Granted{AuthTime: now.Add(1)}, scopes.Verdict{MaxAge: 5 * minute, StepUp: true}},
		{"all of it", both, scopes.Granted{Names: names{"pay"}, ACR: names{"gold"}, AuthTime: now}, scopes.Verdict{OK: true, Until: now.Add(5 * minute)}},
		{"only the login is not enough", both, scopes.Granted{Names: names{"pay"}}, scopes.Verdict{Need: names{"pay"}, ACR: names{"gold", "silver"}, MaxAge: 5 * minute, StepUp: true}},
		{"only the age is not enough, and the whole login is asked for", both, scopes.Granted{Names: names{"pay"}, ACR: names{"gold"}, AuthTime: ago(time.Hour)}, scopes.Verdict{Need: names{"pay"}, ACR: names{"gold", "silver"}, MaxAge: 5 * minute, StepUp: true}},
		{"scopes are missing, too", both, scopes.Granted{}, scopes.Verdict{Need: names{"pay"}, ACR: names{"gold", "silver"}, MaxAge: 5 * minute}},
		{"only scopes are missing", both, scopes.Granted{ACR: names{"gold"}, AuthTime: now}, scopes.Verdict{Need: names{"pay"}, ACR: names{"gold", "silver"}, MaxAge: 5 * minute}},
		{"an alternative without an age lasts", age.Or(gold), scopes.Granted{ACR: names{"gold"}, AuthTime: now}, scopes.Verdict{OK: true}},
		{"the latest of two ages", age.And(gold).Or(scopes.MaxAge(time.Hour).And(pay)), scopes.Granted{Names: names{"pay"}, ACR: names{"gold"}, AuthTime: now}, scopes.Verdict{OK: true, Until: now.Add(time.Hour)}},
		{"the latest of two ages, in the other order", scopes.MaxAge(time.Hour).And(pay).Or(age.And(gold)), scopes.Granted{Names: names{"pay"}, ACR: names{"gold"}, AuthTime: now}, scopes.Verdict{OK: true, Until: now.Add(time.Hour)}},
		{"the age of the alternative that is met", scopes.MaxAge(time.Hour).And(pay).Or(age.And(gold)), scopes.Granted{ACR: names{"gold"}, AuthTime: now}, scopes.Verdict{OK: true, Until: now.Add(5 * minute)}},
		{"fewer missing scopes are nearer than a better login", pay.Or(gold.And(age)), scopes.Granted{}, scopes.Verdict{ACR: names{"gold", "silver"}, MaxAge: 5 * minute, StepUp: true}},
		{"then less of the login", pay.And(gold).And(age).Or(pay.And(scopes.ACR("x"))), scopes.Granted{Names: names{"pay"}}, scopes.Verdict{Need: names{"pay"}, ACR: names{"x"}, StepUp: true}},
		{"then less of the login, before the number of names", scopes.All("a").And(gold).Or(scopes.All("b", "pay")), scopes.Granted{Names: names{"pay"}}, scopes.Verdict{Need: names{"b", "pay"}}},
		{"a login that is just too old is not nearer", scopes.ACR("x").Or(age), scopes.Granted{AuthTime: ago(5 * minute)}, scopes.Verdict{ACR: names{"x"}, StepUp: true}},
		{"then the author's order", gold.Or(age), scopes.Granted{}, asked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if diff := cmp.Diff(tt.want, tt.r.Evaluate(tt.granted)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		})
	}
}

func TestARoleThatIsMissingIsNoStepUp(t *testing.T) {
	r := scopes.All("role:admin").And(scopes.ACR("gold"))
	isRole := func(name string) bool {
		if name != "role:admin" {
			t.Errorf("asked about %q", name)
		}
		return true
	}
	want := scopes.Verdict{Need: []string{"role:admin"}, ACR: []string{"gold"}}
	if diff := cmp.Diff(want, r.Evaluate(scopes.Granted{IsRole: isRole})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestACROfAVerdictBelongsToTheCaller(t *testing.T) {
	r := scopes.ACR("gold", "silver")
	first := r.Evaluate(scopes.Granted{}).ACR
	first[0] = "bronze"
	if diff := cmp.Diff([]string{"gold", "silver"}, r.Evaluate(scopes.Granted{}).ACR); diff != "" {
		t.Errorf("a caller's change reached the requirement (-want +got)\n%s", diff)
	}
}

func TestALoginThatIsEnoughDoesNotAllocate(t *testing.T) {
	r := scopes.All("pay").And(scopes.ACR("gold", "silver")).And(scopes.MaxAge(time.Hour))
	g := scopes.Granted{Names: []string{"pay"}, ACR: []string{"silver"}, AuthTime: time.Now()}
	n := testing.AllocsPerRun(100, func() {
		if !r.Evaluate(g).OK {
			t.Error("refused")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestTablesListNoValuesOfACR(t *testing.T) {
	table := scopes.Policy{
		Routes: rules{
			"GET /a": scopes.All("b", "a").And(scopes.ACR("gold", "!")), "GET /b": scopes.MaxAge(minute),
			"GET /c": scopes.ACR("silver"),
		},
		Default: scopes.ACR("bronze").Or(scopes.All("c")),
	}.MustCompile()
	if diff := cmp.Diff([]string{"a", "b", "c"}, table.Scopes()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The worst text multiplies lists of acr and ages as often as it can.
func TestParseOfHostileLoginsEnds(t *testing.T) {
	const square = "((acr(a|b|c)|max_age(1s)&b)&(c|d&acr(b|c))&(e|max_age(5m))&(g|acr(a|c))&(i|max_age(3m)))"
	text := square
	for len(text)+len(square) < 16<<10 {
		text += "&" + square
	}
	if r, err := scopes.Parse(text); err != nil {
		t.Fatalf("%v, %v", r, err)
	}
}
