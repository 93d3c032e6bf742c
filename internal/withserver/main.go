// Command withserver runs a command beside a private database server, whose address it finds in HELPDESK_TEST_DSN:
//
//	withserver postgres go test .
package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/helpdeskgo/helpdesk/internal/child"
	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: withserver postgres|mariadb command [argument …]")
		os.Exit(2)
	}
	code := 0
	if !child.Run(func(a *child.Alone) { code = run(a, os.Args[1], os.Args[2:]) }) {
		code = 1
	}
	os.Exit(code)
}

func run(a *child.Alone, kind string, command []string) (code int) {
	dsn := ""
	switch kind {
	case "postgres": // as fast as it can be: nobody cuts the power here
		dsn = pgserver.Start(a, "fsync = off", "max_connections = 500", "log_min_messages = fatal").Database()
	case "mariadb":
		dsn = mariaserver.Start(a, "--innodb-flush-log-at-trx-commit=0", "--max-connections=500").Database()
	default:
		a.Fatal("there is no server called", kind)
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
