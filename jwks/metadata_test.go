package jwks_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bearerguard/bearerguard/jwks"
)

// metadataURL is where an issuer publishes its metadata, if not where the standards say.
const metadataURL = "https://meta.example/common/configuration?p=a"

func TestMetadataAtAURLOfTheirOwn(t *testing.T) {
	for name, issuer := range map[string]string{
		"an issuer on another host": "https://issuer.example/a",
		"an issuer over plain http": "http://issuer.example/a",
		"a name that is no URL":     "our own issuer",
		"a template":                "https://login.example/{tenantid}/v2.0",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := site(map[string]string{
					metadataURL: metadata(issuer, keysURL), keysURL: keySet(edJWK("a", 1)),
				})
				c := start(t, jwks.Config{Issuer: issuer, MetadataURL: metadataURL}, i)
				mustServe(t, c, "a")
				want := []string{strings.TrimPrefix(metadataURL, "https://"), strings.TrimPrefix(keysURL, "https://")}
				if diff := cmp.Diff(want, i.urls()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestMetadataAtAURLOfTheirOwnAreReadNowhereElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		i.answerBy(func(r *http.Request) reply {
			if strings.HasPrefix(metadataURL, "https://"+r.URL.Host) {
				return reply{status: 404}
			}
			return reply{body: metadata("https://issuer.example/a", keysURL)}
		})
		start(t, jwks.Config{Issuer: "https://issuer.example/a", MetadataURL: metadataURL}, i)
		time.Sleep(time.Minute)
		for _, asked := range i.urls() {
			if "https://"+asked != metadataURL {
				t.Errorf("asked %s", asked)
			}
		}
	})
}

func TestMetadataAtAURLOfTheirOwnSayWhatIsWrong(t *testing.T) {
	const at = `"https://meta.example/common/configuration?...": `
	rows := []struct{ name, issuer, metadata, want string }{
		{"another issuer", "https://issuer.example", metadata("https://evil.example", keysURL), `the metadata name the issuer "https://evil.example", not "https://issuer.example": set Issuer to the name that the issuer gives itself; if its tokens have another name, use jwks.Config.KeysURL`},
		{"another tenant in place of a template", "https://login.example/{tenantid}", metadata("https://login.example/1", keysURL), `the metadata name the issuer "https://login.example/1", not "https://login.example/{tenantid}": set Issuer to the name that the issuer gives itself; if its tokens have another name, use jwks.Config.KeysURL`},
		{"a final slash", "https://issuer.example", metadata("https://issuer.example/", keysURL), `the metadata name the issuer "https://issuer.example/", not "https://issuer.example": they differ only in the final slash; set Issuer to "https://issuer.example/"`},
		{"http in the name", "https://issuer.example", metadata("http://issuer.example", keysURL), `the metadata name the issuer "http://issuer.example", not "https://issuer.example": they differ only in the scheme; set Issuer to "http://issuer.example"`},
		{"keys over plain http on loopback, for an issuer whose name is http", "http://issuer.example", metadata("http://issuer.example", "http://127.0.0.1/keys"), `the metadata are refused: their jwks_uri "http://127.0.0.1/keys" is http, although the metadata came by https`},
		{"no issuer", "https://issuer.example", `{"jwks_uri":"` + keysURL + `"}`, `the metadata name no issuer`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book logbook
				i := site(map[string]string{
					metadataURL: row.metadata, keysURL: keySet(edJWK("a", 1)), "http://127.0.0.1/keys": keySet(edJWK("a", 1)),
				})
				c := start(t, jwks.Config{Issuer: row.issuer, MetadataURL: metadataURL, Logger: slog.New(&book)}, i)
				synctest.Wait()
				mustBeOutage(t, c, "a")
				want := "WARN keys cannot be fetched issuer=" + row.issuer + " keys=0 error=jwks: " + at + row.want
				book.expect(t, "at the start", want)
			})
		})
	}
}

func TestACallerWhoWaitsForMetadataIsToldTheirURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, jwks.Config{Issuer: "the issuer", MetadataURL: metadataURL}, answering(reply{delay: time.Hour}))
		const want = `jwks: keys are unavailable: "https://meta.example/common/configuration?...": ` +
			`the issuer did not answer in time`
		if _, err := ask(c, "a"); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}
