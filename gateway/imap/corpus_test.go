package imap_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestCorpusThroughDovecot puts every corpus mail into one mailbox, a sentinel
// after each, and fetches them all: no mail takes its neighbour along, and each
// arrives as it was.
func TestCorpusThroughDovecot(t *testing.T) {
	t.Parallel()
	mails := corpus(t)
	s := startDovecot(t)
	add(t, s.client(t), nil, mails...)
	_, got := fetchAll(t, s.config, imap.Cursor{})
	if len(got.messages) != len(mails) {
		t.Fatalf("%d of %d mails", len(got.messages), len(mails))
	}
	for i, m := range got.messages {
		if m.State != imap.Fetched || !bytes.Equal(m.Raw, mails[i]) {
			t.Errorf("mail %d: state %d, %d bytes instead of %d", i, m.State, len(m.Raw), len(mails[i]))
		}
		if read := gateway.Read(m.Raw, m.Received, nil); read.Degraded {
			t.Errorf("mail %d is degraded: %v", i, read.Problems)
		}
	}
	t.Logf("%d mails and sentinels", len(mails))
}

// corpus is every mail of the corpus as a server would have it, a sentinel before each and after each; of the short tests,
// every fourth.
func corpus(t *testing.T) [][]byte {
	t.Helper()
	dir := os.Getenv("HELPDESK_MAILCORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "mailcorpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the mail corpus is not here: set HELPDESK_MAILCORPUS to its folder")
	}
	mails, n := [][]byte{sentinel(0)}, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".eml" && ext != ".raw" {
			return err
		}
		if n++; testing.Short() && n%4 > 0 {
			return nil
		}
		raw, err := os.ReadFile(path)
		// Dovecot refuses NUL and an empty mail; line ends travel as \r\n.
		raw = bytes.ReplaceAll(raw, []byte("\x00"), nil)
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		if len(raw) > 0 {
			mails = append(mails, raw, sentinel(len(mails)+1))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return mails
}

// sentinel is a mail that has nothing to do with any other.
func sentinel(n int) []byte {
	return fmt.Appendf(nil, "From: Guard %d <guard@sentinels.example>\r\nMessage-ID: <%d@sentinels.example>\r\nSubject: Sentinel %d\r\n\r\nI am number %d.\r\n", n, n, n, n)
}

// TestCorpusAmongSentinels brings the corpus in: each of the sentinels is a ticket of its own, whatever stands beside it.
func TestCorpusAmongSentinels(t *testing.T) {
	t.Parallel()
	mails := corpus(t)
	grounds := mailproof.NewGrounds(t)
	grounds.Each(t, "X05 the whole corpus in one mailbox takes no other mail along", func(t *testing.T, address string) {
		d := dovecot.Start(t)
		d.Deliver(t, mails...)
		s := newSite(t, address, gateway.Options{})
		s.poll(t, source(t, dovecotServer(d).config))
		tally := s.check(t, slices.Values(mails))
		alone := 0
		for n := 0; n < len(mails); n += 2 {
			o, err := s.g.Trace(t.Context(), mails[n])
			if err != nil || o.Result != gateway.Opened {
				t.Errorf("sentinel %d: %+v, %v", n, o, err)
				continue
			}
			tk, err := s.Ticket(ticket.WithActor(t.Context(), ticket.Staff("7", "Bob", "bob@desk.example")), o.TicketID)
			if err != nil || tk.Seq != 1 || tk.Subject != fmt.Sprintf("Sentinel %d", n) {
				t.Errorf("sentinel %d has ticket %+v, %v", n, tk, err)
				continue
			}
			alone++
		}
		t.Logf("%d mails, %d sentinels: %v", len(mails)-len(mails)/2-1, alone, tally)
	})
}
