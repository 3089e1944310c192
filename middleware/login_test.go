package middleware_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/google/go-cmp/cmp"
)

// says returns a verifier of any token, which has these claims.
func says(kv ...any) middleware.Verifier {
	return middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
		return middleware.NewClaims(claims(kv...).Claims)
	})
}

func mustParse(t *testing.T, text string) scopes.Requirement {
	t.Helper()
	r, err := scopes.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestStepUp(t *testing.T) {
	now := bubbleStart
	const (
		realm    = `Bearer realm="api", `
		stepUp   = realm + `error="insufficient_user_authentication"`
		noScopes = realm + `error="insufficient_scope"`
	)
	for _, tt := range []struct {
		name      string
		need      string
		claims    []any
		challenge string // "": passes
		cause     string
	}{
		{"acr is one of the values", "acr(gold | silver)", []any{"acr", "silver"}, "", ""},
		{"acr is another value", "acr(gold | silver)", []any{"acr", "bronze"}, stepUp + `, acr_values="gold silver"`, `needs acr(gold | silver), and acr is "bronze"`},
		{"no acr", "acr(gold)", nil, stepUp + `, acr_values="gold"`, `needs acr(gold), and acr is absent`},
		{"an empty acr", "acr(gold)", []any{"acr", ""}, stepUp + `, acr_values="gold"`, `needs acr(gold), and acr is ""`},
		{"acr in other letters", "acr(gold)", []any{"acr", "Gold"}, stepUp + `, acr_values="gold"`, `needs acr(gold), and acr is "Gold"`},
		{"acr is no string", "acr(gold)", []any{"acr", 7}, stepUp + `, acr_values="gold"`, `needs acr(gold), and acr is a number`},
		{"acr is an array", "acr(gold)", []any{"acr", []string{"gold"}}, stepUp + `, acr_values="gold"`, `needs acr(gold), and acr is ["gold"]`},
		{"acr is text with line breaks, and long", "acr(gold)", []any{"acr", "a\n" + strings.Repeat("x", 300)}, stepUp + `, acr_values="gold"`, `needs acr(gold), and acr is "a\n` + strings.Repeat("x", 198) + `"...`},
		{"acrs of Microsoft Entra ID has the value", "acr(c1)", []any{"acrs", []string{"p1", "c1"}}, "", ""},
		{"acrs is a string", "acr(c1)", []any{"acrs", "c1"}, "", ""},
		{"acrs has other values", "acr(c1)", []any{"acr", "1", "acrs", []string{"p1", "c2"}}, stepUp + `, acr_values="c1"`, `needs acr(c1), and acr is "1", and acrs is ["p1" "c2"]`},
		{"acrs is no array", "acr(c1)", []any{"acrs", map[string]any{"c1": true}}, stepUp + `, acr_values="c1"`, `needs acr(c1), and acr is absent, and acrs is an object`},
		{"a scope with the name of a value", "acr(gold)", []any{"scope", "gold acr(gold)"}, stepUp + `, acr_values="gold"`, `needs acr(gold), and acr is absent`},

		{"a login of a minute ago", "max_age(5m)", []any{"auth_time", now - 60}, "", ""},
		{"a login of a second less than is too much", "max_age(5m)", []any{"auth_time", now - 299}, "", ""},
		{"a login that is too old", "max_age(5m)", []any{"auth_time", now - 300}, stepUp + `, max_age="300"`, `needs max_age(5m), and auth_time was 1999-12-31T23:55:00Z, 5m0s ago`},
		{"a login of last week", "max_age(5m)", []any{"auth_time", now - 7*86400}, stepUp + `, max_age="300"`, `needs max_age(5m), and auth_time was 1999-12-25T00:00:00Z, 7 days ago`},
		{"no auth_time", "max_age(5m)", []any{"iat", now}, stepUp + `, max_age="300"`, `needs max_age(5m), and auth_time is absent`},
		{"auth_time in the future", "max_age(5m)", []any{"auth_time", now + 1}, stepUp + `, max_age="300"`, `needs max_age(5m), and auth_time is 2000-01-01T00:00:01Z, 1s ahead; compare the clocks`},
		{"auth_time is a string", "max_age(5m)", []any{"auth_time", "946684800"}, stepUp + `, max_age="300"`, `needs max_age(5m), and auth_time is a string`},
		{"auth_time is null", "max_age(5m)", []any{"auth_time", nil}, stepUp + `, max_age="300"`, `needs max_age(5m), and auth_time is null`},
		{"auth_time is in milliseconds", "max_age(5m)", []any{"auth_time", now * 1000}, stepUp + `, max_age="300"`, `needs max_age(5m), and auth_time is a number outside of the years 1 to 9999`},
		{"auth_time has a fraction", "max_age(5m)", []any{"auth_time", float64(now) - 0.5}, "", ""},
		{"auth_time as a time", "max_age(5m)", []any{"auth_time", time.Unix(now-60, 0)}, "", ""},

		{"all of it", "pay & acr(gold) & max_age(5m)", []any{"scope", "pay", "acr", "gold", "auth_time", now}, "", ""},
		{"the scope is there, the login isn't", "pay & acr(gold | silver) & max_age(5m)", []any{"scope", "pay"}, stepUp + `, scope="pay", acr_values="gold silver", max_age="300"`, `needs pay & acr(gold | silver) & max_age(5m), and acr is absent, and auth_time is absent`},
		{"the challenge has the whole alternative", "pay & acr(gold) & max_age(5m)", []any{"scope", "pay", "acr", "gold", "auth_time", now - 3600}, stepUp + `, scope="pay", acr_values="gold", max_age="300"`, `needs pay & acr(gold) & max_age(5m), and acr is "gold", and auth_time was 1999-12-31T23:00:00Z, 1h0m0s ago`},
		{"the age is good, the kind isn't", "acr(gold) & max_age(5m)", []any{"auth_time", now}, stepUp + `, acr_values="gold", max_age="300"`, `needs acr(gold) & max_age(5m), and acr is absent, and auth_time was 2000-01-01T00:00:00Z, 0s ago`},
		{"both are missing", "pay & acr(gold)", nil, noScopes + `, scope="pay"`, `needs pay & acr(gold), and the token grants []; without a Grant, only scope and scp count`},
		{"the scope is missing", "pay & acr(gold)", []any{"acr", "gold"}, noScopes + `, scope="pay"`, `needs pay & acr(gold), and the token grants []; without a Grant, only scope and scp count`},
		{"another alternative is met", "pay & acr(gold) | admin", []any{"scope", "pay admin"}, "", ""},
		{"of two alternatives the one whose scopes are there", "admin | pay & acr(gold)", []any{"scope", "pay"}, stepUp + `, scope="pay", acr_values="gold"`, `needs admin | pay & acr(gold), and acr is absent`},
		{"a login is no substitute for a scope", "pay", []any{"acr", "pay", "acrs", []string{"pay"}}, noScopes + `, scope="pay"`, `needs pay, and the token grants []; without a Grant, only scope and scp count`},
		{"claims of a wrong type harm no other route", "authenticated", []any{"acr", 7, "acrs", 7, "auth_time", "x"}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var rec recorder
				g := newGuard(t, says(tt.claims...), middleware.Options{Observe: rec.observe})
				pass, err := g.Check(t.Context(), withToken(), mustParse(t, tt.need))
				if tt.challenge == "" {
					if err != nil {
						t.Fatalf("refused: %v", rec.last(t).Cause)
					}
					err = g.Authorize(pass.Context, mustParse(t, tt.need)) // the claims are known from before
					if err != nil {
						t.Fatalf("Authorize refuses: %v", rec.last(t).Cause)
					}
					return
				}
				var e *middleware.Error
				if !errors.As(err, &e) || challenge(e) != tt.challenge {
					t.Errorf("got  %s\nwant %s", challenge(e), tt.challenge)
				}
				if got := rec.last(t).Cause.Error(); got != tt.cause {
					t.Errorf("the cause is  %s\nand must be   %s", got, tt.cause)
				}
				if !strings.Contains(tt.challenge, "scope=") && len(e.Scopes()) > 0 {
					t.Errorf("scopes %q", e.Scopes())
				}
			})
		})
	}
}

// The examples of RFC 9470 §3, apart from their descriptions, and its tokens of §6.
func TestExamplesOfRFC9470(t *testing.T) {
	const (
		jwt = `{"iss":"https://as.example.net","sub":"someone@example.net","aud":"https://rs.example.com","exp":1646343000,` +
			`"iat":1646340200,"jti":"e1j3V_bKic8-LAEB_lccD0G","client_id":"s6BhdRkqt3","scope":"purchase",` +
			`"auth_time":1646340198,"acr":"myACR"}`
		introspected = `{"active":true,"client_id":"s6BhdRkqt3","scope":"purchase","sub":"someone@example.net",` +
			`"aud":"https://rs.example.com","iss":"https://as.example.net","exp":1639528912,"iat":1618354090,` +
			`"auth_time":1646340198,"acr":"myACR"}`
	)
	for _, tt := range []struct {
		name, claims, need string
		challenge          map[string]string // nil: passes
	}{
		{"§3: another level of authentication", `{"acr":"other"}`, "acr(myACR)", map[string]string{
			"error": "insufficient_user_authentication", "acr_values": "myACR", "realm": "api",
		}},
		{"§3: more recent authentication", `{"auth_time":1646340198}`, "max_age(5s)", map[string]string{
			"error": "insufficient_user_authentication", "max_age": "5", "realm": "api",
		}},
		{"§3: with the scope that is necessary", `{"scope":"purchase"}`, "purchase & acr(myACR)", map[string]string{
			"error": "insufficient_user_authentication", "scope": "purchase", "acr_values": "myACR", "realm": "api",
		}},
		{"§6.1: a JWT has acr", jwt, "purchase & acr(myACR)", nil},
		{"§6.1: a JWT has auth_time", jwt, "purchase & max_age(596523h)", nil},
		{"§6.1: a JWT is too old", jwt, "purchase & acr(myACR) & max_age(5s)", map[string]string{
			"error": "insufficient_user_authentication", "scope": "purchase", "acr_values": "myACR", "max_age": "5",
			"realm": "api",
		}},
		{"§6.2: an introspection response has both", introspected, "purchase & acr(myACR) & max_age(596523h)", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := middleware.VerifierFunc(func(context.Context, string) (middleware.Claims, error) {
				return middleware.ParseClaims([]byte(tt.claims)) // the age of the token is not judged
			})
			_, err := newGuard(t, v, middleware.Options{}).Check(t.Context(), withToken(), mustParse(t, tt.need))
			var e *middleware.Error
			if errors.As(err, &e) != (tt.challenge != nil) {
				t.Fatalf("got %v", err)
			}
			if e == nil {
				return
			}
			scheme, params, ok := parseChallenge(challenge(e))
			if diff := cmp.Diff(tt.challenge, params); diff != "" || scheme != "Bearer" || !ok || e.Status() != 401 {
				t.Errorf("%d %s (-want +got)\n%s", e.Status(), challenge(e), diff)
			}
		})
	}
}

func TestClaimsOfTheLogin(t *testing.T) {
	for _, tt := range []struct {
		name, payload, acr string
		at                 time.Time
	}{
		{"both", `{"acr":"gold","auth_time":946684800}`, "gold", time.Unix(946684800, 0)},
		{"a fraction", `{"auth_time":946684800.25}`, "", time.Unix(946684800, 25e7)},
		{"neither", `{}`, "", time.Time{}},
		{"wrong types", `{"acr":["gold"],"auth_time":"946684800"}`, "", time.Time{}},
		{"null", `{"acr":null,"auth_time":null}`, "", time.Time{}},
		{"a time beyond the year 9999", `{"auth_time":253402300800}`, "", time.Time{}},
		{"names in other letters", `{"ACR":"gold","Auth_Time":946684800}`, "", time.Time{}},
		{"names inside of another claim", `{"x":{"acr":"gold","auth_time":946684800}}`, "", time.Time{}},
		{"acrs is not acr", `{"acrs":["gold"]}`, "", time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := middleware.ParseClaims([]byte(tt.payload))
			if err != nil || c.ACR() != tt.acr || !c.AuthTime().Equal(tt.at) {
				t.Errorf("acr %q, auth_time %v, %v", c.ACR(), c.AuthTime(), err)
			}
		})
	}
	if zero := (middleware.Claims{}); zero.ACR() != "" || !zero.AuthTime().IsZero() {
		t.Errorf("nobody has acr %q and auth_time %v", zero.ACR(), zero.AuthTime())
	}
}

func TestAnErrorTellsTheLogin(t *testing.T) {
	g := newGuard(t, says("scope", "pay"), middleware.Options{})
	e := refuse(t, g, t.Context(), bearer("any"), mustParse(t, "pay & acr(gold | silver) & max_age(90s)"))
	if e.Code() != middleware.CodeStepUp || e.Status() != 401 || e.GRPCCode() != 16 || e.Expired() || e.RetryAfter() != 0 {
		t.Errorf("code %q, status %d, gRPC %d", e.Code(), e.Status(), e.GRPCCode())
	}
	values := e.ACRValues()
	if diff := cmp.Diff([]string{"gold", "silver"}, values); diff != "" || e.MaxAge() != 90*time.Second {
		t.Errorf("%v, %s", e.MaxAge(), diff)
	}
	values[0] = "bronze"
	if e.ACRValues()[0] != "gold" {
		t.Error("a change of the caller reached the refusal")
	}
	contentType, body := e.Body()
	var problem struct{ Detail string }
	if err := json.Unmarshal(body, &problem); err != nil || contentType != "application/problem+json" ||
		problem.Detail != "a stronger or more recent login is required" {
		t.Errorf("%s %s, %v", contentType, body, err)
	}
	e = refuse(t, g, t.Context(), bearer("any"), mustParse(t, "admin & acr(gold) & max_age(90s)"))
	if e.Code() != middleware.CodeInsufficientScope || len(e.ACRValues()) > 0 || e.MaxAge() != 0 {
		t.Errorf("code %q, acr %q, age %v", e.Code(), e.ACRValues(), e.MaxAge())
	}
}

// No client can ask for a role, so it is not in the challenge, whether it is granted or not.
func TestRolesAndTheLogin(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	v := newJWT(t, issuer, func(c *middleware.JWTConfig) {
		c.Grants = []middleware.Grant{{Path: "roles", Prefix: "role:"}}
	})
	g := newGuard(t, v, middleware.Options{})
	need := mustParse(t, "pay & role:admin & acr(gold)")
	token := claims("scope", "pay", "roles", "admin")
	e := refuse(t, g, t.Context(), bearer(issuer.Mint(token)), need)
	want := `Bearer realm="api", error="insufficient_user_authentication", scope="pay", acr_values="gold"`
	if challenge(e) != want {
		t.Errorf("with the role: %s", challenge(e))
	}
	e = refuse(t, g, t.Context(), bearer(issuer.Mint(claims("scope", "pay", "acr", "silver"))), need)
	if want := `Bearer realm="api", error="insufficient_scope", scope="pay"`; challenge(e) != want {
		t.Errorf("without the role: %s", challenge(e))
	}
	token.Claims["acr"] = "gold"
	if _, err := g.Check(t.Context(), middleware.Request{Header: bearer(issuer.Mint(token))}, need); err != nil {
		t.Errorf("with all of it: %v", err)
	}
}

func TestWhoIsAnonymousIsAskedForNoLogin(t *testing.T) {
	g := newGuard(t, says(), middleware.Options{})
	e := refuse(t, g, t.Context(), nil, mustParse(t, "max_age(5m)"))
	if e.Code() != middleware.CodeMissing || challenge(e) != `Bearer realm="api"` {
		t.Errorf("Check: %s", challenge(e))
	}
	pass, err := g.Check(t.Context(), middleware.Request{}, scopes.Optional())
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Authorize(pass.Context, mustParse(t, "acr(gold)")); codeOf(err) != middleware.CodeMissing {
		t.Errorf("Authorize: %v", err)
	}
}

// The clock of the issuer may be ahead. What a JWT tolerates for iat, it tolerates for auth_time.
func TestAFreshLoginByAnotherClock(t *testing.T) {
	need := scopes.MaxAge(time.Minute)
	for _, tt := range []struct {
		name   string
		ahead  time.Duration
		leeway time.Duration // 0: 30 s
		until  time.Duration // 0: refused
	}{
		{"by a second", time.Second, 0, time.Minute},
		{"by the leeway", 30 * time.Second, 0, time.Minute},
		{"by more than the leeway", 31 * time.Second, 0, 0},
		{"by another leeway", 5 * time.Second, 5 * time.Second, time.Minute},
		{"by more than another leeway", 6 * time.Second, 5 * time.Second, 0},
		{"without a leeway", time.Second, -1, 0},
		{"not at all", 0, -1, time.Minute},
		{"behind", -20 * time.Second, 0, 40 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := newIssuer(t, authtest.Config{})
				v := newJWT(t, issuer, func(c *middleware.JWTConfig) { c.Leeway = tt.leeway })
				g := newGuard(t, v, middleware.Options{})
				token := issuer.Mint(claims("auth_time", time.Now().Add(tt.ahead)))
				pass, err := g.Check(t.Context(), middleware.Request{Header: bearer(token)}, need)
				if want := tt.until != 0; (err == nil) != want {
					t.Fatalf("passes: %t", !want)
				}
				if err == nil && !pass.Until.Equal(time.Now().Add(tt.until)) {
					t.Errorf("until %v", pass.Until)
				}
			})
		})
	}
}

func TestAPassLastsUntilTheLoginIsTooOld(t *testing.T) {
	for _, tt := range []struct {
		name string
		exp  any
		need string
		want time.Duration // 0: forever
	}{
		{"the login ages before the token", 3600, "max_age(5m)", 4 * time.Minute},
		{"the token expires before", 100, "max_age(5m)", 100 * time.Second},
		{"a token without an end", nil, "max_age(5m)", 4 * time.Minute},
		{"the age does not matter", 3600, "max_age(5m) | acr(gold)", time.Hour},
		{"the age does not matter, and the token has no end", nil, "acr(gold)", 0},
		{"the latest age", 3600, "max_age(5m) | max_age(30m) & acr(gold)", 29 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				all := []any{"acr", "gold", "auth_time", bubbleStart - 60}
				if tt.exp != nil {
					all = append(all, "exp", bubbleStart+int64(tt.exp.(int)))
				}
				g := newGuard(t, says(all...), middleware.Options{})
				want := time.Time{}
				if tt.want != 0 {
					want = start.Add(tt.want)
				}
				pass, err := g.Check(t.Context(), withToken(), mustParse(t, tt.need))
				if err != nil || !pass.Until.Equal(want) {
					t.Errorf("Check: until %v, %v", pass.Until, err)
				}
				pass, err = g.Renew(t.Context(), pass, withToken(), mustParse(t, tt.need))
				if err != nil || !pass.Until.Equal(want) {
					t.Errorf("Renew: until %v, %v", pass.Until, err)
				}
			})
		})
	}
}

// The claims of a token that was seen before are not verified again. The age of its login is.
func TestTheAgeOfALoginIsJudgedEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, authtest.Config{})
		g := newGuard(t, newJWT(t, issuer, nil), middleware.Options{})
		r := middleware.Request{Header: bearer(issuer.Mint(claims("auth_time", bubbleStart)))}
		need := scopes.MaxAge(time.Minute)
		pass, err := g.Check(t.Context(), r, need)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]func() error{
			"Check":                 func() error { _, err := g.Check(t.Context(), r, need); return err },
			"Check inside of Check": func() error { _, err := g.Check(pass.Context, r, need); return err },
			"Authorize":             func() error { return g.Authorize(pass.Context, need) },
			"Renew":                 func() error { _, err := g.Renew(t.Context(), pass, r, need); return err },
		}
		time.Sleep(time.Minute - 1)
		for name, f := range all {
			if err := f(); err != nil {
				t.Errorf("%s a nanosecond before: %v", name, err)
			}
		}
		time.Sleep(time.Nanosecond)
		for name, f := range all {
			if err := f(); codeOf(err) != middleware.CodeStepUp {
				t.Errorf("%s when the login is too old: %v", name, err)
			}
		}
		if err := g.Authorize(pass.Context, scopes.Authenticated()); err != nil {
			t.Errorf("the token is good: %v", err)
		}
	})
}

func TestWhileEndsWhenTheLoginIsTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		g := newGuard(t, says("auth_time", bubbleStart, "exp", bubbleStart+3600), middleware.Options{Observe: rec.observe})
		start := time.Now()
		var cause error
		err := g.WhileAuthorized(t.Context(), withToken(), scopes.MaxAge(5*time.Minute), func(ctx context.Context) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return nil
		})
		var e *middleware.Error
		if took := time.Since(start); !errors.As(err, &e) || e.Code() != middleware.CodeStepUp || took != 5*time.Minute {
			t.Fatalf("%v after %v", err, took)
		}
		if cause != err || e.MaxAge() != 5*time.Minute || len(rec.events) != 2 {
			t.Errorf("cause %v, age %v, %d events", cause, e.MaxAge(), len(rec.events))
		}
	})
}

// A stream that is only reported goes on, and is checked next when its token expires.
func TestReportOnlyReportsAStepUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		g := newGuard(t, says("auth_time", bubbleStart, "exp", bubbleStart+3600), middleware.Options{
			Observe: rec.observe, InsecureReportOnly: func(context.Context, middleware.Request) bool { return true },
		})
		err := g.WhileAuthorized(t.Context(), withToken(), scopes.MaxAge(5*time.Minute), func(ctx context.Context) error {
			time.Sleep(30 * time.Minute)
			return ctx.Err()
		})
		e := rec.last(t)
		if err != nil || len(rec.events) != 2 || e.Outcome != middleware.OutcomeReported ||
			e.Err.Code() != middleware.CodeStepUp {
			t.Errorf("%v; %d events, the last one is %q with code %q", err, len(rec.events), e.Outcome, e.Err.Code())
		}
	})
}
