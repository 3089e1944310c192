package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestDemoComesOutAsSaid(t *testing.T) {
	if err := run(t.Context(), true); err != nil {
		t.Error(err)
	}
}

func TestPlayFailsWhenAVerdictDiffers(t *testing.T) {
	issuer, err := authtest.New(authtest.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer issuer.Close()
	var out bytes.Buffer
	err = play(t.Context(), &out, issuer.URL(), []step{
		{what: "as said", method: "GET", path: "/jwks", status: 200},
		{what: "not as said", method: "GET", path: "/nowhere", status: 200},
	})
	if err == nil || !strings.Contains(err.Error(), "not as said: status 404 instead of 200") || strings.Contains(err.Error(), "\nas said") {
		t.Errorf("err = %v", err)
	}
	if !strings.Contains(out.String(), "NO") {
		t.Errorf("the table hides it:\n%s", &out)
	}
}

func TestCurlLinesAreReadyToPaste(t *testing.T) {
	var out bytes.Buffer
	printCurl(&out, "http://127.0.0.1:1", []step{
		{what: "read", method: "GET", path: "/orders", token: "abc", status: 200},
		{what: "switch", method: "POST", path: "/issuer/down", status: 200},
		{what: "later", wait: 2 * time.Second, method: "GET", path: "/orders", status: 401},
	})
	for _, line := range []string{
		"# read: 200\ncurl -i -H 'Authorization: Bearer abc' http://127.0.0.1:1/orders\n",
		"curl -i -X POST http://127.0.0.1:1/issuer/down\n",
		"sleep 2; curl -i http://127.0.0.1:1/orders\n",
	} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("lacks %q:\n%s", line, &out)
		}
	}
}
