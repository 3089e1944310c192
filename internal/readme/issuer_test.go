package readme_test

import (
	"strings"
	"testing"
	"time"
)

// The README shows the line of the log for an issuer with a final slash that does not belong there.
func TestAWrongIssuerIsInTheLogAsTheTextSays(t *testing.T) {
	t.Parallel()
	var line string
	for _, m := range block.FindAllStringSubmatch(readme(t), -1) {
		if m[1] == "text" && strings.HasPrefix(m[2], "WARN keys") {
			line = strings.TrimSpace(m[2])
		}
	}
	if line == "" {
		t.Fatal("the README has no line of the log")
	}
	issuer := startIssuer(t)
	want := strings.ReplaceAll(line, exampleIssuer, issuer.URL())
	p := run(t, files(t)["httpauth"], issuer.URL()+"/")
	for begin := time.Now(); !strings.Contains(p.log.String(), want+"\n"); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("the log is\n%s\nwant\n%s", p.log, want)
		}
	}
	p.stop(t)
}
