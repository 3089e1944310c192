package chiauth

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-chi/chi/v5"
)

// A level is one router, with what its patterns lead to.
type level struct {
	router chi.Routes
	table  atomic.Pointer[map[string]entry]
}

// An entry is what a pattern leads to.
type entry struct {
	methods map[string]bool // those that have a handler
	sub     *level          // the router that is mounted here; nil if none is
	opaque  bool            // a mounted value has routes, but is not a *chi.Mux
}

// A step is what one router does with a request.
type step struct {
	found   string // the pattern as chi records it; "" if there is none
	pattern string // the same; for a mount it is always the pattern that ends with /*
	sub     *level // the router that is next; nil if a handler serves
	rest    string // the path for the next router
	unknown bool   // it is not known whether the pattern leads to a handler or a router
}

// contexts are used for matching only. No other code gets them.
var contexts = sync.Pool{New: func() any { return chi.NewRouteContext() }}

// step returns what the router does with a request.
func (l *level) step(method, path string) step {
	ctx := contexts.Get().(*chi.Context)
	defer contexts.Put(ctx)
	ctx.Reset()
	l.router.Match(ctx, method, path) // it also matches in mounted routers; the first pattern is that of l
	if len(ctx.RoutePatterns) == 0 {
		return step{}
	}
	found := ctx.RoutePatterns[0]
	s := l.lookup(method, found)
	if s.unknown { // it may have been registered after the table was made
		l.load()
		s = l.lookup(method, found)
	}
	if s.sub != nil {
		s.rest = "/"
		if i := slices.Index(ctx.URLParams.Keys, "*"); s.found == s.pattern && i >= 0 {
			s.rest += ctx.URLParams.Values[i]
		}
	}
	return s
}

// lookup returns where found leads, which is the pattern that the router found for method.
func (l *level) lookup(method, found string) step {
	table := l.table.Load()
	if table == nil {
		table = l.load()
	}
	at := (*table)[found]
	switch {
	case at.methods[method]: // this is also the case for a handler with the pattern of a mount
		return step{found: found, pattern: found}
	case at.sub != nil, at.opaque:
		return step{found: found, pattern: found, sub: at.sub}
	}
	// Mount("/x", ...) also answers /x and /x/, which Routes does not list.
	mount := strings.TrimSuffix(found, "/") + "/*"
	at = (*table)[mount]
	if at.sub != nil || at.opaque || at.methods[method] {
		return step{found: found, pattern: mount, sub: at.sub}
	}
	return step{found: found, unknown: true}
}

// load makes the table of the present routes of the router.
func (l *level) load() *map[string]entry {
	table := map[string]entry{}
	for _, route := range l.router.Routes() {
		at := table[route.Pattern]
		if at.methods == nil {
			at.methods = map[string]bool{}
		}
		for method := range route.Handlers {
			if method != "*" { // it stands for the methods that are listed as well
				at.methods[method] = true
			}
		}
		if mux, ok := route.SubRoutes.(*chi.Mux); ok {
			at.sub = &level{router: mux}
		} else if route.SubRoutes != nil {
			at.opaque = true
		}
		table[route.Pattern] = at
	}
	l.table.Store(&table)
	return &table
}
