package grpcauth

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

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

// domain is the domain of each [errdetails.ErrorInfo].
const domain = "bearerguard"

// refuse turns the refusal in err into a gRPC status, and sends the fields of the refusal in
// the answer to the call of ctx. err may also wrap the refusal. refuse returns any other
// error unchanged, and so it does with an error that already has a status.
func refuse(ctx context.Context, err error) error {
	if _, ok := status.FromError(err); ok { // also nil
		return err
	}
	refusal := adapt.Refusal(err)
	if refusal == nil {
		return err
	}
	fields := metadata.MD{}
	for name, values := range refusal.Header() {
		fields.Append(name, values...) // Append makes the name lower case
	}
	sendFields(ctx, fields)
	return statusOf(refusal)
}

// sendFields sends each field once: in the trailer, or in the header if net/http serves the
// call and the header is not sent yet.
//
// net/http does not send WWW-Authenticate in a trailer (RFC 9110 §6.5.1), and logs each
// attempt. gRPC's own server sends a refusal as a trailer only. This must stay so, because a
// client does not retry a call that has sent a header.
func sendFields(ctx context.Context, fields metadata.MD) {
	if ctx.Value(http.ServerContextKey) != nil {
		if grpc.SetHeader(ctx, fields) == nil {
			return
		}
		delete(fields, "www-authenticate")
	}
	_ = grpc.SetTrailer(ctx, fields) // it fails only outside of a server
}

// statusOf returns refusal as a gRPC status.
func statusOf(refusal *middleware.Error) error {
	info := &errdetails.ErrorInfo{Reason: strings.ToUpper(string(refusal.Code())), Domain: domain}
	tell := func(name, value string) {
		if info.Metadata == nil {
			info.Metadata = make(map[string]string)
		}
		info.Metadata[name] = value
	}
	if scopes := refusal.Scopes(); len(scopes) > 0 {
		tell("scope", strings.Join(scopes, " "))
	}
	if refusal.Expired() {
		tell("error_description", refusal.Error())
	}
	if values := refusal.ACRValues(); len(values) > 0 {
		tell("acr_values", strings.Join(values, " "))
	}
	if age := refusal.MaxAge(); age > 0 {
		tell("max_age", strconv.Itoa(int(age/time.Second)))
	}
	if metadata := refusal.ResourceMetadata(); metadata != "" {
		tell("resource_metadata", metadata)
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

// asStatus returns err as calls to a stream return it: a refusal becomes a status.
func asStatus(err error) error {
	var refusal *middleware.Error
	if errors.As(err, &refusal) {
		return statusOf(refusal)
	}
	return err
}
