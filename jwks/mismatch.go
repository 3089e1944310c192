package jwks

import "github.com/bearerguard/bearerguard/internal/urls"

// mismatch is the fault of metadata that name the issuer found instead of the configured one. If the two
// names differ only in what people overlook, the text says just that, and what to write.
func mismatch(cfg Config, found string) *fault {
	configured := cfg.Issuer
	if found == "" {
		return &fault{text: "the metadata name no issuer"}
	}
	text := "the metadata name the issuer " + urls.Quote(found) + ", not " + urls.Quote(configured) + ": "
	only, weaker := urls.Overlooked(configured, found)
	switch {
	case weaker && cfg.MetadataURL == "":
		text += "they differ only in " + only + "; an https issuer that calls itself http is often behind a proxy, and " +
			"must be told its public URL"
	case only != "":
		text += "they differ only in " + only + "; set Issuer to " + urls.Quote(found)
	default:
		text += "set Issuer to the name that the issuer gives itself; if "
		if cfg.MetadataURL == "" {
			text += "it is reached under another URL than that, set MetadataURL, too, or use jwks.Config.KeysURL"
		} else {
			text += "its tokens have another name, use jwks.Config.KeysURL"
		}
	}
	return &fault{text: text}
}
