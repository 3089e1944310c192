package middleware_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/google/go-cmp/cmp"
)

func TestNewClaims(t *testing.T) {
	nested := map[string]any{"id": 7}
	given := map[string]any{
		"iss": "https://issuer.test", "sub": "s", "aud": []string{"a", "b"}, "jti": "j", "client_id": "c",
		"scope": "read write", "exp": 30, "iat": 10.5, "nbf": time.Unix(20, 0), "tenant": nested,
	}
	c, err := middleware.NewClaims(given)
	if err != nil {
		t.Fatal(err)
	}
	given["sub"], nested["id"] = "root", 0 // the map stays the caller's
	if c.Issuer() != "https://issuer.test" || c.Subject() != "s" || c.ID() != "j" || c.ClientID() != "c" ||
		!cmp.Equal(c.Audience(), []string{"a", "b"}) || !cmp.Equal(c.Scopes(), []string{"read", "write"}) {
		t.Errorf("%q, %q, %q, %q, %q, %q", c.Issuer(), c.Subject(), c.ID(), c.ClientID(), c.Audience(), c.Scopes())
	}
	if !c.Expiry().Equal(time.Unix(30, 0)) || !c.IssuedAt().Equal(time.Unix(10, 5e8)) ||
		!c.NotBefore().Equal(time.Unix(20, 0)) {
		t.Errorf("%v, %v, %v", c.Expiry(), c.IssuedAt(), c.NotBefore())
	}
	var all struct {
		Tenant struct{ ID int } `json:"tenant"`
		NBF    float64          `json:"nbf"`
	}
	if err := c.Decode(&all); err != nil || all.NBF != 20 {
		t.Errorf("%+v, %v", all, err)
	}
	if _, ok := given["nbf"].(time.Time); !ok {
		t.Error("the caller's map was written to")
	}
	if none, err := middleware.NewClaims(nil); err != nil || none.IsZero() || none.Subject() != "" {
		t.Errorf("of no claims: %v, %v", none, err)
	}
}

func TestNewClaimsTakesTimes(t *testing.T) {
	for _, want := range []time.Time{
		time.Unix(0, 0), time.Unix(0, 1), time.Unix(1, 999_999_999), time.Unix(4_000_000_000, 5e8),
		time.Unix(0, -1), time.Unix(-1, 0), time.Unix(-1, 1), time.Unix(-2, 5e8),
		time.Date(2030, 6, 1, 12, 0, 0, 7, time.FixedZone("", -5*3600)), time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		c, err := middleware.NewClaims(map[string]any{"exp": want, "nbf": want, "iat": want})
		if err != nil || !c.Expiry().Equal(want) || !c.NotBefore().Equal(want) || !c.IssuedAt().Equal(want) {
			t.Errorf("%v: got %v, %v, %v, %v", want, c.Expiry(), c.NotBefore(), c.IssuedAt(), err)
		}
	}
}

func TestNewClaimsNamesTheClaimThatIsWrong(t *testing.T) {
	tests := []struct {
		name   string
		claims map[string]any
		want   string
	}{
		{"a registered claim of another type", map[string]any{"a": 1, "sub": 7}, `claim "sub"`},
		{"null as a registered claim", map[string]any{"aud": nil}, `claim "aud"`},
		{"the zero time", map[string]any{"sub": "s", "exp": time.Time{}}, `claim "exp": the zero time.Time`},
		{"a year that no date has", map[string]any{"exp": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, `claim "exp"`},
		{"a text as a date", map[string]any{"nbf": "2030-01-01"}, `claim "nbf"`},
		{"a time elsewhere is a text", map[string]any{"sub": 1, "updated_at": time.Unix(0, 0)}, `claim "sub"`},
		{"a value without a form in JSON", map[string]any{"sub": "s", "tenant": make(chan int)}, `claim "tenant": json: `},
		{"no number", map[string]any{"x": math.NaN()}, `claim "x"`},
		{"invalid UTF-8", map[string]any{"sub": "a\xff"}, `claim "sub"`},
		{"invalid UTF-8, deep", map[string]any{"x": []any{map[string]any{"y": "a\xff"}}}, `claim "x"`},
		{"invalid UTF-8 in a name", map[string]any{"a\xff": 1}, `claim "a\xff"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := middleware.NewClaims(tt.claims)
			if err == nil || !c.IsZero() || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %s", err, tt.want)
			}
		})
	}
}
