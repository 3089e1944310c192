package middleware

import (
	"errors"
	"fmt"
)

// faults collects the faults of a configuration, so that one error names all of them.
type faults struct {
	of   string // the type, or the element of a list
	list []error
}

func (f *faults) add(field, format string, args ...any) {
	f.list = append(f.list, fmt.Errorf("bearerguard: "+f.of+"."+field+": "+format, args...))
}

func (f *faults) join() error { return errors.Join(f.list...) }
