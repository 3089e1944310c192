package chiauth

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-chi/chi/v5"
)

// A level is one router, and what its patterns lead to.
type level struct {
	router chi.Routes
	table  atomic.Pointer[map[string]entry]
}

// An entry is what a pattern leads to.
type entry struct {
	methods map[string]bool // those with a handler
	sub     *level          // the router that is mounted here; nil if none is
	opaque  bool            // something is mounted here that says it has routes, and is no *chi.Mux
}

// A step is what one router does with a request.
type step struct {
	found   string // the pattern as chi notes it; "" if there is none
	pattern string // the same, save that of a mount it is always the one that ends with /*
	sub     *level // the router that goes on; nil where a handler serves
	rest    string // the path that it goes on with
	unknown bool   // the pattern can't be told to be a handler's or a router's
}

// contexts are for matching alone. They are never given away.
var contexts = sync.Pool{New: func() any { return chi.NewRouteContext() }}

// step asks the router where a request leads.
func (l *level) step(method, path string) step {
	ctx := contexts.Get().(*chi.Context)
	defer contexts.Put(ctx)
	ctx.Reset()
	l.router.Match(ctx, method, path) // goes through mounted routers, too; the first pattern is this one's
	if len(ctx.RoutePatterns) == 0 {
		return step{}
	}
	found := ctx.RoutePatterns[0]
	s := l.lookup(method, found)
	if s.unknown { // perhaps it was registered after the table was made
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

// lookup tells where a pattern that the router has found for method leads.
func (l *level) lookup(method, found string) step {
	table := l.table.Load()
	if table == nil {
		table = l.load()
	}
	at := (*table)[found]
	switch {
	case at.methods[method]: // also one that was put in front of a mount
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

// load makes the table of the router as it is now.
func (l *level) load() *map[string]entry {
	table := map[string]entry{}
	for _, route := range l.router.Routes() {
		at := table[route.Pattern]
		if at.methods == nil {
			at.methods = map[string]bool{}
		}
		for method := range route.Handlers {
			if method != "*" { // stands for the methods that are listed beside it
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
