package authtest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// kids returns the kids of the key set, and "?" for an element that is not an object.
func kids(t *testing.T, issuer *authtest.Issuer) []string {
	t.Helper()
	_, body := get(t, issuer, issuer.URL()+"/jwks")
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal([]byte(body), &set); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	names := []string{}
	for _, raw := range set.Keys {
		jwk := struct{ Kid string }{"?"}
		_ = json.Unmarshal(raw, &jwk)
		names = append(names, jwk.Kid)
	}
	return names
}

func TestKeyLife(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	first := issuer.Key()
	published := func(sentence string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, kids(t, issuer)); diff != "" {
			t.Errorf("%s:\n%s", sentence, diff)
		}
	}
	published("one key at first", first.ID())

	second := issuer.Rotate()
	if second == first || issuer.Key() != second || second.ID() == first.ID() {
		t.Error("Rotate made no new key current")
	}
	published("both after a rotation", first.ID(), second.ID())

	issuer.Withdraw(first)
	published("one again", second.ID())
	issuer.Withdraw(second)
	issuer.Withdraw(second)
	if got := kids(t, issuer); len(got) != 0 {
		t.Errorf("published %v", got)
	}
	if issuer.Key() != second {
		t.Error("a withdrawn key no longer signs")
	}

	other, err := authtest.NewKey("Ed25519")
	if err != nil {
		t.Fatal(err)
	}
	issuer.Publish(other, second, other)
	issuer.Publish(second)
	published("each key once", other.ID(), second.ID())
	if issuer.Key() != second {
		t.Error("Publish changed the current key")
	}

	jwk := other.JWK()
	jwk["kid"] = "edited"
	issuer.PublishJWK(jwk)
	issuer.PublishJWK(17)
	issuer.PublishJWK(json.RawMessage(`{"kid":"a","kid":"b"}`))
	published("elements of any shape", other.ID(), second.ID(), "edited", "?", "b")
	issuer.PublishJWK(json.RawMessage(`{"kid":`))
	if _, body := get(t, issuer, issuer.URL()+"/jwks"); !strings.HasSuffix(body, `,17,{"kid":"a","kid":"b"},{"kid":]}`) {
		t.Errorf("not as it is: %s", body)
	}
}

func TestPublishJWKCopies(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	raw := json.RawMessage(`{"kid":"a"}`)
	issuer.PublishJWK(raw)
	copy(raw, `{"kid":"b"}`)
	if got := kids(t, issuer); got[1] != "a" {
		t.Errorf("published %v", got)
	}
}

func TestSecretsStayUnpublished(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{Algorithm: "HS256"})
	issuer.Rotate()
	if got := kids(t, issuer); len(got) != 0 {
		t.Errorf("published %v", got)
	}
	issuer.Publish(issuer.Key())
	if got := kids(t, issuer); len(got) != 1 {
		t.Errorf("not even when asked: %v", got)
	}
}

func TestPublishJWKPanicsOnWhatJSONCannotSay(t *testing.T) {
	issuer := newIssuer(t, authtest.Config{})
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	issuer.PublishJWK(func() {})
}
