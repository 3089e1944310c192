package echoauth

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/labstack/echo/v4"
)

// Refuse turns a refusal into Echo's error, for a handler to return: it sets
// WWW-Authenticate and Retry-After on the response. Handlers use it for the errors
// of [middleware.Guard.Authorize] and [WhileAuthorized]. Any other error is returned as it is.
//
// A refusal always is a non-nil error, an [echo.HTTPError]:
//
//	if err := echoauth.Refuse(c, guard.Authorize(ctx, need)); err != nil {
//		return err
//	}
//
// Where [middleware.Options].Body is configured, Refuse sends that body at once. From
// then on the response of c takes no more bytes, so that an error handler can't add a
// body of its own. The same holds for a response that had begun before Refuse was
// called, to which Refuse adds nothing either.
func Refuse(c echo.Context, err error) error {
	refusal := adapt.Refusal(err)
	if refusal == nil {
		return err
	}
	// Not err, which a handler may have wrapped: in Debug mode the text of Internal is
	// sent.
	answer := &echo.HTTPError{Code: refusal.Status(), Message: refusal.Error(), Internal: refusal}
	if !c.Response().Committed {
		refusal.Apply(c.Response().Header())
		contentType, body, ok := refusal.ConfiguredBody()
		if !ok { // the app's error handler writes one
			return answer
		}
		if err := send(c, refusal.Status(), contentType, body); err != nil {
			answer.Internal = errors.Join(refusal, err)
		}
	}
	finish(c)
	return answer
}

// send writes the configured body. Its length is set, so that on HTTP/1 net/http takes
// no other bytes even from what holds the ResponseWriter itself.
func send(c echo.Context, status int, contentType string, body []byte) error {
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	return c.Blob(status, contentType, body)
}

// finish gives c a response that is sent already. The writer alone is not replaced:
// middleware such as Gzip puts back the one that it found when it ends, which is
// before an error handler runs.
func finish(c echo.Context) {
	sent := c.Response()
	finished := echo.NewResponse(full{sent}, c.Echo())
	finished.Status, finished.Size, finished.Committed = sent.Status, sent.Size, true
	c.SetResponse(finished)
}

// full takes no more bytes. Everything else is the response's own.
type full struct{ *echo.Response }

func (full) Write([]byte) (int, error) { return 0, http.ErrContentLength }

func (full) WriteHeader(int) {}
