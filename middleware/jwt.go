package middleware

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/bearerguard/bearerguard/internal/jose"
	"github.com/bearerguard/bearerguard/jwks"
)

// maxSignature is the length of the longest signature of any key, as text. It is that of
// an RSA key of 16384 bits.
const maxSignature = 2731

// JWT verifies JSON Web Tokens (RFC 7519) of one issuer, in JWS compact serialisation.
// [NewJWT] makes one. A JWT is immutable and safe for concurrent use.
type JWT struct {
	issuer         string
	tenants        *tenants // in place of issuer; may be nil
	audience       []string
	anyAudience    bool
	keys           jwks.Set
	discovery      jwks.Config // of the keys, if there are none in the configuration
	owned          *jwks.Cache // what Close closes; may be nil
	prompt         bool        // keys answers at once for a key that it knows
	algorithms     uint32      // a bit for each jose.Algorithm
	leeway         time.Duration
	maxLifetime    time.Duration
	types          []string // accepted values of typ; "" stands for none
	requireRFC9068 bool
	idTokens       bool // at_hash, c_hash and s_hash are no reason for a refusal
	grants         []grant
	validate       func(context.Context, Claims) error
	tokens         *tokenCache
	headers        headerCache
}

// NewJWT checks cfg as a whole; the error names every fault. If keys are to be discovered,
// that happens in the background. NewJWT does not wait for it. Ready does. Failures to
// fetch them are logged to [slog.Default]. For another logger, give Keys a cache with a
// jwks.Config.Logger.
func NewJWT(cfg JWTConfig) (*JWT, error) {
	v, err := cfg.compile(&faults{of: "JWTConfig"})
	if err != nil {
		return nil, err
	}
	if err := v.start(); err != nil {
		return nil, err
	}
	return v, nil
}

// Ready waits until v has keys. It returns an error if ctx ends before. It is for a
// readiness probe.
func (v *JWT) Ready(ctx context.Context) error { return ready(ctx, v.keys) }

// GrantPrefixes lists the Prefix of each [Grant] that has one, for the Guard: see [Verifier].
func (v *JWT) GrantPrefixes() (prefixes []string) {
	for i := range v.grants {
		if prefix := v.grants[i].prefix; prefix != "" {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// Close ends the background work for keys that v discovers itself. Afterwards v still
// verifies tokens with the keys that it knows, and answers tokens with other keys as in an
// outage. Close does not close keys that were given in the configuration.
func (v *JWT) Close() error {
	if v.owned == nil {
		return nil
	}
	return v.owned.Close()
}

// Verify returns the claims of token if it is good. [Verifier] says what its errors mean.
// The cheapest checks come first: a token of a wrong size, number of parts or header costs
// no look-up of a key, and a token without a key costs no computation.
//
// If several keys fit, Verify tries the first four of the set in turn. If the signature
// verifies under none of them, it asks the set once more, because the issuer may have
// replaced a key.
//
// A token that was verified before is not decoded and verified again, as long as the
// issuer still publishes the same key. Its times are checked, and Validate is called,
// every time.
func (v *JWT) Verify(ctx context.Context, token string) (Claims, error) {
	c, _, err := v.verify(ctx, token)
	return Claims{c: c}, err
}

// verify does the work of Verify. known tells that the check took no time: the token was
// known from before, its key was at hand, and there is no Validate.
func (v *JWT) verify(ctx context.Context, token string) (c *claims, known bool, err error) {
	if len(token) > maxTokenBytes {
		return nil, false, errLongToken
	}
	parts, err := jose.Split(token)
	if err != nil {
		return nil, false, &malformed{"", err}
	}
	var asked time.Time // zero: nobody has waited for keys
	seen := v.tokens.find(parts)
	if seen != nil {
		var keys []*jwks.Key
		keys, asked, err = v.atHand(ctx, jwks.Query{KeyID: seen.keyID, Algorithm: seen.alg})
		if err != nil {
			return nil, false, err
		}
		if !slices.Contains(keys, seen.key) { // the kid has another key now: verify the token as a new one
			seen = nil
		}
	}
	known = seen != nil
	if !known {
		if seen, err = v.verifyNew(ctx, asked, parts); err != nil {
			return nil, false, err
		}
	}
	if err := v.checkTimes(&seen.claims, time.Now()); err != nil {
		return nil, false, err
	}
	if !known {
		v.tokens.add(parts, seen)
	}
	known = known && asked.IsZero()
	if v.validate != nil {
		known = false
		if err := v.validate(ctx, Claims{c: &seen.claims}); err != nil {
			return nil, false, err
		}
	}
	return &seen.claims, known, nil
}

// verifyNew verifies a token that is not remembered, except for its times. asked is when the
// request began to wait for keys, or zero.
func (v *JWT) verifyNew(ctx context.Context, asked time.Time, parts jose.Compact) (*remembered, error) {
	h := v.headers.find(parts.Header)
	known := h != nil
	if !known {
		var err error
		if h, err = v.header(parts.Header); err != nil {
			return nil, err
		}
	}
	q := jwks.Query{KeyID: h.KeyID, Algorithm: h.Algorithm.String()}
	asked = cmp.Or(asked, time.Now())
	keys, err := v.fitting(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(parts.Signature) > maxSignature {
		return nil, errLongSignature
	}
	var buf [512]byte // the signature of an RSA key of 4096 bits
	signature, err := jose.AppendDecode(buf[:0], parts.Signature)
	if err != nil {
		return nil, &malformed{"signature", err}
	}
	key, err := v.signer(ctx, asked, q, keys, parts.SigningInput, signature)
	if err != nil {
		return nil, err
	}
	payload, err := jose.DecodeText(parts.Payload)
	if err != nil {
		return nil, &malformed{"payload", err}
	}
	if !known {
		v.headers.add(h)
	}
	seen := &remembered{keyID: q.KeyID, alg: q.Algorithm, key: key}
	if err := seen.claims.parse(payload, v.grants); err != nil {
		return nil, &malformed{"", err}
	}
	seen.claims.keyID = key.ID()
	seen.claims.until = seen.claims.until.Add(v.leeway)
	if err := v.checkClaims(&seen.claims, key, isATJWT(h.Type)); err != nil {
		return nil, err
	}
	return seen, nil
}

// header decodes a protected header and checks what needs no key.
func (v *JWT) header(segment string) (*header, error) {
	h, err := jose.DecodeHeader(segment)
	if alg, ok := err.(jose.AlgorithmError); ok {
		return nil, v.otherAlgorithm(string(alg))
	}
	switch {
	case err != nil:
		return nil, &malformed{"header", err}
	case v.algorithms&(1<<h.Algorithm) == 0:
		return nil, v.otherAlgorithm(h.Algorithm.String())
	case !v.hasType(h.Type):
		return nil, v.otherType(h.Type)
	}
	return &header{segment, h}, nil
}
