package chiauth

import (
	"context"
	"slices"
	"sync"

	"github.com/go-chi/chi/v5"
)

// A pin is the context of a request that has passed, and keeps it on the way that was
// judged. A router of chi asks the context of a request for the route context, and then
// routes by the RoutePath and the RouteMethod in it. So whoever asks finds both as they
// were judged, whatever a middleware has made of them or of the URL.
//
// The route context is a copy of chi's own, which chi gives to another request after this
// one: what goes on after the handler, with the context of this request, finds the copy.
type pin struct {
	context.Context

	at     *enforcer
	route  *chi.Context
	base   int    // how many patterns had been found before the guard
	prefix string // where the router stands

	plans []plan // what was judged; for HEAD by GET's rule, a second one is what GetHead makes of it

	mu   sync.Mutex
	way  int  // the plan that the request is on
	seen int  // how many patterns have been found since
	done bool // the handler is found
}

// lastPin is the key of the pin that holds the route context.
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

// hold sets what the next router routes by. Once the handler is found, it changes nothing.
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
		panic("chiauth: the request is not on the way that was judged")
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
	// Whoever only reads must be able to do so in several goroutines.
	if path := way.paths[len(found)]; p.route.RoutePath != path {
		p.route.RoutePath = path
	}
	if p.route.RouteMethod != way.method {
		p.route.RouteMethod = way.method
	}
}

// giveBack hands to outer what chi has noted, for the middleware in front of the guard.
func (p *pin) giveBack(outer *chi.Context) {
	outer.RouteMethod = p.route.RouteMethod
	outer.RoutePatterns = append(outer.RoutePatterns[:0], p.route.RoutePatterns...)
	outer.URLParams.Keys = append(outer.URLParams.Keys[:0], p.route.URLParams.Keys...)
	outer.URLParams.Values = append(outer.URLParams.Values[:0], p.route.URLParams.Values...)
}
