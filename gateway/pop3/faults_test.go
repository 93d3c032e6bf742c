package pop3_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
)

// troubles are what a server says in place of an answer; it ends the connection where that ends with "\x04".
var troubles = map[string]string{
	"silence":              "",
	"disconnect":           "\x04",
	"a refusal":            "-ERR not now\r\n",
	"nonsense":             "* 1 XYZZY\r\n",
	"half an answer":       "+OK\r\n1 ",
	"half, and disconnect": "+OK\r\n1 1\x04",
	"a line without end":   "+OK " + strings.Repeat("x", 1<<20),
}

// once has the server say something in place of its first answer to a command, and says whether that has happened.
func (s *server) once(command, text string) *atomic.Bool {
	var happened atomic.Bool
	s.answer = func(_ int, said string) (string, bool) {
		verb, _, _ := strings.Cut(said, " ")
		return text, verb == command && !happened.Swap(true)
	}
	return &happened
}

// left are the mails that a server has.
func (s *server) left() (out [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.mails {
		out = append(out, []byte(m.raw))
	}
	return out
}

// letters are mails that are nobody else's.
func letters(name string) (list []mail, raw [][]byte) {
	for n := range 4 {
		text := fmt.Sprintf("From: ann@example.com\r\nMessage-ID: <%d.%s@example.com>\r\nSubject: mail %d\r\n\r\n.\r\n..%s\r\n", n, name, n, name)
		list, raw = append(list, mail{fmt.Sprint("id", n), text}), append(raw, []byte(text))
	}
	return list, raw
}

// TestHostileOnce: a server that fails once, at each command and in each way, costs nothing but time.
func TestHostileOnce(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	grounds.Each(t, "X05 whatever a server does once at any command, every mail is one message in the end", func(t *testing.T, address string) {
		d := helpdesktest.New(t, &helpdesktest.Options{Store: mailproof.Store(t, address, nil)})
		var names []string
		var mails [][]byte
		var cases sync.WaitGroup
		for _, command := range []string{"", "CAPA", "USER", "PASS", "LIST", "UIDL", "RETR", "DELE", "QUIT"} {
			for trouble, text := range troubles {
				name := strings.ReplaceAll(command+"-"+trouble, " ", "-")
				list, raw := letters(name)
				s := newServer(t, false, list...)
				s.caps = []string{"TOP", "UIDL", "USER"}
				happened := s.once(command, text)
				src := open(t, s.config()).Source()
				g, err := gateway.New(name, d.Mail(), d.Store, &gateway.Options{Acknowledge: true})
				if err != nil {
					t.Fatal(err)
				}
				cases.Go(func() {
					err := errors.New("not yet")
					for n := 0; n < 10 && (err != nil || len(s.left()) > 0); n++ {
						_, err = g.Poll(t.Context(), src)
						mailproof.Undone(t, g, raw, s.left())
						d.Clock.Advance(time.Minute)
					}
					if err != nil || !happened.Load() || len(s.left()) != 0 {
						t.Errorf("%s: %v; it happened: %v; %d are left", name, err, happened.Load(), len(s.left()))
					}
				})
				names, mails = append(names, name), append(mails, raw...)
			}
		}
		cases.Wait()
		g, err := gateway.New("any", d.Mail(), d.Store, nil)
		if err != nil {
			t.Fatal(err)
		}
		tally := mailproof.Check(t, d.Desk, g, names, slices.Values(mails))
		t.Logf("%d cases, %v", len(names), tally)
		if tally[gateway.Opened] != len(mails) {
			t.Errorf("%v of %d", tally, len(mails))
		}
	})
}

// TestHostileSizes: what a server claims of a mail need not be so.
func TestHostileSizes(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]string{"4 GB": "4294967296", "more than a number": "99999999999999999999", "nothing": "0"} {
		t.Run("M35 a mail of which the server claims "+name, func(t *testing.T) {
			t.Parallel()
			list, _ := letters("size")
			s := newServer(t, false, list...)
			s.answer = func(_ int, command string) (string, bool) {
				return "+OK\r\n1 10\r\n2 " + size + "\r\n3 10\r\n4 10\r\n.\r\n", command == "LIST"
			}
			got, err := fetched(t, open(t, s.config()))
			if size == "99999999999999999999" {
				if err == nil {
					t.Errorf("%d mails", len(got))
				}
				return
			}
			if err != nil || len(got) != 4 || size == "0" && string(got[1].Raw) != list[1].raw || size != "0" && strings.Contains(string(got[1].Raw), "..size") {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	t.Run("M35 byte by byte", func(t *testing.T) {
		t.Parallel()
		list, _ := letters("bytes")
		s := newServer(t, false, list...)
		s.bytes = true
		got, err := fetched(t, open(t, s.config()))
		if err != nil || len(got) != 4 || string(got[3].Raw) != list[3].raw {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
