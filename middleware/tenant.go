package middleware

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bearerguard/bearerguard/internal/say"
	"github.com/bearerguard/bearerguard/internal/urls"
	"github.com/bearerguard/bearerguard/jwks"
)

// placeholder stands for the id of a tenant in JWTConfig.IssuerTemplate. Microsoft Entra ID
// writes it so in its metadata and keys.
const placeholder = "{tenantid}"

// tenants are the names of an issuer that has one for each of its tenants. Nothing is kept for
// a tenant, so tenants that callers make up take no memory.
type tenants struct {
	template      string
	before, after string   // what stands around the placeholder
	listed        []string // sorted; nil: any tenant
}

// tenants returns nil without an IssuerTemplate.
func (cfg JWTConfig) tenants(faults *faults) *tenants {
	if cfg.IssuerTemplate == "" {
		if cfg.Tenants != nil {
			faults.add("Tenants", "has no effect without IssuerTemplate")
		}
		return nil
	}
	if cfg.Issuer != "" {
		faults.add("Issuer", "contradicts IssuerTemplate: set Issuer for one tenant, or IssuerTemplate for several")
	}
	if err := checkTemplate(cfg.IssuerTemplate); err != nil {
		faults.add("IssuerTemplate", "%w", err)
	}
	if cfg.Keys == nil && cfg.MetadataURL == "" {
		faults.add("MetadataURL", "required beside IssuerTemplate: "+
			"write the URL of metadata whose issuer is the template, such as "+
			"https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration")
	}
	if cfg.Tenants != nil && len(cfg.Tenants) == 0 {
		faults.add("Tenants", "empty: no token could be accepted (nil: any tenant)")
	}
	for i, id := range cfg.Tenants {
		if !isTenant(id) {
			faults.add(fmt.Sprintf("Tenants[%d]", i), "%s is not a GUID in lower case", say.Quote(id))
		}
	}
	t := &tenants{template: cfg.IssuerTemplate, listed: slices.Sorted(slices.Values(cfg.Tenants))}
	t.before, t.after, _ = strings.Cut(cfg.IssuerTemplate, placeholder)
	return t
}

// checkTemplate returns what is wrong with an IssuerTemplate.
func checkTemplate(template string) error {
	before, after, found := strings.Cut(template, placeholder)
	switch {
	case urls.Spaced(template) != nil:
		return urls.Spaced(template)
	case !found:
		return errors.New("has no " + placeholder + ": write it in place of the tenant's id, or set Issuer instead")
	case strings.ContainsAny(before+after, "{}"):
		return errors.New("has { or } besides one " + placeholder)
	}
	return nil
}

// isTenant tells whether id is a GUID in lower case (RFC 9562 §4). So a tid has no characters
// that mean something in a URL, and a tenant has one spelling.
func isTenant(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

// check checks iss of a genuine token by its tid, and by the issuer that key is published for.
func (t *tenants) check(c *claims, key *jwks.Key) error {
	iss, by := c.set.Issuer, key.Issuer()
	tid, _ := member(c.object(), "tid").Text()
	switch {
	case !isTenant(tid):
		return noTenant(c)
	case iss != t.before+tid+t.after:
		return t.otherIssuer(iss, tid)
	case t.listed != nil && !t.lists(tid):
		return t.otherTenant(tid)
	case by != "" && by != t.template && by != iss:
		return otherKey(key, iss)
	}
	return nil
}

func (t *tenants) lists(tid string) bool {
	_, found := slices.BinarySearch(t.listed, tid)
	return found
}

// noTenant is the reason for a genuine token whose tid is not the id of a tenant.
func noTenant(c *claims) error {
	return invalid("tid is not a GUID in lower case", func() string {
		tid := member(c.object(), "tid")
		if text, _ := tid.Text(); text != "" {
			return "it is " + say.Quote(text)
		}
		return "it is " + tid.TypeName()
	})
}

// otherIssuer is the reason for a genuine token whose iss is not that of its tenant.
func (t *tenants) otherIssuer(iss, tid string) error {
	return invalid("iss is not the issuer of the tenant", func() string {
		found := "absent"
		if iss != "" {
			found = say.Quote(iss)
		}
		return "it is " + found + ", tid is " + say.Quote(tid) + ", and JWTConfig.IssuerTemplate is " + say.Quote(t.template)
	})
}

// otherTenant is the reason for a genuine token of a tenant that is not listed.
func (t *tenants) otherTenant(tid string) error {
	return invalid("tid is not on the list of accepted tenants", func() string {
		return "it is " + say.Quote(tid) + ", and JWTConfig.Tenants is " + say.List(t.listed)
	})
}

// otherKey is the reason for a token that is signed with a key of another issuer of the set.
func otherKey(key *jwks.Key, iss string) error {
	return invalid("the key is that of another issuer", func() string {
		return "key " + say.Quote(key.ID()) + " is published for " + say.Quote(key.Issuer()) +
			", and iss is " + say.Quote(iss)
	})
}
