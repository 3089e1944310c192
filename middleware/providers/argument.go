package providers

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/jwks"
	"github.com/bearerguard/bearerguard/middleware"
)

// arguments collects what is wrong with the arguments of one function.
type arguments struct {
	of     string // the function
	faults []string
}

func (a *arguments) fault(name, format string, args ...any) {
	a.faults = append(a.faults, "providers."+a.of+": "+name+": "+fmt.Sprintf(format, args...))
}

// given returns value. It is a fault if value is empty.
func (a *arguments) given(name, value string) string {
	if value == "" {
		a.fault(name, "required")
	}
	return value
}

// base returns a URL to which a path is appended. middleware.New checks it with the path, as
// Issuer.
func (a *arguments) base(name, url string) string {
	return strings.TrimSuffix(a.given(name, url), "/")
}

var (
	host   = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]+)?$`)
	step   = regexp.MustCompile(`^([A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+$`)
	pool   = regexp.MustCompile(`^[a-z]+(-[a-z]+)+-[0-9]+_[A-Za-z0-9]+$`)
	label  = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	number = regexp.MustCompile(`^[0-9]+$`)
	ref    = regexp.MustCompile(`^[a-z]{20}$`)
	word   = regexp.MustCompile(`^[^\s*]+$`)
	guid   = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// matches returns value, which has the form of pattern. what says what that is.
func (a *arguments) matches(name, value string, pattern *regexp.Regexp, what string) string {
	if a.given(name, value) != "" && !pattern.MatchString(value) {
		a.fault(name, "%.200q is not %s", value, what)
	}
	return value
}

// domain returns the name of a host.
func (a *arguments) domain(name, value string) string {
	return a.matches(name, value, host, "the name of a host: write it alone, without https:// and without a path")
}

// segment returns one step of the path of a URL.
func (a *arguments) segment(name, value string) string {
	decoded, err := url.PathUnescape(value)
	if err == nil && (decoded == "." || decoded == ".." || strings.Contains(decoded, "/")) {
		a.fault(name, "%.200q is not one step of the path of a URL", value)
		return value
	}
	return a.matches(name, value, step,
		"one step of the path of a URL: write it as iss has it, with its special characters percent-encoded")
}

// tenant returns the id of a directory of Microsoft Entra ID.
func (a *arguments) tenant(name, value string) string {
	return a.matches(name, value, guid, "the id of a tenant, a GUID in lower case: iss never has its domain")
}

// list returns a copy of values, of which there is at least one. Each has the form of pattern.
func (a *arguments) list(name string, values []string, pattern *regexp.Regexp, what, why string) []string {
	if len(values) == 0 {
		a.fault(name, "required: %s", why)
	}
	return a.each(name, values, pattern, what)
}

// each returns a copy of values. Each has the form of pattern.
func (a *arguments) each(name string, values []string, pattern *regexp.Regexp, what string) []string {
	if slices.Contains(values, "") {
		a.fault(name, "has an empty name")
	}
	for i, value := range values {
		if value != "" {
			a.matches(fmt.Sprintf("%s[%d]", name, i), value, pattern, what)
		}
	}
	return slices.Clone(values)
}

// check returns cfg. If there are faults, Issuer has them. Package urls takes them out of the
// braces, which no name of an issuer has. A caller may set another Issuer afterwards, so Validate
// refuses everybody.
func (a *arguments) check(cfg middleware.JWTConfig) middleware.JWTConfig {
	if len(a.faults) > 0 {
		all := strings.Join(a.faults, "; ")
		cfg.Issuer = "{" + all + "}"
		cfg.Validate = func(context.Context, middleware.Claims) error { return errors.New(all) }
		cfg.MetadataURL, cfg.IssuerTemplate, cfg.Tenants = "", "", nil // middleware.New says no more of them
	}
	return cfg
}

// checkBoth returns cfg and keys. If there are faults, Issuer of both has them.
func (a *arguments) checkBoth(cfg middleware.JWTConfig, keys jwks.Config) (middleware.JWTConfig, jwks.Config) {
	if cfg = a.check(cfg); len(a.faults) > 0 {
		keys = jwks.Config{Issuer: cfg.Issuer}
	}
	return cfg, keys
}

// refuse returns the error of a Validate.
func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{middleware.ErrInvalidToken}, args...)...)
}

// text returns the claim name, or "" if it is not a string.
func text(c middleware.Claims, name string) string {
	value, _ := middleware.Claim[string](c, name)
	return value
}
