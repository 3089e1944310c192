package ginauth

import "github.com/gin-gonic/gin"

// A routing is what Gin went by when it chose the chain that runs: a note about c,
// which c itself does not keep. Middleware may change the method. And when
// [gin.Engine.HandleContext] returns, Gin goes on with the chain of before, but leaves
// the path of the other route in c.
type routing struct {
	method, path string
	running      bool // false: the chain has ended, and what goes on is another
}

// Error makes a routing fit for an element of c.Errors.
func (*routing) Error() string { return "ginauth: routing" }

// noteAt is the capacity of c.Errors with a note in its last place. Gin keeps this
// array when it uses c again, so that a note costs nothing. In c.Keys it would cost a
// map for each request. Nobody sees it, since the length stays 0, and an error that
// overwrites it would have to be the sixteenth.
const noteAt = 16

// noteOf finds the note in c, nil without one.
func noteOf(c *gin.Context) *routing {
	n := cap(c.Errors)
	if n == 0 || c.Errors[:n][n-1] == nil {
		return nil
	}
	r, _ := c.Errors[:n][n-1].Err.(*routing)
	return r
}

// note stands in front of all other middleware, and notes how Gin has routed c.
func note(c *gin.Context) {
	r := noteOf(c)
	if r == nil {
		r = new(routing)
		errs := make([]*gin.Error, noteAt)
		errs[noteAt-1] = &gin.Error{Err: r}
		c.Errors = errs[:copy(errs[:noteAt-1], c.Errors)]
	}
	*r = routing{method: c.Request.Method, path: c.FullPath(), running: true}
	defer func() { r.running = false }()
	c.Next()
}

// asRouted tells whether the method and the path of c are those by which Gin has
// chosen the chain that runs: whether routeOf is the route that serves. The method
// doesn't matter where no route does.
func asRouted(c *gin.Context) bool {
	r := noteOf(c)
	return r != nil && r.running && r.path == c.FullPath() && (r.method == c.Request.Method || r.path == "")
}
