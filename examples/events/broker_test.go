package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/helpdeskgo/helpdesk/internal/child"
)

// broker is a private nats-server with JetStream.
type broker struct {
	URL  string
	t    *testing.T
	port int
	home *child.Home
	run  *child.Process // nil while it is down
}

// newBroker makes one, which is down; the test ends it.
func newBroker(t *testing.T) *broker {
	t.Helper()
	if _, err := program(); err != nil {
		t.Skip("nats-server is not installed: run make services")
	}
	home, err := child.NewHome("nats", "nobody")
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{t: t, port: child.FreePort(t), home: home}
	b.URL = fmt.Sprintf("nats://127.0.0.1:%d", b.port)
	t.Cleanup(func() {
		b.crash()
		if err := os.RemoveAll(home.Dir); err != nil {
			t.Error(err)
		}
	})
	return b
}

func program() (string, error) {
	if path, err := exec.LookPath("nats-server"); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/nats-server") // where Debian has it
}

// start starts it, on what it stored before.
func (b *broker) start() {
	b.t.Helper()
	path, err := program()
	if err != nil {
		b.t.Fatal(err)
	}
	answers := func() bool {
		nc, err := nats.Connect(b.URL, nats.Timeout(time.Second))
		if err != nil {
			return false
		}
		defer nc.Close()
		js, err := nc.JetStream()
		if err == nil {
			_, err = js.AccountInfo()
		}
		return err == nil
	}
	if b.run, err = b.home.Start(answers, path, "-js", "-sd", b.home.Path("store"), "-a", "127.0.0.1", "-p", strconv.Itoa(b.port)); err != nil {
		b.t.Fatal(err)
	}
}

// crash kills it.
func (b *broker) crash() {
	if b.run != nil {
		b.run.Stop(os.Kill)
		b.run = nil
	}
}

// connected waits until a client is.
func connected(t *testing.T, nc *nats.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !nc.IsConnected() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the client does not find the broker again")
		}
	}
}
