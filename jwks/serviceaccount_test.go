package jwks_test

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
)

// serviceAccount writes what Kubernetes mounts into a pod, and returns its directory.
func serviceAccount(server *httptest.Server) (dir string) {
	dir = must(os.MkdirTemp("", "serviceaccount"))
	for name, content := range map[string][]byte{
		"ca.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		"token":  []byte("the pod's token\n"),
	} {
		must(0, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	return dir
}
