package ginauth

import "github.com/gin-gonic/gin"

// A routing has the method and the path by which Gin chose the running chain. c itself does not
// keep them: middleware may change the method, and when [gin.Engine.HandleContext] returns, Gin
// continues the earlier chain, but leaves the path of the other route in c.
type routing struct {
	method, path string
	running      bool // false after the chain has ended; a chain that then runs is another one
}

// Error lets an element of c.Errors hold a routing.
func (*routing) Error() string { return "ginauth: routing" }

// noteAt is the capacity of c.Errors with a note in its last place. Gin keeps this array when
// it reuses c, so a note costs no allocation. In c.Keys it would cost a map for each request.
// Nobody sees the note, because the length of c.Errors stays 0. Only the sixteenth error
// overwrites it.
const noteAt = 16

// noteOf returns the note in c, or nil if there is none.
func noteOf(c *gin.Context) *routing {
	n := cap(c.Errors)
	if n == 0 || c.Errors[:n][n-1] == nil {
		return nil
	}
	r, _ := c.Errors[:n][n-1].Err.(*routing)
	return r
}

// note is the first handler of the engine. It notes how Gin has routed c.
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

// asRouted reports whether c still has the method and the path by which Gin has chosen the
// running chain, so that routeOf returns the route that serves. If no route serves, the method
// does not matter.
func asRouted(c *gin.Context) bool {
	r := noteOf(c)
	return r != nil && r.running && r.path == c.FullPath() && (r.method == c.Request.Method || r.path == "")
}
