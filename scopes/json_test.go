package scopes_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/scopes"
)

func TestPolicyInJSONFailsClosed(t *testing.T) {
	for _, tt := range []struct{ name, text, route, want, unrouted string }{
		{"a rule", `{"routes": {"GET /x": "a & b"}}`, "GET /x", "a & b", "deny"},
		{"no default", `{"routes": {"GET /x": "public"}}`, "GET /y", "deny", "deny"},
		{"a default", `{"default": "authenticated"}`, "GET /y", "authenticated", "deny"},
		{"a rule wins over the default", `{"routes": {"GET /x": "deny"}, "default": "public"}`, "GET /x", "deny", "deny"},
		{"no routes", `{"routes": {}}`, "GET /x", "deny", "deny"},
		{"an empty policy", `{}`, "GET /x", "deny", "deny"},
		{"Unrouted", `{"unrouted": "authenticated"}`, "GET /x", "deny", "authenticated"},
		{"a default is not for unrouted requests", `{"default": "public"}`, "GET /x", "public", "deny"},
		{"members in any order", `{"unrouted": "a", "default": "b", "routes": {"GET /x": "c"}}`, "GET /x", "c", "a"},
		{"escapes and white space", " {\n\t\"rout\\u0065s\" : {\"GET \\/x\" : \"\\u0061\"} } \r\n", "GET /x", "a", "deny"},
		{"routes that differ in case", `{"routes": {"GET /x": "a", "GET /X": "b"}}`, "GET /X", "b", "deny"},
		{"a route beyond ASCII", `{"routes": {"GET /caf\u00e9": "a"}}`, "GET /café", "a", "deny"},
		{"a route of a surrogate pair", `{"routes": {"GET /\ud83d\ude00": "a"}}`, "GET /😀", "a", "deny"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var policy scopes.Policy
			if err := json.Unmarshal([]byte(tt.text), &policy); err != nil {
				t.Fatal(err)
			}
			table := policy.MustCompile()
			if got := table.Lookup(tt.route).String(); got != tt.want {
				t.Errorf("Lookup: %s, want %s", got, tt.want)
			}
			if got := table.Unrouted().String(); got != tt.unrouted {
				t.Errorf("Unrouted: %s, want %s", got, tt.unrouted)
			}
		})
	}
}

// A document that can be read in two ways is refused. The error names the place.
func TestPolicyInJSONHasOneReading(t *testing.T) {
	const (
		in      = "scopes: policy in JSON: "
		unknown = `: unknown, the members are "routes", "default" and "unrouted"`
	)
	for _, tt := range []struct{ name, text, want string }{
		{"a route twice", `{"routes":{"GET /a":"admin","GET /a":"public"}}`, `route "GET /a": more than once`},
		{"a route twice, the same", `{"routes":{"GET /a":"admin","GET /a":"admin"}}`, `route "GET /a": more than once`},
		{"a route four times", `{"routes":{"a":"x","a":"x","a":"x","a":"x"}}`, `route "a": more than once`},
		{"a route twice, with an escape", `{"routes":{"GET /a":"admin","GET \/\u0061":"public"}}`, `route "GET /a": more than once`},
		{"default twice", `{"default":"deny","default":"public"}`, `member "default": more than once`},
		{"default twice, with an escape", `{"default":"deny","d\u0065fault":"public"}`, `member "default": more than once`},
		{"unrouted twice", `{"unrouted":"deny","unrouted":"public"}`, `member "unrouted": more than once`},
		{"routes twice", `{"routes":{"GET /a":"admin"},"routes":{"GET /a":"public"}}`, `member "routes": more than once`},
		{"routes twice, one of them empty", `{"routes":{"GET /a":"admin"},"routes":{}}`, `member "routes": more than once`},
		{"a misspelt member", `{"route":{"GET /a":"admin"}}`, `member "route"` + unknown},
		{"a member in other letters", `{"default":"deny","Default":"public"}`, `member "Default"` + unknown},
		{"a member in other letters alone", `{"ROUTES":{}}`, `member "ROUTES"` + unknown},
		{"a member that case folding of Unicode makes the same", `{"route\u017f":{}}`, `member "routeſ"` + unknown},
		{"a member with space", `{"default ":"public"}`, `member "default "` + unknown},
		{"a member without a name", `{"":"public"}`, `member ""` + unknown},
		{"a comment", `{"//":"not JSON"}`, `member "//"` + unknown},
		{"an unknown member is cut", `{"` + strings.Repeat("x", 129) + `":1}`, `member "` + strings.Repeat("x", 128) + `"...` + unknown},
		{"an unknown member is quoted", `{"a\"\n\u001b":1}`, `member "a\"\n\x1b"` + unknown},
		{"a rule that is null", `{"routes": {"GET /x": null}}`, `route "GET /x": cannot unmarshal null, want a string with an expression`},
		{"a default that is null", `{"default": null}`, `member "default": cannot unmarshal null, want a string with an expression`},
		{"unrouted that is null", `{"unrouted": null}`, `member "unrouted": cannot unmarshal null, want a string with an expression`},
		{"routes that are null", `{"routes": null}`, `member "routes": cannot unmarshal null, want an object`},
		{"a policy that is null", `null`, "cannot unmarshal null, want an object"},
		{"a policy that is a string", `"public"`, "cannot unmarshal string, want an object"},
		{"a policy that is a list", `[{"default":"public"}]`, "cannot unmarshal array, want an object"},
		{"a policy that is a number", `1`, "cannot unmarshal number, want an object"},
		{"a policy that is a truth", `true`, "cannot unmarshal bool, want an object"},
		{"routes that are a list", `{"routes": ["GET /x"]}`, `member "routes": cannot unmarshal array, want an object`},
		{"a number", `{"default": 1}`, `member "default": cannot unmarshal number, want a string with an expression`},
		{"a list", `{"default": ["a"]}`, `member "default": cannot unmarshal array, want a string with an expression`},
		{"an object", `{"unrouted": {"a": "b"}}`, `member "unrouted": cannot unmarshal object, want a string with an expression`},
		{"a truth", `{"routes": {"GET /x": true}}`, `route "GET /x": cannot unmarshal bool, want a string with an expression`},
		{"an expression", `{"routes": {"GET /x": "a b"}}`, `route "GET /x": byte 2: expected "&", "|" or the end, found "b"`},
		{"a keyword with a capital", `{"routes": {"GET /x": "Public"}}`, `route "GET /x": byte 0: expected public in small letters, or the scope name in quotes, found "Public"`},
		{"an empty expression", `{"default": ""}`, `member "default": byte 0: expected a scope name or "(", found the end`},
		{"an expression with half of a surrogate pair", `{"default": "a\ud800"}`, `member "default": byte 1: expected a character of a scope name (RFC 6749 §3.3), found "�"`},
		{"a route with half of a surrogate pair", `{"routes": {"GET /\ud800": "a"}}`, `route "GET /�": text that is not Unicode`},
		{"a wrong byte in a route", "{\"routes\": {\"GET /\xff\": \"a\"}}", "not UTF-8"},
		{"a wrong byte in an expression", "{\"default\": \"\xff\"}", "not UTF-8"},
		{
			"every fault is reported", `{"routes":{"b":1,"a":"x","a":"("},"Default":"public","unrouted":null}`,
			`route "b": cannot unmarshal number, want a string with an expression` + "\n" +
				in + `route "a": more than once` + "\n" +
				in + `route "a": byte 1: expected a scope name or "(", found the end` + "\n" +
				in + `member "Default"` + unknown + "\n" +
				in + `member "unrouted": cannot unmarshal null, want a string with an expression`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			policy := scopes.Policy{
				Routes: rules{"GET /before": scopes.All("a")}, Default: scopes.All("b"), Unrouted: scopes.All("c"),
			}
			if err := json.Unmarshal([]byte(tt.text), &policy); err == nil || err.Error() != in+tt.want {
				t.Errorf("got  %v\nwant %s", err, in+tt.want)
			}
			table := policy.MustCompile()
			if len(policy.Routes) != 1 || table.Lookup("GET /before").String() != "a" || table.Lookup("").String() != "b" ||
				table.Unrouted().String() != "c" {
				t.Errorf("the policy became %+v", policy)
			}
		})
	}
}

// encoding/json checks a document before it calls UnmarshalJSON. Other decoders may not.
func TestUnmarshalJSONOfWhatIsNotJSON(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "unexpected EOF"},
		{"white space", " ", "unexpected EOF"},
		{"an object that has no end", `{`, "unexpected EOF"},
		{"a name without a value", `{"default"`, "unexpected EOF"},
		{"a value that has no end", `{"default":"deny`, "unexpected EOF"},
		{"a value that is not JSON", `{"default":denied}`, "invalid character 'd' looking for beginning of value"},
		{"a member that has no end", `{"default":"deny"`, "unexpected EOF"},
		{"a comma at the end", `{"default":"deny",}`, "invalid character '}' looking for beginning of object key string"},
		{"a comma at the start", `{,"default":"deny"}`, "invalid character ','"},
		{"no comma", `{"default":"deny" "unrouted":"deny"}`, "invalid character '\"' after object key:value pair"},
		{"no colon", `{"default" "deny"}`, "expected colon after object key"},
		{"a name without quotes", `{default:"deny"}`, "invalid character 'd'"},
		{"a number for a name", `{1:"deny"}`, "invalid character '1'"},
		{"another bracket at the end", `{"default":"deny"]`, "invalid character ']' after object key:value pair"},
		{"text behind it", `{"default":"deny"} x`, "invalid character 'x' looking for beginning of value"},
		{"a bracket behind it", `{"default":"deny"}}`, "invalid character '}' looking for beginning of value"},
		{"a second policy behind it", `{"default":"deny"}{"default":"public"}`, "more text after the object"},
		{"a second policy on another line", "{}\n{\"default\":\"public\"}", "more text after the object"},
		{"a byte order mark", "\ufeff{}", "invalid character 'ï' looking for beginning of value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			policy := scopes.Policy{Default: scopes.All("before")}
			err := policy.UnmarshalJSON([]byte(tt.text))
			// There is one fault. The error says nothing of members that the text does not have.
			if want := "scopes: policy in JSON: " + tt.want; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
			if policy.Default.String() != "before" {
				t.Errorf("the policy became %+v", policy)
			}
		})
	}
}

// If a policy is decoded again, it keeps nothing of the earlier one.
func TestPolicyInJSONReplacesThePolicy(t *testing.T) {
	policy := scopes.Policy{
		Routes: rules{"GET /old": scopes.Public()}, Default: scopes.Public(), Unrouted: scopes.Public(),
	}
	before := policy
	if err := json.Unmarshal([]byte(`{"routes": {"GET /new": "a"}}`), &policy); err != nil {
		t.Fatal(err)
	}
	if table := policy.MustCompile(); table.Has("GET /old") || table.Lookup("").String() != "deny" ||
		table.Unrouted().String() != "deny" {
		t.Errorf("what the document leaves out is %+v", policy)
	}
	if len(before.Routes) != 1 || before.Routes["GET /old"].String() != "public" {
		t.Errorf("the routes of a copy became %v", before.Routes)
	}
}

func TestPolicyInsideOfADocument(t *testing.T) {
	var config struct {
		Policy  scopes.Policy
		Pointer *scopes.Policy
		Need    scopes.Requirement
	}
	text := `{"policy": {"default": "a"}, "pointer": {"default": "b"}, "need": "c & d"}`
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	if config.Policy.Default.String() != "a" || config.Pointer.Default.String() != "b" || config.Need.String() != "c & d" {
		t.Errorf("%+v", config)
	}
	text = `{"pointer": {"default": "x", "default": "y"}}`
	if err := json.Unmarshal([]byte(text), &config); err == nil || config.Pointer.Default.String() != "b" {
		t.Errorf("%v, and the policy became %+v", err, config.Pointer)
	}
}

func TestRequirementInJSON(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"null", `null`, "scopes: cannot unmarshal null, want a string with an expression"},
		{"a number", `1`, "scopes: cannot unmarshal number, want a string with an expression"},
		{"a truth", `false`, "scopes: cannot unmarshal bool, want a string with an expression"},
		{"a list", `["a"]`, "scopes: cannot unmarshal array, want a string with an expression"},
		{"an object", `{}`, "scopes: cannot unmarshal object, want a string with an expression"},
		{"an expression that is refused", `"a |"`, `scopes: byte 3: expected a scope name or "(", found the end`},
		{"a wrong byte", "\"\xff\"", `scopes: byte 0: expected a character of a scope name (RFC 6749 §3.3), found "�"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var config struct{ Need scopes.Requirement }
			config.Need = scopes.All("before")
			if err := json.Unmarshal([]byte(`{"Need": `+tt.text+`}`), &config); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if config.Need.String() != "before" {
				t.Errorf("the requirement became %v", config.Need)
			}
		})
	}
	r := scopes.All("before")
	const want = "scopes: unexpected end of JSON input"
	if err := r.UnmarshalJSON([]byte(`"public`)); err == nil || err.Error() != want || r.String() != "before" {
		t.Errorf("got %v, want %s; the requirement became %v", err, want, r)
	}
}

func TestPolicyRoundTripsThroughJSON(t *testing.T) {
	for _, tt := range []struct {
		name   string
		policy scopes.Policy
		want   string
	}{
		{"a zero policy", scopes.Policy{}, `{"routes":{},"default":"deny","unrouted":"deny"}`},
		{"every field", scopes.Policy{
			Routes:   rules{"GET /b": scopes.Any("b", "a"), "GET /a": scopes.All("d", "c"), `"<é`: {}},
			Default:  scopes.Authenticated(),
			Unrouted: scopes.All("public"),
		}, `{"routes":{"\"<é":"deny","GET /a":"d & c","GET /b":"b | a"},"default":"authenticated","unrouted":"\"public\""}`},
		{
			"a name made by code that is a keyword but for case",
			scopes.Policy{Default: scopes.All("Public")},
			`{"routes":{},"default":"\"Public\"","unrouted":"deny"}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := tt.policy.MarshalJSON()
			if err != nil || string(text) != tt.want {
				t.Fatalf("got %s, %v\nwant %s", text, err, tt.want)
			}
			// json.Marshal gets a pointer here, and escapes & and <.
			escaped, err := json.Marshal(&tt.policy)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range [][]byte{text, escaped} {
				var again scopes.Policy
				if err := json.Unmarshal(text, &again); err != nil {
					t.Fatal(err)
				}
				if !samePolicy(again, tt.policy) {
					t.Errorf("%s became %+v", text, again)
				}
			}
		})
	}
}

func TestMarshalJSONRefusesWhatIsNotUnicode(t *testing.T) {
	for _, route := range []string{"GET /\xff", "GET /\ufffd"} {
		_, err := scopes.Policy{Routes: rules{route: {}}}.MarshalJSON()
		if err == nil || !strings.HasPrefix(err.Error(), "scopes: Policy.Routes[\"GET /") ||
			!strings.HasSuffix(err.Error(), ": text that is not Unicode") {
			t.Errorf("%q: %v", route, err)
		}
	}
}
