// Package pgserver runs a private PostgreSQL for tests: a cluster of its own in a temporary directory, a child process on
// a free loopback port. It may be ended in any way and started again.
package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/child"
)

// User is the superuser of every cluster. Nobody is asked for a password.
const User = "desk"

// Server is a cluster. Its methods fail the test that it was started for, and serve one goroutine at a time, but for
// Database.
type Server struct {
	Port int
	tb   testing.TB
	bin  string // where the programs are
	home *child.Home
	run  *child.Process // nil while it is down
	made atomic.Int64   // databases
}

// Start makes a cluster and starts it; the test ends it. It skips the test where PostgreSQL is not installed.
// Settings are lines of postgresql.conf.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	bin, err := programs()
	if err != nil {
		tb.Skip(err.Error() + ": run make services")
	}
	home, err := child.NewHome("pg", "postgres")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Port: child.FreePort(tb), tb: tb, bin: bin, home: home}
	tb.Cleanup(s.remove)
	s.make()
	s.configure(settings)
	s.Run()
	return s
}

// Keep is Start with a cluster that stays in the directory, for the next time: it is made where there is none. One
// server at a time runs on it.
func Keep(tb testing.TB, dir string, settings ...string) *Server {
	tb.Helper()
	bin, err := programs()
	if err != nil {
		tb.Skip(err.Error() + ": run make services")
	}
	home, err := child.HomeAt(dir, "postgres")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Port: child.FreePort(tb), tb: tb, bin: bin, home: home}
	tb.Cleanup(s.Shut)
	if _, err := os.Stat(filepath.Join(s.data(), "PG_VERSION")); err != nil {
		s.make()
	}
	s.configure(settings)
	s.Run()
	return s
}

// make makes the cluster.
func (s *Server) make() {
	s.tb.Helper()
	if err := s.home.Do(s.program("initdb"), "-D", s.data(), "-U", User, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"); err != nil {
		s.tb.Fatal(err)
	}
}

// configure writes what the server reads behind its own postgresql.conf.
func (s *Server) configure(settings []string) {
	s.tb.Helper()
	conf := slices.Concat([]string{"listen_addresses = '127.0.0.1'", "port = " + strconv.Itoa(s.Port), "unix_socket_directories = '" + s.home.Dir + "'",
		"max_connections = 200", "shared_buffers = 64MB"}, settings, []string{""})
	if err := os.WriteFile(filepath.Join(s.data(), "postgresql.auto.conf"), []byte(strings.Join(conf, "\n")), 0o600); err != nil {
		s.tb.Fatal(err)
	}
}

// Installed says what is missing.
func Installed() error {
	_, err := programs()
	return err
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

func (s *Server) program(name string) string { return filepath.Join(s.bin, name) }

func (s *Server) data() string { return s.home.Path("data") }

// DSN connects to a database of the cluster.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", User, s.Port, database)
}

// Database makes an empty database and returns what connects to it.
func (s *Server) Database() string {
	s.tb.Helper()
	name := "desk" + strconv.FormatInt(s.made.Add(1), 10)
	if err := s.home.Do(s.program("createdb"), "-h", s.home.Dir, "-p", strconv.Itoa(s.Port), "-U", User, name); err != nil {
		s.tb.Fatal(err)
	}
	return s.DSN(name)
}

// Run starts the server, which must be down, and waits until it answers.
func (s *Server) Run() {
	s.tb.Helper()
	answers := func() bool {
		return s.home.Do(s.program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", User) == nil
	}
	var err error
	if s.run, err = s.home.Start(answers, s.program("postgres"), "-D", s.data()); err != nil {
		s.tb.Fatal(err)
	}
}

// Crash ends the server at once, as a power cut does: it recovers when it is started again.
func (s *Server) Crash() { s.stop(syscall.SIGQUIT) }

// Shut ends the server; it breaks off what its clients do.
func (s *Server) Shut() { s.stop(syscall.SIGINT) }

func (s *Server) stop(by syscall.Signal) {
	if s.run == nil {
		return
	}
	s.run.Stop(by)
	if s.tb.Failed() {
		s.tb.Logf("PostgreSQL:\n%s", s.run.Log())
	}
	s.run = nil
}

func (s *Server) remove() {
	s.Shut()
	if err := os.RemoveAll(s.home.Dir); err != nil {
		s.tb.Error(err)
	}
}
