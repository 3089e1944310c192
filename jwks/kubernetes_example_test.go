package jwks_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/bearerguard/bearerguard/jwks"
)

// apiServer is a transport that sends the token of this pod's service account to the API server, and to no
// other host.
type apiServer struct {
	host  string // "kubernetes.default.svc", or with a port if that is not 443
	token string // the file with the token
	next  http.RoundTripper
}

func (a apiServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" && r.URL.Host == a.host {
		token, err := os.ReadFile(a.token) // each time, because the kubelet replaces it
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context()) // the request of the caller must stay as it is
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	return a.next.RoundTrip(r)
}

// clusterKeys returns the keys of the cluster's service accounts. The API server demands a token for its
// metadata. dir is /var/run/secrets/kubernetes.io/serviceaccount, and host is kubernetes.default.svc.
func clusterKeys(issuer, dir, host string) (*jwks.Cache, error) {
	pem, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("ca.crt has no certificate")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	return jwks.New(jwks.Config{
		Issuer:      issuer, // as in the tokens; the API server may not be reached under this name
		MetadataURL: "https://" + host + "/.well-known/openid-configuration",
		Client: &http.Client{Transport: apiServer{
			host: host, token: filepath.Join(dir, "token"), next: transport,
		}},
	})
}

// The API server of a Kubernetes cluster gives its metadata to service accounts only. The token must go to
// the API server alone: the metadata may name keys on another host, which must not get it.
func ExampleConfig_kubernetes() {
	got := make(chan string, 2)
	tell := func(r *http.Request) { got <- fmt.Sprintf("%s: %q", r.URL.Path, r.Header.Get("Authorization")) }
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tell(r)
		fmt.Fprintf(w, `{"keys":[%s]}`, edJWK("2026-11", 1))
	}))
	defer elsewhere.Close()
	const issuer = "https://kubernetes.default.svc.cluster.local"
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tell(r)
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, issuer, elsewhere.URL+"/openid/v1/jwks")
	}))
	defer server.Close()
	dir := serviceAccount(server)
	defer os.RemoveAll(dir)

	keys, err := clusterKeys(issuer, dir, server.Listener.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer keys.Close()
	fmt.Println(keys.Ready(context.Background()))
	fmt.Println(<-got)
	fmt.Println(<-got)
	// Output:
	// <nil>
	// /.well-known/openid-configuration: "Bearer the pod's token"
	// /openid/v1/jwks: ""
}
