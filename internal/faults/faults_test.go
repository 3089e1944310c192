package faults_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bearerguard/bearerguard/internal/faults"
	"github.com/bearerguard/bearerguard/middleware/authtest"
)

// inBubble runs test with an issuer in memory, in a bubble of testing/synctest. There, waiting takes no time,
// and every goroutine must end.
func inBubble(t *testing.T, test func(t *testing.T, issuer *authtest.Issuer)) {
	synctest.Test(t, func(t *testing.T) {
		issuer, err := authtest.New(authtest.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer issuer.Close()
		test(t, issuer)
	})
}

// fetch gets the key set, and returns how long it took. It gives up after the time in within.
func fetch(issuer *authtest.Issuer, within time.Duration) (status int, body []byte, took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	start := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer.URL()+"/jwks", nil)
	if err != nil {
		return 0, nil, 0, err
	}
	resp, err := issuer.Client().Do(req)
	if err != nil {
		return 0, nil, 0, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, time.Since(start), err
}

func TestDrip(t *testing.T) {
	inBubble(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Fault{Handler: faults.Drip(time.Millisecond)})
		status, body, took, err := fetch(issuer, time.Minute)
		if err != nil || status != 200 || !json.Valid(body) || took != time.Duration(len(body))*time.Millisecond {
			t.Errorf("%d, %q, %v after %v", status, body, err, took)
		}

		issuer.Break(authtest.Fault{Handler: faults.Drip(time.Hour)})
		status, body, _, err = fetch(issuer, 100*time.Millisecond)
		if status != 200 || len(body) != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("header first, then nothing in time: %d, %q, %v", status, body, err)
		}
	})
}

func TestOversized(t *testing.T) {
	inBubble(t, func(t *testing.T, issuer *authtest.Issuer) {
		for _, n := range []int64{0, 24, 25, 32 << 10, 32<<10 + 24, 1<<20 + 1} {
			issuer.Break(authtest.Fault{Handler: faults.Oversized(n)})
			status, body, _, err := fetch(issuer, time.Minute)
			if err != nil || status != 200 || int64(len(body)) != max(n, 24) || !json.Valid(body) {
				t.Errorf("n %d: %d, %d octets, valid %t, %v", n, status, len(body), json.Valid(body), err)
			}
		}
	})
}

func TestOversizedIsWrittenPieceByPiece(t *testing.T) {
	inBubble(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Fault{Handler: faults.Oversized(1 << 50)})
		resp, err := issuer.Client().Get(issuer.URL() + "/jwks")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil || resp.ContentLength != -1 {
			t.Errorf("%v with length %d", err, resp.ContentLength)
		}
	})
}

func TestGzipBomb(t *testing.T) {
	inBubble(t, func(t *testing.T, issuer *authtest.Issuer) {
		issuer.Break(authtest.Fault{Handler: faults.GzipBomb(1 << 20)})
		status, body, _, err := fetch(issuer, time.Minute)
		if err != nil || status != 200 || len(body) != 1<<20 || !json.Valid(body) {
			t.Errorf("%d, %d octets, %v", status, len(body), err)
		}

		// A client that asks for gzip itself gets the compressed document.
		req, err := http.NewRequest(http.MethodGet, issuer.URL()+"/jwks", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip")
		resp, err := issuer.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		packed, err := io.ReadAll(resp.Body)
		if err != nil || resp.Header.Get("Content-Encoding") != "gzip" || len(packed) > 1<<20/500 {
			t.Fatalf("%v, %v, %d octets", err, resp.Header, len(packed))
		}
		if _, err := gzip.NewReader(strings.NewReader(string(packed))); err != nil {
			t.Error(err)
		}

		// GzipBomb writes only as fast as the client reads.
		issuer.Break(authtest.Fault{Handler: faults.GzipBomb(1 << 50)})
		endless, err := issuer.Client().Get(issuer.URL() + "/jwks")
		if err != nil {
			t.Fatal(err)
		}
		defer endless.Body.Close()
		if _, err := io.CopyN(io.Discard, endless.Body, 1<<20); err != nil || !endless.Uncompressed {
			t.Errorf("%v, unpacked %t, %v", err, endless.Uncompressed, endless.Header)
		}
	})
}
