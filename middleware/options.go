package middleware

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/bearerguard/bearerguard/internal/urls"
)

// Options say where a [Guard] finds tokens, what it answers, and what it reports. The
// zero value is ready for use. The functions must be safe for concurrent use.
type Options struct {
	// Realm is the realm of the challenge (RFC 9110 §11.5). It is printable ASCII. If it
	// is empty, the realm is "api".
	Realm string

	// Cookie is the name of a cookie that may hold the token instead of the
	// Authorization header. If it is empty, cookies are not read. Browsers attach cookies
	// to requests of any page. Therefore, if a page of another origin sent the request,
	// methods other than GET, HEAD and OPTIONS are refused, by the rules of
	// [http.CrossOriginProtection]. So are requests to upgrade the connection
	// (WebSocket), with any method. The origin is compared to the request's Host, so a
	// proxy must pass the Host on.
	//
	// If the Authorization header has the same token, octet for octet, it counts as the
	// cookie. A request with two tokens that differ is malformed. An empty cookie beside a
	// token in the header counts as none.
	Cookie string

	// Header is the name of a header whose whole value is the token, in place of the
	// Authorization header: "X-Goog-Iap-Jwt-Assertion". On gRPC it is a key of the metadata.
	// It is for an API behind an identity-aware proxy, which makes such a header from a
	// cookie of the browser. Therefore the rules of Cookie about pages of other origins apply
	// to it. A token in the Authorization header is then refused, and beside the other header
	// any Authorization header is malformed. The challenge of a refusal does not change.
	//
	// If the proxy puts the token into Authorization instead, the rules do not apply, because
	// the token looks like that of a program. Let the proxy use another header.
	//
	// Other programs do not know that such a header is a secret. A proxy may log it, and a
	// shared cache may store the answers (RFC 9111 §3.5).
	Header string

	// TrustedOrigins are origins ("https://app.example") whose pages may send the
	// Cookie or the Header with any method. They are compared to the letter, and
	// there are no wildcards.
	TrustedOrigins []string

	// ExpiredIsAnonymous makes a token count as none on routes with [scopes.Optional] if it has
	// expired and nothing else is wrong with it. Otherwise such a request is refused, as on all
	// other routes. JWTConfig.Validate is not asked about such a token. What began with a good
	// token does not become anonymous: Authorize refuses it once the token has expired, and its
	// streams end.
	ExpiredIsAnonymous bool

	// Resource describes the API to clients that know nothing but its URL (RFC 9728). Then each
	// challenge has the URL of its metadata as resource_metadata, for which mount
	// [Guard.Metadata]. The 401 of a route also names the scopes that the route needs, which
	// anybody can read then. If Resource is nil, clients must know the issuer.
	Resource *Resource

	// Logger gets a line for each request that is refused, or reported instead. The line
	// has the code, the cause, the route and the address of the peer. It never has a
	// token, nor text of an unverified one. What the issuer signed is quoted and cut.
	// Outages are warnings, and other refusals are information. If Logger is nil, refusals
	// are not logged.
	//
	// [New] and [NewMultiIssuer] pass it to the key caches that they make, which log when an
	// issuer cannot be asked, and when it can again, as jwks.Config.Logger says. If Logger is
	// nil, these lines go to [slog.Default], because an API that can verify nothing must not
	// be silent.
	Logger *slog.Logger

	// Observe is called for each decision, before its answer is sent, for metrics. It
	// runs in the request's own goroutine, except for the later checks of
	// [Guard.WhileAuthorized], which run beside the function. [Observers] joins several.
	Observe func(context.Context, Event)

	// Body replaces the body of a refusal. Status and challenge stay as they are. The
	// context is that of the check. A context given to [Guard.Authorize] or [Guard.Forbid]
	// may have ended when the body is made, as that of a function of
	// [Guard.WhileAuthorized] has. The request is what the caller sent, and not trusted:
	// escape what you write into the body, and never write credentials into it. Its
	// Header is never nil. gRPC has no bodies.
	Body func(ctx context.Context, r Request, e *Error) (contentType string, body []byte)

	// InsecureReportOnly is called for each request that would be refused. If it returns true,
	// the request passes, and is reported as [OutcomeReported]. Most implementations look only
	// at Request.Route. The request gets claims only if they were verified. This is for a
	// rollout. It leaves such a request unprotected: a cookie from another origin passes,
	// Authorize refuses nothing, and a stream goes on after the token's expiry. Only
	// [Guard.Forbid] still refuses. The Route of an unknown route is "". All else in the
	// request is what the caller sent. Its Header is never nil.
	InsecureReportOnly func(ctx context.Context, r Request) bool
}

// compile checks o as a whole. parties are what is known of the verifier. It returns a Guard that
// has no verifier yet.
func (o Options) compile(parties ...party) (*Guard, error) {
	g := &Guard{
		cookie: o.Cookie, header: http.CanonicalHeaderKey(o.Header), logger: o.Logger,
		observe: o.Observe, body: o.Body, reportOnly: o.InsecureReportOnly,
		expiredIsAnonymous: o.ExpiredIsAnonymous,
	}
	g.challenge.realm = cmp.Or(o.Realm, "api")
	faults := faults{of: "Options"}
	for i := range len(o.Realm) {
		if c := o.Realm[i]; c < ' ' || c > '~' {
			faults.add("Realm", "%q has a byte outside of printable ASCII", o.Realm)
			break
		}
	}
	if o.Cookie != "" {
		if (&http.Cookie{Name: o.Cookie}).Valid() != nil {
			faults.add("Cookie", "%q is not a valid name of a cookie (RFC 6265 §4.1.1)", o.Cookie)
		}
	}
	if fault := headerFault(o.Header); fault != "" {
		faults.add("Header", "%q %s", o.Header, fault)
	}
	if o.Cookie != "" || o.Header != "" {
		g.csrf = http.NewCrossOriginProtection()
	} else if len(o.TrustedOrigins) > 0 {
		faults.add("TrustedOrigins", "have no effect without Cookie or Header")
	}
	for i, origin := range o.TrustedOrigins {
		if g.csrf == nil {
			break
		}
		if err := g.csrf.AddTrustedOrigin(origin); err != nil {
			faults.add(fmt.Sprintf("TrustedOrigins[%d]", i), "%w", err)
		} else if why := originFault(origin); why != "" {
			faults.add(fmt.Sprintf("TrustedOrigins[%d]", i), "%s %s", urls.Quote(origin), why)
		}
	}
	g.resource = o.Resource.compile(&faults, parties)
	if err := faults.join(); err != nil {
		return nil, err
	}
	if g.resource != nil {
		g.challenge.metadata = g.resource.metadata
	}
	return g, nil
}
