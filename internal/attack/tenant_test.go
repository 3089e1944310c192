package attack_test

import "strings"

const (
	tenantA = "72f988bf-86f1-41af-91ab-2d7cd011db47"
	tenantB = "9188040d-6c67-4c5b-b112-36a304b66dad"
)

// ofTenant is the name of the issuer for a tenant.
func ofTenant(tid string) string { return "https://issuer.test/" + tid + "/v2.0" }

// tenantAttacks run where the issuer has a name for each tenant, and tenant A is the only one that is
// listed. Each token is genuine: tenants share the keys, and a tenant decides what its tokens claim.
func tenantAttacks() []attack {
	const (
		reference         = "RFC 8725 §3.8; Microsoft Entra ID, multi-tenant applications"
		notIssuer, notTID = "iss is not the issuer of the tenant", "tid is not a GUID in lower case"
	)
	upper := strings.ToUpper(tenantA)
	claims := func(tid, iss string) string {
		return `{"aud":"https://api.test","sub":"user-1","exp":4000000000,"iss":"` + iss + `","tid":` + tid + `}`
	}
	of := func(tid string) string { return claims(`"`+tid+`"`, ofTenant(tid)) }
	out := rows(claiming, [][4]string{
		{"tid of this tenant with iss of another", reference, claims(`"`+tenantA+`"`, ofTenant(tenantB)), notIssuer},
		{"iss of this tenant with tid of another", reference, claims(`"`+tenantB+`"`, ofTenant(tenantA)), notIssuer},
		{"a tenant that is not listed", reference, of(tenantB), "tid is not on the list of accepted tenants"},
		{"aud of another API", reference, strings.Replace(of(tenantA), "https://api.test", "https://other.test", 1), "aud does not name this API"},
		{"tid a path", reference, of("../" + tenantA), notTID},
		{"tid a path as long as a GUID", reference, of("../../../../../../../../../../../../"), notTID},
		{"tid that leads to this tenant from another", reference, of(tenantB + "/../" + tenantA), notTID},
		{"tid in upper case", reference, of(upper), notTID},
		{"tid in upper case with iss in lower case", reference, claims(`"`+upper+`"`, ofTenant(tenantA)), notTID},
		{"iss in upper case", reference, claims(`"`+tenantA+`"`, ofTenant(upper)), notIssuer},
		{"tid a host", reference, claims(`"evil.test"`, "https://evil.test/v2.0"), notTID},
		{"tid the placeholder", reference, of("{tenantid}"), notTID},
		{"tid a common endpoint", reference, of("common"), notTID},
		{"tid empty", reference, of(""), notTID},
		{"tid missing", reference, `{"aud":"https://api.test","exp":4000000000,"iss":"` + ofTenant(tenantA) + `"}`, notTID},
		{"tid null", reference, claims("null", ofTenant(tenantA)), notTID},
		{"tid an array of this tenant", reference, claims(`["`+tenantA+`"]`, ofTenant(tenantA)), notTID},
		{"tid with a NUL behind", reference, claims(`"`+tenantA+`\u0000"`, ofTenant(tenantA)), notTID},
		{"tid twice, for two tenants", "RFC 7519 §4", claims(`"`+tenantB+`","tid":"`+tenantA+`"`, ofTenant(tenantA)), "a duplicate member name"},
		{"tid of another name", "RFC 7519 §4", strings.Replace(of(tenantA), `"tid"`, `"TID"`, 1), notTID},
		{"the template for iss", reference, claims(`"`+tenantA+`"`, "https://issuer.test/{tenantid}/v2.0"), notIssuer},
		{"iss of another issuer with the tenant", reference, claims(`"`+tenantA+`"`, "https://evil.test/"+tenantA+"/v2.0"), notIssuer},
		{"iss of another version of tokens", reference, claims(`"`+tenantA+`"`, "https://issuer.test/"+tenantA+"/"), notIssuer},
		{"iss that begins with the tenant's", reference, claims(`"`+tenantA+`"`, ofTenant(tenantA)+".evil.test"), notIssuer},
	})
	good := of(tenantA)
	by := func(kid string) func(*world) request {
		return genuine(`{"alg":"ES256","kid":"`+kid+`"}`, good)
	}
	out = append(out, []attack{
		{name: "a token signed with the key of another tenant", reference: reference, send: by("other"), reason: "the key is that of another issuer"},
		{name: "a token signed with the key of another template", reference: reference, send: by("evil"), reason: "the key is that of another issuer"},
		{name: "a token signed with a key whose issuer is no string", reference: reference, send: by("odd"), reason: noKey},
		{name: "a forged token of a listed tenant", reference: reference, send: func(*world) request {
			return bearer(seal(b64("{"+goodHeader+"}"), b64(good), es256(theirEC())))
		}, reason: forged},
		{name: "a token of a listed tenant", reference: reference, send: claiming(good), code: passes},
		{name: "a token signed with the key of every tenant", reference: reference, send: by("every"), code: passes},
		{name: "a token signed with the key of its tenant", reference: reference, send: by("own"), code: passes},
	}...)
	for i := range out {
		out[i].name += ", where a template names the issuers"
		out[i].prepare = tenantWorld
	}
	return out
}

// tenantWorld publishes one key under several kids, with different issuers.
func tenantWorld(w *world) {
	w.config.Issuer, w.config.IssuerTemplate = "", ofTenant("{tenantid}")
	w.config.Tenants = []string{tenantA}
	w.always = map[string]any{"tid": tenantA, "iss": ofTenant(tenantA)}
	for kid, issuer := range map[string]any{
		"every": ofTenant("{tenantid}"), "own": ofTenant(tenantA), "other": ofTenant(tenantB),
		"evil": "https://evil.test/{tenantid}/v2.0", "odd": []string{ofTenant(tenantA)},
	} {
		w.issuer.PublishJWK(edit{"issuer": issuer}.over(ecJWK(kid, ourEC())))
	}
}
