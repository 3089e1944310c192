package middleware_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
	"weak"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// verify returns the claims of token, a good one. They are the same, to the pointer, as long as v
// remembers the token.
func verify(t *testing.T, v *middleware.JWT, token string) middleware.Claims {
	t.Helper()
	claims, err := v.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestAKnownTokenIsNotVerifiedAgain(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, nil)
	token := issuer.Mint(authtest.Token{Scope: "read"})
	if verify(t, v, token) != verify(t, v, strings.Clone(token)) {
		t.Error("not remembered")
	}
}

func TestCacheBytesMinusOneRemembersNothing(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.CacheBytes = -1 })
	token := issuer.Mint(authtest.Token{})
	if first := verify(t, v, token); verify(t, v, token) == first {
		t.Error("remembered")
	}
}

// TestANearCollisionNeverHits changes a known token in each way that keeps its place in memory.
// The tail of the signature decides the place.
func TestANearCollisionNeverHits(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, nil)
	token := issuer.Mint(authtest.Token{})
	parts := strings.Split(token, ".")
	flip := func(s string, i int) string { return s[:i] + string(s[i]^1) + s[i+1:] }
	admin := base64.RawURLEncoding.EncodeToString([]byte(
		`{"iss":"https://issuer.test","aud":"https://api.test","exp":4000000000,"sub":"admin"}`,
	))
	tests := map[string]string{
		"the head of the signature":             parts[0] + "." + parts[1] + "." + flip(parts[2], 0),
		"the signature, longer":                 parts[0] + "." + parts[1] + ".AAAA" + parts[2],
		"the signature, shorter, with its tail": parts[0] + "." + parts[1] + "." + parts[2][len(parts[2])-43:],
		"another payload":                       parts[0] + "." + admin + "." + parts[2],
		"another header": base64.RawURLEncoding.EncodeToString([]byte(
			`{"alg":"ES256","typ":"JWT"}`,
		)) + "." + parts[1] + "." + parts[2],
		"the payload's last character": parts[0] + "." + flip(parts[1], len(parts[1])-1) + "." + parts[2],
		"no payload":                   parts[0] + ".." + parts[2],
		"only the signature":           "." + parts[2],
		"a part more":                  token + "." + parts[2],
	}
	for name, forged := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := v.Verify(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			if _, err := v.Verify(t.Context(), forged); !errors.Is(err, middleware.ErrInvalidToken) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

// TestARememberedVerdictIsNoOtherThanAFreshOne makes a change between two requests with the
// same token, and compares the second verdict with that of a verifier that remembers nothing.
func TestARememberedVerdictIsNoOtherThanAFreshOne(t *testing.T) {
	outage := errors.New("connection refused")
	tests := []struct {
		name   string
		change func(set *changing, other *jwks.Key)
		wait   time.Duration
		good   bool
	}{
		{"nothing changes", nil, 0, true},
		{"the key is withdrawn", func(s *changing, _ *jwks.Key) { s.keys, s.err = nil, jwks.ErrKeyNotFound }, 0, false},
		{"the key is replaced under the same kid", func(s *changing, other *jwks.Key) { s.keys = []*jwks.Key{other} }, 0, false},
		{"a second key joins it", func(s *changing, other *jwks.Key) { s.keys = append(s.keys, other) }, 0, true},
		{"a second key comes before it", func(s *changing, other *jwks.Key) { s.keys = []*jwks.Key{other, s.keys[0]} }, 0, true},
		{"three keys come before it", func(s *changing, other *jwks.Key) { s.keys = []*jwks.Key{other, other, other, s.keys[0]} }, 0, true},
		{"four keys come before it", func(s *changing, other *jwks.Key) { s.keys = []*jwks.Key{other, other, other, other, s.keys[0]} }, 0, false},
		{"a key that is nil comes before it", func(s *changing, _ *jwks.Key) { s.keys = []*jwks.Key{nil, s.keys[0]} }, 0, true},
		{"the set has no keys and says nothing", func(s *changing, _ *jwks.Key) { s.keys = nil }, 0, false},
		{"the set forgets and can't tell", func(s *changing, _ *jwks.Key) { s.keys, s.err = nil, outage }, 0, false},
		{"the last second of the token", nil, 5*time.Minute + 29*time.Second, true},
		{"the token expires", nil, 5*time.Minute + 30*time.Second, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := newIssuer(t, authtest.Config{})
				set := &changing{}
				found, err := trust(t, issuer.Key()).Keys(t.Context(), jwks.Query{Algorithm: "ES256"})
				if err != nil {
					t.Fatal(err)
				}
				set.keys = found
				other, err := jwks.NewKey(issuer.Key().ID(), "ES256", newKey(t, "ES256").Public())
				if err != nil {
					t.Fatal(err)
				}
				remembering := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys = set })
				fresh := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Keys, c.CacheBytes = set, -1 })
				token := issuer.Mint(authtest.Token{})
				if _, err := remembering.Verify(t.Context(), token); err != nil {
					t.Fatal(err)
				}
				if tt.change != nil {
					tt.change(set, other)
				}
				time.Sleep(tt.wait)
				_, got := remembering.Verify(t.Context(), token)
				_, want := fresh.Verify(t.Context(), token)
				if fmt.Sprint(got) != fmt.Sprint(want) || (got == nil) != tt.good {
					t.Errorf("remembered: %v; fresh: %v", got, want)
				}
			})
		})
	}
}

// changing is a jwks.Set that a test writes to between requests.
type changing struct {
	keys []*jwks.Key
	err  error
}

func (s *changing) Keys(context.Context, jwks.Query) ([]*jwks.Key, error) { return s.keys, s.err }

func TestARuleIsAskedAboutKnownTokensToo(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	suspended := false
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Validate = func(context.Context, middleware.Claims) error {
			if suspended {
				return middleware.ErrForbidden
			}
			return nil
		}
	})
	token := issuer.Mint(authtest.Token{})
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	suspended = true
	if _, err := v.Verify(t.Context(), token); !errors.Is(err, middleware.ErrForbidden) {
		t.Errorf("err = %v", err)
	}
}

func TestTwoVerifiersRememberNothingOfEachOther(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	token := issuer.Mint(authtest.Token{})
	if _, err := newJWT(t, issuer, nil).Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	elsewhere := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Audience = []string{"https://elsewhere.test"} })
	if _, err := elsewhere.Verify(t.Context(), token); !errors.Is(err, middleware.ErrInvalidToken) {
		t.Errorf("for another audience: %v", err)
	}
}

func TestOnlyGoodTokensAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		v := newJWT(t, issuer, nil)
		early := issuer.Mint(claims("nbf", time.Now().Add(time.Minute)))
		if _, err := v.Verify(t.Context(), early); err == nil {
			t.Fatal("accepted before its time")
		}
		time.Sleep(time.Minute)
		first, err := v.Verify(t.Context(), early)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := v.Verify(t.Context(), early); err != nil || again != first {
			t.Errorf("not remembered once it was good: %v", err)
		}
	})
}

// TestAKnownHeaderLetsNothingPass sends headers that were judged before, and headers that are
// similar to them. The signatures are those of other tokens.
func TestAKnownHeaderLetsNothingPass(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.CacheBytes = -1 })
	if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{})); err != nil {
		t.Fatal(err)
	}
	stranger := newKey(t, "ES256")
	for name, forged := range map[string]authtest.Token{
		"the same header, another key":   {Key: stranger, Header: map[string]any{"kid": issuer.Key().ID()}},
		"the same header, expired":       {Claims: map[string]any{"exp": 1}},
		"the same header, for another":   {Claims: map[string]any{"aud": "https://other.test"}},
		"one member more, alg none":      {Header: map[string]any{"alg": "none"}},
		"one member more, critical":      {Header: map[string]any{"crit": []string{"x"}}},
		"the same header with a type":    {Header: map[string]any{"typ": "dpop+jwt"}},
		"the same header, spelt another": {RawHeader: `{"kid":"` + issuer.Key().ID() + `","alg":"ES256","alg":"ES256"}`},
	} {
		if _, err := v.Verify(t.Context(), issuer.Mint(forged)); !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// There are few places for headers, so many of 300 headers have the same place as the good
// one.
func TestAHeaderInThePlaceOfAKnownOneIsAnother(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.CacheBytes = -1 })
	for i := range 300 {
		if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{})); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(
			t.Context(), issuer.Mint(authtest.Token{Header: map[string]any{"typ": "dpop+jwt", "x": i}}),
		); !errors.Is(err, middleware.ErrInvalidToken) {
			t.Fatalf("a token of another type: %v", err)
		}
	}
}

// TestABadTokensHeaderIsNotRemembered: otherwise a stranger could overwrite the headers of
// the issuer.
func TestABadTokensHeaderIsNotRemembered(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, too")
	}
	issuer := newIssuer(t, authtest.Config{})
	key := newKey(t, "HS256")
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Keys, c.Algorithms, c.CacheBytes = trust(t, key), []string{"HS256"}, -1
	})
	good := issuer.Mint(authtest.Token{Key: key})
	cost := func() uint64 { // of one verification, and of no warm-up
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := v.Verify(t.Context(), good)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Error(err)
		}
		return after.Mallocs - before.Mallocs
	}
	first := cost()
	known, flooded := first, first
	for range 5 { // the least of them: something else may allocate meanwhile
		known = min(known, cost())
		for i := range 200 {
			_, _ = v.Verify(t.Context(), issuer.Mint(authtest.Token{
				Key: key, Header: map[string]any{"x": i}, Tamper: func(s string) string { return s[:len(s)-8] + "AAAAAAAA" },
			}))
		}
		flooded = min(flooded, cost())
	}
	if known >= first {
		t.Errorf("%d allocations for a known header, %d for a new one", known, first)
	}
	if flooded > known {
		t.Errorf("%d allocations after the flood, %d before", flooded, known)
	}
}

func TestAFloodOfOneTimeTokensLeavesTheHotOnes(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	key := newKey(t, "HS256")
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Keys, c.Algorithms, c.CacheBytes = trust(t, key), []string{"HS256"}, 1<<20
	})
	mint := func() string { return issuer.Mint(authtest.Token{Key: key}) }
	hot := make([]string, 40) // a tenth of what there is room for
	for i := range hot {
		hot[i] = mint()
	}
	asked, hits := 0, 0
	known := map[string]middleware.Claims{}
	for i := range 6000 { // and fifteen times that comes once
		verify(t, v, mint())
		if i%2 == 0 {
			token := hot[i/2%len(hot)]
			claims := verify(t, v, token)
			if i > 1000 { // they had time to become known as hot
				asked++
				if known[token] == claims {
					hits++
				}
			}
			known[token] = claims
		}
	}
	if hits < asked*9/10 {
		t.Errorf("%d of %d requests with hot tokens were answered from memory", hits, asked)
	}
}

func TestTheMemoryForTokensStaysWithinItsBudget(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector keeps memory of its own")
	}
	const budget = 1 << 20
	issuer := newIssuer(t, authtest.Config{})
	key := newKey(t, "HS256")
	set := trust(t, key)
	grown := func(n int, claims func(i int) map[string]any) int {
		v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
			c.Keys, c.Algorithms, c.CacheBytes = set, []string{"HS256"}, budget
			c.Grants = []middleware.Grant{{Path: "groups", Prefix: "a-prefix-of-thirty-characters:"}}
		})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range n {
			if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{Key: key, Claims: claims(i)})); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(v)
		return int(after.HeapAlloc) - int(before.HeapAlloc)
	}
	// The tokens of each row need several times the budget. Their claims have a shape for
	// which an estimate of the memory may be too low.
	for _, row := range []struct {
		name   string
		tokens int
		claims func(i int) map[string]any
	}{
		{"all sizes", 2000, func(i int) map[string]any { return map[string]any{"pad": strings.Repeat("x", i%2000)} }},
		{"many names", 500, func(int) map[string]any { return map[string]any{"groups": slices.Repeat([]string{"x"}, 200)} }},
		{"spaces between two scopes", 300, func(int) map[string]any { return map[string]any{"scope": "a" + strings.Repeat(" ", 8000) + "b"} }},
		{"a name beside empty ones", 300, func(int) map[string]any { return map[string]any{"groups": append(make([]string, 3000), "x")} }},
		{"a name that grows", 300, func(int) map[string]any { return map[string]any{"groups": strings.Repeat(" ", 6000)} }},
		{"a name of quotes", 300, func(int) map[string]any { return map[string]any{"groups": strings.Repeat(`"`, 4000)} }},
		{"a name beside what is none", 300, func(int) map[string]any {
			return map[string]any{"groups": []any{"x", slices.Repeat([]any{map[string]any{"a": ""}}, 900)}}
		}},
	} {
		if n := grown(row.tokens, row.claims); n < budget/2 || n > budget {
			t.Errorf("%s: %d bytes in use, with a budget of %d", row.name, n, budget)
		}
	}
}

func TestAContextNeverPrintsItsToken(t *testing.T) {
	g := newGuard(t, opaque, middleware.Options{})
	pass, err := g.Check(
		t.Context(), middleware.Request{Header: http.Header{"Authorization": {"Bearer reader"}}}, scopes.Authenticated(),
	)
	if err != nil {
		t.Fatal(err)
	}
	derived, cancel := context.WithCancel(pass.Context)
	defer cancel()
	for _, ctx := range []context.Context{pass.Context, derived} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			if text := fmt.Sprintf(verb, ctx); strings.Contains(text, "reader") ||
				strings.Contains(text, fmt.Sprintf("%x", "reader")) {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
}

// The entries of a token and of its header hold copies. A substring would keep the whole token in
// memory, with its signature.
func TestNoTokenIsKeptInMemory(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, nil)
	token := issuer.Mint(authtest.Token{})
	kept := weak.Make(unsafe.StringData(token))
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	token = ""
	runtime.GC()
	runtime.GC()
	if kept.Value() != nil {
		t.Error("the token is still there")
	}
	runtime.KeepAlive(v)
}

func TestTheKeyOfAKnownTokenIsAskedForOnce(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	key := newKey(t, "ES256")
	set := trust(t, key)
	var outage error
	asked := 0
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Keys = setFunc(func(ctx context.Context, q jwks.Query) ([]*jwks.Key, error) {
			asked++
			if outage != nil {
				return nil, outage
			}
			return set.Keys(ctx, q)
		})
	})
	token := issuer.Mint(authtest.Token{Key: key})
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{nil, errors.New("an outage"), jwks.ErrKeyNotFound} {
		outage, asked = err, 0
		if _, got := v.Verify(t.Context(), token); (got == nil) != (err == nil) || asked != 1 {
			t.Errorf("%v: %v after %d questions", err, got, asked)
		}
	}
}

// TestAHeaderIsKnownByItsExactText: the case of letters counts in base64url. So two headers
// that differ only in case are different, and name two keys.
func TestAHeaderIsKnownByItsExactText(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	named := map[string]bool{}
	keys, err := trust(t, issuer.Key()).Keys(
		t.Context(), jwks.Query{KeyID: issuer.Key().ID(), Algorithm: issuer.Key().Algorithm()},
	)
	if err != nil {
		t.Fatal(err)
	}
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.CacheBytes = -1
		c.Keys = setFunc(func(_ context.Context, q jwks.Query) ([]*jwks.Key, error) {
			if named[q.KeyID] {
				return keys, nil
			}
			return nil, jwks.ErrKeyNotFound
		})
	})
	tried := 0
	for i := range 400 {
		kid := fmt.Sprintf("%c%c%cIJK", 'H'+i%17, 'H'+i/17%17, 'H'+i/289)
		raw := `{"alg":"` + issuer.Key().Algorithm() + `","kid":"` + kid + `"}`
		other := flipped(raw, kid)
		if other == "" {
			continue
		}
		tried++
		clear(named)
		named[kid] = true
		if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{RawHeader: raw})); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), issuer.Mint(authtest.Token{RawHeader: other})); err == nil {
			t.Fatalf("%s passes for %s", other, raw)
		}
	}
	if tried < 100 { // there are 16 places for headers, so one pair in 16 has the same place
		t.Errorf("%d pairs tried", tried)
	}
}

// flipped returns a header like raw, with another kid, whose base64url differs from
// raw's in the case of one letter; "" if there is none.
func flipped(raw, kid string) string {
	encoded := []byte(base64.RawURLEncoding.EncodeToString([]byte(raw)))
	for i, c := range encoded {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			continue
		}
		encoded[i] ^= 0x20
		other, err := base64.RawURLEncoding.DecodeString(string(encoded))
		encoded[i] ^= 0x20
		before, after, _ := strings.Cut(raw, kid)
		if err != nil || len(other) != len(raw) || !strings.HasPrefix(string(other), before) ||
			!strings.HasSuffix(string(other), after) {
			continue
		}
		if !strings.ContainsFunc(
			string(other[len(before):len(before)+len(kid)]), func(r rune) bool { return r < '0' || r > 'z' || r == '\\' },
		) {
			return string(other)
		}
	}
	return ""
}
