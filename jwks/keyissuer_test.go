package jwks_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

func TestAKeyWhoseIssuerChangesIsAnotherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		with := func(issuer string) reply { return ok(`{"issuer":"` + issuer + `",` + edJWK("a", 1)[1:]) }
		i := answering(with("https://one.example"))
		c := start(t, jwks.Config{MaxRefresh: time.Minute}, i)
		first := mustServe(t, c, "a")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if again := mustServe(t, c, "a"); again != first || first.Issuer() != "https://one.example" {
			t.Errorf("got %p with issuer %q, then %p", first, first.Issuer(), again)
		}
		i.answer(with("https://two.example"))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if second := mustServe(t, c, "a"); second == first || second.Issuer() != "https://two.example" {
			t.Errorf("got issuer %q, the same key: %v", second.Issuer(), second == first)
		}
	})
}

func TestTheIssuerOfAKey(t *testing.T) {
	rows := []struct {
		name   string
		member any
		want   string
		ok     bool
	}{
		{"a name", "https://login.example/{tenantid}/v2.0", "https://login.example/{tenantid}/v2.0", true},
		{"none", nil, "", true},
		{"null", null, "", true},
		{"an empty text", "", "", true},
		{"a number", 7, "", false},
		{"an array with a name", []string{"https://login.example"}, "", false},
		{"an object", m{"name": "a"}, "", false},
		{"true", true, "", false},
	}
	for _, row := range rows {
		set, err := jwks.ParseSet([]byte(keySet(with(edMembers(), m{"issuer": row.member}))))
		if (err == nil) != row.ok {
			t.Errorf("%s: got error %v", row.name, err)
		}
		if err == nil {
			if got := mustServe(t, set, "x").Issuer(); got != row.want {
				t.Errorf("%s: got %q, want %q", row.name, got, row.want)
			}
		}
	}
	if got := must(jwks.NewKey("a", "", edPublic(1))).Issuer(); got != "" {
		t.Errorf("a key that is no JWK: got %q", got)
	}
}
