// Package adaptertest tests adapters: packages that put a [middleware.Guard] in front of
// a web framework. It holds the conformance table, which is a list of requests that every
// adapter must answer in the same way, whatever its framework.
//
// # An adapter
//
// An adapter translates. It describes the request, calls Check once, and then either
// hands on the context in the Pass or turns the refusal into an answer. For a framework
// whose handlers get a Context, a whole adapter is:
//
//	// Require guards one handler.
//	func Require(g *middleware.Guard, need scopes.Requirement, next mini.HandlerFunc) mini.HandlerFunc {
//		return func(c *mini.Context) {
//			pass, err := g.Check(c.Request.Context(), middleware.FromHTTP(c.Request, c.Route), need)
//			if err != nil {
//				Answer(c, err)
//				return
//			}
//			c.Request = c.Request.WithContext(pass.Context)
//			next(c)
//		}
//	}
//
//	// Answer writes a refusal, of Check or of Guard.Authorize.
//	func Answer(c *mini.Context, err error) {
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
// An [Adapter] is a function that serves a [Setup]: it builds an application of the
// framework, puts the guard of the setup in front, and lets its handler do the rest.
// [HTTP] makes one of whatever ends up as an http.Handler. [Run] sends the requests and
// judges the answers:
//
//	func TestConformance(t *testing.T) {
//		adaptertest.Run(t, adaptertest.HTTP(func(s adaptertest.Setup) (http.Handler, error) {
//			app := mini.New()
//			for _, route := range s.Routes { // "GET /things", "POST /things"
//				app.Handle(route, miniauth.Require(s.Guard, s.Need, func(c *mini.Context) {
//					if err := s.Handler(c.Request.Context()); err != nil {
//						miniauth.Answer(c, err)
//					}
//				}))
//			}
//			return app, nil
//		}), adaptertest.WholePolicy, adaptertest.Streams)
//	}
//
// The last arguments are what the adapter does not have. A [Feature] that is listed
// there is not tested, so list none that the adapter has. An adapter with a function that
// guards an API as a whole serves Setup.Rules by it, and has [WholePolicy]. One with a
// form of [middleware.Guard.WhileAuthorized] serves Setup.Stream by it, and has [Streams]:
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
// The framework's WhileAuthorized sets a deadline when the second check refuses the request. On
// net/http it takes that from httpauth:
//
//	func WhileAuthorized(
//		c *mini.Context, g *middleware.Guard, need scopes.Requirement, f func(context.Context) error,
//	) error {
//		return httpauth.WhileAuthorized(g, c.Writer, c.Request, need, f)
//	}
//
// Where the framework keeps a chain of handlers, Setup.Recover asks for a middleware in
// front of the guard: some frameworks go on along the chain after a panic that somebody
// else recovered from.
//
// A transport other than HTTP has an Adapter of its own: it fills in a [Server] with a
// function that sends a [Call] over a real connection. Its answers have the status codes
// of gRPC. The Example of the package is a whole program, with a framework in it.
//
// # What the table holds
//
//   - Where a token may be, which tokens are good, and what a route needs.
//   - Which rule of a whole policy holds: for HEAD, for a route without a rule, and for a
//     request that no route serves.
//   - Verifiers of the user's own: tokens that are bound to their sender, and tokens that
//     are asked about again.
//   - Streams: a token that expires meanwhile, or is prolonged; a stream that has ended
//     does not touch the response.
//   - Panics: of the guard, which reach no handler, and of the handler, which stay its own.
//
// Each answer is searched for parts of the token and of the cause.
package adaptertest
