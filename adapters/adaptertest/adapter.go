package adaptertest

// An Adapter starts a server for s on a real socket. The server uses the adapter under test. An
// error fails the case.
type Adapter func(s Setup) (*Server, error)
