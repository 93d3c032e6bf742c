package remotetest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/storetest"
)

// childVariable makes the test binary a process that writes to the database with this address.
const childVariable = "HELPDESK_REMOTE_CHILD"

// Child writes, if this process was started to do so, until it is killed or its standard input ends.
func Child(open func(ctx context.Context, dsn string) (store.Store, error)) {
	dsn := os.Getenv(childVariable)
	if dsn == "" {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	s, err := open(ctx, dsn)
	if err == nil {
		err = storetest.Write(ctx, s, os.Stdout)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Killed starts a process that writes to the database, kills it after some of its writes, and returns what it has
// acknowledged.
func Killed(t testing.TB, dsn string) []byte {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe) //nolint:gosec // itself
	cmd.Env = append(os.Environ(), childVariable+"="+dsn)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged bytes.Buffer
	lines := bufio.NewReader(io.TeeReader(out, &acknowledged))
	for range 20 + rand.N(40) {
		if _, err := lines.ReadString('\n'); err != nil {
			t.Fatalf("the process that writes: %v", errors.Join(err, cmd.Wait()))
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_, _ = io.Copy(io.Discard, lines) // what it had said before it died
	_ = cmd.Wait()                    // it says that it was killed
	return acknowledged.Bytes()
}
