package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	span    = regexp.MustCompile("`(?:[^`\n]|\n[^`\n])+`")                                            // code in prose
	link    = regexp.MustCompile(`\]\(\s*([^)\s]+)|(?m:^\[[^\]]+\]:\s*(\S+))|(?:src|href)="([^"]+)"`) // Markdown, HTML
	outside = regexp.MustCompile(`^[a-z]+:`)                                                          // https:, mailto:
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.*?) *#*$`)
	target  = regexp.MustCompile(`\]\([^)]*\)`)                 // what a link in a heading leads to
	dropped = regexp.MustCompile(`[^\p{L}\p{M}\p{N}\p{Pc}\- ]`) // what GitHub leaves out of the id of a heading
)

// links calls f for each link of p within the repository.
func (p page) links(f func(line int, file, anchor string)) {
	prose := span.ReplaceAllStringFunc(p.prose, func(s string) string { // code has no links
		return strings.Repeat(" ", len(s)-strings.Count(s, "\n")) + strings.Repeat("\n", strings.Count(s, "\n"))
	})
	for _, m := range link.FindAllStringSubmatchIndex(prose, -1) {
		for i := 2; i < len(m); i += 2 {
			if m[i] < 0 || outside.MatchString(prose[m[i]:m[i+1]]) {
				continue
			}
			file, anchor, _ := strings.Cut(prose[m[i]:m[i+1]], "#")
			if file = path.Join(path.Dir(p.name), file); strings.HasPrefix(prose[m[i]:], "#") {
				file = p.name
			}
			f(p.lineOf(m[i]), file, anchor)
		}
	}
}

// anchors returns the ids that GitHub gives to the headings of p, in their order. It gives other ids to
// headings that are equal, but no page has such headings.
func (p page) anchors() []string {
	var ids []string
	for _, m := range heading.FindAllStringSubmatch(p.prose, -1) {
		text := dropped.ReplaceAllString(strings.ToLower(target.ReplaceAllString(m[1], "")), "")
		ids = append(ids, strings.ReplaceAll(text, " ", "-"))
	}
	return ids
}

func TestHeadingsAreUniqueInTheirPage(t *testing.T) {
	for _, p := range pages(t) {
		ids := p.anchors()
		for i, id := range ids {
			if slices.Contains(ids[:i], id) {
				t.Errorf("%s: two headings are #%s", p.name, id)
			}
		}
	}
}

func TestEachLinkLeadsToSomethingThatExists(t *testing.T) {
	for _, p := range pages(t) {
		p.links(func(line int, file, anchor string) {
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s:%d: %v", p.name, line, err)
			} else if anchor != "" && !slices.Contains(read(t, file).anchors(), anchor) {
				t.Errorf("%s:%d: %s has no heading #%s", p.name, line, file, anchor)
			}
		})
	}
}

func TestEachPageOfDocsIsLinkedFromTheReadmeOrTheIndex(t *testing.T) {
	linked := map[string]bool{}
	for _, index := range []string{"README.md", "docs/README.md"} {
		read(t, index).links(func(_ int, file, _ string) { linked[file] = linked[file] || file != index })
	}
	for _, p := range pages(t) {
		if strings.HasPrefix(p.name, "docs/") && !linked[p.name] {
			t.Errorf("neither README.md nor docs/README.md links to %s", p.name)
		}
	}
}
