package grpcauth

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/bearerguard/bearerguard/adapters/internal/adapt"
	"github.com/bearerguard/bearerguard/middleware"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// domain is that of the reasons in [errdetails.ErrorInfo].
const domain = "bearerguard"

// answer turns a refusal into its status, and sends its fields with the answer to the
// call that ctx belongs to. Errors that are none, or have a status already, are the
// handler's own and stay as they are.
func answer(ctx context.Context, err error) error {
	if _, ok := status.FromError(err); ok { // also nil
		return err
	}
	refusal := adapt.Refusal(err)
	if refusal == nil {
		return err
	}
	fields := metadata.MD{}
	for name, values := range refusal.Header() {
		fields.Append(name, values...) // in lower case
	}
	sendFields(ctx, fields)
	return statusOf(refusal)
}

// sendFields sends each field once: in the trailer, and in the header where net/http
// serves the call and the headers are not out yet.
//
// net/http does not send WWW-Authenticate in a trailer (RFC 9110 §6.5.1) and logs each
// attempt. A server of gRPC's own sends a refusal as a trailer alone. That must stay
// so, because to a client a call with a header is under way, and is not tried again
// under its retry policy.
func sendFields(ctx context.Context, fields metadata.MD) {
	if ctx.Value(http.ServerContextKey) != nil {
		if grpc.SetHeader(ctx, fields) == nil {
			return
		}
		delete(fields, "www-authenticate")
	}
	_ = grpc.SetTrailer(ctx, fields) // fails outside of a server only
}

// statusOf spells a refusal as gRPC does.
func statusOf(refusal *middleware.Error) error {
	info := &errdetails.ErrorInfo{Reason: strings.ToUpper(string(refusal.Code())), Domain: domain}
	if scopes := refusal.Scopes(); len(scopes) > 0 {
		info.Metadata = map[string]string{"scope": strings.Join(scopes, " ")}
	}
	details := []protoadapt.MessageV1{info}
	if d := refusal.RetryAfter(); d > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(d)})
	}
	st := status.New(codes.Code(refusal.GRPCCode()), refusal.Error())
	if detailed, err := st.WithDetails(details...); err == nil {
		st = detailed
	}
	return st.Err()
}

// asStatus is err as calls to a stream return it.
func asStatus(err error) error {
	var refusal *middleware.Error
	if errors.As(err, &refusal) {
		return statusOf(refusal)
	}
	return err
}
