package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/bearerguard/bearerguard/benchmarks/internal/peers"
)

// report writes m as markdown.
func (m *measured) report(w io.Writer) {
	m.header(w)
	if targets := m.targets(); len(targets) > 0 {
		fmt.Fprint(w, "\n### Targets\n\n| what | target | measured | met |\n|---|---|---|---|\n")
		for _, t := range targets {
			fmt.Fprintf(w, "| %s | %s | %s | %s |\n", t.what, t.promise, t.figure, t.met)
		}
	}
	if len(m.pairs) > 0 {
		fmt.Fprint(w, "\n### Paired with the fastest peer\n\nThe two alternate within one loop; "+
			"95 % confidence interval of the median ratio. Below 1, bearerguard is faster.\n\n")
		fmt.Fprint(w, "| algorithm | | fastest peer of this run | ratio | 95 % | pairs |\n|---|---|---|--:|--:|--:|\n")
		for _, p := range m.pairs {
			algorithm, ours, _ := strings.Cut(p.a, "/")
			_, peer, _ := strings.Cut(p.b, "/")
			fmt.Fprintf(w, "| %s | %s | %s | %.3f | %.3f to %.3f | %d |\n",
				algorithm, ours, peer, p.Ratio, p.Low, p.High, p.Pairs)
		}
	}
	m.losses(w)
	for _, g := range m.groups {
		m.table(w, g)
	}
}

// header writes how the figures were measured, and on which machine.
func (m *measured) header(w io.Writer) {
	fmt.Fprintf(w, "Recorded %s on %s, %d cores, %s/%s, %s, GOMAXPROCS %d",
		time.Now().UTC().Format("2006-01-02 15:04 MST"),
		cpuModel(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.GOMAXPROCS(0))
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Fprintf(w, ", load average %s at the end", strings.Join(strings.Fields(string(load))[:3], " "))
	}
	fmt.Fprintf(w, ". %d subjects, %d rounds, %s.\n", len(m.results.By), m.results.Rounds, m.took.Round(time.Second))
	fmt.Fprint(w, "\nAll figures are processor time of the whole process, including garbage collection: "+
		"the median over ten blocks of rounds, ± its 95 % confidence interval.\n")
	fmt.Fprintf(w, "\nVersions: %s.\n", strings.Join(versions(), ", "))
}

// versions lists the modules that are compared, with the versions that were built.
func versions() []string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return []string{"unknown"}
	}
	var list []string
	for _, dep := range info.Deps {
		for _, name := range []string{
			"golang-jwt/jwt", "go-jose/go-jose", "gopkg.in/go-jose", "lestrrat-go/jwx", "coreos/go-oidc",
			"cristalhq/jwt", "pascaldekloe/jwt", "auth0/go-jwt-middleware", "go-chi/jwtauth", "labstack/echo",
			"appleboy/gin-jwt", "gin-gonic/gin", "google.golang.org/grpc", "grpc-ecosystem/go-grpc-middleware",
			"MicahParks",
		} {
			if strings.Contains(dep.Path, name) {
				list = append(list, strings.TrimPrefix(dep.Path, "github.com/")+" "+dep.Version)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "an unknown processor"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unknown processor"
}

// table writes the rows of g that were measured.
func (m *measured) table(w io.Writer, g group) {
	var lines []string
	for _, r := range g.rows {
		res, ok := m.results.By[g.name(r.name)]
		if !ok {
			continue
		}
		line := fmt.Sprintf("| %s | %s | %s |", r.name, duration(res.Nanos), res.Spread)
		if g.base != "" {
			if g.above {
				line += fmt.Sprintf(" %s |", duration(m.results.Difference(res.Name, g.name(g.base))))
			} else {
				line += " " + ratio(m.results.Ratio(res.Name, g.name(g.base))) + " |"
			}
		}
		if g.ours != "" || g.cases {
			line += " " + ratio(m.results.Ratio(res.Name, g.name(g.rival(r.name)))) + " |"
		}
		lines = append(lines, line+fmt.Sprintf(" %.1f | %.0f |", res.Allocs.Count, res.Allocs.Bytes))
	}
	if len(lines) == 0 {
		return
	}
	head, rule := "| | CPU | ± |", "|---|--:|--:|"
	if g.base != "" {
		head += map[bool]string{true: " above ", false: " × "}[g.above] + g.base + " |"
		rule += "--:|"
	}
	switch {
	case g.cases:
		head += " × " + peers.Ours + " |"
		rule += "--:|"
	case g.ours != "":
		head += " × " + g.ours + " |"
		rule += "--:|"
	}
	fmt.Fprintf(w, "\n### %s\n\n", g.title)
	if g.note != "" {
		fmt.Fprintf(w, "%s\n\n", g.note)
	}
	fmt.Fprintf(w, "%s allocations | bytes |\n%s--:|--:|\n%s\n", head, rule, strings.Join(lines, "\n"))
}

// losses lists the peers that took less time than ours in the same table. It leaves out a peer if
// the paired run shows the opposite, because the paired run is more precise.
func (m *measured) losses(w io.Writer) {
	var lines []string
	for _, g := range m.groups {
		for _, r := range g.rows {
			if g.key == "known" || r.name == g.base || strings.HasPrefix(r.name, peers.Floor) ||
				strings.HasPrefix(r.name, peers.Ours) || g.rival(r.name) == "" {
				continue
			}
			name, rival := g.name(r.name), g.name(g.rival(r.name))
			share := m.results.Ratio(name, rival)
			if share == 0 || share >= 1 || m.pairSays(rival, name) {
				continue
			}
			lines = append(lines, fmt.Sprintf("- %s: %s takes %s to our %s.", g.title, r.name,
				duration(m.results.By[name].Nanos), duration(m.results.By[rival].Nanos)))
		}
	}
	fmt.Fprint(w, "\n### Where a peer was faster\n\n")
	if len(lines) == 0 {
		fmt.Fprint(w, "Nowhere in this run.\n")
		return
	}
	fmt.Fprintln(w, strings.Join(lines, "\n"))
}

// pairSays reports whether a was shown to be faster than b in a pair.
func (m *measured) pairSays(a, b string) bool {
	return slices.ContainsFunc(m.pairs, func(p pair) bool { return p.a == a && p.b == b && p.High < 1 })
}

// ratio formats r with two decimals, or none above 100.
func ratio(r float64) string {
	if r >= 100 {
		return fmt.Sprintf("%.0f", r)
	}
	return fmt.Sprintf("%.2f", r)
}

// duration formats ns with three significant digits.
func duration(ns float64) string {
	switch {
	case ns < 1000 && ns > -1000:
		return fmt.Sprintf("%.3g ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	}
	return fmt.Sprintf("%.3g ms", ns/1e6)
}
