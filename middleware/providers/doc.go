// Package providers has the configurations of known issuers, so that nobody has to find out what
// an issuer's tokens look like. Each function returns a [middleware.JWTConfig], for the caller
// to adjust and to give to [middleware.New]:
//
//	cfg := providers.Keycloak("https://login.example", "shop", "orders-api")
//	cfg.MaxLifetime = time.Hour
//	guard, err := middleware.New(cfg, middleware.Options{Logger: slog.Default()})
//
// docs/providers has a page for each issuer: where each value is found, what a token looks like,
// what is refused and why, and when the issuer's documentation was read.
//
// # Arguments
//
// A function returns no error. If an argument is empty or has the wrong form, the
// configuration's Issuer says so, and [middleware.New] returns that as a fault:
//
//	bearerguard: JWTConfig.Issuer: providers.Keycloak: realm: required
//
// So configurations of several issuers can stand in one list for [middleware.NewMultiIssuer].
// If you set another Issuer afterwards, as for GitHub Enterprise Server, [middleware.New] does not
// see the fault. Then Validate returns it for each token, and nobody gets in.
//
// # Proxies
//
// A proxy that authenticates users, such as Cloudflare Access, sends a token of its own in a header of
// its own. [CloudflareAccessHeader] and [GoogleIAPHeader] are the names for Options.Header of package
// middleware.
//
// # Validate
//
// Everybody can get a token from some issuers, for any audience. There the audience says nothing
// about the caller. Their functions therefore take a list of those who may call, and set
// Validate. Others set it to tell access tokens from ID tokens. A Validate of your own replaces
// it, and lets in whom it refused. So call the first one in yours:
//
//	check := cfg.Validate
//	cfg.Validate = func(ctx context.Context, c middleware.Claims) error {
//		if err := check(ctx, c); err != nil {
//			return err
//		}
//		...
//	}
package providers
