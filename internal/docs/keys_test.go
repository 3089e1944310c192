package docs_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func readiness(guard *middleware.Guard, log *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		if err := guard.Ready(ctx); err != nil {
			log.Warn("not ready", "cause", err)
			http.Error(w, "not ready", http.StatusServiceUnavailable)
		}
	}
}

func TestReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := authtest.Start(t, authtest.Config{})
		issuer.Break(authtest.Fault{Status: http.StatusBadGateway})
		silent := slog.New(slog.DiscardHandler)
		probe := readiness(issuer.Guard(t, middleware.Options{Logger: silent}), silent)
		if code := ask(probe, "GET", "/readyz", "").Code; code != http.StatusServiceUnavailable {
			t.Errorf("got %d while the issuer is down", code)
		}
		issuer.Heal()
		time.Sleep(time.Minute) // the cache tries again by itself
		if code := ask(probe, "GET", "/readyz", "").Code; code != http.StatusOK {
			t.Errorf("got %d when the issuer is up again", code)
		}
	})
}

func privateCA(pem []byte) (*middleware.Guard, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in the file of the CA")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	return middleware.New(middleware.JWTConfig{
		Issuer:   "https://login.internal",
		Audience: []string{"https://api.example"},
		Client:   &http.Client{Transport: transport},
	}, middleware.Options{Logger: slog.Default()})
}

func keysURL() (*middleware.Guard, *jwks.Cache, error) {
	cache, err := jwks.New(jwks.Config{
		KeysURL: "https://keycloak.cluster.local/realms/shop/protocol/openid-connect/certs",
		Logger:  slog.Default(),
	})
	if err != nil {
		return nil, nil, err
	}
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer:   "https://login.example/realms/shop", // as in the tokens
		Audience: []string{"https://api.example"},
		Keys:     cache, // close it after the guard
	}, middleware.Options{Logger: slog.Default()})
	return guard, cache, err
}

func metadataURL() (*middleware.Guard, error) {
	return middleware.New(middleware.JWTConfig{
		Issuer:      "https://login.example/realms/shop", // as in the tokens and in the metadata
		MetadataURL: "https://keycloak.cluster.local/realms/shop/.well-known/openid-configuration",
		Audience:    []string{"https://api.example"},
	}, middleware.Options{Logger: slog.Default()})
}

func secretBesideKeys(secret []byte) (*middleware.Guard, *jwks.Cache, error) {
	old, err := jwks.NewSecret("legacy", "HS256", secret)
	if err != nil {
		return nil, nil, err
	}
	secrets, err := jwks.Static(old)
	if err != nil {
		return nil, nil, err
	}
	cache, err := jwks.New(jwks.Config{Issuer: "https://project.example/auth/v1", Logger: slog.Default()})
	if err != nil {
		return nil, nil, err
	}
	keys, err := jwks.Union(secrets, cache)
	if err != nil {
		return nil, nil, err
	}
	guard, err := middleware.New(middleware.JWTConfig{
		Issuer:     "https://project.example/auth/v1",
		Audience:   []string{"authenticated"},
		Algorithms: []string{"HS256", "ES256"},
		Keys:       keys, // close the cache after the guard
	}, middleware.Options{Logger: slog.Default()})
	return guard, cache, err
}

func TestTheSecretAndTheKeysOfThePage(t *testing.T) {
	guard, cache, err := secretBesideKeys(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = guard.Close(), cache.Close()
}

func keysInAFile() (jwks.Set, error) {
	file, err := os.ReadFile("keys.json") // a JWK Set: {"keys": [...]}
	if err != nil {
		return nil, err
	}
	return jwks.ParseSet(file)
}

func keyInPEM() (jwks.Set, error) {
	file, err := os.ReadFile("issuer.pem") // a public key or a certificate
	if err != nil {
		return nil, err
	}
	key, err := jwks.ParsePEM("", "RS256", file) // without a kid, it serves tokens with any kid
	if err != nil {
		return nil, err
	}
	return jwks.Static(key)
}

func sharedSecret() (*middleware.Guard, error) {
	key, err := jwks.NewSecret("", "HS256", []byte(os.Getenv("JWT_SECRET"))) // 32 bytes at least
	if err != nil {
		return nil, err
	}
	keys, err := jwks.Static(key)
	if err != nil {
		return nil, err
	}
	return middleware.New(middleware.JWTConfig{
		Issuer:     "billing", // iss and aud that you write into your tokens
		Audience:   []string{"orders"},
		Algorithms: []string{"HS256"},
		Keys:       keys,
	}, middleware.Options{Logger: slog.Default()})
}

func statusPage(cache *jwks.Cache) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		s := cache.Status()
		_ = json.NewEncoder(w).Encode(map[string]any{
			"kids": s.KeyIDs, "stale": s.Stale, "age": time.Since(s.LastSuccess).String(), "error": fmt.Sprint(s.LastError),
		})
	}
}

func serveUntilSignal(guard *middleware.Guard, handler http.Handler) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.ListenAndServe(); err != http.ErrServerClosed {
			log.Fatal(err)
		}
	}()
	<-ctx.Done()
	grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil { // first the server
		return err
	}
	return guard.Close() // then the guard
}

var _ = []any{privateCA, keysURL, metadataURL, keysInAFile, keyInPEM, sharedSecret, statusPage, serveUntilSignal}
