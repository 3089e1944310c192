package adaptertest

import (
	"context"

	"github.com/bearerguard/bearerguard/middleware"
)

func useCookie(o *middleware.Options) { o.Cookie = "session" }

// assertion is a header as an identity-aware proxy sends it.
const assertion = "X-Proxy-Assertion"

func useHeader(o *middleware.Options) { o.Header = assertion }

func useBoth(o *middleware.Options) { o.Cookie, o.Header = "session", assertion }

func ownBody(o *middleware.Options) {
	o.Body = func(context.Context, middleware.Request, *middleware.Error) (string, []byte) {
		return "text/plain", []byte("out")
	}
}

func reportOnly(o *middleware.Options) {
	o.InsecureReportOnly = func(context.Context, middleware.Request) bool { return true }
}

// describe names the resource. Its authorization server is given, because not each verifier of the
// cases tells its issuer.
func describe(o *middleware.Options) {
	o.Resource = &middleware.Resource{
		URL: "https://api.test/things", AuthorizationServers: []string{"https://issuer.test"},
	}
}

func expiredIsAnonymous(o *middleware.Options) { o.ExpiredIsAnonymous = true }

func roles(c *middleware.JWTConfig) {
	c.Grants = []middleware.Grant{{Path: "realm_access.roles", Prefix: "role:"}}
}

func rule(err error) func(*middleware.JWTConfig) {
	return func(c *middleware.JWTConfig) {
		c.Validate = func(context.Context, middleware.Claims) error { return err }
	}
}
