package gateway_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/blobdir"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// packed is a mail with files, by name and content.
func packed(id string, files ...string) string {
	var b strings.Builder
	b.WriteString("--b\nContent-Type: text/plain\n\nhello\n")
	for i := 0; i < len(files); i += 2 {
		b.WriteString("--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"" + files[i] + "\"\nContent-Transfer-Encoding: base64\n\n")
		for data := base64.StdEncoding.EncodeToString([]byte(files[i+1])); data != ""; {
			line := data[:min(76, len(data))]
			b.WriteString(line + "\n")
			data = data[len(line):]
		}
	}
	return letter(ann, id, "Lamp", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n", b.String()+"--b--\n")
}

// filed is an inbox whose contents are files in a directory, which can be counted.
func filed(t *testing.T, cfg helpdesk.Config) (*inbox, func() int) {
	t.Helper()
	path := t.TempDir()
	dir, err := blobdir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.Close() })
	cfg.BlobStore = dir
	return newInbox(t, &helpdesktest.Options{Config: cfg}), func() (n int) {
		err := fs.WalkDir(os.DirFS(path), ".", func(_ string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				n++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func (i *inbox) message(t *testing.T, id int64) *ticket.Message {
	t.Helper()
	m, err := i.Message(staff(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// raw is what Gateway.Raw gives, or its error.
func (i *inbox) raw(work int64) (string, error) {
	r, err := i.g.Raw(context.Background(), work)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(r)
	return string(data), errors.Join(err, r.Close())
}

func TestRawMails(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("0123456789", 60_000)
	t.Run("M16 raw mail and files are kept for the message, and go with it", func(t *testing.T) {
		t.Parallel()
		i, count := filed(t, helpdesk.Config{})
		i.box.add(packed("1@x", "a.bin", big), packed("2@x", "b.bin", big))
		out := i.poll(t)
		if n := count(); len(out) != 2 || n != 3 {
			t.Fatalf("%d outcomes, %d contents: two mails and one file are expected", len(out), n)
		}
		for n, o := range out {
			if raw, err := i.raw(o.Work); err != nil || !strings.Contains(raw, "a.bin") && !strings.Contains(raw, "b.bin") {
				t.Errorf("raw is %d bytes, %v", len(raw), err)
			}
			if _, err := i.DeleteMessage(staff(), o.MessageID); err != nil {
				t.Fatal(err)
			}
			if _, err := i.raw(o.Work); !errors.Is(err, ticket.ErrNotFound) {
				t.Errorf("raw of a deleted message: %v", err)
			}
			if left := count(); left != 2*(1-n) {
				t.Errorf("%d contents are left", left)
			}
		}
	})
	t.Run("M16 the bytes of a duplicate are not kept, those of a refused mail are, until it becomes a message or is too old", func(t *testing.T) {
		t.Parallel()
		i, count := filed(t, helpdesk.Config{Settings: ticket.SettingsPatch{FileRetention: new(ticket.Duration(30 * 24 * time.Hour))}})
		refuse := true
		i.Hooks().TicketMailValidation.Bind("spam", func(_ context.Context, in hooks.Mailing) error {
			if refuse && in.MessageID != "1@x" {
				return ticket.Invalid("", ticket.FaultRefused, "spam")
			}
			return nil
		})
		first := packed("1@x", "a.bin", big)
		i.box.add("Received: by one\n"+first, "Received: by two\n"+first, packed("2@x", "c.bin", "c"), packed("3@x", "d.bin", "d"))
		results := map[gateway.Result]int{}
		var refused []int64
		for _, o := range i.poll(t) {
			results[o.Result]++
			if o.Result == gateway.Duplicate && (o.TicketID != 0 || o.MessageID != 0) {
				t.Errorf("a duplicate names what it did not become: %+v", o)
			}
			if o.Result == gateway.Rejected {
				refused = append(refused, o.Work)
			}
		}
		if results[gateway.Duplicate] != 1 || len(refused) != 2 || count() != 4 {
			t.Fatalf("%v, %d contents: one file and three mails are expected", results, count())
		}
		refuse = false
		if err := i.g.Requeue(context.Background(), refused[0]); err != nil {
			t.Fatal(err)
		}
		o := i.only(t, gateway.Opened)
		if m := i.message(t, o.MessageID); m.Mail.Raw == "" || len(m.Files) != 1 {
			t.Errorf("message is %+v", m)
		}
		i.Clock.Advance(31 * 24 * time.Hour)
		if _, err := i.Tick(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := count(); n != 0 {
			t.Errorf("%d contents are left after their time", n)
		}
		if _, err := i.raw(refused[1]); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("raw of the refused mail: %v", err)
		}
		if err := i.g.Requeue(context.Background(), refused[1]); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("requeueing what is gone: %v", err)
		}
	})
	t.Run("M14 R01 M26 by mail the names of files that are not taken are kept, and nothing else of them but the raw mail", func(t *testing.T) {
		t.Parallel()
		for why, p := range map[string]ticket.SettingsPatch{
			"files of type .exe are not taken": {BlockedFileTypes: &[]string{"exe"}},
			"files are not taken":              {Uploads: new(false)},
			"files of customers are not taken": {CustomerFiles: new(false)},
		} {
			i, count := filed(t, helpdesk.Config{})
			if err := i.Settings().Update(staff(), ticket.GatewayLayer("support"), p); err != nil {
				t.Fatal(err)
			}
			i.box.add(packed("1@x", "game.exe", big))
			m := i.message(t, i.only(t, gateway.Opened).MessageID)
			if f := m.Files[0]; f.Name != "game.exe" || f.Size != int64(len(big)) || f.Blob != "" || f.Missing != why {
				t.Errorf("file is %+v, want %q", f, why)
			}
			if n := count(); n != 1 {
				t.Errorf("%d contents", n)
			}
		}
	})
	t.Run("M14 a scanner that refuses costs a mail its file, and one that is out of order some time", func(t *testing.T) {
		t.Parallel()
		i, count := filed(t, helpdesk.Config{})
		answer := errors.New("connection refused")
		i.Hooks().TicketAttachmentScan.Bind("av", func(context.Context, hooks.Scanning) error { return answer })
		i.box.add(packed("1@x", "a.bin", big))
		for range 3 {
			if out := i.poll(t); len(out) != 0 {
				t.Fatalf("outcomes are %+v", out)
			}
			if n := count(); n != 1 {
				t.Errorf("%d contents while it waits", n)
			}
			i.Clock.Advance(time.Hour)
		}
		answer = ticket.Invalid("files", ticket.FaultRefused, "a virus")
		m := i.message(t, i.only(t, gateway.Opened).MessageID)
		if f := m.Files[0]; f.Blob != "" || f.Missing != "a virus" {
			t.Errorf("file is %+v", f)
		}
	})
}

// bucket is a blob store in memory.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func (b *bucket) Create(_ context.Context, name string, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[name] = data
	return nil
}

func (b *bucket) Open(_ context.Context, name string, offset int64) (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, there := b.objects[name]
	if !there {
		return nil, ticket.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(data[offset:])), nil
}

func (b *bucket) Delete(_ context.Context, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.objects, name)
	return nil
}

// TestRawFaults fails every call to the store in turn, while mails with files come in and their contents go elsewhere:
// each mail is one message in the end, with its files, and what is elsewhere is what messages show.
func TestRawFaults(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	big := strings.Repeat("0123456789", 30_000)
	calls := 0
	for n := 1; n < 2000; n++ {
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		f := storetest.NewFaulty(memory.New(&memory.Options{Now: clock.Now}))
		files := &bucket{objects: map[string][]byte{}}
		i := newInbox(t, &helpdesktest.Options{Store: f, Clock: clock, Config: helpdesk.Config{BlobStore: files}})
		i.box.add(packed("1@x", "a.bin", big, "b.bin", "small"), packed("2@x", "c.bin", big))
		f.FailAt(n, broken)
		_, _ = i.g.Poll(context.Background(), i.box)
		name := f.Failed()
		f.FailAt(0, nil)
		for range 4 {
			i.Clock.Advance(10 * time.Minute)
			i.poll(t)
		}
		i.Clock.Advance(25 * time.Hour)
		if _, err := i.Tick(context.Background()); err != nil {
			t.Fatal(err)
		}
		if tickets, messages := i.count(t); tickets != 2 || messages != 2 {
			t.Fatalf("call %d (%s) failed: %d tickets, %d messages", n, name, tickets, messages)
		}
		if left := len(files.objects); left != 4 {
			t.Fatalf("call %d (%s) failed: %d contents: two mails and two files are expected", n, name, left)
		}
		if name == "" {
			break
		}
		calls = n
	}
	t.Logf("%d calls failed, one at a time", calls)
	if calls < 50 {
		t.Errorf("only %d calls were failed", calls)
	}
}
