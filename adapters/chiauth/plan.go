package chiauth

import "slices"

// A plan is the way of a request through the routers, as chi will take it.
type plan struct {
	method   string
	paths    []string // what each router gets to route
	found    []string // the pattern that each of them finds; the last one has none if no route serves
	pattern  string   // of the route that serves; "" if none does
	unknown  bool     // where the way leads can't be told
	unrouted bool     // no route serves
}

// route spells the route of p.
func (p *plan) route() string { return p.method + " " + p.pattern }

// sharesWith tells whether p and q are the same up to the router that comes after n others.
func (p *plan) sharesWith(q plan, n int) bool {
	return len(p.paths) > n && len(q.paths) > n && slices.Equal(p.found[:n], q.found[:n]) && p.paths[n] == q.paths[n]
}

// plan follows a request from the router on. The router itself stands at prefix.
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
