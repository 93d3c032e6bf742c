package imap_test

import (
	"bufio"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

// hostile is a scripted IMAP server with the mails 1 to 6. Zero hooks behave well.
type hostile struct {
	greeting string
	// before is called with each command (LOGIN, EXAMINE, LIST, FETCH) and may take
	// over the answer; false means that it has.
	before func(c *hostileConn, command, tag string) bool
	// body answers for one mail; "" means the proper answer. conn counts from 1.
	body func(c *hostileConn, uid int) string
	// meta answers for one mail's data without body.
	meta     func(uid int) string
	validity func(conn int) int
	noNext   bool // gives no UIDNEXT

	caps    string            // beside IMAP4rev1, such as " IDLE"
	name    string            // of the mails, so that they are others than those of another server
	refuses map[string]string // what it says to commands, in place of OK, and does not do them
	bytes   bool              // sends one byte at a time

	mutex sync.Mutex
	conns int
	said  []string     // commands, without their tags
	gone  map[int]bool // mails that were removed
}

// mail is a mail of the server.
func (h *hostile) mail(uid int) []byte {
	if h.name == "" {
		return numbered(uid, 0)
	}
	return []byte(strings.ReplaceAll(string(numbered(uid, 0)), "@example.com", "."+h.name+"@example.com"))
}

// mails are all of them.
func (h *hostile) mails() (out [][]byte) {
	for uid := 1; uid <= 6; uid++ {
		out = append(out, h.mail(uid))
	}
	return out
}

// left are the UIDs of those that are there.
func (h *hostile) left() (out []int) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for uid := 1; uid <= 6; uid++ {
		if !h.gone[uid] {
			out = append(out, uid)
		}
	}
	return out
}

func (h *hostile) refusal(command string) string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.refuses[command]
}

func (h *hostile) commands() []string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Clone(h.said)
}

type hostileConn struct {
	net.Conn
	number int
	server *hostile
}

func (c *hostileConn) Write(b []byte) (n int, err error) {
	if !c.server.bytes {
		return c.Conn.Write(b)
	}
	for n < len(b) && err == nil {
		var one int
		one, err = c.Conn.Write(b[n : n+1])
		n += one
	}
	return n, err
}

func (c *hostileConn) say(format string, args ...any) { fmt.Fprintf(c, format+"\r\n", args...) }

// hang waits for the other side or the test to end.
func (c *hostileConn) hang() {
	var b [512]byte
	for {
		if _, err := c.Read(b[:]); err != nil {
			return
		}
	}
}

// start serves on loopback until the test ends.
func (h *hostile) start(t *testing.T) imap.Config {
	t.Helper()
	l := listen(t)
	var group sync.WaitGroup
	var open sync.Map
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Store(conn, true)
			h.mutex.Lock()
			h.conns++
			c := &hostileConn{Conn: conn, number: h.conns, server: h}
			h.mutex.Unlock()
			group.Go(func() { defer conn.Close(); c.serve() })
		}
	})
	t.Cleanup(func() {
		l.Close()
		open.Range(func(conn, _ any) bool { conn.(net.Conn).Close(); return true })
		group.Wait()
	})
	return imap.Config{
		Address: l.Addr().String(), Security: imap.Plaintext, Username: "desk", Password: "secret",
		Timeouts: imap.Timeouts{Connect: 300 * time.Millisecond, Command: 300 * time.Millisecond, Mail: 300 * time.Millisecond},
	}
}

var fetchCommand = regexp.MustCompile(`UID FETCH (\S+) \((.*)\)`)

func (c *hostileConn) serve() {
	h := c.server
	if h.before != nil && !h.before(c, "GREETING", "*") {
		return
	}
	if h.greeting != "" {
		c.say("%s", h.greeting)
	} else {
		c.say("* OK [CAPABILITY IMAP4rev1%s] ready", h.caps)
	}
	in := bufio.NewScanner(c.Conn)
	for in.Scan() {
		tag, rest, _ := strings.Cut(in.Text(), " ")
		h.mutex.Lock()
		h.said = append(h.said, rest)
		h.mutex.Unlock()
		command, args, _ := strings.Cut(rest, " ")
		if command == "UID" {
			command, args, _ = strings.Cut(args, " ")
		}
		fetch := fetchCommand.FindStringSubmatch(rest)
		if fetch != nil {
			if command = "LIST"; strings.Contains(fetch[2], "BODY") {
				command = "FETCH"
			}
		}
		if h.before != nil && !h.before(c, command, tag) {
			return
		}
		if no := h.refusal(command); no != "" {
			c.say("%s %s", tag, no)
			continue
		}
		switch command {
		case "CAPABILITY":
			c.say("* CAPABILITY IMAP4rev1%s", h.caps)
		case "IDLE":
			if c.say("+ idling"); !in.Scan() {
				return
			}
		case "MOVE", "EXPUNGE":
			h.remove(args)
		case "EXAMINE", "SELECT":
			validity := 7
			if h.validity != nil {
				validity = h.validity(c.number)
			}
			c.say("* 6 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY %d] x", validity)
			if !h.noNext {
				c.say("* OK [UIDNEXT 7] x")
			}
		case "LIST", "FETCH":
			if !c.fetch(fetch[1], command == "FETCH") {
				return
			}
		}
		c.say("%s OK done", tag)
	}
}

// remove removes the mails of a set.
func (h *hostile) remove(args string) {
	set, _, _ := strings.Cut(args, " ")
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for uid := 1; uid <= 6; uid++ {
		if inSet(set, uid) {
			if h.gone == nil {
				h.gone = map[int]bool{}
			}
			h.gone[uid] = true
		}
	}
}

// fetch answers a UID FETCH; false means that the connection is to end.
func (c *hostileConn) fetch(set string, body bool) bool {
	for _, uid := range c.server.left() {
		if !inSet(set, uid) {
			continue
		}
		answer := fmt.Sprintf("* %d FETCH (UID %d FLAGS () RFC822.SIZE 20)", uid, uid)
		switch raw := string(c.server.mail(uid)); {
		case body:
			answer = fmt.Sprintf("* %d FETCH (UID %d BODY[] {%d}\r\n%s)", uid, uid, len(raw), raw)
			if c.server.body != nil {
				if own := c.server.body(c, uid); own == "EOF" {
					return false
				} else if own == "HANG" {
					c.hang()
					return false
				} else if own != "" {
					answer = own
				}
			}
		case c.server.meta != nil:
			if own := c.server.meta(uid); own == "NONE" {
				continue
			} else if own != "" {
				answer = own
			}
		}
		if strings.HasSuffix(answer, "EOF") {
			fmt.Fprint(c, strings.TrimSuffix(answer, "EOF"))
			return false
		}
		c.say("%s", answer)
	}
	return true
}

// inSet understands 1,3:5 and 3:*, which always holds the last mail (RFC 3501
// §6.4.8).
func inSet(set string, uid int) bool {
	for _, r := range strings.Split(set, ",") {
		var first, last int
		switch n, _ := fmt.Sscanf(r, "%d:%d", &first, &last); {
		case n == 2 && uid >= first && uid <= last, n == 1 && strings.HasSuffix(r, "*") && (uid >= first || uid == 6), n == 1 && uid == first:
			return true
		}
	}
	return false
}
