package grpcauth

import (
	"context"
	"errors"
	"strings"

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

// answer turns a refusal into its status, and sets the trailer of the call that ctx
// belongs to. Errors that are none, or have a status already, are the handler's own
// and stay as they are.
func answer(ctx context.Context, err error) error {
	if _, ok := status.FromError(err); ok { // also nil
		return err
	}
	var refusal *middleware.Error
	if !errors.As(err, &refusal) || refusal == nil {
		return err
	}
	trailer := metadata.MD{}
	for name, values := range refusal.Header() {
		trailer.Append(name, values...) // in lower case
	}
	_ = grpc.SetTrailer(ctx, trailer) // fails outside of a server only
	return statusOf(refusal)
}

// statusOf spells a refusal as gRPC does.
func statusOf(refusal *middleware.Error) error {
	info := &errdetails.ErrorInfo{Reason: strings.ToUpper(string(refusal.Code())), Domain: domain}
	if scope := refusal.Scope(); len(scope) > 0 {
		info.Metadata = map[string]string{"scope": strings.Join(scope, " ")}
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
