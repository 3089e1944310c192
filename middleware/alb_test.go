package middleware_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/middleware"
)

// The tests of the Verifier in example_alb_test.go.

const (
	albARN  = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/orders/a1b2c3d4e5f60718"
	fakeKID = "4b7d2e90-1c3f-4a58-86d1-f0a9c5e3b724"
)

// fakeAWS stands for a load balancer, and as an http.RoundTripper for the endpoint of its key.
type fakeAWS struct {
	key *ecdsa.PrivateKey
	pem []byte

	mu     sync.Mutex
	asked  []string                                      // the URLs that were fetched
	answer func(r *http.Request) (*http.Response, error) // nil: the key, under every kid
}

func newFakeAWS() *fakeAWS {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	return &fakeAWS{key: key, pem: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})}
}

func (f *fakeAWS) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.asked = append(f.asked, r.URL.String())
	answer := f.answer
	f.mu.Unlock()
	if answer != nil {
		return answer(r)
	}
	return reply(http.StatusOK, f.pem), nil
}

func reply(status int, body []byte) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}
}

// fetches returns how many requests there were, and forgets them.
func (f *fakeAWS) fetches() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.asked)
	f.asked = nil
	return n
}

type object = map[string]any

// token returns a token of alice, with changes of its header and its payload. A nil removes a member.
func (f *fakeAWS) token(header, payload object) string {
	h := object{
		"typ": "JWT", "alg": "ES256", "kid": fakeKID, "signer": albARN, "iss": "https://login.example",
		"client": "orders-web", "exp": time.Now().Unix() + 120,
	}
	p := object{"sub": "alice", "email": "alice@example.com"}
	for _, edit := range []struct{ of, with object }{{h, header}, {p, payload}} {
		maps.Copy(edit.of, edit.with)
		maps.DeleteFunc(edit.of, func(_ string, value any) bool { return value == nil })
	}
	return f.sign(encodeALB(h), encodeALB(p))
}

// encodeALB encodes value so that it is padded.
func encodeALB(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	for len(text)%3 == 0 {
		text = append(text, ' ')
	}
	return base64.URLEncoding.EncodeToString(text)
}

func (f *fakeAWS) sign(header, payload string) string {
	signed := header + "." + payload
	hash := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, f.key, hash[:])
	if err != nil {
		panic(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + base64.URLEncoding.EncodeToString(signature)
}

// otherBits returns a digit of base64url that differs from digit in the lowest bit alone.
func otherBits(digit byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(digits[strings.IndexByte(digits, digit)^1])
}

func albOf(t *testing.T, aws *fakeAWS) *albVerifier {
	t.Helper()
	v, err := newALBVerifier(albConfig{
		Signer: albARN, Issuer: "https://login.example", Client: "orders-web", Transport: aws,
		KeysURL: "https://public-keys.auth.elb.eu-west-1.amazonaws.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestALBTokenPasses(t *testing.T) {
	aws := newFakeAWS()
	v := albOf(t, aws)
	token := aws.token(nil, object{
		"scope": "orders:write", "scp": []string{"admin"}, "iss": "https://other.example", "client_id": "other",
		"custom:id": uint64(12345678901234567890),
	})
	for range 2 {
		c, err := v.Verify(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		id, err := middleware.Claim[uint64](c, "custom:id")
		if c.Subject() != "alice" || c.Issuer() != "https://login.example" || c.ClientID() != "orders-web" ||
			len(c.Scopes()) > 0 || id != 12345678901234567890 || err != nil {
			t.Errorf("%q, %q, %q, %q, %v, %v", c.Subject(), c.Issuer(), c.ClientID(), c.Scopes(), id, err)
		}
		if left := time.Until(c.Expiry()); left <= 0 || left > 2*time.Minute {
			t.Errorf("good for %v", left)
		}
	}
	want := []string{"https://public-keys.auth.elb.eu-west-1.amazonaws.com/" + fakeKID}
	if !slices.Equal(aws.asked, want) {
		t.Errorf("fetched %q, want %q", aws.asked, want)
	}
}

func TestALBSampleOfThePagePasses(t *testing.T) {
	page, err := os.ReadFile("../docs/providers/aws-alb.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```json\n")
	var header, payload object
	decoder := json.NewDecoder(strings.NewReader(block))
	if err := errors.Join(decoder.Decode(&header), decoder.Decode(&payload)); err != nil {
		t.Fatal(err)
	}
	header["exp"] = time.Now().Unix() + 120
	aws := newFakeAWS()
	if _, err := albOf(t, aws).Verify(t.Context(), aws.sign(encodeALB(header), encodeALB(payload))); err != nil {
		t.Error(err)
	}
}

func TestALBTokenIsRefused(t *testing.T) {
	aws := newFakeAWS()
	good := aws.token(nil, nil)
	parts := strings.Split(good, ".")
	raw := func(header string) string {
		return aws.sign(base64.URLEncoding.EncodeToString([]byte(header)), parts[1])
	}
	stranger := newFakeAWS()

	tests := []struct {
		name, token, cause string
		fetches            int
		page               bool // a row of the page
	}{
		{"a token of another load balancer", aws.token(object{"signer": albARN + "0"}, nil), "signer", 0, true},
		{"a token of another issuer", aws.token(object{"iss": "https://other.example"}, nil), "iss", 0, true},
		{"a token for another client", aws.token(object{"client": "billing-web"}, nil), "client", 0, true},
		{"a token with another algorithm", aws.token(object{"alg": "none"}, nil), "alg", 0, true},
		{"a token without padding", strings.ReplaceAll(good, "=", ""), "padding", 0, true},
		{"a token whose kid is a path", aws.token(object{"kid": "../" + fakeKID}, nil), "kid", 0, true},
		{"a token without an end", aws.token(object{"exp": nil}, nil), "exp", 0, true},
		{"a token that somebody else signed", stranger.token(nil, nil), "signature", 1, true},
		{"a token without a user", aws.token(nil, object{"sub": nil}), "sub", 1, true},
		{"an empty user", aws.token(nil, object{"sub": ""}), "sub", 1, false},
		{"a user that is a number", aws.token(nil, object{"sub": 7}), "sub", 1, false},
		{"no signer", aws.token(object{"signer": nil}, nil), "signer", 0, false},
		{"a signer that is a list", aws.token(object{"signer": []string{albARN}}, nil), "signer", 0, false},
		{"no issuer", aws.token(object{"iss": nil}, nil), "iss", 0, false},
		{"no client", aws.token(object{"client": nil}, nil), "client", 0, false},
		{"a client in the payload alone", aws.token(object{"client": nil}, object{"client": "orders-web"}), "client", 0, false},
		{"an end in the payload alone", aws.token(object{"exp": nil}, object{"exp": time.Now().Unix() + 60}), "exp", 0, false},
		{"no kid", aws.token(object{"kid": nil}, nil), "kid", 0, false},
		{"a kid with a query", aws.token(object{"kid": fakeKID + "?a"}, nil), "kid", 0, false},
		{"a kid with a line break", aws.token(object{"kid": fakeKID + "\n"}, nil), "kid", 0, false},
		{"a kid with a letter that no UUID has", aws.token(object{"kid": "g" + fakeKID[1:]}, nil), "kid", 0, false},
		{"HS256", aws.token(object{"alg": "HS256"}, nil), "alg", 0, false},
		{"an end that is a text", aws.token(object{"exp": "4102444800"}, nil), "header", 0, false},
		{"a signer that is there twice", raw(`{"signer":"` + albARN + `","signer":"x"}`), "header", 0, false},
		{"a header that is a list", raw(`[]`), "header", 0, false},
		{"another payload", parts[0] + "." + encodeALB(object{"sub": "root"}) + "." + parts[2], "signature", 1, false},
		{"half a signature", parts[0] + "." + parts[1] + "." + parts[2][:44], "signature", 1, false},
		{"a signature with other unused bits", good[:len(good)-3] + otherBits(good[len(good)-3]) + "==", "base64url", 0, false},
		{"no signature", parts[0] + "." + parts[1] + ".", "signature", 1, false},
		{"a line break in the signature", parts[0] + "." + parts[1] + "." + parts[2][:4] + "\n" + parts[2][4:], "three parts", 0, false},
		{"two parts", parts[0] + "." + parts[1], "three parts", 0, false},
		{"four parts", good + ".", "three parts", 0, false},
		{"nothing", "", "three parts", 0, false},
		{"base64 of the other alphabet", parts[0] + "." + parts[1] + ".+/+/", "base64url", 0, false},
	}
	page, err := os.ReadFile("../docs/providers/aws-alb.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			aws.fetches()
			c, err := albOf(t, aws).Verify(t.Context(), tt.token)
			if !errors.Is(err, middleware.ErrInvalidToken) || errors.Is(err, middleware.ErrExpired) || !c.IsZero() {
				t.Fatalf("%v", err)
			}
			if !strings.Contains(err.Error(), tt.cause) {
				t.Errorf("%v, want %s", err, tt.cause)
			}
			if got := aws.fetches(); got != tt.fetches {
				t.Errorf("%d fetches, want %d", got, tt.fetches)
			}
			if tt.page && !strings.Contains(string(page), "| "+tt.name+" |") {
				t.Errorf("the page does not say that %q is refused", tt.name)
			}
		})
	}
}

// Only a genuine token tells its sender that it has expired.
func TestALBTokenExpires(t *testing.T) {
	aws, stranger := newFakeAWS(), newFakeAWS()
	v := albOf(t, aws)
	now := time.Now().Unix()
	for _, tt := range []struct {
		name, token string
		expired     bool
	}{
		{"in the header", aws.token(object{"exp": now - 1}, nil), true},
		{"in the payload", aws.token(nil, object{"exp": now - 1}), true},
		{"in the header, and not in the payload", aws.token(object{"exp": now - 1}, object{"exp": now + 60}), true},
		{"forged", stranger.token(object{"exp": now - 1}, nil), false},
		{"without a user", aws.token(object{"exp": now - 1}, object{"sub": nil}), false},
	} {
		_, err := v.Verify(t.Context(), tt.token)
		if !errors.Is(err, middleware.ErrInvalidToken) || errors.Is(err, middleware.ErrExpired) != tt.expired {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	c, err := v.Verify(t.Context(), aws.token(nil, object{"exp": now + 60}))
	if err != nil || c.Expiry().Unix() != now+60 {
		t.Errorf("%v, %v", c.Expiry(), err)
	}
}

// endless is a body of white space. A reader must not read all of it.
type endless struct {
	t    *testing.T
	read *int
}

func (e endless) Read(p []byte) (int, error) {
	if *e.read += len(p); *e.read > 64<<10 {
		e.t.Error("read too much")
		return 0, io.EOF
	}
	return copy(p, bytes.Repeat([]byte("\n"), len(p))), nil
}

// What AWS or the network does is no fault of the token, and is not remembered.
func TestALBOutage(t *testing.T) {
	aws := newFakeAWS()
	v := albOf(t, aws)
	padded := append(slices.Clone(aws.pem), bytes.Repeat([]byte("\n"), 8<<10)...)
	redirect := reply(http.StatusFound, nil)
	redirect.Header.Set("Location", "https://keys.example/"+fakeKID)
	for name, answer := range map[string]func() (*http.Response, error){
		"no network": func() (*http.Response, error) { return nil, errors.New("no route to host") },
		"an error":   func() (*http.Response, error) { return reply(http.StatusInternalServerError, aws.pem), nil },
		"forbidden":  func() (*http.Response, error) { return reply(http.StatusForbidden, aws.pem), nil },
		"a redirect": func() (*http.Response, error) { return redirect, nil },
		"a page":     func() (*http.Response, error) { return reply(http.StatusOK, []byte("<html>")), nil },
		"nothing":    func() (*http.Response, error) { return reply(http.StatusOK, nil), nil },
		"too much":   func() (*http.Response, error) { return reply(http.StatusOK, padded), nil },
		"far too much": func() (*http.Response, error) {
			w := reply(http.StatusOK, nil)
			w.Body = io.NopCloser(endless{t, new(int)})
			return w, nil
		},
	} {
		aws.answer = func(*http.Request) (*http.Response, error) { return answer() }
		_, err := v.Verify(t.Context(), aws.token(nil, nil))
		if err == nil || errors.Is(err, middleware.ErrInvalidToken) || strings.Contains(err.Error(), fakeKID) {
			t.Errorf("%s: %v", name, err)
		}
		if got := aws.fetches(); got != 1 {
			t.Errorf("%s: %d fetches", name, got)
		}
	}

	aws.answer = func(*http.Request) (*http.Response, error) { return reply(http.StatusNotFound, nil), nil }
	if _, err := v.Verify(t.Context(), aws.token(nil, nil)); !errors.Is(err, middleware.ErrInvalidToken) {
		t.Errorf("an unknown kid: %v", err)
	}
	aws.answer = nil
	if _, err := v.Verify(t.Context(), aws.token(nil, nil)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// kid returns the nth of many kids.
func kid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func TestALBKeysAreBoundedInNumberAndAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		aws, stranger := newFakeAWS(), newFakeAWS()
		v := albOf(t, aws)
		verify := func(f *fakeAWS, n, fetches int) error {
			t.Helper()
			_, err := v.Verify(t.Context(), f.token(object{"kid": kid(n)}, nil))
			if got := aws.fetches(); got != fetches {
				t.Errorf("kid %d: %d fetches, want %d", n, got, fetches)
			}
			return err
		}
		pass := func(n, fetches int) {
			t.Helper()
			if err := verify(aws, n, fetches); err != nil {
				t.Error(err)
			}
		}
		for n := range 100 { // whose tokens are forged leaves nothing behind
			if err := verify(stranger, n, 1); !errors.Is(err, middleware.ErrInvalidToken) {
				t.Error(err)
			}
		}
		for n := range 20 {
			pass(n, 1)
		}
		for n := range 16 { // there is room for these
			pass(n, 0)
		}
		pass(19, 1) // and not for this one, which is still verified
		if n := len(v.keys.known); n != 16 {
			t.Errorf("%d keys", n)
		}

		time.Sleep(time.Hour - time.Nanosecond)
		pass(0, 0)
		time.Sleep(time.Nanosecond)
		pass(0, 1)
		if n := len(v.keys.known); n != 1 {
			t.Errorf("%d keys, and the old ones are of no use", n)
		}
		time.Sleep(time.Hour)
		aws.answer = func(*http.Request) (*http.Response, error) { return reply(http.StatusNotFound, nil), nil }
		if err := verify(aws, 0, 1); !errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("a key that is withdrawn: %v", err)
		}
	})
}

// Many requests with one new kid cause one fetch.
func TestALBFetchesAKeyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS()
		v := albOf(t, aws)
		aws.answer = func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return reply(http.StatusOK, aws.pem), nil
		}
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := v.Verify(t.Context(), aws.token(nil, nil)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := aws.fetches(); got != 1 {
			t.Errorf("%d fetches", got)
		}
	})
}

// If the endpoint of keys hangs, a request waits for two seconds, and known keys serve at once.
func TestALBWaitsForAKeyNoLongerThanTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS()
		v := albOf(t, aws)
		if _, err := v.Verify(t.Context(), aws.token(nil, nil)); err != nil {
			t.Fatal(err)
		}
		aws.fetches()
		fetching := 0
		aws.answer = func(r *http.Request) (*http.Response, error) {
			if fetching++; fetching > 1 {
				t.Error("two fetches at a time")
			}
			<-r.Context().Done()
			fetching--
			return nil, r.Context().Err()
		}
		start := time.Now()
		var all sync.WaitGroup
		for n := range 10 {
			all.Go(func() {
				_, err := v.Verify(t.Context(), aws.token(object{"kid": kid(n)}, nil))
				if err == nil || errors.Is(err, middleware.ErrInvalidToken) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if _, err := v.Verify(t.Context(), aws.token(nil, nil)); err != nil || time.Since(start) > 0 {
			t.Errorf("a known key: %v after %v", err, time.Since(start))
		}
		all.Wait()
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// A transport that ignores its context delays those who wait by two seconds only.
func TestALBWaitsForItsTurnNoLongerThanTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS()
		v := albOf(t, aws)
		aws.answer = func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Minute)
			return nil, errors.New("too late")
		}
		var all sync.WaitGroup
		all.Go(func() { _, _ = v.Verify(t.Context(), aws.token(nil, nil)) })
		synctest.Wait()
		start := time.Now()
		_, err := v.Verify(t.Context(), aws.token(nil, nil))
		if took := time.Since(start); took != 2*time.Second || err == nil || errors.Is(err, middleware.ErrInvalidToken) {
			t.Errorf("%v after %v", err, took)
		}
		all.Wait()
	})
}

// A caller who leaves does not wait, and the next one fetches.
func TestALBCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS()
		v := albOf(t, aws)
		aws.answer = func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 2 { // one fetches, and one waits
			all.Go(func() {
				if _, err := v.Verify(ctx, aws.token(nil, nil)); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		cancel()
		all.Wait()
		if took := time.Since(start); took > 0 {
			t.Errorf("took %v", took)
		}
		aws.answer = nil
		if _, err := v.Verify(t.Context(), aws.token(nil, nil)); err != nil {
			t.Error(err)
		}
	})
}

func TestALBKeysURLMayEndWithASlash(t *testing.T) {
	for _, keys := range []string{"https://keys.example/prod", "https://keys.example/prod/"} {
		aws := newFakeAWS()
		v, err := newALBVerifier(albConfig{
			Signer: albARN, Issuer: "https://login.example", Client: "orders-web", KeysURL: keys, Transport: aws,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), aws.token(nil, nil)); err != nil {
			t.Error(err)
		}
		if want := []string{"https://keys.example/prod/" + fakeKID}; !slices.Equal(aws.asked, want) {
			t.Errorf("fetched %q, want %q", aws.asked, want)
		}
	}
}

func TestALBConfigIsCheckedAsAWhole(t *testing.T) {
	_, err := newALBVerifier(albConfig{})
	for _, want := range []string{"Signer: required", "Issuer: required", "Client: required", "KeysURL: must be"} {
		if err == nil || !strings.Contains(err.Error(), "albConfig."+want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for keys, want := range map[string]bool{
		"https://public-keys.auth.elb.eu-west-1.amazonaws.com":                           true,
		"https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1/": true,
		"http://public-keys.auth.elb.eu-west-1.amazonaws.com":                            false,
		"public-keys.auth.elb.eu-west-1.amazonaws.com":                                   false,
		"https://user:secret@keys.example":                                               false,
		"https://keys.example?kid=":                                                      false,
		"https://keys.example#":                                                          false,
		"https:///keys":                                                                  false,
		"https://keys.example/%zz":                                                       false,
	} {
		_, err := newALBVerifier(albConfig{Signer: "a", Issuer: "b", Client: "c", KeysURL: keys})
		if (err == nil) != want || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", keys, err)
		}
	}
}
