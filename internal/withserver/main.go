// Command withserver runs a command beside a private database server, whose address it finds in HELPDESK_TEST_DSN:
//
//	withserver postgres go test .
package main

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: withserver postgres|mariadb command [argument …]")
		os.Exit(2)
	}
	os.Exit(run(os.Args[1], os.Args[2:]))
}

func run(kind string, command []string) (code int) {
	p := &process{}
	defer func() {
		if r := recover(); r != nil {
			if r != any(p) {
				panic(r)
			}
			code = 1
		}
		for i := len(p.cleanups) - 1; i >= 0; i-- {
			p.cleanups[i]()
		}
	}()
	dsn := ""
	switch kind {
	case "postgres": // as fast as it can be: nobody cuts the power here
		dsn = pgserver.Start(p, "fsync = off", "max_connections = 500", "log_min_messages = fatal").Database()
	case "mariadb":
		dsn = mariaserver.Start(p, "--innodb-flush-log-at-trx-commit=0", "--max-connections=500").Database()
	default:
		p.Fatal("there is no server called", kind)
	}
	cmd := exec.Command(command[0], command[1:]...) //nolint:gosec // what the caller asks for
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "HELPDESK_TEST_DSN="+dsn)
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "withserver:", err)
		return 1
	}
	return 0
}

// process stands in for the test that a server belongs to.
type process struct {
	testing.TB
	cleanups []func()
}

func (p *process) Helper()                 {}
func (p *process) Failed() bool            { return false }
func (p *process) Cleanup(f func())        { p.cleanups = append(p.cleanups, f) }
func (p *process) Logf(f string, a ...any) { fmt.Fprintf(os.Stderr, f+"\n", a...) }
func (p *process) Error(a ...any)          { fmt.Fprintln(os.Stderr, a...) }
func (p *process) Skip(a ...any)           { p.Fatal(a...) }

// Fatal ends the command.
func (p *process) Fatal(a ...any) {
	fmt.Fprintln(os.Stderr, a...)
	panic(p)
}
