package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/bearerguard/bearerguard/middleware/authtest"
)

func TestRun(t *testing.T) {
	t.Setenv("ISSUER", "")
	t.Setenv("URL", "")
	t.Setenv("ADDR", "127.0.0.1:0")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, write)
		_ = write.Close()
	}()
	var url, issuer, metadata string
	if _, err := fmt.Fscanf(read, "MCP server on %s trusting %s\n\ncurl -i %s\n", &url, &issuer, &metadata); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	url = strings.TrimSuffix(url, ",")
	status, header, body := sent{body: ping}.do(t, url)
	if status != 401 || !strings.Contains(header.Get("WWW-Authenticate"), `resource_metadata="`+metadata+`"`) {
		t.Errorf("%d %v %s", status, header, body)
	}
	status, _, body = sent{method: "GET"}.do(t, metadata)
	if status != 200 || !strings.Contains(body, `"`+url+`"`) || !strings.Contains(body, `"`+issuer+`"`) {
		t.Errorf("%d %s", status, body)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A proxy on the same machine sends the Host that clients have asked for. For the SDK's protection of servers
// on loopback, that would be a foreign one.
func TestRunBehindAProxy(t *testing.T) {
	const url = "https://mcp.example/mcp"
	issuer := authtest.Start(t, authtest.Config{Addr: "127.0.0.1:0", Audience: url})
	t.Setenv("ISSUER", issuer.URL())
	t.Setenv("URL", url)
	t.Setenv("ADDR", "127.0.0.1:0")
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, write)
		_ = write.Close()
	}()
	var metadata string
	format := "MCP server on " + url + ", trusting " + issuer.URL() + "\n\ncurl -i %s\n"
	if _, err := fmt.Fscanf(read, format, &metadata); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	address, _, _ := strings.Cut(strings.TrimPrefix(metadata, "http://"), "/")
	token := issuer.Mint(authtest.Token{Scope: "orders:read"})
	request := sent{token: token, body: initialize, host: "mcp.example"}
	if status, _, body := request.do(t, "http://"+address+"/mcp"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunNamesWhatIsWrong(t *testing.T) {
	for name, bad := range map[string]string{
		"ADDR": "no such address", "ISSUER": "no issuer", "URL": "ftp://mcp.example/mcp",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("ISSUER", "")
			t.Setenv("URL", "")
			t.Setenv("ADDR", "127.0.0.1:0")
			t.Setenv(name, bad)
			if err := run(t.Context(), io.Discard); err == nil || !strings.Contains(strings.ToUpper(err.Error()), name) {
				t.Error(err)
			}
		})
	}
}
