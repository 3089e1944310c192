package jwks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/jwks"
)

func TestConfigIsRefusedNamingEveryFault(t *testing.T) {
	const good = "https://issuer.example"
	rows := []struct {
		name string
		cfg  jwks.Config
		want string // the fields that the error names
	}{
		{"nothing to fetch from", jwks.Config{}, "Issuer KeysURL"},
		{"two places to fetch from", jwks.Config{Issuer: good, KeysURL: keysURL}, "Issuer KeysURL"},
		{"a metadata URL without an issuer", jwks.Config{MetadataURL: good}, "Issuer KeysURL"},
		{"a metadata URL beside the URL of the keys", jwks.Config{MetadataURL: good, KeysURL: keysURL}, "MetadataURL"},
		{"a metadata URL beside everything", jwks.Config{Issuer: good, MetadataURL: good, KeysURL: keysURL}, "Issuer KeysURL MetadataURL"},
		{"a metadata URL over plain http", jwks.Config{Issuer: good, MetadataURL: "http://issuer.example"}, "MetadataURL"},
		{"a metadata URL with a placeholder for its host", jwks.Config{Issuer: good, MetadataURL: "{host}/a"}, "MetadataURL"},
		{"white space around a name that is not asked", jwks.Config{Issuer: "a ", MetadataURL: good}, "Issuer"},
		{"an issuer over plain http", jwks.Config{Issuer: "http://issuer.example"}, "Issuer"},
		{"an issuer that only looks like loopback", jwks.Config{Issuer: "http://localhost.example"}, "Issuer"},
		{"an issuer without a scheme", jwks.Config{Issuer: "issuer.example"}, "Issuer"},
		{"an issuer without a host", jwks.Config{Issuer: "https:///path"}, "Issuer"},
		{"an issuer with a query", jwks.Config{Issuer: good + "?a=b"}, "Issuer"},
		{"an issuer with an empty query", jwks.Config{Issuer: good + "?"}, "Issuer"},
		{"an issuer with a fragment", jwks.Config{Issuer: good + "#a"}, "Issuer"},
		{"an issuer with an empty fragment", jwks.Config{Issuer: good + "#"}, "Issuer"},
		{"an issuer with credentials", jwks.Config{Issuer: "https://u:p@issuer.example"}, "Issuer"},
		{"an issuer with a space after it", jwks.Config{Issuer: good + " "}, "Issuer"},
		{"an issuer with a placeholder", jwks.Config{Issuer: good + "/{tenant}"}, "Issuer"},
		{"a URL with a line break after it", jwks.Config{KeysURL: keysURL + "\n"}, "KeysURL"},
		{"a URL that does not parse", jwks.Config{KeysURL: "https://issuer.example:port"}, "KeysURL"},
		{"a URL over plain http", jwks.Config{KeysURL: "http://issuer.example/keys"}, "KeysURL"},
		{"a URL over plain http to another machine's address", jwks.Config{KeysURL: "http://10.0.0.1/keys"}, "KeysURL"},
		{"a host that ends in localhost", jwks.Config{Issuer: "http://evillocalhost"}, "Issuer"},
		{"a host below localhost", jwks.Config{Issuer: "http://evil.localhost"}, "Issuer"},
		{"a host that begins with localhost", jwks.Config{Issuer: "http://localhost.evil.test"}, "Issuer"},
		{"a host that begins with a loopback address", jwks.Config{KeysURL: "http://127.0.0.1.evil.test/keys"}, "KeysURL"},
		{"the address that means every interface", jwks.Config{KeysURL: "http://0.0.0.0/keys"}, "KeysURL"},
		{"the same in IPv6", jwks.Config{KeysURL: "http://[::]:8080/keys"}, "KeysURL"},
		{"another machine's address in IPv6's clothes", jwks.Config{KeysURL: "http://[::ffff:10.0.0.1]/keys"}, "KeysURL"},
		{"a loopback address as one number", jwks.Config{KeysURL: "http://2130706433/keys"}, "KeysURL"},
		{"a loopback host in the credentials", jwks.Config{KeysURL: "http://localhost@evil.test/keys"}, "KeysURL"},
		{"a URL with credentials", jwks.Config{KeysURL: "https://u@issuer.example/keys"}, "KeysURL"},
		{"a URL with a fragment", jwks.Config{KeysURL: keysURL + "#a"}, "KeysURL"},
		{"a URL of another protocol", jwks.Config{KeysURL: "ftp://issuer.example/keys", InsecureAllowHTTP: true}, "KeysURL"},
		{"a URL of a file", jwks.Config{KeysURL: "file:///keys", InsecureAllowHTTP: true}, "KeysURL"},
		{"a good issuer does not excuse a bad URL", jwks.Config{Issuer: good, KeysURL: "x"}, "Issuer KeysURL KeysURL"},
		{"a negative MinRefresh", jwks.Config{Issuer: good, MinRefresh: -1}, "MinRefresh"},
		{"a negative MaxRefresh", jwks.Config{Issuer: good, MaxRefresh: -1}, "MaxRefresh"},
		{"MaxRefresh below MinRefresh", jwks.Config{Issuer: good, MinRefresh: time.Minute, MaxRefresh: time.Second}, "MaxRefresh"},
		{"MaxStale below MaxRefresh", jwks.Config{Issuer: good, MaxStale: time.Minute}, "MaxStale"},
		{"a negative MaxStale", jwks.Config{Issuer: good, MaxStale: -1}, "MaxStale"},
		{"a negative UnknownKeyInterval", jwks.Config{Issuer: good, UnknownKeyInterval: -1}, "UnknownKeyInterval"},
		{"a negative MaxBytes", jwks.Config{Issuer: good, MaxBytes: -1}, "MaxBytes"},
		{"a huge MaxBytes", jwks.Config{Issuer: good, MaxBytes: 16<<20 + 1}, "MaxBytes"},
		{"a MinRefresh just under a second", jwks.Config{Issuer: good, MinRefresh: time.Second - 1}, "MinRefresh"},
		{"a MaxRefresh just under a second", jwks.Config{Issuer: good, MaxRefresh: time.Second - 1}, "MaxRefresh"},
		{"an UnknownKeyInterval just under 100 ms", jwks.Config{Issuer: good, UnknownKeyInterval: 100*time.Millisecond - 1}, "UnknownKeyInterval"},
		{"durations that lack their unit", jwks.Config{Issuer: good, MinRefresh: 15, MaxRefresh: 900, MaxStale: 86400, UnknownKeyInterval: 1500}, "MinRefresh MaxRefresh MaxStale UnknownKeyInterval"},
		{"all at once", jwks.Config{Issuer: "x", KeysURL: "y", MinRefresh: -1, MaxRefresh: -2, MaxStale: -3, UnknownKeyInterval: -1, MaxBytes: -1}, "Issuer KeysURL Issuer KeysURL MinRefresh MaxRefresh MaxStale UnknownKeyInterval MaxBytes"},
	}
	for _, row := range rows {
		c, err := jwks.New(row.cfg)
		if err == nil {
			c.Close()
			t.Errorf("%s is accepted, want an error", row.name)
			continue
		}
		var named []string
		for word := range strings.FieldsSeq(err.Error()) {
			if field, found := strings.CutPrefix(word, "Config."); found {
				named = append(named, strings.TrimSuffix(field, ":"))
			}
		}
		if diff := cmp.Diff(strings.Fields(row.want), named); diff != "" {
			t.Errorf("%s: got error %v; fields (-want +got)\n%s", row.name, err, diff)
		}
	}
}

func TestConfigAccepts(t *testing.T) {
	rows := []struct {
		name string
		cfg  jwks.Config
	}{
		{"an issuer", jwks.Config{Issuer: "https://issuer.example"}},
		{"metadata elsewhere", jwks.Config{Issuer: "https://issuer.example", MetadataURL: "https://meta.example/a?b=c"}},
		{"metadata on loopback", jwks.Config{Issuer: "https://issuer.example", MetadataURL: "http://localhost/a"}},
		{"metadata over http when it is asked for", jwks.Config{Issuer: "a", MetadataURL: "http://meta.example", InsecureAllowHTTP: true}},
		{"metadata that name a template", jwks.Config{Issuer: "https://issuer.example/{tenantid}", MetadataURL: "https://meta.example"}},
		{"an issuer with a path, a port and a slash", jwks.Config{Issuer: "https://issuer.example:8443/a/b/"}},
		{"a URL with a query", jwks.Config{KeysURL: keysURL + "?appid=1"}},
		{"http on localhost", jwks.Config{Issuer: "http://localhost:8080"}},
		{"http on LOCALHOST", jwks.Config{Issuer: "http://LOCALHOST:8080"}},
		{"http on 127.0.0.1", jwks.Config{Issuer: "http://127.0.0.1:8080"}},
		{"http on 127.1.2.3", jwks.Config{KeysURL: "http://127.1.2.3/keys"}},
		{"http on ::1", jwks.Config{KeysURL: "http://[::1]:8080/keys"}},
		{"https in capitals", jwks.Config{Issuer: "HTTPS://issuer.example"}},
		{"http when it is asked for", jwks.Config{Issuer: "http://issuer.example", InsecureAllowHTTP: true}},
		{"MaxRefresh below MinRefresh's default", jwks.Config{KeysURL: keysURL, MaxRefresh: time.Second}},
		{"MinRefresh above MaxRefresh's default", jwks.Config{KeysURL: keysURL, MinRefresh: time.Hour}},
		{"MaxRefresh above MaxStale's default", jwks.Config{KeysURL: keysURL, MaxRefresh: 48 * time.Hour}},
		{"the least of everything", jwks.Config{KeysURL: keysURL, MinRefresh: time.Second, MaxRefresh: time.Second, MaxStale: time.Second, UnknownKeyInterval: 100 * time.Millisecond, MaxBytes: 1}},
		{"the largest MaxBytes", jwks.Config{KeysURL: keysURL, MaxBytes: 16 << 20}},
	}
	for _, row := range rows {
		row.cfg.Client = &http.Client{Transport: answering(down)}
		c, err := jwks.New(row.cfg)
		if err != nil {
			t.Errorf("%s: got error %v, want none", row.name, err)
			continue
		}
		c.Close()
	}
}

func TestNewDoesNotChangeTheUsersClient(t *testing.T) {
	jar := &spyJar{}
	client := &http.Client{Transport: answering(ok(edJWK("a", 1))), Jar: jar}
	c := must(jwks.New(jwks.Config{KeysURL: keysURL, Client: client}))
	defer c.Close()
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if client.CheckRedirect != nil || client.Jar != http.CookieJar(jar) {
		t.Error("New has changed the client")
	}
	if jar.used {
		t.Error("the cookie jar was used")
	}
}

func TestStatusKeyIDsAreTheCallersOwn(t *testing.T) {
	c := must(jwks.New(jwks.Config{KeysURL: keysURL, Client: &http.Client{Transport: answering(ok(edJWK("a", 1)))}}))
	defer c.Close()
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Status().KeyIDs[0] = "z"
	if !slices.Equal(c.Status().KeyIDs, []string{"a"}) {
		t.Error("the slice of Status is shared by callers")
	}
}
