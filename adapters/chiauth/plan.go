package chiauth

import "slices"

// A plan is the way of a request through the routers, as chi will take it.
type plan struct {
	method   string
	paths    []string // the path that each router routes by
	found    []string // the pattern that each router finds; if no route serves, the last router has none
	pattern  string   // of the route that serves; "" if none does
	unknown  bool     // it is not known where the way leads
	unrouted bool     // no route serves
}

// route spells the route of p.
func (p *plan) route() string { return p.method + " " + p.pattern }

// sharesWith reports whether p and q are the same up to the router number n, counted from 0.
func (p *plan) sharesWith(q plan, n int) bool {
	return len(p.paths) > n && len(q.paths) > n && slices.Equal(p.found[:n], q.found[:n]) && p.paths[n] == q.paths[n]
}

// plan follows a request from the router on, which is mounted at prefix.
func (l *level) plan(method, path, prefix string) plan {
	p := plan{method: method}
	for {
		s := l.step(method, path)
		p.paths = append(p.paths, path)
		if s.found == "" || s.unknown {
			p.unrouted, p.unknown = true, s.unknown
			return p
		}
		p.found = append(p.found, s.found)
		if s.sub == nil {
			p.pattern = prefix + s.pattern
			return p
		}
		prefix += mountPoint(s.pattern)
		l, path = s.sub, s.rest
	}
}
