// Package child runs servers for tests: child processes that die with the test, in directories of their own, on free
// loopback ports.
package child

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to answer or to end: one that crashed under load does again what its log holds.
const patience = 3 * time.Minute

// Home is the directory of a server, and who runs its programs.
type Home struct {
	Dir string
	as  *syscall.SysProcAttr
}

// NewHome makes a directory. Servers that refuse to be root run as the user, if root runs the test. Its path is short:
// those of Unix sockets must be.
func NewHome(name, user string) (*Home, error) {
	dir, err := os.MkdirTemp("", name)
	if err != nil {
		return nil, err
	}
	return HomeAt(dir, user)
}

// HomeAt is NewHome in a directory that is there, and whose path must be as short, and open to the user.
func HomeAt(dir, user string) (*Home, error) {
	as, err := runner(dir, user)
	return &Home{Dir: dir, as: as}, err
}

// Path is that of a file in the directory.
func (h *Home) Path(name string) string { return filepath.Join(h.Dir, name) }

// Command is a program that runs in the directory.
func (h *Home) Command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = h.Dir
	cmd.Env = []string{"LC_ALL=C", "HOME=" + h.Dir, "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = h.as
	return cmd
}

// Do runs a program to its end. What it printed stands in the error. It keeps its thread meanwhile: the program dies with
// that, and somebody else's goroutine may end it.
func (h *Home) Do(program string, args ...string) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if out, err := h.Command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, out)
	}
	return nil
}

// Process is a server that runs.
type Process struct {
	cmd *exec.Cmd
	end chan struct{}
	log *output
}

// Start starts a server and waits until it answers.
func (h *Home) Start(answers func() bool, program string, args ...string) (*Process, error) {
	p := &Process{cmd: h.Command(program, args...), end: make(chan struct{}), log: &output{}}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.start(); err != nil {
		return nil, err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; {
		select {
		case <-p.end:
			return nil, fmt.Errorf("%s ended at once:\n%s", filepath.Base(program), p.log)
		case <-tick.C:
		}
		if answers() {
			return p, nil
		}
		if time.Now().After(deadline) {
			p.Stop(os.Kill)
			return nil, fmt.Errorf("%s does not answer:\n%s", filepath.Base(program), p.log)
		}
	}
}

// start starts the program. The goroutine keeps its thread: the child dies with it, and so does not outlive a test that
// panics.
func (p *Process) start() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // whatever it was ended by
		}
		close(p.end)
	}()
	return <-started
}

// Signal sends a signal to the server.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Stop ends the server by a signal, and kills it if it does not heed it.
func (p *Process) Stop(by os.Signal) {
	_ = p.Signal(by) // it may have ended
	select {
	case <-p.end:
	case <-time.After(patience):
		_ = p.Signal(os.Kill)
		<-p.end
	}
}

// Log is what the server has printed.
func (p *Process) Log() string { return p.log.String() }

// output is written to by the process while it is read.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.TrimSpace(o.buf.String())
}

// FreePort finds a loopback port that was free a moment ago.
func FreePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
