// Package adaptertest tests adapters: packages that put a [middleware.Guard] in front of a web
// framework. It holds the conformance table, a list of requests that every adapter must answer
// in the same way. One statement tests an adapter:
//
//	adaptertest.Run(t, adaptertest.HTTP(serve), adaptertest.WholePolicy, adaptertest.Streams)
//
// # An adapter
//
// An adapter describes the request to the guard, and calls Check once. If Check returns a Pass,
// the adapter calls the handler with the context in it. If Check returns a refusal, the adapter
// writes the answer. This is a whole adapter for a framework whose handlers get a Context:
//
//	// Require guards one handler.
//	func Require(g *middleware.Guard, need scopes.Requirement, next mini.HandlerFunc) mini.HandlerFunc {
//		return func(c *mini.Context) {
//			pass, err := g.Check(c.Request.Context(), middleware.FromHTTP(c.Request, c.Route), need)
//			if err != nil {
//				Refuse(c, err)
//				return
//			}
//			c.Request = c.Request.WithContext(pass.Context)
//			next(c)
//		}
//	}
//
//	// Refuse writes a refusal, of Check or of Guard.Authorize.
//	func Refuse(c *mini.Context, err error) {
//		var refusal *middleware.Error
//		if !errors.As(err, &refusal) || refusal == nil {
//			http.Error(c.Writer, "internal error", http.StatusInternalServerError)
//			return
//		}
//		contentType, body := refusal.Body()
//		refusal.Apply(c.Writer.Header())
//		c.Writer.Header().Set("Content-Type", contentType)
//		c.Writer.WriteHeader(refusal.Status())
//		c.Writer.Write(body)
//	}
//
// # Its test
//
// An [Adapter] is a function that serves a [Setup]. It builds an application of the framework,
// guards it with the guard of the setup, and calls the handler of the setup. [HTTP] makes an
// Adapter from a function that returns an http.Handler. [Run] sends the requests and checks the
// answers:
//
//	func TestConformance(t *testing.T) {
//		adaptertest.Run(t, adaptertest.HTTP(func(s adaptertest.Setup) (http.Handler, error) {
//			app := mini.New()
//			for _, route := range s.Routes { // "GET /things", "POST /things"
//				app.Handle(route, miniauth.Require(s.Guard, s.Need, func(c *mini.Context) {
//					if err := s.Handler(c.Request.Context()); err != nil {
//						miniauth.Refuse(c, err)
//					}
//				}))
//			}
//			return app, nil
//		}), adaptertest.WholePolicy, adaptertest.Streams)
//	}
//
// The last arguments list the features that the adapter does not have. A [Feature] in this list
// is not tested, so do not list one that the adapter has:
//
//   - An adapter that guards an API as a whole has [WholePolicy]. Its test compiles Setup.Rules.
//   - An adapter with a form of [middleware.Guard.WhileAuthorized] has [Streams]. Its test runs
//     Setup.Stream.
//
// This is how a handler runs Setup.Stream:
//
//	err := miniauth.WhileAuthorized(c, s.Guard, s.Need, func(ctx context.Context) error {
//		return s.Stream(ctx, func(message string) error {
//			if _, err := io.WriteString(c.Writer, message); err != nil {
//				return err
//			}
//			return http.NewResponseController(c.Writer).Flush()
//		})
//	})
//
// The WhileAuthorized of an adapter must set a deadline when the second check refuses the
// request. On net/http it can call that of httpauth:
//
//	func WhileAuthorized(
//		c *mini.Context, g *middleware.Guard, need scopes.Requirement, f func(context.Context) error,
//	) error {
//		return httpauth.WhileAuthorized(g, c.Writer, c.Request, need, f)
//	}
//
// If the framework has a chain of handlers, put a middleware that calls Setup.Recover in front
// of the guard. Some frameworks call the next handler of the chain after outer middleware has
// recovered from a panic.
//
// A transport other than HTTP needs an Adapter of its own. It returns a [Server] with a function
// that sends a [Call] over a real connection, and its answers have the status codes of gRPC. The
// Example of the package is a whole program with a framework.
//
// # What the table holds
//
//   - Where a token may be, which tokens are valid, and what a route needs.
//   - Which rule of a whole policy is judged for HEAD, for a route without a rule, and for a
//     request that no route serves.
//   - Custom verifiers: tokens that are bound to their sender, and tokens that are checked again.
//   - Streams: a token that expires during the stream, or is prolonged. A stream that has ended
//     must not touch the response.
//   - Panics: a panic of the guard must reach no handler, and a panic of the handler must pass
//     the guard unchanged.
//
// Run searches each answer for parts of the token and of the cause, and reports them as errors.
package adaptertest
