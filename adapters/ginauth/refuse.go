package ginauth

import (
	"net/http"
	"strconv"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/gin-gonic/gin"
)

// Refuse aborts the chain of c and writes the refusal in err: the status, WWW-Authenticate and
// Retry-After of the answer table, and the body. err may also wrap the refusal. Use it for the
// errors of [middleware.Guard.Authorize], [middleware.Guard.Forbid] and [WhileAuthorized], and then return.
//
// For any other error it writes 500 without the text of the error, because that error is a bug
// of the handler. If the response has begun, as that of a stream has, Refuse only aborts the
// chain.
func Refuse(c *gin.Context, err error) {
	c.Abort()
	if c.Writer.Written() {
		return
	}
	c.Status(http.StatusInternalServerError) // for the case that a configured Body panics
	refusal := adapt.Refusal(err)
	if refusal == nil {
		send(c, http.StatusInternalServerError, "text/plain; charset=utf-8",
			[]byte(http.StatusText(http.StatusInternalServerError)))
		return
	}
	contentType, body := refusal.Body()
	refusal.Apply(c.Writer.Header())
	send(c, refusal.Status(), contentType, body)
}

// send writes an answer. It sets the length, even of an empty body, so that nothing can be
// added to it.
func send(c *gin.Context, status int, contentType string, body []byte) {
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Data(status, contentType, body)
}
