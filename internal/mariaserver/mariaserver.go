// Package mariaserver runs a private MariaDB for tests: a data directory of its own, a child process on a free loopback
// port. It may be ended in any way and started again.
package mariaserver

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/child"
)

// The account of every server.
const (
	User     = "desk"
	Password = "secret"
)

// Server is a data directory with a server. Its methods fail the test that it was started for, and serve one goroutine
// at a time, but for Database.
type Server struct {
	Port    int
	tb      testing.TB
	program string
	options []string
	home    *child.Home
	run     *child.Process // nil while it is down
	made    atomic.Int64   // databases
}

// Start makes a data directory and starts the server; the test ends it. It skips the test where MariaDB is not
// installed. Options are those of the server's command line.
func Start(tb testing.TB, options ...string) *Server {
	tb.Helper()
	installed(tb)
	home, err := child.NewHome("my", "mysql")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Port: child.FreePort(tb), tb: tb, home: home}
	tb.Cleanup(s.remove)
	s.begin(options)
	return s
}

// Keep is Start with a data directory that stays in dir, for the next time: it is made where there is none. One server at
// a time runs on it.
func Keep(tb testing.TB, dir string, options ...string) *Server {
	tb.Helper()
	installed(tb)
	home, err := child.HomeAt(dir, "mysql")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Port: child.FreePort(tb), tb: tb, home: home}
	tb.Cleanup(s.Shut)
	s.begin(options)
	return s
}

// installed skips the test where the programs are not there.
func installed(tb testing.TB) {
	tb.Helper()
	_, err := find("mariadbd")
	_, err2 := find("mariadb-install-db")
	if err != nil || err2 != nil {
		tb.Skip("MariaDB is not installed: run make services")
	}
}

// begin makes the data directory, where there is none, and starts the server.
func (s *Server) begin(options []string) {
	s.tb.Helper()
	s.program, _ = find("mariadbd") // see installed
	s.options = slices.Concat([]string{"--no-defaults", "--datadir=" + s.home.Path("data"), "--socket=" + s.socket(), "--bind-address=127.0.0.1",
		"--port=" + strconv.Itoa(s.Port), "--tmpdir=" + s.home.Dir, "--max-connections=200", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=64M"}, options)
	if _, err := os.Stat(s.home.Path("data/mysql")); err != nil {
		install, _ := find("mariadb-install-db")
		if err := s.home.Do(install, "--no-defaults", "--datadir="+s.home.Path("data"), "--auth-root-authentication-method=normal", "--skip-test-db",
			"--tmpdir="+s.home.Dir); err != nil {
			s.tb.Fatal(err)
		}
	}
	s.Run()
	s.sql(fmt.Sprintf("CREATE USER IF NOT EXISTS %s@127.0.0.1 IDENTIFIED BY '%s'; GRANT ALL ON *.* TO %[1]s@127.0.0.1 WITH GRANT OPTION", User, Password))
}

// find looks where Debian has servers, too.
func find(program string) (string, error) {
	if path, err := exec.LookPath("/usr/sbin/" + program); err == nil {
		return path, nil
	}
	return exec.LookPath(program)
}

func (s *Server) socket() string { return s.home.Path("socket") }

// sql runs statements as the server's root, who needs no password in the socket's directory.
func (s *Server) sql(text string) {
	s.tb.Helper()
	if err := s.home.Do("mariadb", "--no-defaults", "--socket="+s.socket(), "--user=root", "--execute="+text); err != nil {
		s.tb.Fatal(err)
	}
}

// DSN connects to a database of the server, in the form of go-sql-driver/mysql.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("%s:%s@tcp(127.0.0.1:%d)/%s", User, Password, s.Port, database)
}

// Database makes an empty database and returns what connects to it.
func (s *Server) Database() string {
	s.tb.Helper()
	name := "desk" + strconv.FormatInt(s.made.Add(1), 10)
	s.sql("CREATE DATABASE " + name + " CHARACTER SET utf8mb4")
	return s.DSN(name)
}

// Run starts the server, which must be down, and waits until it answers.
func (s *Server) Run() {
	s.tb.Helper()
	answers := func() bool {
		return s.home.Do("mariadb-admin", "--no-defaults", "--socket="+s.socket(), "--user=root", "ping") == nil
	}
	var err error
	if s.run, err = s.home.Start(answers, s.program, s.options...); err != nil {
		s.tb.Fatal(err)
	}
}

// Crash ends the server at once, as a power cut does: it recovers when it is started again.
func (s *Server) Crash() { s.stop(syscall.SIGKILL) }

// Shut ends the server in order.
func (s *Server) Shut() { s.stop(syscall.SIGTERM) }

func (s *Server) stop(by syscall.Signal) {
	if s.run == nil {
		return
	}
	s.run.Stop(by)
	if s.tb.Failed() {
		s.tb.Logf("MariaDB:\n%s", s.run.Log())
	}
	s.run = nil
}

func (s *Server) remove() {
	s.Shut()
	if err := os.RemoveAll(s.home.Dir); err != nil {
		s.tb.Error(err)
	}
}
