package adaptertest

// A Feature is what not every adapter has.
type Feature string

// The features that cases ask for.
const (
	// HTTPOnly: the method of a request, the Host that it names, a WebSocket, a body, a
	// tab in a field, a server that survives a panic without a recovery.
	HTTPOnly Feature = "what only HTTP has"
	// OverTLS: Setup.TLS.
	OverTLS Feature = "TLS"
	// WholePolicy: Setup.Policy. The adapter guards an API as a whole.
	WholePolicy Feature = "a policy for the whole API"
	// JudgesUnrouted: the adapter judges requests that no route serves by Unrouted. A
	// router that answers those before a middleware runs does not.
	JudgesUnrouted Feature = "a verdict on requests that no route serves"
	// RulesForMethods: a rule wins over Unrouted where it is for exactly the method and the
	// path of a request, and the path has routes for other methods.
	RulesForMethods Feature = "a rule for a method that no route serves"
	// RulesForPaths: a rule wins over Unrouted where it is for exactly the method and the
	// path of a request, and no route has that path.
	RulesForPaths Feature = "a rule for a path that no route serves"
	// JudgesHEAD: the adapter judges HEAD by GET's rule where no handler for HEAD is
	// registered. Where a router has no path for such a request, it does not.
	JudgesHEAD Feature = "GET's rule for HEAD"
	// HEADRules: a rule for HEAD counts also where no handler for HEAD is registered.
	HEADRules Feature = "a rule for HEAD without a handler for it"
	// Requests: Setup.Handler runs outside of the adapter's WhileAuthorized.
	Requests Feature = "requests that are no streams"
	// Streams: Setup.Stream.
	Streams Feature = "streams"
)
