package adaptertest

// A Feature is something that some adapters do not have. Pass those that an adapter does not
// have to [Run].
type Feature string

// The features that cases need.
const (
	// HTTPOnly: the method of a request, its Host, a WebSocket, a body, a tab in a field, a
	// server that survives a panic without a recovery.
	HTTPOnly Feature = "what only HTTP has"
	// OverTLS: the adapter serves Setup.TLS.
	OverTLS Feature = "TLS"
	// WholePolicy: the adapter guards an API as a whole, by Setup.Policy.
	WholePolicy Feature = "a policy for the whole API"
	// JudgesUnrouted: the adapter judges requests that no route serves by Unrouted. It cannot
	// if the router answers these before it runs middleware.
	JudgesUnrouted Feature = "a verdict on requests that no route serves"
	// RulesForMethods: a rule for exactly the method and the path of a request wins over
	// Unrouted if the path has routes for other methods only.
	RulesForMethods Feature = "a rule for a method that no route serves"
	// RulesForPaths: a rule for exactly the method and the path of a request wins over
	// Unrouted if no route has that path.
	RulesForPaths Feature = "a rule for a path that no route serves"
	// JudgesHEAD: the adapter judges HEAD by GET's rule if HEAD has no handler. It cannot if
	// the router has no path for such a request.
	JudgesHEAD Feature = "GET's rule for HEAD"
	// HEADRules: a rule for HEAD has an effect even if HEAD has no handler.
	HEADRules Feature = "a rule for HEAD without a handler for it"
	// Requests: the adapter runs Setup.Handler outside its form of WhileAuthorized.
	Requests Feature = "requests that are not streams"
	// Streams: the adapter serves Setup.Stream.
	Streams Feature = "streams"
)
