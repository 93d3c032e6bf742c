package imap_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

// third gives this answer for mail 3 only.
func third(answer string) func(*hostileConn, int) string {
	return func(_ *hostileConn, uid int) string {
		if uid == 3 {
			return answer
		}
		return ""
	}
}

func TestHostileMails(t *testing.T) {
	t.Parallel()
	const others = "1:0 2:0 3:2 4:0 5:0 6:0"
	for _, c := range []struct {
		name   string
		server *hostile
		want   string
	}{
		{"well behaved", &hostile{}, "1:0 2:0 3:0 4:0 5:0 6:0"},
		{"M39 a malformed FETCH", &hostile{body: third("* 3 FETCH (UID 3 BODY[] {abc}")}, others},
		{"M39 an unknown item", &hostile{body: third("* 3 FETCH (UID 3 X-ODD 1)")}, others},
		{"M39 an unknown untagged line", &hostile{body: third("* XYZZY 3 2 1")}, others},
		{"M39 brackets without end", &hostile{body: third("* 3 FETCH (UID 3 BODYSTRUCTURE " + strings.Repeat("(", 8<<20) + "EOF")}, others},
		{"M39 brackets without end in a list", &hostile{meta: func(uid int) string {
			if uid == 3 {
				return "* 3 FETCH (UID 3 BODYSTRUCTURE " + strings.Repeat("(", 8<<20) + "EOF"
			}
			return ""
		}}, others},
		{"M39 a bracket among capabilities", &hostile{body: third("* OK [CAPABILITY (] x")}, others},
		{"M39 byte by byte", &hostile{bytes: true}, "1:0 2:0 3:0 4:0 5:0 6:0"},
		{"M39 a BYE", &hostile{body: third("* BYE going down\r\nEOF")}, others},
		{"M39 NO to a mail", &hostile{body: third("* NO not this one")}, "1:0 2:0 4:0 5:0 6:0 3:2"},
		{"M39 a disconnect", &hostile{body: third("EOF")}, others},
		{"M39 a disconnect within the body", &hostile{body: third("* 3 FETCH (UID 3 BODY[] {100}\r\nhalfEOF")}, others},
		{"M39 a NIL body", &hostile{body: third("* 3 FETCH (UID 3 BODY[] NIL)")}, "1:0 2:0 4:0 5:0 6:0 3:2"},
		{"M39 a body that never comes", &hostile{body: third("HANG")}, others},
		{"M39 a stalled body", &hostile{body: func(c *hostileConn, uid int) string {
			if uid == 3 {
				c.say("* 3 FETCH (UID 3 BODY[] {100}\r\nhalf")
				return "HANG"
			}
			return ""
		}}, others},
		{"M39 a body of 4 GB", &hostile{body: third("* 3 FETCH (UID 3 BODY[] {4294967296}\r\nlots")}, others},
		{"M39 malformed data without body", &hostile{meta: func(uid int) string {
			if uid == 3 {
				return "* 3 FETCH (UID 3 RFC822.SIZE many)"
			}
			return ""
		}}, others},
		{"an empty body", &hostile{body: third("* 3 FETCH (UID 3 BODY[] {0}\r\n)")}, "1:0 2:0 3:0 4:0 5:0 6:0"},
		{"one lost connection", &hostile{body: func(c *hostileConn, uid int) string {
			if c.number == 1 && uid == 3 {
				return "* 3 FETCH (UID 3 BODY[] {100}\r\nhalfEOF"
			}
			return ""
		}}, "1:0 2:0 3:0 4:0 5:0 6:0"},
		{"mails twice and unasked", &hostile{body: third("* 2 FETCH (UID 2 BODY[] {1}\r\nx)\r\n* 9 FETCH (UID 9 BODY[] {1}\r\nx)\r\n* 3 FETCH (UID 3 BODY[] {1}\r\nx)\r\n* 3 FETCH (FLAGS ())")}, "1:0 2:0 3:0 4:0 5:0 6:0"},
		{"no UIDNEXT", &hostile{noNext: true}, "1:0 2:0 3:0 4:0 5:0 6:0"},
		{"descending order", &hostile{meta: func(uid int) string { return fmt.Sprintf("* 1 FETCH (UID %d RFC822.SIZE 20)", 7-uid) }}, "1:0 2:0 3:0 4:0 5:0 6:0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cursor, got := fetchAll(t, c.server.start(t), imap.Cursor{})
			if got.summary() != c.want || cursor != (imap.Cursor{UIDValidity: 7, UID: 6}) {
				t.Errorf("got %s, %+v", got.summary(), cursor)
			}
			for _, m := range got.messages {
				if (m.State == imap.Unfetchable) != (m.Reason != nil) || m.State == imap.Unfetchable && m.Raw != nil {
					t.Errorf("mail %d: %v, %q", m.UID, m.Reason, m.Raw)
				}
			}
		})
	}
}

func TestHostileExpungeMeanwhile(t *testing.T) {
	t.Parallel()
	gone := false
	var mutex sync.Mutex
	h := &hostile{
		body: func(_ *hostileConn, uid int) string {
			mutex.Lock()
			defer mutex.Unlock()
			if gone = true; uid == 3 {
				return "* 5 EXISTS"
			}
			return ""
		},
		meta: func(uid int) string {
			mutex.Lock()
			defer mutex.Unlock()
			if gone && uid == 3 {
				return "NONE"
			}
			return ""
		},
	}
	if cursor, got := fetchAll(t, h.start(t), imap.Cursor{}); got.summary() != "1:0 2:0 4:0 5:0 6:0" || cursor.UID != 6 {
		t.Errorf("%s, %+v", got.summary(), cursor)
	}
}

func TestHostileRedelivery(t *testing.T) {
	t.Parallel()
	h := &hostile{noNext: true}
	at := imap.Cursor{UIDValidity: 7, UID: 6}
	if cursor, got := fetchAll(t, h.start(t), at); len(got.messages) != 0 || cursor != at {
		t.Errorf("n:* brought %s, %+v", got.summary(), cursor)
	}
}

func TestHostilePhases(t *testing.T) {
	t.Parallel()
	on := func(phase string, do func(c *hostileConn, tag string)) *hostile {
		return &hostile{before: func(c *hostileConn, command, tag string) bool {
			if command == phase {
				do(c, tag)
				return false
			}
			return true
		}}
	}
	silent := func(c *hostileConn, _ string) { c.hang() }
	gone := func(*hostileConn, string) {}
	bye := func(c *hostileConn, _ string) { c.say("* BYE going down") }
	odd := func(c *hostileConn, _ string) { c.say("* XYZZY 1 2 3"); c.hang() }
	for _, phase := range []string{"GREETING", "LOGIN", "EXAMINE"} {
		for name, c := range map[string]struct {
			do   func(*hostileConn, string)
			want error
		}{"silence": {silent, imap.ErrNetwork}, "disconnect": {gone, imap.ErrNetwork}, "BYE": {bye, imap.ErrNetwork}, "an unknown line": {odd, imap.ErrProtocol}} {
			t.Run(phase+" "+name, func(t *testing.T) {
				t.Parallel()
				begin := time.Now()
				cursor, err := newMailbox(t, on(phase, c.do).start(t)).Fetch(t.Context(), imap.Cursor{}, nil)
				if !errors.Is(err, c.want) || cursor != (imap.Cursor{}) {
					t.Errorf("got %v, want %v; %+v", err, c.want, cursor)
				}
				if took := time.Since(begin); took > 5*time.Second {
					t.Errorf("took %v", took)
				}
			})
		}
	}
	t.Run("a line without end", func(t *testing.T) {
		t.Parallel()
		h := on("LOGIN", func(c *hostileConn, tag string) {
			fmt.Fprintf(c, "%s NO ", tag)
			for line := strings.Repeat("x", 64<<10); ; {
				if _, err := c.Write([]byte(line)); err != nil {
					return
				}
			}
		})
		config := h.start(t)
		config.Timeouts = imap.Timeouts{}
		if _, err := newMailbox(t, config).Fetch(t.Context(), imap.Cursor{}, nil); !errors.Is(err, imap.ErrProtocol) {
			t.Errorf("%v", err)
		}
	})
	t.Run("text of the server is quoted and shortened", func(t *testing.T) {
		t.Parallel()
		h := on("LOGIN", func(c *hostileConn, tag string) {
			c.say("%s NO \x1b[31m<script>%s", tag, strings.Repeat("x", 5000))
			c.hang()
		})
		_, err := newMailbox(t, h.start(t)).Fetch(t.Context(), imap.Cursor{}, nil)
		if !errors.Is(err, imap.ErrAuthentication) || strings.Contains(err.Error(), "\x1b") || len(err.Error()) > 500 {
			t.Errorf("%v", err)
		}
	})
}

// TestHostileEveryMail: it is the server that is at fault, so the fetch ends and
// the rest is not written off.
func TestHostileEveryMail(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]*hostile{
		"bodies": {body: func(*hostileConn, int) string { return "EOF" }},
		"lists":  {meta: func(int) string { return "EOF" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got collector
			cursor, err := newMailbox(t, h.start(t)).Fetch(t.Context(), imap.Cursor{}, got.take)
			if !errors.Is(err, imap.ErrProtocol) || got.summary() != "" || cursor.UID != 0 {
				t.Errorf("%v, %s, %+v", err, got.summary(), cursor)
			}
		})
	}
	t.Run("one mail alone", func(t *testing.T) {
		t.Parallel()
		h := &hostile{body: func(*hostileConn, int) string { return "EOF" }}
		if cursor, got := fetchAll(t, h.start(t), imap.Cursor{UIDValidity: 7, UID: 5}); got.summary() != "6:2" || cursor.UID != 6 {
			t.Errorf("%s, %+v", got.summary(), cursor)
		}
	})
}

func TestHostileValidityChange(t *testing.T) {
	t.Parallel()
	h := &hostile{
		validity: func(conn int) int { return 6 + conn },
		body: func(_ *hostileConn, uid int) string {
			if uid == 3 {
				return "EOF"
			}
			return ""
		},
	}
	var got collector
	cursor, err := newMailbox(t, h.start(t)).Fetch(t.Context(), imap.Cursor{}, got.take)
	if !errors.Is(err, imap.ErrProtocol) || got.summary() != "1:0 2:0" || cursor != (imap.Cursor{UIDValidity: 7, UID: 2}) {
		t.Errorf("%v, %s, %+v", err, got.summary(), cursor)
	}
}

func TestCancelWhileTheServerIsSilent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	h := &hostile{before: func(c *hostileConn, command, _ string) bool {
		if command == "LIST" {
			cancel()
			c.hang()
			return false
		}
		return true
	}}
	config := h.start(t)
	config.Timeouts = imap.Timeouts{}
	if _, err := newMailbox(t, config).Fetch(ctx, imap.Cursor{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
