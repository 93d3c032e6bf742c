// Package pgserver runs a private PostgreSQL for tests: a cluster of its own in a temporary directory, a child process on
// a free loopback port. It may be killed, paused and started again.
package pgserver

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// User is the superuser of every cluster; nobody asks for a password on loopback.
const User = "desk"

// Server is a cluster. Its methods fail the test that it was started for.
type Server struct {
	Port int
	tb   testing.TB
	bin  string // where the programs are
	dir  string
	as   *syscall.SysProcAttr // who runs it
	mu   sync.Mutex
	run  *exec.Cmd // nil while it is down
	end  chan struct{}
	log  bytes.Buffer
	made int // databases
}

// Start makes a cluster and starts it; the test ends it. It skips the test where PostgreSQL is not installed.
// Settings are lines of postgresql.conf.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	bin, err := programs()
	if err != nil {
		tb.Skip(err.Error() + ": run make services")
	}
	s := &Server{tb: tb, bin: bin}
	if s.dir, err = os.MkdirTemp("", "pg"); err != nil { // paths of Unix sockets are short
		tb.Fatal(err)
	}
	tb.Cleanup(s.remove)
	if s.as, err = runner(s.dir); err != nil {
		tb.Fatal(err)
	}
	initdb := s.command("initdb", "-D", s.data(), "-U", User, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	s.Port = freePort(tb)
	conf := slices.Concat([]string{"listen_addresses = '127.0.0.1'", "port = " + strconv.Itoa(s.Port), "unix_socket_directories = '" + s.dir + "'",
		"max_connections = 200", "shared_buffers = 64MB"}, settings, []string{""})
	f, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = f.WriteString(strings.Join(conf, "\n"))
	if err := errors.Join(err, f.Close()); err != nil {
		tb.Fatal(err)
	}
	s.Run()
	return s
}

// programs is the directory of the server's programs: the newest that is installed.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		path, err = filepath.EvalSymlinks(path)
		return filepath.Dir(path), err
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // where Debian has them
	if err != nil || len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed")
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = s.as
	return cmd
}

// DSN connects to a database of the cluster.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", User, s.Port, database)
}

// Database makes an empty database and returns what connects to it.
func (s *Server) Database() string {
	s.tb.Helper()
	s.mu.Lock()
	s.made++
	name := "desk" + strconv.Itoa(s.made)
	s.mu.Unlock()
	out, err := s.command("createdb", "-h", s.dir, "-p", strconv.Itoa(s.Port), "-U", User, name).CombinedOutput()
	if err != nil {
		s.tb.Fatalf("createdb: %v\n%s", err, out)
	}
	return s.DSN(name)
}

// Run starts the server, which must be down, and waits until it answers.
func (s *Server) Run() {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.Reset()
	s.run, s.end = s.command("postgres", "-D", s.data()), make(chan struct{})
	s.run.Stdout, s.run.Stderr = &s.log, &s.log
	if err := start(s.run, s.end); err != nil {
		s.tb.Fatal(err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); ; {
		select {
		case <-s.end:
			s.tb.Fatalf("PostgreSQL ended at once:\n%s", s.log.String())
		case <-tick.C:
		}
		if s.command("pg_isready", "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", User).Run() == nil {
			return
		}
		if time.Now().After(deadline) {
			s.tb.Fatal("PostgreSQL does not answer")
		}
	}
}

// start starts cmd, and closes end when it has ended. The goroutine keeps its thread: the child dies with it, and so does
// not outlive a test that panics.
func start(cmd *exec.Cmd, end chan struct{}) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // what it was ended by
		}
		close(end)
	}()
	return <-started
}

// Crash ends the server at once, as a power cut does: it recovers when it is started again.
func (s *Server) Crash() { s.stop(syscall.SIGQUIT) }

// Shut ends the server; it breaks off what its clients do.
func (s *Server) Shut() { s.stop(syscall.SIGINT) }

func (s *Server) stop(how syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == nil {
		return
	}
	_ = s.run.Process.Signal(how)
	select {
	case <-s.end:
	case <-time.After(20 * time.Second):
		_ = s.run.Process.Kill()
		<-s.end
	}
	s.run = nil
}

func (s *Server) remove() {
	s.Shut()
	if s.tb.Failed() {
		s.tb.Logf("PostgreSQL:\n%s", s.log.String())
	}
	if err := os.RemoveAll(s.dir); err != nil {
		s.tb.Error(err)
	}
}

// freePort finds a port that was free a moment ago.
func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
