package pop3_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway/pop3"
	"github.com/helpdeskgo/helpdesk/internal/testcert"
)

// server is a small server of POP3 that can be told to misbehave: answer may say something else than it would.
type server struct {
	t    *testing.T
	addr string
	cert testcert.Certificate
	caps []string

	// answer is asked before each command: what it returns is said instead, and the connection ends where that ends with
	// "\x04". It is called with the number of the connection.
	answer func(conn int, command string) (string, bool)

	bytes bool // it sends one byte at a time

	begin func()

	mu    sync.Mutex
	mails []mail
	said  []string // commands
}

type mail struct{ id, raw string }

func newServer(t *testing.T, implicit bool, mails ...mail) *server {
	t.Helper()
	s := &server{t: t, cert: testcert.New(t), mails: mails, caps: []string{"TOP", "UIDL", "USER", "STLS", "SASL PLAIN"}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	var serving sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	s.begin = sync.OnceFunc(func() {
		serving.Go(func() {
			for n := 1; ; n++ {
				c, err := l.Accept()
				if err != nil {
					return
				}
				serving.Go(func() { s.serve(c, n, implicit) })
			}
		})
	})
	return s
}

// config has the server begin: what it is told to do, it must have been told before.
func (s *server) config() pop3.Config {
	s.begin()
	return pop3.Config{
		Address: s.addr, Security: pop3.Plaintext, Username: "desk", Password: "secret", TLSConfig: &tls.Config{RootCAs: s.cert.Pool, MinVersion: tls.VersionTLS12},
		Timeouts: pop3.Timeouts{Connect: 2 * time.Second, Command: 500 * time.Millisecond, Mail: 500 * time.Millisecond},
	}
}

func (s *server) tls(c net.Conn) net.Conn {
	return tls.Server(c, &tls.Config{Certificates: []tls.Certificate{s.cert.TLS}, MinVersion: tls.VersionTLS12})
}

// session is one connection.
type session struct {
	*server
	n       int
	conn    net.Conn
	lines   *bufio.Reader
	drop    []mail
	removed map[int]bool
}

func (s *server) serve(c net.Conn, n int, implicit bool) {
	if implicit {
		c = s.tls(c)
	}
	s.mu.Lock()
	x := &session{server: s, n: n, conn: c, lines: bufio.NewReader(c), drop: append([]mail(nil), s.mails...), removed: map[int]bool{}}
	s.mu.Unlock()
	defer func() { _ = x.conn.Close() }()
	if !x.say("", "+OK ready\r\n") {
		return
	}
	for {
		line, err := x.lines.ReadString('\n')
		if err != nil || !x.obey(strings.TrimRight(line, "\r\n")) {
			return
		}
	}
}

// say says what answer has for the command, or what it is given, and reports whether the connection goes on.
func (x *session) say(command, text string) bool {
	if x.answer != nil {
		if other, ok := x.answer(x.n, command); ok {
			text = other
		}
	}
	end := strings.HasSuffix(text, "\x04")
	out := []byte(strings.TrimSuffix(text, "\x04"))
	for x.bytes && len(out) > 1 {
		if _, err := x.conn.Write(out[:1]); err != nil {
			return false
		}
		out = out[1:]
	}
	_, err := x.conn.Write(out)
	return err == nil && !end
}

func (x *session) obey(line string) bool {
	x.mu.Lock()
	x.said = append(x.said, line)
	x.mu.Unlock()
	verb, rest, _ := strings.Cut(line, " ")
	number, _, _ := strings.Cut(rest, " ")
	n, _ := strconv.Atoi(number)
	switch verb {
	case "CAPA":
		return x.say(line, "+OK\r\n"+strings.Join(x.caps, "\r\n")+"\r\n.\r\n")
	case "STLS":
		ok := x.say(line, "+OK\r\n")
		x.conn = x.tls(x.conn)
		x.lines = bufio.NewReader(x.conn)
		return ok
	case "AUTH":
		return x.auth(line, rest)
	case "USER":
		return x.say(line, "+OK\r\n")
	case "PASS":
		if rest != "secret" {
			return x.say(line, "-ERR [AUTH] no\r\n")
		}
		return x.say(line, "+OK\r\n")
	case "LIST", "UIDL":
		return x.say(line, x.listing(verb))
	case "RETR", "TOP":
		if n < 1 || n > len(x.drop) {
			return x.say(line, "-ERR no such mail\r\n")
		}
		raw := x.drop[n-1].raw
		if head, _, ok := strings.Cut(raw, "\r\n\r\n"); ok && verb == "TOP" {
			raw = head + "\r\n\r\n"
		}
		return x.say(line, "+OK\r\n"+stuffed(raw)+".\r\n")
	case "DELE":
		x.removed[n] = true
		return x.say(line, "+OK\r\n")
	case "QUIT":
		x.mu.Lock()
		x.mails = nil
		for i, m := range x.drop {
			if !x.removed[i+1] {
				x.mails = append(x.mails, m)
			}
		}
		x.mu.Unlock()
		x.say(line, "+OK bye\r\n")
		return false
	}
	return x.say(line, "-ERR what\r\n")
}

func (x *session) auth(line, rest string) bool {
	mechanism, initial, given := strings.Cut(rest, " ")
	if !given {
		if !x.say(line, "+ \r\n") {
			return false
		}
		initial, _ = x.lines.ReadString('\n')
	}
	told, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(initial))
	good := map[string]bool{"PLAIN \x00desk\x00secret": true, "XOAUTH2 user=desk\x01auth=Bearer good\x01\x01": true}
	host, port, _ := net.SplitHostPort(x.addr)
	good[fmt.Sprintf("OAUTHBEARER n,a=desk,\x01host=%s\x01port=%s\x01auth=Bearer good\x01\x01", host, port)] = true
	if good[mechanism+" "+string(told)] {
		return x.say(line, "+OK\r\n")
	}
	if mechanism != "PLAIN" {
		if !x.say(line, "+ "+base64.StdEncoding.EncodeToString([]byte(`{"status":"invalid_token","scope":"mail"}`))+"\r\n") {
			return false
		}
		_, _ = x.lines.ReadString('\n')
	}
	return x.say(line, "-ERR [AUTH] no\r\n")
}

func (x *session) listing(verb string) string {
	out := "+OK\r\n"
	for i, m := range x.drop {
		what := m.id
		if verb == "LIST" {
			what = strconv.Itoa(len(m.raw))
		}
		out += fmt.Sprintf("%d %s\r\n", i+1, what)
	}
	return out + ".\r\n"
}

// stuffed doubles points at the beginning of lines.
func stuffed(raw string) string {
	out := strings.ReplaceAll("\n"+raw, "\n.", "\n..")[1:]
	if !strings.HasSuffix(out, "\r\n") {
		out += "\r\n"
	}
	return out
}

func (s *server) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.said...)
}
