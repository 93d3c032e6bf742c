package imap_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

// subjects lists the mails of a folder that are not marked as deleted.
func subjects(t *testing.T, c *imapclient.Client, folder string) (out []string) {
	t.Helper()
	data, err := c.Select(folder, &goimap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return nil
	}
	if data.NumMessages == 0 {
		return nil
	}
	list, err := c.Fetch(goimap.SeqSet{goimap.SeqRange{Start: 1, Stop: 0}}, &goimap.FetchOptions{Flags: true, Envelope: true}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if !slices.Contains(m.Flags, goimap.FlagDeleted) {
			out = append(out, m.Envelope.Subject)
		}
	}
	return out
}

// seen lists those that are marked as read.
func seen(t *testing.T, c *imapclient.Client) []goimap.UID {
	t.Helper()
	if _, err := c.Select("INBOX", &goimap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	data, err := c.UIDSearch(&goimap.SearchCriteria{Flag: []goimap.Flag{goimap.FlagSeen}}, nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return data.AllUIDs()
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s server) {
		c := s.client(t)
		add(t, c, nil, numbered(1, 0), numbered(2, 0), numbered(3, 0), numbered(4, 0), numbered(5, 0), numbered(6, 0))
		cursor, got := fetchAll(t, s.config, imap.Cursor{})
		uid := func(i int) uint32 { return got.messages[i-1].UID }
		do := func(d imap.Disposal, validity uint32, uids ...uint32) {
			t.Helper()
			config := s.config
			if config.Disposal = d; d == imap.Move {
				config.MoveTo = "Done"
			}
			if err := newMailbox(t, config).Acknowledge(t.Context(), validity, uids); err != nil {
				t.Fatal(err)
			}
		}
		// Another program has marked a mail as deleted: that is not ours to expunge.
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		if err := c.Store(goimap.UIDSetNum(goimap.UID(uid(6))), &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Flags: []goimap.Flag{goimap.FlagDeleted}}, nil).Close(); err != nil {
			t.Fatal(err)
		}
		const every = 6
		v := cursor.UIDValidity
		do(imap.Keep, v, uid(1))
		do(imap.Flag, v, uid(2))
		do(imap.Flag, v, uid(2), 4_000_000_000)
		do(imap.Move, v, uid(3), uid(4))
		do(imap.Move, v, uid(3), uid(4)) // again: nothing comes twice
		do(imap.Delete, v+1, uid(1))     // of another folder of this name
		do(imap.Delete, v, uid(5))
		do(imap.Delete, v, uid(5))
		if got := subjects(t, c, "INBOX"); !slices.Equal(got, []string{"mail 1", "mail 2"}) {
			t.Errorf("in the inbox: %q", got)
		}
		if got := subjects(t, c, "Done"); !slices.Equal(got, []string{"mail 3", "mail 4"}) {
			t.Errorf("moved: %q", got)
		}
		if got := seen(t, c); !slices.Equal(got, []goimap.UID{goimap.UID(uid(2))}) {
			t.Errorf("read: %v", got)
		}
		status, err := c.Status("INBOX", &goimap.StatusOptions{NumMessages: true}).Wait()
		if err != nil || *status.NumMessages != every-3 {
			t.Errorf("%d mails are left, %v: the one that another marked must be", *status.NumMessages, err)
		}
	})
}

func TestWait(t *testing.T) {
	t.Parallel()
	s := startDovecot(t)
	c := s.client(t)
	add(t, c, nil, numbered(1, 0))
	box := newMailbox(t, s.config)
	if err := box.Wait(t.Context(), imap.Cursor{}); err != nil {
		t.Fatalf("with a mail behind the cursor: %v", err)
	}
	cursor, _ := fetchAll(t, s.config, imap.Cursor{})
	woken := make(chan error, 1)
	go func() { woken <- box.Wait(t.Context(), cursor) }()
	add(t, c, nil, numbered(2, 0))
	if err := <-woken; err != nil {
		t.Errorf("with a new mail: %v", err)
	}
	cursor, _ = fetchAll(t, s.config, cursor)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { woken <- box.Wait(ctx, cursor) }()
	cancel()
	if err := <-woken; !errors.Is(err, context.Canceled) {
		t.Errorf("after the context ended: %v", err)
	}
}

func TestDisposalIsChecked(t *testing.T) {
	t.Parallel()
	good := imap.Config{Address: "mail.example:993", Username: "desk", Password: "secret"}
	for name, change := range map[string]func(*imap.Config){
		"no folder to move to": func(c *imap.Config) { c.Disposal = imap.Move },
		"a folder for nothing": func(c *imap.Config) { c.MoveTo = "Done" },
		"onto itself":          func(c *imap.Config) { c.Disposal, c.MoveTo = imap.Move, "INBOX" },
		"no such disposal":     func(c *imap.Config) { c.Disposal = 9 },
		"two credentials":      func(c *imap.Config) { c.Token = func(context.Context) (string, error) { return "", nil } },
		"no credentials":       func(c *imap.Config) { c.Password = "" },
	} {
		c := good
		change(&c)
		if _, err := imap.New(c); err == nil {
			t.Errorf("%s is taken: %v", name, cmp.Or(c.MoveTo, "no folder"))
		}
	}
}
