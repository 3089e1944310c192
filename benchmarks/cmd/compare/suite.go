package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/benchmarks/internal/peers"
	"github.com/bearerguard/bearerguard/benchmarks/internal/stopwatch"
	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
)

// group is a table of subjects that do the same job.
type group struct {
	title, note string
	key         string // the names of its subjects begin with key and a slash
	base        string // the row that the others are compared with, "" for none
	above       bool   // compared with base by the difference, not by the ratio
	ours        string // the row of ours that the others are compared with, "" for none
	cases       bool   // rows are "library, case", and compared with ours of the same case
	rows        []row
}

type row struct {
	name string
	op   func() error
}

// name is the full name of a row's subject.
func (g group) name(row string) string { return g.key + "/" + row }

// rival returns the row of ours with which a row is compared, or "" if there is none.
func (g group) rival(row string) string {
	if i := strings.LastIndex(row, ", "); g.cases && i >= 0 {
		return peers.Ours + row[i:]
	}
	return g.ours
}

func (g *group) add(name string, op func() error) { g.rows = append(g.rows, row{name, op}) }

// suite builds all groups. Nothing in them is closed before the process ends.
func suite() ([]group, error) {
	var groups []group
	for _, algorithm := range workload.Algorithms {
		g, err := verification(algorithm)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	for _, build := range []func() ([]group, error){middlewares, remembered, keySets, sizes, refusals, scopeChecks} {
		more, err := build()
		if err != nil {
			return nil, err
		}
		groups = append(groups, more...)
	}
	return groups, nil
}

// subjects lists the rows of groups that keep selects, by their full names.
func subjects(groups []group, keep func(string) bool) []stopwatch.Subject {
	var all []stopwatch.Subject
	for _, g := range groups {
		for _, r := range g.rows {
			if name := g.name(r.name); keep(name) {
				all = append(all, stopwatch.Subject{Name: name, Op: r.op})
			}
		}
	}
	return all
}

func find(all []stopwatch.Subject, name string) (stopwatch.Subject, error) {
	i := slices.IndexFunc(all, func(s stopwatch.Subject) bool { return s.Name == name })
	if i < 0 {
		return stopwatch.Subject{}, fmt.Errorf("no subject %q; -list names them", name)
	}
	return all[i], nil
}

// verifies makes an operation of a verifier and a token.
func verifies(verify peers.Verify, token string) func() error {
	return func() error {
		_, err := verify(token)
		return err
	}
}

// verification is the table for one algorithm: each subject verifies a token and returns
// its claims.
func verification(algorithm string) (group, error) {
	g := group{
		title: "Token to claims, " + algorithm, key: algorithm, base: peers.Floor, ours: peers.Ours,
		note: "A new token of about 1 KB with 8 scopes and nested roles, a static key, no cache of tokens.",
	}
	w, err := workload.New(algorithm)
	if err != nil {
		return g, err
	}
	token := w.Good()
	floor, err := peers.NewFloor(w, token)
	if err != nil {
		return g, err
	}
	g.add(peers.Floor, floor)
	for _, v := range peers.Verifiers {
		if !v.Knows(algorithm) {
			continue
		}
		verify, err := v.New(w)
		if err != nil {
			return g, fmt.Errorf("%s: %w", v.Name, err)
		}
		g.add(v.Name, verifies(verify, token))
	}
	return g, nil
}

// middlewares are whole requests, from the framework's entry to an empty handler.
func middlewares() ([]group, error) {
	w, err := workload.New("RS256")
	if err != nil {
		return nil, err
	}
	token := w.Good()
	var groups []group
	for _, framework := range peers.Frameworks {
		g := group{
			title: "Whole request, " + framework + ", RS256",
			key:   framework,
			base:  peers.Bare,
			above: true,
			ours:  peers.OursNew,
		}
		for _, m := range peers.Middlewares {
			if m.Framework != framework {
				continue
			}
			handler, err := m.New(w)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Name, err)
			}
			g.add(m.Name, handler(token))
		}
		groups = append(groups, g)
	}
	groups[0].note = "The same request each time, no network. " +
		"Peers have no cache of tokens, so compare them with \"new token\"."
	return groups, nil
}
