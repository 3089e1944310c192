package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/bearerguard/bearerguard/adapters/httpauth"
	"github.com/bearerguard/bearerguard/middleware"
	"github.com/bearerguard/bearerguard/scopes"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var errNoSubject = errors.New("sub is absent, and a session of MCP belongs to a subject")

// pinned is middleware between the guard and the SDK's handler. It tells the SDK who sends each request. The
// SDK then answers 403 to a request that names a session which somebody else has opened. A session id alone
// authenticates nobody.
//
// A caller without a token is refused, also where a rule is Public or Optional, because a session of nobody
// would be open to everybody.
func pinned(guard *middleware.Guard, next http.Handler) http.Handler {
	// The guard has checked the expiry, with the leeway of its configuration.
	next = auth.RequireBearerToken(whoever, &auth.RequireBearerTokenOptions{AllowMissingExpiration: true})(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error // the refusals of the SDK have no challenge, and no line in the log
		switch claims, ok := middleware.ClaimsFrom(r.Context()); {
		case !ok:
			err = guard.Authorize(r.Context(), scopes.Authenticated())
		case claims.Subject() == "":
			err = guard.Forbid(r.Context(), errNoSubject)
		}
		if err != nil {
			httpauth.Refuse(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// whoever is an auth.TokenVerifier that takes the word of the guard in front.
func whoever(ctx context.Context, _ string, _ *http.Request) (*auth.TokenInfo, error) {
	claims, ok := middleware.ClaimsFrom(ctx)
	if !ok || claims.Subject() == "" {
		return nil, fmt.Errorf("%w: %w", auth.ErrInvalidToken, errNoSubject)
	}
	return &auth.TokenInfo{
		// A subject is unique for its issuer only. No issuer has a space in its name.
		UserID: claims.Issuer() + " " + claims.Subject(),
		Scopes: claims.Scopes(),
		// Without cancellation, because the message may be handled after its request has ended.
		Extra: map[string]any{contextOfMessage: context.WithoutCancel(ctx)},
	}, nil
}

const contextOfMessage = "bearerguard"

// byMessage is receiving middleware for an mcp.Server. With it, middleware.ClaimsFrom and Guard.Authorize in
// a tool are about the message that the tool answers. Without it, they are about the message that opened the
// session, because the SDK runs all tools of a session under the context of that one.
func byMessage(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if extra := req.GetExtra(); extra != nil && extra.TokenInfo != nil {
			if message, ok := extra.TokenInfo.Extra[contextOfMessage].(context.Context); ok {
				ctx = messageContext{Context: ctx, message: message}
			}
		}
		return next(ctx, method, req)
	}
}

// messageContext ends with the session, and has the values of a message before those of the session.
type messageContext struct {
	context.Context
	message context.Context
}

func (c messageContext) Value(key any) any {
	if value := c.message.Value(key); value != nil {
		return value
	}
	return c.Context.Value(key)
}
