package imap_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
)

// troubles are what a server does in place of an answer; then it ends the connection.
var troubles = map[string]func(c *hostileConn){
	"silence":                      func(c *hostileConn) { c.hang() },
	"disconnect":                   func(*hostileConn) {},
	"BYE":                          func(c *hostileConn) { c.say("* BYE going down") },
	"an unknown line":              func(c *hostileConn) { c.say("* XYZZY 1 2 3"); c.hang() },
	"half an answer":               func(c *hostileConn) { fmt.Fprint(c, "* 1 FETCH (UID 1 BODY[] {1"); c.hang() },
	"a bracket among capabilities": func(c *hostileConn) { c.say("* OK [CAPABILITY IMAP4rev1 (] x"); c.hang() },
	"a 4 GB literal":               func(c *hostileConn) { c.say("* 1 FETCH (UID 1 BODY[] {4294967296}\r\nlots"); c.hang() },
}

// unhurried are time limits that a busy machine keeps, too: a mail that comes too late three times is given up.
var unhurried = imap.Timeouts{Connect: time.Second, Command: time.Second, Mail: time.Second}

// TestHostileOnce: a server that fails once, in each phase and in each way, costs nothing but time.
func TestHostileOnce(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	grounds.Each(t, "X05 whatever a server does once in any phase, every mail is one message in the end", func(t *testing.T, address string) {
		s := newSite(t, address, gateway.Options{})
		var names []string
		var mails [][]byte
		var cases sync.WaitGroup
		for _, phase := range []string{"GREETING", "LOGIN", "EXAMINE", "LIST", "FETCH", "SELECT", "MOVE"} {
			for trouble, do := range troubles {
				name := strings.ReplaceAll(strings.ToLower(phase+"-"+trouble), " ", "-")
				h := &hostile{name: name, caps: " MOVE UIDPLUS"}
				happened := h.once(phase, do)
				config := h.start(t)
				config.Disposal, config.MoveTo, config.Timeouts = imap.Move, "Done", unhurried
				g, err := gateway.New(name, s.Mail(), s.Store, &gateway.Options{Acknowledge: true})
				if err != nil {
					t.Fatal(err)
				}
				src := source(t, config)
				cases.Go(func() {
					err := errors.New("not yet")
					for n := 0; n < 10 && (err != nil || len(h.left()) > 0); n++ {
						_, err = g.Poll(t.Context(), src)
						mailproof.Undone(t, g, h.mails(), left(h))
						s.Clock.Advance(time.Minute)
					}
					if err != nil || !happened.Load() || len(h.left()) != 0 {
						t.Errorf("%s: %v; it happened: %v; left: %v", name, err, happened.Load(), h.left())
					}
				})
				names, mails = append(names, name), append(mails, h.mails()...)
			}
		}
		cases.Wait()
		tally := mailproof.Check(t, s.Desk.Desk, s.g, names, slices.Values(mails))
		t.Logf("%d cases, %v", len(names), tally)
		if tally[gateway.Opened] != len(mails) {
			t.Errorf("%v of %d", tally, len(mails))
		}
	})
}

// once has the server do something in place of its first answer in a phase, and says whether that has happened.
func (h *hostile) once(phase string, do func(c *hostileConn)) *atomic.Bool {
	var happened atomic.Bool
	h.before = func(c *hostileConn, command, _ string) bool {
		if command != phase || happened.Swap(true) {
			return true
		}
		do(c)
		return false
	}
	return &happened
}

// left are the mails that a server has.
func left(h *hostile) (out [][]byte) {
	for _, uid := range h.left() {
		out = append(out, h.mail(uid))
	}
	return out
}

// TestHostileForGood: a mail on which the server always fails stands in quarantine, and stays on the server; the others
// come.
func TestHostileForGood(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	for name, answer := range map[string]string{
		"a malformed FETCH":         "* 3 FETCH (UID 3 BODY[] {abc}",
		"an unknown untagged line":  "* XYZZY 1 2 3",
		"a NIL body":                "* 3 FETCH (UID 3 BODY[] NIL)",
		"a stalled literal":         "HANG",
		"a disconnect":              "* 3 FETCH (UID 3 BODY[] {100}\r\nhalfEOF",
		"a 4 GB literal":            "* 3 FETCH (UID 3 BODY[] {4294967296}\r\nlots",
		"brackets without end":      "* 3 FETCH (UID 3 ENVELOPE " + strings.Repeat("(", 1<<20) + "EOF",
		"a bracket in capabilities": "* CAPABILITY (",
	} {
		grounds.Each(t, "M39 "+name+" for one mail, for good", func(t *testing.T, address string) {
			h := &hostile{caps: " MOVE", body: third(answer)}
			config := h.start(t)
			config.Disposal, config.MoveTo, config.Timeouts = imap.Move, "Done", unhurried
			s := newSite(t, address, gateway.Options{Acknowledge: true})
			err := errors.New("not yet")
			for n := 0; n < 10 && (err != nil || len(h.left()) > 1); n++ {
				_, err = s.g.Poll(t.Context(), source(t, config))
				s.Clock.Advance(time.Hour)
			}
			if left := h.left(); err != nil || !slices.Equal(left, []int{3}) {
				t.Errorf("left: %v, %v", left, err)
			}
			list, err := s.g.Quarantine(t.Context())
			if err != nil || len(list) != 1 || !strings.Contains(list[0].Reason, "could not be fetched") {
				t.Errorf("in quarantine: %+v, %v", list, err)
			}
			others := slices.DeleteFunc(h.mails(), func(raw []byte) bool { return string(raw) == string(h.mail(3)) })
			if tally := s.check(t, slices.Values(others)); tally[gateway.Opened] != 5 {
				t.Error(tally)
			}
		})
	}
}

// TestHostileDisposal: a server that does not let mails be moved or removed loses none of them.
func TestHostileDisposal(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	for name, c := range map[string]struct {
		caps, command, says string
		disposal            imap.Disposal
	}{
		"NO to MOVE":                 {" MOVE", "MOVE", "NO [CANNOT] not here", imap.Move},
		"BAD to MOVE":                {" MOVE", "MOVE", "BAD what", imap.Move},
		"a folder that cannot be":    {" MOVE", "MOVE", "NO [TRYCREATE] no folder", imap.Move},
		"NO to COPY, without MOVE":   {" UIDPLUS", "COPY", "NO [OVERQUOTA] it is full", imap.Move},
		"NO to STORE, without MOVE":  {" UIDPLUS", "STORE", "NO read only", imap.Move},
		"NO to a flag":               {"", "STORE", "NO read only", imap.Flag},
		"NO to UID EXPUNGE":          {" UIDPLUS", "EXPUNGE", "NO not now", imap.Delete},
		"NO to opening it for write": {" MOVE", "SELECT", "NO [NOPERM] read only", imap.Move},
	} {
		grounds.Each(t, "M35 "+name+" is told and tried again", func(t *testing.T, address string) {
			h := &hostile{caps: c.caps, refuses: map[string]string{c.command: c.says}}
			if strings.Contains(c.says, "TRYCREATE") {
				h.refuses["CREATE"] = "NO [NOPERM] none of your business"
			}
			config := h.start(t)
			config.Disposal = c.disposal
			if config.Disposal == imap.Move {
				config.MoveTo = "Done"
			}
			s := newSite(t, address, gateway.Options{Acknowledge: true})
			src := source(t, config)
			for range 2 {
				if _, err := s.g.Poll(t.Context(), src); err == nil {
					t.Error("nobody is told")
				}
				s.Clock.Advance(time.Hour)
			}
			if left := h.left(); len(left) != 6 {
				t.Errorf("left: %v", left)
			}
			said := strings.Join(h.commands(), "\n")
			if n := strings.Count(said, c.command); n < 2 {
				t.Errorf("asked %d times", n)
			}
			if c.command == "COPY" && strings.Contains(said, "STORE") || strings.Contains(said, "\nEXPUNGE") {
				t.Errorf("it was told to remove what has no copy:\n%s", said)
			}
			if tally := s.check(t, slices.Values(h.mails())); tally[gateway.Opened] != 6 {
				t.Error(tally)
			}
			h.mutex.Lock()
			clear(h.refuses)
			h.mutex.Unlock()
			s.poll(t, src)
			if left := h.left(); len(left) != 0 && c.disposal != imap.Flag {
				t.Errorf("left in the end: %v", left)
			}
		})
	}
}

// TestHostileIdle: whoever waits for a server that misbehaves meanwhile is told of it, or leaves when it is time.
func TestHostileIdle(t *testing.T) {
	t.Parallel()
	at := imap.Cursor{UIDValidity: 7, UID: 6}
	idle := func(do func(c *hostileConn)) *hostile {
		return &hostile{caps: " IDLE", before: func(c *hostileConn, command, _ string) bool {
			if command != "IDLE" {
				return true
			}
			do(c)
			return false
		}}
	}
	begun := func(do func(c *hostileConn)) func(c *hostileConn) {
		return func(c *hostileConn) { c.say("+ idling"); do(c) }
	}
	for name, c := range map[string]struct {
		do   func(c *hostileConn)
		want error
	}{
		"silence in place of the answer": {troubles["silence"], imap.ErrNetwork},
		"a disconnect at once":           {troubles["disconnect"], imap.ErrNetwork},
		"a disconnect":                   {begun(troubles["disconnect"]), imap.ErrNetwork},
		"BYE":                            {begun(troubles["BYE"]), imap.ErrNetwork},
		"an unknown line":                {begun(troubles["an unknown line"]), imap.ErrNetwork}, // what is told is that one cannot answer
		"half a line without end": {begun(func(c *hostileConn) {
			for line := []byte(strings.Repeat("x", 64<<10)); ; {
				if _, err := c.Write(line); err != nil {
					return
				}
			}
		}), imap.ErrNetwork},
		"silence":                       {begun(troubles["silence"]), context.DeadlineExceeded},
		"news of what has gone":         {begun(func(c *hostileConn) { c.say("* 3 EXPUNGE\r\n* 2 FETCH (FLAGS (\\Seen))"); c.hang() }), context.DeadlineExceeded},
		"news of a mail, byte for byte": {begun(func(c *hostileConn) { c.server.bytes = true; c.say("* 7 EXISTS"); c.hang() }), nil},
	} {
		t.Run("X05 while it waits: "+name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			began := time.Now()
			if err := newMailbox(t, idle(c.do).start(t)).Wait(ctx, at); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	t.Run("X05 a mail comes in spite of a server that says nothing while one waits", func(t *testing.T) {
		t.Parallel()
		h := &hostile{caps: " IDLE", gone: map[int]bool{6: true}}
		s := newSite(t, t.TempDir()+"/desk.db", gateway.Options{Interval: 300 * time.Millisecond})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		src := &watched{fullSource: source(t, h.start(t))}
		go func() { ended <- s.g.Run(ctx, src) }()
		until(t, src.waits.Load)
		h.mutex.Lock()
		clear(h.gone)
		h.mutex.Unlock()
		until(t, func() bool { o, err := s.g.Trace(t.Context(), h.mail(6)); return err == nil && o.MessageID != 0 })
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		s.check(t, slices.Values(h.mails()))
	})
}
