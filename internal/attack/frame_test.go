package attack_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// call sends r to a method of gRPC, frame by frame (RFC 9113), because a client refuses to send
// most of these requests.
func call(conn net.Conn, method string, r request) (answer, error) {
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	// The server may answer before it has read all of a large header.
	go func() { _ = writeCall(conn, framer, method, r) }()
	a := answer{header: http.Header{}}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return a, fmt.Errorf("reading a frame: %w", err)
		}
		ended := false
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			for _, field := range f.RegularFields() {
				a.header.Add(field.Name, sorted(field))
			}
			ended = f.StreamEnded()
		case *http2.DataFrame:
			a.body += string(f.Data())
			ended = f.StreamEnded()
		case *http2.RSTStreamFrame:
			a.status, ended = reset+int(f.ErrCode), true
		case *http2.GoAwayFrame:
			a.status, ended = reset+int(f.ErrCode), true
		}
		if !ended {
			continue
		}
		if text := a.header.Get("Grpc-Status"); text != "" {
			a.status, err = strconv.Atoi(text)
		}
		return a, err
	}
}

// sorted returns the value of field. The entries of a map in a message have no order, so it returns
// the details of a status as text.
func sorted(field hpack.HeaderField) string {
	if field.Name != "grpc-status-details-bin" {
		return field.Value
	}
	octets, err := base64.RawStdEncoding.DecodeString(field.Value)
	var message spb.Status
	if err != nil || proto.Unmarshal(octets, &message) != nil {
		return field.Value
	}
	return fmt.Sprint(status.FromProto(&message).Details())
}

// reset is added to the error code of HTTP/2 if the server ended a call without a status of gRPC.
const reset = 1000

// maxFrame is the largest frame that every server accepts (RFC 9113 §4.2).
const maxFrame = 16 << 10

func writeCall(conn io.Writer, framer *http2.Framer, method string, r request) error {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	fields := [][2]string{
		{":method", "POST"},
		{":scheme", "http"},
		{":path", method},
		{":authority", "things.test"},
		{"content-type", "application/grpc"},
		{"te", "trailers"},
	}
	for name, values := range r.header {
		if name == http.CanonicalHeaderKey(name) { // otherwise the case wants the field as it is
			name = strings.ToLower(name)
		}
		for _, value := range values {
			if strings.HasSuffix(name, "-bin") { // as every client does
				value = base64.StdEncoding.EncodeToString([]byte(value))
			}
			fields = append(fields, [2]string{name, value})
		}
	}
	for _, f := range fields {
		if err := encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return err
	}
	if err := framer.WriteSettings(); err != nil {
		return err
	}
	first := block.Next(maxFrame)
	if err := framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 1, BlockFragment: first, EndHeaders: block.Len() == 0,
	}); err != nil {
		return err
	}
	for block.Len() > 0 {
		fragment := block.Next(maxFrame)
		if err := framer.WriteContinuation(1, block.Len() == 0, fragment); err != nil {
			return err
		}
	}
	if err := framer.WriteData(1, true, make([]byte, 5)); err != nil { // an empty message
		return err
	}
	return framer.WriteSettingsAck()
}
