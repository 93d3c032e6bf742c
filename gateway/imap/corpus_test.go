package imap_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

// TestCorpusThroughDovecot puts every corpus mail into one mailbox, a sentinel
// after each, and fetches them all: no mail takes its neighbour along, and each
// arrives as it was.
func TestCorpusThroughDovecot(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("HELPDESK_MAILCORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "mailcorpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the mail corpus is not here: set HELPDESK_MAILCORPUS to its folder")
	}
	var mails [][]byte
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".eml" && ext != ".raw" {
			return err
		}
		raw, err := os.ReadFile(path)
		// Dovecot refuses NUL and an empty mail; line ends travel as \r\n.
		raw = bytes.ReplaceAll(raw, []byte("\x00"), nil)
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		if len(raw) > 0 {
			mails = append(mails, raw, numbered(len(mails), 0))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
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
