package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/bearerguard/bearerguard/benchmarks/internal/peers"
	"github.com/bearerguard/bearerguard/benchmarks/internal/workload"
	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/go-jose/go-jose/v4"
)

// Rows that the targets ask for.
const (
	rowVerifyKnown = "Verify, known token"
	rowCheckKnown  = "Guard.Check, known token"
	rowOneTime     = "Verify, a full cache and tokens that it has long forgotten"
)

// remembered is a token seen before.
func remembered() ([]group, error) {
	g := group{
		title: "A token seen before, RS256", key: "known", ours: rowCheckKnown,
		note: "The last row is HS256 and goes round 8,192 tokens with a cache of 1 MiB: what a miss, an entry and an eviction cost on top of HS256 above.",
	}
	w, err := workload.New("RS256")
	if err != nil {
		return nil, err
	}
	verify, err := peers.NewOurs(w, 0)
	if err != nil {
		return nil, err
	}
	guard, err := peers.NewWithVerifier(w, 0)
	if err != nil {
		return nil, err
	}
	token := w.Good()
	g.add(rowVerifyKnown, verifies(verify, token))
	g.add(rowCheckKnown, checks(guard, token))

	w, err = workload.New("HS256")
	if err != nil {
		return nil, err
	}
	forgetful, err := peers.NewOurs(w, 1<<20)
	if err != nil {
		return nil, err
	}
	tokens := make([]string, 8192)
	for i := range tokens {
		tokens[i] = w.Good()
	}
	next := 0
	g.add(rowOneTime, func() error {
		next = (next + 1) % len(tokens)
		_, err := forgetful(tokens[next])
		return err
	})
	return []group{g}, nil
}

// checks is Guard.Check of a request that bears token.
func checks(guard *middleware.Guard, token string) func() error {
	request := middleware.Request{
		Route: "GET /orders", Method: http.MethodGet, Host: "api.example", RemoteAddr: "192.0.2.1:1234",
		Header: http.Header{"Authorization": {"Bearer " + token}},
	}
	need := scopes.All(workload.Scope)
	ctx := context.Background()
	return func() error {
		_, err := guard.Check(ctx, request, need)
		return err
	}
}

// keyCounts are the sizes of the key sets.
var keyCounts = []int{1, 10, 100, 1000}

func lookupRow(n int) string {
	if n == 1 {
		return "1 key"
	}
	return fmt.Sprintf("%d keys", n)
}

// keySets are sets of more and more keys. The token's key is the last of them.
func keySets() ([]group, error) {
	lookup := group{title: "Key look-up alone", key: "lookup", base: lookupRow(1), note: "jwks.Cache.Keys with a fetched set, by kid and algorithm."}
	verify := group{title: "Token to claims with a JWK Set, EdDSA", key: "keyset", cases: true, note: "The token's key is the last of the set."}
	for _, n := range keyCounts {
		w, err := workload.New("EdDSA")
		if err != nil {
			return nil, err
		}
		document, err := w.KeySet(n)
		if err != nil {
			return nil, err
		}
		keys, err := fetched(w, document, 0)
		if err != nil {
			return nil, err
		}
		kid, ctx := w.Key.ID(), context.Background()
		lookup.add(lookupRow(n), func() error {
			_, err := keys.Keys(ctx, jwks.Query{KeyID: kid, Algorithm: "EdDSA"})
			return err
		})

		ours, err := peers.OursWith(peers.ConfigWith(w, keys, -1))
		if err != nil {
			return nil, err
		}
		kf, err := keyfunc.NewJWKSetJSON(document)
		if err != nil {
			return nil, err
		}
		set := new(jose.JSONWebKeySet)
		if err := json.Unmarshal(document, set); err != nil {
			return nil, err
		}
		jwx2, err := peers.JWX2Set(w, document)
		if err != nil {
			return nil, err
		}
		jwx3, err := peers.JWX3Set(w, document)
		if err != nil {
			return nil, err
		}
		token := w.Good()
		for _, s := range []struct {
			name   string
			verify peers.Verify
		}{
			{peers.Ours, ours},
			{"golang-jwt v5 with keyfunc v3", peers.GolangJWTWith(w, kf.Keyfunc)},
			{"go-jose v4", peers.GoJOSEWith(w, set)},
			{"jwx v2", jwx2},
			{"jwx v3", jwx3},
		} {
			verify.add(s.name+", "+lookupRow(n), verifies(s.verify, token))
		}
	}
	slices.SortStableFunc(verify.rows, func(a, b row) int {
		return strings.Compare(a.name[:strings.LastIndex(a.name, ",")], b.name[:strings.LastIndex(b.name, ",")])
	})
	return []group{lookup, verify}, nil
}

// fetched is a cache that has fetched document, a JWK Set, from memory.
func fetched(w *workload.World, document []byte, pause time.Duration) (*jwks.Cache, error) {
	transport := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Type": {"application/json"}},
			Body:   body{bytes.NewReader(document)}, ContentLength: int64(len(document)),
		}, nil
	})
	cache, err := jwks.New(jwks.Config{URL: w.Issuer + "/jwks", Client: &http.Client{Transport: transport}, UnknownKeyInterval: pause})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return cache, cache.Ready(ctx)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type body struct{ *bytes.Reader }

func (body) Close() error { return nil }

// kilobytes are the sizes of tokens. The last one is just under the size cap.
var kilobytes = []int{1, 2, 4, 8, 15}

func sizeRow(name string, kb int) string { return fmt.Sprintf("%s, %d KB", name, kb) }

// sizes are larger and larger tokens.
func sizes() ([]group, error) {
	g := group{title: "Size of the token, HS256", key: "size", cases: true, note: "Roles in resource_access make it grow; the hash of the octets is part of the growth."}
	w, err := workload.New("HS256")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{peers.Floor, peers.Ours, "golang-jwt v5, into a struct"} {
		for _, kb := range kilobytes {
			token := w.Sized(kb << 10)
			if name == peers.Floor {
				op, err := peers.NewFloor(w, token)
				if err != nil {
					return nil, err
				}
				g.add(sizeRow(name, kb), op)
				continue
			}
			i := slices.IndexFunc(peers.Verifiers, func(v peers.Verifier) bool { return v.Name == name })
			verify, err := peers.Verifiers[i].New(w)
			if err != nil {
				return nil, err
			}
			g.add(sizeRow(name, kb), verifies(verify, token))
		}
	}
	return []group{g}, nil
}

var errAccepted = errors.New("a bad token was accepted")

// refuses is an operation that fails if the token is accepted.
func refuses(verify peers.Verify, token string) func() error {
	return func() error {
		if _, err := verify(token); err == nil {
			return errAccepted
		}
		return nil
	}
}

// refusals are tokens that are refused before any crypto.
func refusals() ([]group, error) {
	g := group{
		title: "Refusals before crypto, RS256", key: "refuse", cases: true,
		note: "Peers have no size cap and accept the token that is over ours, so they have no such row.",
	}
	w, err := workload.New("RS256")
	if err != nil {
		return nil, err
	}
	hostile := w.Hostile()
	for _, name := range []string{peers.Ours, "golang-jwt v5, into a struct", "go-jose v4", "jwx v3"} {
		i := slices.IndexFunc(peers.Verifiers, func(v peers.Verifier) bool { return v.Name == name })
		verify, err := peers.Verifiers[i].New(w)
		if err != nil {
			return nil, err
		}
		for _, h := range hostile {
			if _, err := verify(h.Token); err == nil {
				continue // good but for its size: not a refusal at all
			}
			g.add(name+", "+h.Name, refuses(verify, h.Token))
		}
	}

	document, err := w.KeySet(1)
	if err != nil {
		return nil, err
	}
	keys, err := fetched(w, document, 24*time.Hour) // the pause outlasts the run
	if err != nil {
		return nil, err
	}
	verify, err := peers.OursWith(peers.ConfigWith(w, keys, -1))
	if err != nil {
		return nil, err
	}
	g.add(peers.Ours+", unknown kid in the pause", refuses(verify, w.UnknownKey()))
	return []group{g}, nil
}

// Rows of scopeChecks.
const (
	rowScopesOurs  = "bearerguard, Requirement.Evaluate"
	rowScopesNaive = "four times slices.Contains"
)

// scopeChecks asks for 4 scopes of 20 that are granted.
func scopeChecks() ([]group, error) {
	g := group{title: "4 scopes against 20 granted", key: "scopes", base: rowScopesNaive, ours: rowScopesOurs}
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("resource-%02d:read", i))
	}
	want := []string{names[3], names[8], names[13], names[18]}
	need, granted := scopes.All(want[0], want[1:]...), scopes.Granted{Names: names}
	errDenied := errors.New("denied")
	g.add(rowScopesNaive, func() error {
		for _, name := range want {
			if !slices.Contains(names, name) {
				return errDenied
			}
		}
		return nil
	})
	g.add(rowScopesOurs, func() error {
		if !need.Evaluate(granted).OK {
			return errDenied
		}
		return nil
	})
	return []group{g}, nil
}
