package adaptertest

import (
	"slices"
	"sync"
)

// caught collects the values of panics.
type caught struct {
	mu     sync.Mutex
	values []any
}

func (c *caught) add(value any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values = append(c.values, value)
}

func (c *caught) all() []any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.values)
}
