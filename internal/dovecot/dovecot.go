// Package dovecot runs a private Dovecot for tests: a child process with its own
// configuration in a temporary directory, on free loopback ports.
package dovecot

import (
	"bufio"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/testcert"
)

// The only account of the server.
const (
	Username = "desk"
	Password = "secret"
)

// Server is a running Dovecot.
type Server struct {
	Addr    string // host:port, plain and STARTTLS
	AddrTLS string // host:port, TLS from the first byte
	POP3    string // host:port, plain and STLS
	POP3TLS string // host:port, TLS from the first byte
	Pool    *x509.CertPool
	CertPEM []byte // what Pool holds
	dir     string
	owner   int // of the mails
	group   int
	count   int // of those that were delivered
}

// Start starts a server that the test stops at its end. It skips the test where
// Dovecot is not installed.
func Start(tb testing.TB) *Server {
	tb.Helper()
	return start(tb, "", "")
}

// StartOAuth starts one that also takes access tokens, by a mechanism: oauthbearer or xoauth2. It asks the token server at
// url about each, by POST with the form field token (RFC 7662), and lets in as "username" whom the answer calls "active".
func StartOAuth(tb testing.TB, url, mechanism string) *Server {
	tb.Helper()
	return start(tb, url, mechanism)
}

func start(tb testing.TB, tokens, mechanism string) *Server {
	tb.Helper()
	binary := "/usr/sbin/dovecot"
	if _, err := os.Stat(binary); err != nil {
		if binary, err = exec.LookPath("dovecot"); err != nil {
			tb.Skip("dovecot is not installed: run make services")
		}
	}
	if _, err := os.Stat("/usr/lib/dovecot/pop3"); err != nil {
		tb.Skip("dovecot's POP3 is not installed: run make services")
	}
	if out, err := exec.Command(binary, "--version").Output(); err != nil || !strings.HasPrefix(string(out), "2.3") {
		tb.Skipf("dovecot %.10q is not 2.3, for which the test configuration is written", out)
	}
	// Unix socket paths are short, so the test's own directory will not do.
	dir, err := os.MkdirTemp("", "dove")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	ports := freePorts(tb, 4)
	cert := testcert.New(tb)
	s := &Server{
		Addr: "127.0.0.1:" + ports[0], AddrTLS: "127.0.0.1:" + ports[1],
		POP3: "127.0.0.1:" + ports[2], POP3TLS: "127.0.0.1:" + ports[3], Pool: cert.Pool, CertPEM: cert.CertPEM, dir: dir,
	}
	s.write(tb, "cert.pem", cert.CertPEM)
	s.write(tb, "key.pem", cert.KeyPEM)
	s.write(tb, "users", []byte(Username+":{PLAIN}"+Password+"\n"))
	config := s.config(tb, ports)
	if tokens != "" {
		s.write(tb, "oauth2.conf", []byte("introspection_mode = post\nintrospection_url = "+tokens+"\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n"))
		config += strings.NewReplacer("DIR", s.dir, "MECHANISM", mechanism).Replace(oauth)
	}
	s.write(tb, "dovecot.conf", []byte(config))
	s.run(tb, binary)
	return s
}

func (s *Server) write(tb testing.TB, name string, content []byte) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), content, 0o644); err != nil {
		tb.Fatal(err)
	}
}

// config needs three identities: Dovecot refuses to read mail as root, and an
// ordinary user cannot become anybody else.
func (s *Server) config(tb testing.TB, ports []string) string {
	tb.Helper()
	me, err := user.Current()
	if err != nil {
		tb.Fatal(err)
	}
	internal, login, uid, gid := me.Username, me.Username, me.Uid, me.Gid
	if me.Uid == "0" {
		nobody, err := user.Lookup("nobody")
		if err != nil {
			tb.Fatal(err)
		}
		internal, login, uid, gid = "dovecot", "dovenull", nobody.Uid, nobody.Gid
	}
	home := filepath.Join(s.dir, "home")
	if err := os.Mkdir(home, 0o755); err != nil {
		tb.Fatal(err)
	}
	s.owner, _ = strconv.Atoi(uid)
	s.group, _ = strconv.Atoi(gid)
	if err := os.Chown(home, s.owner, s.group); err != nil {
		tb.Fatal(err)
	}
	return strings.NewReplacer("DIR", s.dir, "INTERNAL", internal, "LOGIN", login, "UID", uid, "GID", gid,
		"PLAIN", ports[0], "SECURE", ports[1], "POPPLAIN", ports[2], "POPSECURE", ports[3]).Replace(configuration)
}

const configuration = `
base_dir = DIR/run
state_dir = DIR/state
log_path = DIR/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <DIR/cert.pem
ssl_key = <DIR/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = INTERNAL
default_login_user = LOGIN
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
passdb {
  driver = passwd-file
  args = DIR/users
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/home allow_all_users=yes
}
namespace inbox {
  inbox = yes
}
service imap-login {
  chroot =
  inet_listener imap {
    port = PLAIN
  }
  inet_listener imaps {
    port = SECURE
    ssl = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = POPPLAIN
  }
  inet_listener pop3s {
    port = POPSECURE
    ssl = yes
  }
}
service anvil {
  chroot =
}
`

const oauth = `
auth_mechanisms = plain login MECHANISM
passdb {
  driver = oauth2
  mechanisms = MECHANISM
  args = DIR/oauth2.conf
}
`

// Deliver puts mails into the inbox, as a mail server beside it does.
func (s *Server) Deliver(tb testing.TB, mails ...[]byte) {
	tb.Helper()
	s.deliver(tb, "new", "", mails)
}

// DeliverRead puts in mails that somebody has read already.
func (s *Server) DeliverRead(tb testing.TB, mails ...[]byte) {
	tb.Helper()
	s.deliver(tb, "cur", ":2,S", mails)
}

// Count is how many mails are in the inbox.
func (s *Server) Count(tb testing.TB) (n int) {
	tb.Helper()
	for _, folder := range []string{"new", "cur"} {
		list, err := os.ReadDir(filepath.Join(s.inbox(), folder))
		if err != nil {
			tb.Fatal(err)
		}
		n += len(list)
	}
	return n
}

// Renumber has the server forget the numbers of the inbox: its UIDVALIDITY is another one from the next session on.
func (s *Server) Renumber(tb testing.TB) {
	tb.Helper()
	box := s.inbox()
	indexes, err := filepath.Glob(filepath.Join(box, "dovecot.index*"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, name := range append(indexes, filepath.Join(box, "dovecot-uidlist"), filepath.Join(box, "dovecot-uidvalidity")) {
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
			tb.Fatal(err)
		}
	}
}

func (s *Server) inbox() string { return filepath.Join(s.dir, "home", "Maildir") }

func (s *Server) deliver(tb testing.TB, folder, flags string, mails [][]byte) {
	tb.Helper()
	box := s.inbox()
	for _, dir := range []string{box, filepath.Join(box, "tmp"), filepath.Join(box, "cur"), filepath.Join(box, "new")} {
		if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
			tb.Fatal(err)
		}
		if err := os.Chown(dir, s.owner, s.group); err != nil {
			tb.Fatal(err)
		}
	}
	for _, raw := range mails {
		s.count++
		name := filepath.Join(box, folder, fmt.Sprintf("%d.M%dP1.test%s", 1_700_000_000+s.count, s.count, flags))
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			tb.Fatal(err)
		}
		if err := os.Chown(name, s.owner, s.group); err != nil {
			tb.Fatal(err)
		}
	}
}

func (s *Server) run(tb testing.TB, binary string) {
	tb.Helper()
	cmd := exec.Command(binary, "-F", "-c", filepath.Join(s.dir, "dovecot.conf"))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	tb.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-exited
		}
		if tb.Failed() {
			log, _ := os.ReadFile(filepath.Join(s.dir, "dovecot.log"))
			tb.Logf("dovecot: %s\n%s", stderr.String(), log)
		}
	})
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !s.greets() {
		select {
		case <-exited:
			tb.Fatalf("dovecot ended at once: %s", stderr.String())
		case <-deadline:
			tb.Fatal("dovecot does not greet")
		case <-tick.C:
		}
	}
}

// greets reports whether the server answers.
func (s *Server) greets() bool {
	conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && strings.HasPrefix(line, "* OK")
}

// freePorts finds ports that were free a moment ago.
func freePorts(tb testing.TB, n int) []string {
	tb.Helper()
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
	}
	return ports
}
