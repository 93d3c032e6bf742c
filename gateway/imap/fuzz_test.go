package imap

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// played is a connection on which a server plays what it was given: a part at once, and one after each line that it is
// sent, with the tag of that line where the part has a $. It hangs up when it would have to wait for somebody who waits for it.
type played struct {
	net.Conn
	mutex  sync.Mutex
	heard  *sync.Cond
	parts  [][]byte
	said   []byte
	line   []byte
	ended  bool // nothing more comes
	closed bool // by us
}

func play(script []byte) *played {
	p := &played{parts: bytes.Split(script, []byte{0x1e})}
	p.heard = sync.NewCond(&p.mutex)
	p.next("*")
	return p
}

// next says the next part; after one that does not finish a command, nothing more comes.
func (p *played) next(tag string) {
	if len(p.parts) == 0 {
		p.ended = true
		return
	}
	part := bytes.ReplaceAll(p.parts[0], []byte("$"), []byte(tag))
	p.parts = p.parts[1:]
	p.said = append(p.said, part...)
	p.ended = !bytes.Contains(append([]byte("\n"), part...), []byte("\n"+tag+" ")) && !bytes.HasPrefix(part, []byte("+"))
}

func (p *played) Read(b []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for len(p.said) == 0 && !p.ended {
		p.heard.Wait()
	}
	if len(p.said) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.said)
	p.said = p.said[n:]
	return n, nil
}

func (p *played) Write(b []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.closed {
		return 0, net.ErrClosed
	}
	for _, c := range b {
		if p.line = append(p.line, c); c == '\n' {
			tag, _, _ := bytes.Cut(p.line, []byte(" "))
			p.next(string(tag))
			p.line = p.line[:0]
		}
	}
	p.heard.Broadcast()
	return len(b), nil
}

func (p *played) Close() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.ended, p.closed, p.said = true, true, nil
	p.heard.Broadcast()
	return nil
}

// scripts are conversations that go well, and some that do not.
func scripts() (out []string) {
	const hello = "* OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] x\r\n\x1e$ OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] x\r\n\x1e* 3 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n$ OK [READ-ONLY] x\r\n\x1e"
	for _, rest := range []string{
		"* 1 FETCH (UID 1 FLAGS (\\Seen) RFC822.SIZE 9 INTERNALDATE \"01-Mar-2026 12:00:00 +0000\")\r\n* 2 FETCH (UID 2 RFC822.SIZE 5)\r\n$ OK x\r\n\x1e* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n* 2 FETCH (BODY[] \"x\" UID 2)\r\n$ OK x\r\n",
		"* 1 FETCH (UID 4294967295 RFC822.SIZE 99999999999)\r\n$ OK x\r\n\x1e* 1 FETCH (UID 1 BODY[] {4294967296}\r\nabc)\r\n",
		"* 1 FETCH (UID 1 BODY[] NIL)\r\n$ OK x\r\n", "* 1 FETCH (UID 1 BODYSTRUCTURE ((((((()))))))\r\n$ OK x\r\n", "* XYZZY 1\r\n", "* BYE x\r\n", "$ NO [ALERT] x\r\n",
		"+ idling\r\n* 4 EXISTS\r\n\x1e$ OK x\r\n", "+ idling\r\n* 1 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen))\r\n",
		"* OK [COPYUID 9 1:3 7:9] x\r\n* VANISHED 1\r\n* 1 EXPUNGE\r\n$ OK x\r\n", "$ NO [TRYCREATE] x\r\n\x1e$ OK x\r\n\x1e$ OK x\r\n",
	} {
		out = append(out, hello+rest)
	}
	return append(out, "* PREAUTH x\r\n\x1e$ OK x\r\n\x1e$ OK x\r\n", "* OK\r\n\x1e+ \r\n\x1e$ BAD", "", "* OK [CAPABILITY", "* OK x\r\n\x1e* CAPABILITY IMAP4rev1\r\n$ OK x\r\n\x1e$ OK x\r\n\x1e* OK [UIDVALIDITY 0] x\r\n$ OK x\r\n")
}

// briefly is how long a fuzzed server is waited for: all that it says is there at once.
const briefly = 20 * time.Millisecond

// FuzzAnswers: whatever a server says, in whichever phase, what comes is within its bounds, or an error that names the
// phase, and it comes in time.
func FuzzAnswers(f *testing.F) {
	for _, s := range scripts() {
		for what := range byte(3) {
			f.Add([]byte(s), what)
		}
	}
	f.Fuzz(func(t *testing.T, script []byte, what byte) {
		config, err := Config{Address: "localhost:143", Security: Plaintext, Username: "desk", Password: "secret", MaxMail: 1000, Disposal: Move, MoveTo: "Done",
			Timeouts: Timeouts{Connect: briefly, Command: briefly, Mail: briefly}}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), briefly)
		defer cancel()
		s := &session{conn: play(script), config: &config, news: make(chan struct{}, 1), stop: func() bool { return true }}
		begun := time.Now()
		defer func() {
			s.close()
			if took := time.Since(begun); took > 30*time.Second {
				t.Errorf("it takes %v", took)
			}
		}()
		if s.begin(ctx) != nil {
			return
		}
		switch what % 3 {
		case 0:
			s.fuzzFetch(t)
		case 1:
			typed(t, s.idle(ctx), context.DeadlineExceeded)
		case 2:
			_ = s.dispose(goimap.UIDSetNum(1, 2, 3))
		}
	})
}

// begin goes as far as to open the folder.
func (s *session) begin(ctx context.Context) error {
	for _, step := range []func() error{
		func() error { return s.secure(ctx) },
		func() error { return s.client.WaitGreeting() },
		func() error { return s.login("") },
		func() error { return s.open(writing) },
	} {
		if err := s.within(s.config.Timeouts.Command, commandBudget, step); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) fuzzFetch(t *testing.T) {
	const first, last, most = 1, 1000, 5
	list, _, err := s.list(first, last, most)
	typed(t, err, nil)
	if len(list) > most || !slices.IsSortedFunc(list, func(a, b meta) int { return int(a.uid) - int(b.uid) }) {
		t.Errorf("list %+v", list)
	}
	for i, m := range list {
		if m.uid < first || m.uid > last || i > 0 && list[i-1].uid == m.uid {
			t.Errorf("mail %d in %+v", m.uid, list)
		}
	}
	if err != nil || len(list) == 0 {
		return
	}
	_ = s.bodies(list, &goimap.FetchItemBodySection{Peek: true}, func(_ uint32, raw []byte) error {
		if int64(len(raw)) > s.config.MaxMail {
			t.Errorf("%d bytes", len(raw))
		}
		return nil
	})
}

// typed expects no error, another, or one of this package.
func typed(t *testing.T, err, other error) {
	t.Helper()
	var own *Error
	if err != nil && !errors.Is(err, other) && !errors.As(err, &own) {
		t.Errorf("%v", err)
	}
}
