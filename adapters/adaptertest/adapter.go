package adaptertest

// An Adapter starts a server for s, which uses the adapter under test, on a real socket.
type Adapter func(s Setup) (*Server, error)
