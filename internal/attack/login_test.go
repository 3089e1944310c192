package attack_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// loginAttacks use a good token of a weak or an old login on a route that asks for another one.
func loginAttacks() []attack {
	strong := func(w *world) { w.need, w.always = scopes.ACR("gold"), map[string]any{"acr": "gold"} }
	recent := func(w *world) {
		w.need, w.always = scopes.MaxAge(5*time.Minute), map[string]any{"auth_time": time.Now()}
	}
	both := func(w *world) {
		strong(w)
		w.need, w.always["auth_time"] = w.need.And(scopes.MaxAge(5*time.Minute)), time.Now()
	}
	now := time.Now().Unix()
	at := func(seconds int64) string { return fmt.Sprintf(`"auth_time":%d`, seconds) }
	const acr, age, fold = "RFC 9470 §6.1: acr", "RFC 9470 §6.1: auth_time", "encoding/json folds case"
	var out []attack
	for _, r := range []struct {
		name, reference, claims string
		prepare                 func(*world)
	}{
		{"no acr", acr, `"amr":["gold"]`, strong},
		{"another acr", acr, `"acr":"silver"`, strong},
		{"an acr that begins with the one", acr, `"acr":"golden"`, strong},
		{"an acr that the one begins with", acr, `"acr":"gol"`, strong},
		{"the acr in another case", acr, `"acr":"GOLD"`, strong},
		{"the acr with a space behind", acr, `"acr":"gold "`, strong},
		{"the acr with a NUL behind", acr, `"acr":"gold\u0000"`, strong},
		{"the acr among others in one text", acr, `"acr":"silver gold"`, strong},
		{"the acr in an array", acr, `"acr":["gold"]`, strong},
		{"the acr as a key", acr, `"acr":{"gold":true}`, strong},
		{"the acr in ACR", fold, `"ACR":"gold","Acr":"gold"`, strong},
		{"the acr in acr_values", acr, `"acr_values":"gold"`, strong},
		{"the acr in another claim", acr, `"id_token":{"acr":"gold"}`, strong},
		{"the acr as a scope", acr, `"scope":"gold acr(gold) acr:gold"`, strong},
		{"the acr in acrs, among others in one text", "Microsoft Entra ID", `"acrs":"silver gold"`, strong},
		{"the acr as a key of acrs", "Microsoft Entra ID", `"acrs":{"gold":true}`, strong},
		{"the acr in an array within acrs", "Microsoft Entra ID", `"acrs":[["gold"]]`, strong},

		{"no auth_time", age, `"updated_at":` + fmt.Sprint(now), recent},
		{"a login of an hour ago", age, at(now - 3600), recent},
		{"a login of before 1970", age, at(-now), recent},
		{"a login in an hour", age, at(now + 3600), recent},
		{"a login in the year 9999", age, at(253402300799), recent},
		{"a login beyond all years", age, `"auth_time":1e300`, recent},
		{"a login in milliseconds", age, at(now * 1000), recent},
		{"a login as text", age, fmt.Sprintf(`"auth_time":"%d"`, now), recent},
		{"a login as a date", age, `"auth_time":"` + time.Now().Format(time.RFC3339) + `"`, recent},
		{"a login in an array", age, fmt.Sprintf(`"auth_time":[%d]`, now), recent},
		{"a login of true", age, `"auth_time":true`, recent},
		{"a login in Auth_Time", fold, fmt.Sprintf(`"Auth_Time":%d,"AUTH_TIME":%[1]d`, now), recent},

		{"a strong login of an hour ago", acr, `"acr":"gold",` + at(now-3600), both},
		{"a weak login of now", age, `"acr":"silver",` + at(now), both},
	} {
		out = append(out, attack{
			name: r.name, reference: r.reference, prepare: r.prepare, send: claiming("{" + goodClaims + "," + r.claims + "}"),
			reason: "needs ", code: middleware.CodeStepUp,
		})
	}
	for _, r := range []struct{ name, claims string }{
		{"two acrs", `"acr":"silver","acr":"gold"`},
		{"two acrs, one of them escaped", `"acr":"silver","\u0061cr":"gold"`},
		{"two auth_times", at(now-3600) + "," + at(now)},
	} {
		out = append(out, attack{
			name: r.name, reference: "RFC 7519 §4", prepare: both, send: claiming("{" + goodClaims + "," + r.claims + "}"),
			reason: "claims: ",
		})
	}
	return out
}

// A token that is remembered is not verified again. The age of its login is judged each time.
func TestALoginOfATokenThatIsRememberedGetsOld(t *testing.T) {
	for _, tr := range transports(true) {
		t.Run(tr.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(w *world) { w.need = scopes.MaxAge(time.Minute) }, tr)
				token := bearer(w.mint(authtest.Token{AuthTime: time.Now()}))
				w.expect(token, passes, "")
				time.Sleep(time.Minute - time.Nanosecond)
				w.expect(token, passes, "")
				time.Sleep(time.Nanosecond)
				w.expect(token, middleware.CodeStepUp, "needs max_age(1m), and auth_time was ")
			})
		})
	}
}
