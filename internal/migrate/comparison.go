package migrate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// An Answer is what a caller is told. The status is "200" over HTTP, and "OK" over gRPC.
type Answer struct{ Status, Challenge, Body string }

// Server answers a request.
type Server func(*http.Request) Answer

// Serve is the Server of an HTTP handler.
func Serve(h http.Handler) Server {
	return func(r *http.Request) Answer {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return Answer{
			Status: strconv.Itoa(w.Code), Challenge: w.Header().Get("WWW-Authenticate"),
			Body: strings.TrimSpace(w.Body.String()),
		}
	}
}

// Comparison holds what two programs are compared by.
type Comparison struct {
	Page string // in docs
	Old  string // the old library
	// Before and After start the programs with the keys of an issuer.
	Before, After func(*testing.T, *authtest.Issuer) Server
	Issuer        authtest.Config
	Target        string // the path of each request

	// Claims are those of each token that the route needs. Poor are those of a token that is good
	// and does not have the right. Nil stands for scopes.
	Claims, Poor map[string]any
	NotHTTP      bool  // the requests have no path, no query and no cookies
	More         []Row // what the test itself has tried
}

// Check sends the requests to both programs. It fails the test if the page does not have the
// table of the answers.
func (c Comparison) Check(t *testing.T) {
	table := c.table(t)
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", c.Page))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), table) {
		t.Errorf("docs/%s does not have this table:\n\n%s", c.Page, table)
	}
}

// table returns a Markdown table of the requests that are answered differently, and a sentence
// on the others.
func (c Comparison) table(t *testing.T) string {
	var differ, alike strings.Builder
	fmt.Fprintf(&differ, "| request | %s | bearerguard |\n|---|---|---|\n", c.Old)
	same := map[string][]string{}
	var order []string
	for _, row := range slices.Concat(c.credentials(t), c.keys(t), c.More) {
		if row.Before != row.After {
			fmt.Fprintf(&differ, "| %s | %s | %s |\n", row.What, row.Before, row.After)
			continue
		}
		status, what := row.Before, row.What
		if strings.HasPrefix(status, "`") {
			status, what = what, status // a challenge or a body
		}
		if same[status] == nil {
			order = append(order, status)
		}
		same[status] = append(same[status], what)
	}
	fmt.Fprint(&alike, "\nBoth answer alike:\n\n")
	for _, status := range order {
		for i, line := range wrap(fmt.Sprintf("- %s: %s.", status, strings.Join(same[status], "; "))) {
			if i > 0 {
				line = "  " + line
			}
			fmt.Fprintln(&alike, line)
		}
	}
	return differ.String() + alike.String()
}

// wrap breaks text into lines of at most 108 bytes, so that two more fit.
func wrap(text string) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > 108 {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// LogIn sends login to api, and a request to target with the token that it answers with. It fails
// the test unless both are answered 200.
func LogIn(t *testing.T, name string, api http.Handler, login *http.Request, target string) {
	w := httptest.NewRecorder()
	api.ServeHTTP(w, login)
	var answer struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: the answer to the login, %d: %v", name, w.Code, err)
	}
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	r.Header.Set("Authorization", "Bearer "+cmp.Or(answer.Token, answer.AccessToken))
	w = httptest.NewRecorder()
	api.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("%s: the token of the login was answered %d: %s", name, w.Code, w.Body)
	}
}
