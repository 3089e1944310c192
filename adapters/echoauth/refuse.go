package echoauth

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/labstack/echo/v4"
)

// Refuse turns the refusal in err into an [echo.HTTPError], for a handler to return. err may
// also wrap the refusal. It sets WWW-Authenticate and Retry-After on the response. Use it
// for the errors of [middleware.Guard.Authorize], [middleware.Guard.Forbid] and
// [WhileAuthorized]. It returns any other error unchanged.
//
// For a refusal the result is never nil:
//
//	if err := echoauth.Refuse(c, guard.Authorize(ctx, need)); err != nil {
//		return err
//	}
//
// If [middleware.Options].Body is configured, Refuse sends that body at once. After that the
// response of c takes no more bytes, so that an error handler cannot add a body of its own. The
// same holds if the response had begun before Refuse was called, but then Refuse adds nothing
// to it.
func Refuse(c echo.Context, err error) error {
	refusal := adapt.Refusal(err)
	if refusal == nil {
		return err
	}
	// Internal is not err, because a handler may have wrapped the refusal, and in Debug mode
	// Echo sends the text of Internal.
	answer := &echo.HTTPError{Code: refusal.Status(), Message: refusal.Error(), Internal: refusal}
	if !c.Response().Committed {
		refusal.Apply(c.Response().Header())
		contentType, body, ok := refusal.ConfiguredBody()
		if !ok { // the app's error handler writes a body
			return answer
		}
		if err := send(c, refusal.Status(), contentType, body); err != nil {
			answer.Internal = errors.Join(refusal, err)
		}
	}
	finish(c)
	return answer
}

// send writes the configured body. It sets the length, so that on HTTP/1 net/http takes no
// more bytes, even from code that holds the ResponseWriter itself.
func send(c echo.Context, status int, contentType string, body []byte) error {
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	return c.Blob(status, contentType, body)
}

// finish replaces the response of c by one that takes no more bytes. It does not replace the
// writer alone, because middleware such as Gzip restores its earlier writer when it ends, and
// that is before an error handler runs.
func finish(c echo.Context) {
	sent := c.Response()
	finished := echo.NewResponse(full{sent}, c.Echo())
	finished.Status, finished.Size, finished.Committed = sent.Status, sent.Size, true
	c.SetResponse(finished)
}

// full is a response that takes no more bytes.
type full struct{ *echo.Response }

func (full) Write([]byte) (int, error) { return 0, http.ErrContentLength }

func (full) WriteHeader(int) {}
