package imap_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
	"github.com/helpdeskgo/helpdesk/store"
)

// folders are mailboxes on one server that processes bring into one desk, each by a gateway of its own.
type folders struct {
	server  *dovecot.Server
	address string // of the store
	store   store.Store
	desk    *helpdesk.Desk
	client  *imapclient.Client
	mails   [][]byte // of all folders
}

func newFolders(t *testing.T, address string) *folders {
	t.Helper()
	d := dovecot.Start(t)
	f := &folders{server: d, address: address, store: mailproof.Store(t, address, nil)}
	var err error
	if f.desk, err = refusing(t.Context(), f.store); err != nil {
		t.Fatal(err)
	}
	if f.client, err = imapclient.DialInsecure(d.Addr, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.client.Close() })
	if err := f.client.Login(dovecot.Username, dovecot.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	return f
}

// varied are mails of all sorts: a new one, an answer, the first once more, and once more by another way; one that is
// refused, and one whose bytes are stored ahead.
func varied(name string) [][]byte {
	write := func(n int, subject, more, text string) string {
		return fmt.Sprintf("From: Ann <ann@example.com>\nTo: support@desk.example\nSubject: %s\nMessage-ID: <%d.%s@example.com>\n%s\n%s\n", subject, n, name, more, text)
	}
	first := write(1, "Lamp", "", "of "+name)
	list := []string{
		"Received: by one\n" + first,
		write(2, "Re: Lamp", "In-Reply-To: <1."+name+"@example.com>\n", "It is "+name+" again."),
		"Received: by one\n" + first,
		"Received: by two\n" + first,
		write(3, "Pills", "", "cheap ones of "+name),
		write(4, "Big", "", name+"\n"+strings.Repeat("a line of a large mail\n", store.ChunkSize/20)),
	}
	var out [][]byte
	for _, m := range list {
		out = append(out, []byte(strings.ReplaceAll(m, "\n", "\r\n")))
	}
	return out
}

// fill makes a folder with these mails.
func (f *folders) fill(t *testing.T, folder string, mails ...[]byte) {
	t.Helper()
	for _, name := range []string{folder, doneFolder(folder)} {
		if err := f.client.Create(name, nil).Wait(); err != nil {
			t.Fatal(err)
		}
	}
	addTo(t, f.client, folder, nil, mails...)
	f.mails = append(f.mails, mails...)
}

func (f *folders) errand(folder string) errand {
	return errand{Store: f.address, Server: f.server.Addr, Folder: folder}
}

func (f *folders) gateway(t *testing.T, folder string) *gateway.Gateway {
	t.Helper()
	g, err := folderGateway(f.desk, f.store, folder)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// bodies are the mails of a folder.
func bodies(t *testing.T, c *imapclient.Client, folder string) (out [][]byte) {
	t.Helper()
	data, err := c.Select(folder, &goimap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if data.NumMessages == 0 {
		return nil
	}
	section := &goimap.FetchItemBodySection{Peek: true}
	list, err := c.Fetch(goimap.SeqSet{goimap.SeqRange{Start: 1, Stop: 0}}, &goimap.FetchOptions{BodySection: []*goimap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		out = append(out, m.FindBodySection(section))
	}
	return out
}

// stage is how far the mails of a folder are.
type stage struct{ fetched, over, moved int }

// stage looks, and shows that nothing was removed too early.
func (f *folders) stage(t *testing.T, folder string, mails [][]byte) (s stage) {
	t.Helper()
	g := f.gateway(t, folder)
	left := bodies(t, f.client, folder)
	mailproof.Undone(t, g, mails, left)
	for _, raw := range mails {
		o, err := g.Trace(t.Context(), raw)
		if err == nil {
			s.fetched++
		}
		if o.Result != "" {
			s.over++
		}
	}
	s.moved = len(mails) - len(left)
	return s
}

// patience is how long the processes of a test may take on a machine that does other things, too.
const patience = 2 * time.Minute

// finish brings in what is left of a folder, once the leases of others have ended, and shows that all is moved away, and
// nothing twice.
func (f *folders) finish(t *testing.T, folder string, mails [][]byte) {
	t.Helper()
	g := f.gateway(t, folder)
	box, err := folderBox(f.server.Addr, folder)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ; {
		if _, err := g.Poll(t.Context(), box.Source()); err != nil {
			t.Fatal(err)
		}
		status, err := g.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		left := bodies(t, f.client, folder)
		if status.Waiting == 0 && len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("folder %s: %d mails wait, and %d are left on the server", folder, status.Waiting, len(left))
		}
		<-time.After(20 * time.Millisecond)
	}
	moved := bodies(t, f.client, doneFolder(folder))
	slices.SortFunc(moved, bytes.Compare)
	if !slices.EqualFunc(moved, slices.SortedFunc(slices.Values(mails), bytes.Compare), bytes.Equal) {
		t.Errorf("folder %s: %d mails of %d were moved", folder, len(moved), len(mails))
	}
}

// check holds all folders against the desk.
func (f *folders) check(t *testing.T, names ...string) mailproof.Tally {
	t.Helper()
	return mailproof.Check(t, f.desk, f.gateway(t, names[0]), names, slices.Values(f.mails))
}

// await waits until others have brought in a folder.
func (f *folders) await(t *testing.T, folder string, mails [][]byte) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		s := f.stage(t, folder, mails)
		if s.over == len(mails) && s.moved == len(mails) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("folder %s: %+v of %d mails", folder, s, len(mails))
		}
		<-time.After(20 * time.Millisecond)
	}
}
