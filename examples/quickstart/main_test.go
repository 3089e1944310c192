package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestDemoGetsTheExpectedAnswers(t *testing.T) {
	if err := run(t.Context(), true); err != nil {
		t.Error(err)
	}
}

func TestRunServesUntilItsContextEnds(t *testing.T) {
	printed, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	stdout := os.Stdout
	os.Stdout = out
	defer func() { os.Stdout = stdout }()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(printed); lines.Scan(); {
			if lines.Text() == "Ctrl-C stops it." {
				cancel()
			}
		}
	}()
	if err := run(ctx, false); err != nil {
		t.Error(err)
	}
	if ctx.Err() == nil {
		t.Error("run returned before ctx ended")
	}
	cancel()
	out.Close()
	<-ended
}

// answers is a transport that gives the same answer to every request.
type answers int

func (a answers) String() string                               { return "transport " + strconv.Itoa(int(a)) }
func (a answers) addr() string                                 { return "http://127.0.0.1:1" }
func (a answers) read(context.Context, string) (string, error) { return strconv.Itoa(int(a)), nil }
func (a answers) verdict(status int) string                    { return strconv.Itoa(status) }

func TestPlayFailsOnAnyDifference(t *testing.T) {
	var out bytes.Buffer
	err := play(t.Context(), &out, []transport{answers(200), answers(401)}, []step{{what: "a request", status: 200}})
	if err == nil || err.Error() != "a request on transport 401: 401 instead of 200" {
		t.Errorf("err = %v", err)
	}
	if !strings.Contains(out.String(), "NO") {
		t.Errorf("the table does not say NO:\n%s", &out)
	}
}

func TestCurlLinesAreReadyToPaste(t *testing.T) {
	var out bytes.Buffer
	printCurl(&out, []transport{answers(200)}, []step{
		{what: "with a token", token: "abc", status: 200},
		{what: "after a switch", before: "/issuer/up", wait: 2 * time.Second, status: 401},
	})
	for _, line := range []string{
		"# with a token: 200\ncurl -i -H 'Authorization: Bearer abc' http://127.0.0.1:1/read\n",
		"# after a switch: 401\ncurl -X POST http://127.0.0.1:1/issuer/up; sleep 2; curl -i http://127.0.0.1:1/read\n",
	} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("the output does not have %q:\n%s", line, &out)
		}
	}
}
