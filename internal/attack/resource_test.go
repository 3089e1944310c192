package attack_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/middleware/authtest"
	"github.com/bearerguard/bearerguard/scopes"
)

// described makes the API one that publishes metadata, and whose URL is the audience.
func described(w *world) {
	w.need = scopes.All("things:write")
	w.config.Audience = nil
	w.config.Grants = []middleware.Grant{{Path: "groups", Prefix: "group:"}}
	w.options.Resource = &middleware.Resource{URL: "https://api.test"}
}

// resourceAttacks are for an API that publishes metadata. Whatever the caller sends, the answer
// names the URL of the configuration.
func resourceAttacks() []attack {
	const (
		mixUp, host   = "RFC 8707 §2; RFC 9728 §7.4", "RFC 9728 §7.3; CWE-644"
		other, bearer = "aud does not name this API", "no bearer credentials"
	)
	issuedFor := func(aud string) func(*world) request {
		return minted(authtest.Token{Scope: "things:write", Claims: map[string]any{"aud": aud}})
	}
	var out []attack
	for _, r := range []struct{ name, aud string }{
		{"a token for a path of this resource", "https://api.test/things"},
		{"a token for this resource with a final slash", "https://api.test/"},
		{"a token for this resource by http", "http://api.test"},
		{"a token for this resource in capitals", "https://API.test"},
		{"a token for this resource with its port", "https://api.test:443"},
		{"a token for the metadata of this resource", "https://api.test/.well-known/oauth-protected-resource"},
		{"a token for a resource whose name begins with this one", "https://api.test.evil.test"},
	} {
		out = append(out, attack{
			name: r.name, reference: mixUp, prepare: described, send: issuedFor(r.aud), reason: other,
		})
	}
	for _, r := range []struct{ name, field, value string }{
		{"a host for the metadata in X-Forwarded-Host", "X-Forwarded-Host", "evil.test"},
		{"a host for the metadata in Forwarded", "Forwarded", "host=evil.test;proto=http"},
		{"a scheme for the metadata in X-Forwarded-Proto", "X-Forwarded-Proto", "http"},
		{"a prefix for the metadata in X-Forwarded-Prefix", "X-Forwarded-Prefix", "/evil"},
		{"a path for the metadata in X-Original-Url", "X-Original-Url", "/evil"},
	} {
		out = append(out, attack{
			name: r.name, reference: host, prepare: described, send: inField(r.field, r.value),
			code: middleware.CodeMissing, reason: bearer,
		})
	}
	return append(out, attack{
		name: "another host in the target", reference: host, prepare: described,
		send: func(*world) request { return request{target: "http://evil.test/things"} },
		code: middleware.CodeMissing, reason: bearer, httpOnly: "a target",
	})
}

// A name of a role is for an administrator to give. If a challenge named it, clients would ask the
// issuer for a scope of that name.
func TestNoAnswerNamesARole(t *testing.T) {
	const metadata = `resource_metadata="https://api.test/.well-known/oauth-protected-resource"`
	for _, tr := range transports(false) {
		t.Run(tr.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(w *world) {
				described(w)
				w.need = scopes.All("things:write", "group:admin")
				w.options.Resource.Scopes = []string{"things:write", "group:admin"}
			}, tr)
			for name, r := range map[string]request{
				"nobody": {}, "an invalid token": field("Bearer x"),
				"an expired token":       bearer(w.mint(authtest.Token{Claims: map[string]any{"exp": 1}})),
				"a token without either": bearer(w.mint(authtest.Token{})),
				"a scope like a role":    bearer(w.mint(authtest.Token{Scope: "things:write group:admin"})),
			} {
				got, _, reached := w.do(r)
				all := fmt.Sprint(got)
				if len(reached) > 0 || strings.Contains(all, "group:") || !strings.Contains(all, metadata) ||
					!strings.Contains(all, `scope="things:write"`) {
					t.Errorf("%s: %s", name, all)
				}
			}
		})
	}
}
