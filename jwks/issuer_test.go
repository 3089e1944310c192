package jwks_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bearerguard/bearerguard/jwks"
)

const keysURL = "https://issuer.example/keys"

// atKeys begins the text of a fetch of the keys that failed.
const atKeys = `jwks: "` + keysURL + `": `

var b64 = base64.RawURLEncoding.EncodeToString

// reply is the issuer's answer to one request.
type reply struct {
	status int // 0: 200
	header http.Header
	body   string
	delay  time.Duration
	drip   time.Duration // before each byte of the body
	err    error
}

// issuer answers in memory, so that it works inside a synctest bubble.
type issuer struct {
	mu       sync.Mutex
	reply    func(*http.Request) reply
	requests []*http.Request
	flying   int
	most     int // requests at the same time
}

func answering(r reply) *issuer {
	i := &issuer{}
	i.answer(r)
	return i
}

func (i *issuer) answer(r reply) { i.answerBy(func(*http.Request) reply { return r }) }

func (i *issuer) answerBy(f func(*http.Request) reply) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.reply = f
}

// fetches returns how many requests there were so far.
func (i *issuer) fetches() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.requests)
}

func (i *issuer) inFlight() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.flying
}

func (i *issuer) last() *http.Request {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.requests[len(i.requests)-1]
}

func (i *issuer) RoundTrip(req *http.Request) (*http.Response, error) {
	i.mu.Lock()
	i.requests = append(i.requests, req)
	i.flying++
	i.most = max(i.most, i.flying)
	r := i.reply(req)
	i.mu.Unlock()
	defer func() {
		i.mu.Lock()
		i.flying--
		i.mu.Unlock()
	}()
	if r.delay > 0 {
		select {
		case <-time.After(r.delay):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if r.header == nil {
		r.header = http.Header{}
	}
	body := io.Reader(strings.NewReader(r.body))
	if r.drip > 0 {
		body = dripping{req.Context(), body, r.drip}
	}
	return &http.Response{StatusCode: r.status, Header: r.header, Body: io.NopCloser(body), Request: req}, nil
}

// dripping yields a byte at a time until the request ends.
type dripping struct {
	ctx      context.Context
	body     io.Reader
	interval time.Duration
}

func (d dripping) Read(p []byte) (int, error) {
	select {
	case <-time.After(d.interval):
		return d.body.Read(p[:1])
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}

func start(t testing.TB, cfg jwks.Config, i *issuer) *jwks.Cache {
	t.Helper()
	if cfg.Issuer == "" && cfg.KeysURL == "" {
		cfg.KeysURL = keysURL
	}
	cfg.Client = &http.Client{Transport: i}
	c, err := jwks.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func edKey(seed byte) ed25519.PrivateKey {
	s := make([]byte, ed25519.SeedSize)
	s[0] = seed
	return ed25519.NewKeyFromSeed(s)
}

func edPublic(seed byte) ed25519.PublicKey { return edKey(seed).Public().(ed25519.PublicKey) }

// edSign returns the signature of input by the key of seed.
func edSign(seed byte) []byte { return ed25519.Sign(edKey(seed), []byte(input)) }

func mustVerify(t testing.TB, k *jwks.Key, seed byte) {
	t.Helper()
	if err := k.Verify("EdDSA", input, edSign(seed)); err != nil {
		t.Fatalf("the key is not that of seed %d: %v", seed, err)
	}
}

// edJWK returns the public key of seed as a JWK with kid and without alg.
func edJWK(kid string, seed byte) string {
	return fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q}`, kid, b64(edPublic(seed)))
}

func keySet(jwks ...string) string { return `{"keys":[` + strings.Join(jwks, ",") + `]}` }

func ok(jwks ...string) reply { return reply{body: keySet(jwks...)} }

var down = reply{err: errors.New("connection refused")}

// ask returns the one key for EdDSA with that kid, or nil and the error.
func ask(c jwks.Set, kid string) (*jwks.Key, error) { return askCtx(context.Background(), c, kid) }

func askCtx(ctx context.Context, c jwks.Set, kid string) (*jwks.Key, error) {
	keys, err := c.Keys(ctx, jwks.Query{KeyID: kid, Algorithm: "EdDSA"})
	if err != nil {
		return nil, err
	}
	return keys[0], nil
}

func mustServe(t testing.TB, c jwks.Set, kid string) *jwks.Key {
	t.Helper()
	k, err := ask(c, kid)
	if err != nil {
		t.Fatalf("key %s: %v", kid, err)
	}
	return k
}

func mustNotFind(t testing.TB, c jwks.Set, kid string) {
	t.Helper()
	if _, err := ask(c, kid); !errors.Is(err, jwks.ErrKeyNotFound) {
		t.Fatalf("key %s: got %v, want ErrKeyNotFound", kid, err)
	}
}

// mustBeOutage wants an error that is neither ErrKeyNotFound nor one that a caller could take for an error of
// its own context.
func mustBeOutage(t testing.TB, c jwks.Set, kid string) {
	t.Helper()
	_, err := ask(c, kid)
	if err == nil || !strings.HasPrefix(err.Error(), "jwks: keys are unavailable: ") ||
		errors.Is(err, jwks.ErrKeyNotFound) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("key %s: got %v, want an outage", kid, err)
	}
}

func mustFetch(t testing.TB, i *issuer, want int) {
	t.Helper()
	if got := i.fetches(); got != want {
		t.Fatalf("%d requests, want %d", got, want)
	}
}
