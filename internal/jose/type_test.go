package jose_test

import (
	"errors"
	"testing"

	"github.com/bearerguard/bearerguard/internal/jose"
)

// The texts name the member, what it must be, and the type that was found. They have nothing else of the
// document.
func TestErrorsNameTheMemberAndItsType(t *testing.T) {
	claims := func(text string) error { _, err := jose.ParseClaims(text, nil); return err }
	header := func(text string) error { _, err := jose.ParseHeader(text); return err }
	for _, row := range []struct {
		read       func(string) error
		text, want string
	}{
		{claims, `{"iss":["MARK"]}`, "iss must be a string, and is an array"},
		{claims, `{"sub":7}`, "sub must be a string, and is a number"},
		{claims, `{"\u0073ub":null}`, "sub must be a string, and is null"},
		{claims, `{"jti":true}`, "jti must be a string, and is a boolean"},
		{claims, `{"client_id":{"MARK":1}}`, "client_id must be a string, and is an object"},
		{claims, `{"s_hash":[1]}`, "s_hash must be a string, and is an array with other values than strings"},
		{claims, `{"aud":["MARK",1]}`, "aud must be a string or an array of strings, and is an array with other values than strings"},
		{claims, `{"aud":-7}`, "aud must be a string or an array of strings, and is a number"},
		{claims, `{"scope":{}}`, "scope must be a string or an array of strings, and is an object"},
		{claims, `{"scp":false}`, "scp must be a string or an array of strings, and is a boolean"},
		{claims, `{"exp":"MARK"}`, "exp must be a number of seconds, from the year 1 to 9999, and is a string"},
		{claims, `{"nbf":""}`, "nbf must be a number of seconds, from the year 1 to 9999, and is empty"},
		{claims, `{"iat":1700000000000}`, "iat must be a number of seconds, from the year 1 to 9999, and is not; perhaps it counts milliseconds"},
		{claims, `{"cnf":"MARK"}`, "cnf must be an object, and is a string"},
		{claims, `{"events":[]}`, "events must be an object, and is an array"},

		{header, `{"alg":"RS256","kid":""}`, "kid must be a string that is not empty, and is empty"},
		{header, `{"alg":"RS256","kid":7}`, "kid must be a string that is not empty, and is a number"},
		{header, `{"alg":"RS256","typ":["MARK"]}`, "typ must be a string that is not empty, and is an array"},
		{header, `{"alg":"RS256","crit":["MARK"]}`, "has crit, and no extension is supported"},
		{header, `{"alg":"RS256","b64":true}`, "has b64, which a JWT must not have"},
		{header, `{}`, "alg in the header is absent"},
		{header, `{"alg":""}`, "alg in the header is empty"},
		{header, `{"alg":{"MARK":1}}`, "alg in the header is an object"},
		{header, `{"alg":"none"}`, "alg in the header is none"},
		{header, `{"alg":"\u0045S256K"}`, "alg in the header is ES256K"},
		{header, `{"alg":"NONE"}`, "alg in the header is an unknown name"},
		{header, `{"alg":"MARK"}`, "alg in the header is an unknown name"},
	} {
		if err := row.read(row.text); err == nil || err.Error() != row.want {
			t.Errorf("%s: got  %v\nwant %s", row.text, err, row.want)
		}
	}
	var alg jose.AlgorithmError
	if err := header(`{"alg":"none"}`); !errors.As(err, &alg) || alg != "none" {
		t.Errorf("got %#v, want an AlgorithmError", err)
	}
}

// A header is decoded in memory that the next one uses, and its error is read later.
func TestAnErrorOfAHeaderKeepsItsText(t *testing.T) {
	decode := func(text string) error { _, err := jose.DecodeHeader(encode(text)); return err }
	for range 100 {
		err := decode(`{"alg":"ES256","kid":7}`)
		alg := decode(`{"alg":"ES256K"}`)
		_ = decode(`{"MMM":"MMMMM","MMM":"MMMMMMMMMMMMMMMMMMM"}`)
		if err.Error() != "kid must be a string that is not empty, and is a number" ||
			alg.Error() != "alg in the header is ES256K" {
			t.Fatalf("%v; %v", err, alg)
		}
	}
}
