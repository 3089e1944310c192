package attack_test

import (
	"strings"
)

const (
	notBase64  = "not base64url without padding"
	notToken68 = "white space or a comma in the token"
)

// bent sets the bits after the last octet of a part. The result decodes to the same octets.
func bent(part string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	if len(part)%4 == 0 {
		panic("a part without bits to spare")
	}
	last := len(part) - 1
	return part[:last] + string(alphabet[strings.IndexByte(alphabet, part[last])+1])
}

var standard = strings.NewReplacer("-", "+", "_", "/")

// encodingAttacks encode a good token in another way. The signature covers this encoding of header
// and payload, so only the encoding is wrong.
func encodingAttacks() []attack {
	const base64url, compact = "RFC 7515 §2; RFC 4648 §3.5", "RFC 7515 §7.1"
	// It has both characters in which the alphabets differ. Its last character has bits that
	// belong to no octet.
	const header, payload = `{"x":"???>>>",` + goodHeader + `}`, `{"x":"???????>>>>>>>",` + goodClaims + `}`
	odd := func(text string) string { return b64(text + strings.Repeat(" ", (4-len(text)%3)%3)) }
	spelt := func(changeHeader, changePayload func(string) string) func(*world) request {
		return func(*world) request {
			return bearer(seal(changeHeader(odd(header)), changePayload(odd(payload)), es256(ourEC())))
		}
	}
	as := func(s string) string { return s }
	ending := func(end string) func(string) string { return func(s string) string { return s + end } }
	inside := func(what string) func(string) string { return func(s string) string { return s[:7] + what + s[7:] } }
	signature := func(change func(string) string) func(*world) request {
		return func(*world) request {
			for {
				good := seal(odd(header), odd(payload), es256(ourEC()))
				dot := strings.LastIndexByte(good, '.') + 1
				if changed := change(good[dot:]); changed != good[dot:] {
					return bearer(good[:dot] + changed)
				}
			}
		}
	}
	var out []attack
	for _, c := range []struct {
		name   string
		change func(string) string
	}{
		{"padding", ending("==")},
		{"one character of padding", ending("=")},
		{"bits to spare that are set", bent},
		{"the alphabet of standard base64", standard.Replace},
		{"a character too many", ending("AAA")}, // lengths of 1 modulo 4, which no encoder writes
		{"a percent sign", inside("%2D")},
		{"a quote", inside(`"`)},
		{"a star", inside("*")},
	} {
		out = append(out,
			attack{
				name: "a header with " + c.name, reference: base64url, send: spelt(c.change, as),
				reason: "header: " + notBase64,
			},
			attack{
				name: "a payload with " + c.name, reference: base64url, send: spelt(as, c.change),
				reason: "payload: " + notBase64,
			},
			attack{
				name: "a signature with " + c.name, reference: base64url, send: signature(c.change),
				reason: "signature: " + notBase64,
			},
		)
	}
	out = append(out, rows(func(change string) func(*world) request {
		return tampered(func(s string) string { return strings.ReplaceAll(change, "TOKEN", s) })
	}, [][4]string{
		{"a dot in front", compact, ".TOKEN", notThree},
		{"a dot behind", compact, "TOKEN.", notThree},
		{"a fourth part", compact, "TOKEN.AAAA", notThree},
		{"two tokens with a dot between", compact, "TOKEN.TOKEN", notThree},
		{"two dots alone", compact, "..", notThree},
		{"detached content", "RFC 7515 appendix F", "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0..AAAA", notThree},
		{"an encrypted token", "RFC 7516 §7.1; CVE-2024-28122", b64(`{"alg":"dir","enc":"A256GCM","zip":"DEF"}`) + "..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA", notThree},
		{"dots up to the limit of a token", "CVE-2025-30204; CVE-2025-27144; CVE-2025-22868", strings.Repeat(".", 16<<10), notThree},
		{"dots in percent encoding", compact, "TOKEN%2EAAAA%2EAAAA", notBase64},
		{"the flattened JSON serialisation", "RFC 7515 §7.2.2", `{"payload":"AAAA","protected":"AAAA","signature":"AAAA"}`, notToken68},
		{"a JSON object around a token", "RFC 7515 §7.2", `{"token":"TOKEN"}`, "header: " + notBase64},
		{"a token in quotes", compact, `"TOKEN"`, "header: " + notBase64},
		{"a space within", compact, "TOKEN AAAA", notToken68},
		{"an octet more than a token may have", "bearerguard's limit", strings.Repeat("A", 16<<10+1), "longer than 16 KiB"},
		{"a token of 64 KB", "bearerguard's limit", strings.Repeat("A", 64<<10), "longer than 16 KiB"},
		{"a token of 1 MB", "bearerguard's limit", strings.Repeat("A", 1<<20), "longer than 16 KiB"},
	})...)
	out = append(out, rows(func(change string) func(*world) request {
		return tampered(func(s string) string { return strings.ReplaceAll(change, "TOKEN", s) })
	}, [][4]string{
		{"a tab within", compact, "TOKEN\tAAAA", notToken68},
		{"dots of another alphabet", compact, "TOKEN\u2024AAAA", notBase64},
		{"octets that are no text", base64url, "TOKEN\xff\xfe", notBase64},
		{"a zero-width space behind", base64url, "TOKEN\u200b", notBase64},
	})...)
	for _, a := range rows(func(change string) func(*world) request {
		return tampered(func(s string) string { return strings.ReplaceAll(change, "TOKEN", s) })
	}, [][4]string{
		{"a token in a header field that is folded", "RFC 9112 §5.2", "TOKEN\r\n AAAA", notToken68},
		{"a token folded at a bare line feed", "RFC 9112 §2.2, §5.2", "TOKEN\n\tAAAA", notToken68},
	}) {
		a.overGRPC = byServer
		out = append(out, a)
	}
	return out
}
