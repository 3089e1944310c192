package chiauth

import (
	"context"
	"slices"
	"sync"

	"github.com/go-chi/chi/v5"
)

// A pin is the context of a request that has passed. It keeps the request on the way that was
// judged. A router of chi takes the route context from the context of the request, and then
// routes by its RoutePath and RouteMethod. Each time chi asks for the route context, the pin
// sets both to the values that were judged. So middleware can change the route context or the
// URL, but the change has no effect.
//
// The route context is a copy of chi's own, because chi reuses its own for another request. A
// goroutine that runs on after the handler, with the context of this request, finds the copy.
type pin struct {
	context.Context

	at     *enforcer
	route  *chi.Context
	base   int    // the number of patterns that were found before the guard
	prefix string // where the router is mounted

	plans []plan // what was judged; if HEAD has GET's rule, the second one is the way of GetHead

	mu   sync.Mutex
	way  int  // the index of the plan that the request follows
	seen int  // the number of patterns that were found since
	done bool // the handler has been found
}

// lastPin is the key of the pin whose route context chi uses.
type lastPin struct{}

func (p *pin) Value(key any) any {
	switch key {
	case any(p.at), any(lastPin{}):
		return p
	case any(chi.RouteCtxKey):
		p.hold()
		return p.route
	}
	return p.Context.Value(key)
}

// hold sets what the next router routes by. After the handler has been found, it changes nothing.
func (p *pin) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return
	}
	if len(p.route.RoutePatterns) < p.base+p.seen {
		panic("chiauth: a middleware behind Enforce has reset the route context")
	}
	found := p.route.RoutePatterns[p.base:]
	p.seen = len(found)
	if way := &p.plans[p.way]; len(found) > len(way.found) || !slices.Equal(found, way.found[:len(found)]) {
		panic("chiauth: the request has left the route that was judged")
	} else if p.done = len(found) == len(way.paths); p.done {
		return
	}
	for i := range p.plans {
		other := &p.plans[i]
		if other.method == p.route.RouteMethod && other.sharesWith(p.plans[p.way], len(found)) {
			p.way = i
		}
	}
	way := &p.plans[p.way]
	// Write only what has changed, because several goroutines may read it.
	if path := way.paths[len(found)]; p.route.RoutePath != path {
		p.route.RoutePath = path
	}
	if p.route.RouteMethod != way.method {
		p.route.RouteMethod = way.method
	}
}

// giveBack copies to outer what chi has recorded, for the middleware in front of the guard.
func (p *pin) giveBack(outer *chi.Context) {
	outer.RouteMethod = p.route.RouteMethod
	outer.RoutePatterns = append(outer.RoutePatterns[:0], p.route.RoutePatterns...)
	outer.URLParams.Keys = append(outer.URLParams.Keys[:0], p.route.URLParams.Keys...)
	outer.URLParams.Values = append(outer.URLParams.Values[:0], p.route.URLParams.Values...)
}
