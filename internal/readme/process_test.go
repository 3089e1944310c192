package readme_test

import (
	"bytes"
	"errors"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a program of the README that runs and listens on addr.
type process struct {
	addr string
	cmd  *exec.Cmd
	log  *output
	done chan error // what Wait returned
}

// output is what a program prints. It may be read while the program runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// run builds a program with this issuer, starts it, and returns when it accepts connections.
func run(t *testing.T, program, issuer string) *process {
	t.Helper()
	for range 3 {
		addr := freeAddr(t)
		binary := build(t, replace(t, replace(t, program, exampleIssuer, issuer), exampleAddr, addr))
		if p := start(t, binary, addr); p != nil {
			return p
		}
	}
	t.Fatal("others took the address three times")
	return nil
}

// freeAddr returns an address that nobody listened on a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// start returns nil if somebody else has taken the address.
func start(t *testing.T, binary, addr string) *process {
	t.Helper()
	p := &process{addr: addr, cmd: exec.CommandContext(t.Context(), binary), log: new(output), done: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-p.done:
			if strings.Contains(p.log.String(), syscall.EADDRINUSE.Error()) {
				return nil
			}
			t.Fatalf("the program ended: %v\n%s", err, p.log)
		default:
		}
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return p
		}
	}
	t.Fatalf("nobody listens on %s\n%s", addr, p.log)
	return nil
}

// stop ends the program as an operator does. Its exit status must be 0.
func (p *process) stop(t *testing.T) {
	t.Helper()
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	if err == nil {
		select {
		case err = <-p.done:
		case <-time.After(20 * time.Second):
			err = errors.New("still running")
		}
	}
	if err != nil {
		t.Errorf("after SIGTERM: %v\n%s", err, p.log)
	}
}
