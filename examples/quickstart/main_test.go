package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/google/go-cmp/cmp"
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
			if strings.Contains(lines.Text(), "Ctrl-C stops") {
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
func (a answers) command(token string) string                  { return "ask " + strconv.Itoa(int(a)) + " " + token }
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

func TestCommandsUseTheTokensAsVariables(t *testing.T) {
	var out bytes.Buffer
	reader := token{"READER", "abc"}
	printCommands(&out, []transport{answers(200), answers(201)}, []step{
		{what: "with a token", token: reader, status: 200},
		{what: "without a token", status: 401},
		{what: "after a switch", before: "/issuer/up", wait: 2 * time.Second, token: reader, status: 200},
	})
	_, commands, _ := strings.Cut(out.String(), "\n\n")
	want := `READER='abc'

printf '\nwith a token, transport 200: 200\n'
ask 200 READER
printf '\nwith a token, transport 201: 200\n'
ask 201 READER
printf '\nwithout a token, transport 200: 401\n'
ask 200 
curl -X POST http://127.0.0.1:1/issuer/up
sleep 2
printf '\nafter a switch, transport 200: 200\n'
ask 200 READER
`
	if diff := cmp.Diff(want, commands); diff != "" {
		t.Error(diff)
	}
}

// docs/demo.svg is drawn by hand.
func TestThePictureShowsEachStep(t *testing.T) {
	picture, err := os.ReadFile("../../docs/demo.svg")
	if err != nil {
		t.Fatal(err)
	}
	issuer := authtest.Start(t, authtest.Config{})
	steps, err := scenario(issuer, issuer.Key())
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, s := range steps {
		http := strconv.Itoa(s.status)
		want = append(want, s.what, http, http, http, overGRPC{}.verdict(s.status))
	}
	for _, m := range regexp.MustCompile(`<text[^>]*>([^<]*)</text>`).FindAllStringSubmatch(string(picture), -1) {
		got = append(got, m[1])
	}
	head := []string{"$ go run ./examples/quickstart -demo", "request", "net/http", "Echo", "Gin", "gRPC"}
	if diff := cmp.Diff(append(head, want...), got); diff != "" {
		t.Error(diff)
	}
}

func TestCommandsCanBePasted(t *testing.T) {
	for _, tt := range []struct {
		name string
		got  string
		want string
	}{
		{"HTTP", overHTTP{"Gin", "http://127.0.0.1:1"}.command(""), "curl -i http://127.0.0.1:1/read"},
		{
			"HTTP with a token", overHTTP{"Gin", "http://127.0.0.1:1"}.command("READER"),
			`curl -i -H "Authorization: Bearer $READER" http://127.0.0.1:1/read`,
		},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}
