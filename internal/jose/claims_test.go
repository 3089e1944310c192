package jose_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bearerguard/bearerguard/internal/jose"
)

func date(seconds int64, nanos int32) jose.NumericDate {
	return jose.NumericDate{Seconds: seconds, Nanoseconds: nanos, Present: true}
}

func TestParseClaims(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       jose.Claims
		ok         bool
	}{
		{"no claims", `{}`, jose.Claims{}, true},
		{"strings", `{"iss":"i","sub":"s","jti":"j","client_id":"c","scope":"a b"}`, jose.Claims{Issuer: "i", Subject: "s", ID: "j", ClientID: "c", Scope: `"a b"`}, true},
		{"empty strings", `{"iss":"","sub":"","jti":"","client_id":"","scope":""}`, jose.Claims{Scope: `""`}, true},
		{"an escape in a value", `{"iss":"https:\/\/i"}`, jose.Claims{Issuer: "https://i"}, true},
		{"an escape in a name", `{"is\u0073":"i"}`, jose.Claims{Issuer: "i"}, true},
		{"dates", `{"exp":3,"nbf":1.5,"iat":-2e0}`, jose.Claims{Expiry: date(3, 0), NotBefore: date(1, 5e8), IssuedAt: date(-2, 0)}, true},
		{"a date of zero is present", `{"exp":0}`, jose.Claims{Expiry: date(0, 0)}, true},
		{"aud is a string", `{"aud":"a"}`, jose.Claims{Audience: `"a"`}, true},
		{"aud is an array", `{"aud":["a", "b"]}`, jose.Claims{Audience: `["a", "b"]`}, true},
		{"aud is an empty array", `{"aud":[]}`, jose.Claims{Audience: `[]`}, true},
		{"scope is an array", `{"scope":["a", "b c"]}`, jose.Claims{Scope: `["a", "b c"]`}, true},
		{"scope is an empty array", `{"scope":[]}`, jose.Claims{Scope: `[]`}, true},
		{"scp is a string", `{"scp":"a b"}`, jose.Claims{SCP: `"a b"`}, true},
		{"scp is an array", `{"scp":["a"]}`, jose.Claims{SCP: `["a"]`}, true},
		{"cnf", `{"cnf":{"jkt":"x"}}`, jose.Claims{HasConfirmation: true}, true},
		{"an empty cnf", `{"cnf":{}}`, jose.Claims{HasConfirmation: true}, true},
		{"at_hash", `{"at_hash":"x"}`, jose.Claims{HasTokenHash: true}, true},
		{"c_hash", `{"c_hash":"x"}`, jose.Claims{HasTokenHash: true}, true},
		{"s_hash", `{"s_hash":"x"}`, jose.Claims{HasTokenHash: true}, true},
		{"events", `{"events":{"e":{}}}`, jose.Claims{HasEvents: true}, true},
		{"empty events", `{"events":{}}`, jose.Claims{HasEvents: true}, true},
		{"names are compared to the letter", `{"EVENTS":1,"S_hash":1,"ISS":1,"Exp":"x","Aud":null,"sub ":2,"CNF":3}`, jose.Claims{}, true},
		{"names further inside are not registered claims", `{"act":{"iss":1,"exp":null,"cnf":2}}`, jose.Claims{}, true},

		{"iss is null", `{"iss":null}`, jose.Claims{}, false},
		{"iss is an array", `{"iss":["i"]}`, jose.Claims{}, false},
		{"sub is a number", `{"sub":1}`, jose.Claims{}, false},
		{"jti is true", `{"jti":true}`, jose.Claims{}, false},
		{"client_id is an object", `{"client_id":{}}`, jose.Claims{}, false},
		{"scope is a number", `{"scope":1}`, jose.Claims{}, false},
		{"scope is an object", `{"scope":{"a":"b"}}`, jose.Claims{}, false},
		{"scope holds a number", `{"scope":["a",1]}`, jose.Claims{}, false},
		{"scope is null", `{"scope":null}`, jose.Claims{}, false},
		{"exp is a string", `{"exp":"1"}`, jose.Claims{}, false},
		{"nbf is null", `{"nbf":null}`, jose.Claims{}, false},
		{"iat is an object", `{"iat":{}}`, jose.Claims{}, false},
		{"exp is huge", `{"exp":1e400}`, jose.Claims{}, false},
		{"aud is null", `{"aud":null}`, jose.Claims{}, false},
		{"aud is a number", `{"aud":1}`, jose.Claims{}, false},
		{"aud is an object", `{"aud":{"a":"b"}}`, jose.Claims{}, false},
		{"aud holds a number", `{"aud":["a",1]}`, jose.Claims{}, false},
		{"aud holds null", `{"aud":[null]}`, jose.Claims{}, false},
		{"aud holds an array", `{"aud":[["a"]]}`, jose.Claims{}, false},
		{"scp is null", `{"scp":null}`, jose.Claims{}, false},
		{"scp holds a number", `{"scp":[1]}`, jose.Claims{}, false},
		{"cnf is null", `{"cnf":null}`, jose.Claims{}, false},
		{"cnf is a string", `{"cnf":"x"}`, jose.Claims{}, false},
		{"at_hash is null", `{"at_hash":null}`, jose.Claims{}, false},
		{"c_hash is a number", `{"c_hash":1}`, jose.Claims{}, false},
		{"s_hash is an array", `{"s_hash":["x"]}`, jose.Claims{}, false},
		{"events is null", `{"events":null}`, jose.Claims{}, false},
		{"events is an array", `{"events":["x"]}`, jose.Claims{}, false},
		{"a claim twice", `{"iss":"a","iss":"a"}`, jose.Claims{}, false},
		{"a claim twice, once escaped", `{"exp":1,"\u0065xp":2}`, jose.Claims{}, false},
		{"an array", `[]`, jose.Claims{}, false},
		{"text after it", `{} {}`, jose.Claims{}, false},
		{"invalid JSON at the end", `{"iss":"a",}`, jose.Claims{}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := jose.ParseClaims(row.text, nil)
			if (err == nil) != row.ok {
				t.Fatalf("got err = %v, want ok %v", err, row.ok)
			}
			if row.ok {
				row.want.Text = row.text
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseClaimsShowsEveryMember(t *testing.T) {
	var got []string
	_, err := jose.ParseClaims(
		`{"iss":"i","x":{"a":[1]},"exp":1}`, func(name string, v jose.Value) { got = append(got, name, string(v)) },
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"iss", `"i"`, "x", `{"a":[1]}`, "exp", "1"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestParseClaimsErrorsNeverRepeatTheText tests this because errors are logged.
func TestParseClaimsErrorsNeverRepeatTheText(t *testing.T) {
	const secret = "SECRET"
	for _, text := range []string{
		`{"alg":"SECRET"}`, `{"kid":{"SECRET":1}}`, `{"iss":["SECRET"]}`, `{"SECRET":1,"SECRET":1}`, `{"a":SECRET}`,
		`SECRET`, `{}SECRET`, "{\"SECRET\":\"\xff\"}", `{"exp":"SECRET"}`,
		`{"crit":["SECRET"]}`, `{"keys":"SECRET"}`, `{"a":"\SECRET"}`,
	} {
		_, headerErr := jose.ParseHeader(text)
		_, claimsErr := jose.ParseClaims(text, nil)
		_, keysErr := jose.SplitKeySet(text, 64)
		_, base64Err := jose.AppendDecode(nil, text)
		_, splitErr := jose.Split(text)
		for _, err := range []error{headerErr, claimsErr, keysErr, base64Err, splitErr} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// oracleMembers decodes an object that an independent strict decoder accepts.
func oracleMembers(t *testing.T, text string) map[string]any {
	t.Helper()
	if _, _, err := oracle(text); err != nil {
		t.Fatalf("%q: accepted, the oracle says %v", text, err)
	}
	var members map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&members); err != nil {
		t.Fatalf("%q: accepted, encoding/json says %v", text, err)
	}
	return members
}

// FuzzParseClaims compares with what encoding/json decodes into maps.
func FuzzParseClaims(f *testing.F) {
	for _, seed := range []string{
		`{}`, benchPayload, `{"iss":"a","aud":["a","b"],"exp":1.5,"cnf":{}}`, `{"aud":[1]}`, `{"scp":"a b"}`,
		`{"exp":null}`, `{"at_hash":"x"}`, `{"\u0069ss":"a"}`, `{"iss":"a","iss":"b"}`,
		`{"nbf":-1e3,"iat":0.000000001}`, `{"scope":["a"]}`, `{"cnf":null}`, `{"events":{}}`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var names []string
		got, err := jose.ParseClaims(text, func(name string, _ jose.Value) { names = append(names, name) })
		if err != nil {
			if diff := cmp.Diff(jose.Claims{}, got); diff != "" {
				t.Fatalf("claims beside an error: %s", diff)
			}
			return
		}
		members := oracleMembers(t, text)
		if slices.Sort(names); len(names) != len(members) {
			t.Fatalf("%q: visited %q of %d members", text, names, len(members))
		}
		want := jose.Claims{Text: text}
		for name, v := range members {
			s, isString := v.(string)
			_, isNumber := v.(json.Number)
			_, isObject := v.(map[string]any)
			list, isArray := v.([]any)
			isStrings := isArray && !slices.ContainsFunc(list, func(e any) bool { _, ok := e.(string); return !ok })
			ok := true
			switch name {
			case "iss":
				want.Issuer, ok = s, isString
			case "sub":
				want.Subject, ok = s, isString
			case "jti":
				want.ID, ok = s, isString
			case "client_id":
				want.ClientID, ok = s, isString
			case "exp", "nbf", "iat":
				ok = isNumber // FuzzNumericDate judges what it says
			case "aud":
				want.Audience, ok = got.Audience, isString || isStrings
				sameStrings(t, got.Audience, s, list)
			case "scope":
				want.Scope, ok = got.Scope, isString || isStrings
				sameStrings(t, got.Scope, s, list)
			case "scp":
				want.SCP, ok = got.SCP, isString || isStrings
				sameStrings(t, got.SCP, s, list)
			case "cnf":
				want.HasConfirmation, ok = true, isObject
			case "at_hash", "c_hash", "s_hash":
				want.HasTokenHash, ok = true, isString
			case "events":
				want.HasEvents, ok = true, isObject
			}
			if !ok {
				t.Fatalf("%q: accepted with %s of a wrong type", text, name)
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(jose.NumericDate{})); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
		for name, d := range map[string]jose.NumericDate{"exp": got.Expiry, "nbf": got.NotBefore, "iat": got.IssuedAt} {
			if _, present := members[name]; present != d.Present {
				t.Fatalf("%q: %s present is %v", text, name, d.Present)
			}
		}
	})
}

func sameStrings(t *testing.T, v jose.Value, s string, list []any) {
	t.Helper()
	if got, ok := v.Text(); ok {
		if got != s {
			t.Fatalf("%q, want %q", got, s)
		}
		return
	}
	var got []any
	for e := range v.Elements() {
		text, _ := e.Text()
		got = append(got, text)
	}
	if diff := cmp.Diff(list, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
}
