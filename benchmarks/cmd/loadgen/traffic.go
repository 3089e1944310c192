package main

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bearerguard/bearerguard/middleware/authtest"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// kinds are the kinds of tokens.
var kinds = []string{"known", "new", "hostile"}

// scope is the scope that the service needs.
const scope = "things:read"

// traffic makes requests.
type traffic struct {
	issuer         *authtest.Issuer
	cfg            config
	known, hostile []string
}

func newTraffic(issuer *authtest.Issuer, cfg config) (*traffic, error) {
	t := &traffic{issuer: issuer, cfg: cfg}
	for range 50 {
		t.known = append(t.known, t.good())
	}
	stranger, err := authtest.NewKey("ES256")
	if err != nil {
		return nil, err
	}
	for _, token := range []authtest.Token{
		{Key: stranger, Header: map[string]any{"kid": issuer.Key().ID()}},
		{Header: map[string]any{"kid": "nobody-has-it"}},
		{Claims: map[string]any{"exp": time.Now().Add(-time.Hour)}},
		{Claims: map[string]any{"aud": "https://other.test"}},
		{Algorithm: "none"},
	} {
		t.hostile = append(t.hostile, issuer.Mint(token))
	}
	t.hostile = append(t.hostile, strings.Repeat("garbage.", 1000))
	return t, nil
}

// good mints a token that nobody has seen.
func (t *traffic) good() string {
	expiry := map[string]any{"exp": time.Now().Add(time.Hour)}
	return t.issuer.Mint(authtest.Token{Scope: scope + " things:write profile", Claims: expiry})
}

// request is a token and its kind.
type request struct{ kind, token string }

// requests makes n requests in random order, with exact shares. The tokens are minted before the
// requests are sent, because signing takes more processor time than the guard does.
func (t *traffic) requests(n int) []request {
	list := make([]request, n)
	for i := range list {
		switch share := i * 100 / n; {
		case share < t.cfg.fresh:
			list[i] = request{"new", t.good()}
		case share < t.cfg.fresh+t.cfg.hostile:
			list[i] = request{"hostile", t.hostile[i%len(t.hostile)]}
		default:
			list[i] = request{"known", t.known[i%len(t.known)]}
		}
	}
	rand.Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// targets has each request once, for the server at url. The kind is in the query, because a result of
// vegeta has the URL but not the header of its request.
func targets(url string, requests []request) vegeta.Targeter {
	var sent atomic.Int64
	return func(target *vegeta.Target) error {
		i := int(sent.Add(1)) - 1
		if i >= len(requests) {
			return vegeta.ErrNoTargets
		}
		*target = vegeta.Target{
			Method: http.MethodGet, URL: url + "/things?" + requests[i].kind,
			Header: http.Header{"Authorization": {"Bearer " + requests[i].token}},
		}
		return nil
	}
}
