package child_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/mariaserver"
	"github.com/helpdeskgo/helpdesk/internal/pgserver"
)

// server is a private server of any kind.
type server interface {
	Database() string
	Crash()
	Run()
}

// TestServers shows that what was committed is there after a crash, and that each database is one of its own.
func TestServers(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) (server, func(text string) *exec.Cmd){
		"PostgreSQL": func(t *testing.T) (server, func(string) *exec.Cmd) {
			s := pgserver.Start(t)
			return s, func(text string) *exec.Cmd {
				return exec.Command("psql", "-X", "-A", "-t", "-q", "-d", s.DSN("desk1"), "-c", text)
			}
		},
		"MariaDB": func(t *testing.T) (server, func(string) *exec.Cmd) {
			s := mariaserver.Start(t)
			return s, func(text string) *exec.Cmd {
				return exec.Command("mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--port="+strconv.Itoa(s.Port), "--user="+mariaserver.User,
					"--password="+mariaserver.Password, "--skip-column-names", "--database=desk1", "--execute="+text)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, command := start(t)
			dsn := s.Database()
			sql := func(text string) string {
				t.Helper()
				out, err := command(text).CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s", text, err, out)
				}
				return strings.TrimSpace(string(out))
			}
			sql("CREATE TABLE t (n int); INSERT INTO t VALUES (7)")
			s.Crash()
			s.Run()
			if got := sql("SELECT n FROM t"); got != "7" {
				t.Errorf("after a crash: %q", got)
			}
			if other := s.Database(); other == dsn {
				t.Errorf("two databases are one: %s", dsn)
			}
		})
	}
}
