package imap_test

import (
	"context"
	"crypto/tls"
	"errors"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
	"github.com/helpdeskgo/helpdesk/internal/mailproof"
)

// site is a desk whose gateway, called support, brings in the inbox of a server.
type site struct {
	*helpdesktest.Desk
	g *gateway.Gateway
}

func newSite(t *testing.T, address string, o gateway.Options) *site {
	t.Helper()
	d := helpdesktest.New(t, &helpdesktest.Options{Store: mailproof.Store(t, address, nil)})
	g, err := gateway.New("support", d.Mail(), d.Store, &o)
	if err != nil {
		t.Fatal(err)
	}
	return &site{d, g}
}

func (s *site) poll(t *testing.T, src gateway.Source) {
	t.Helper()
	if _, err := s.g.Poll(t.Context(), src); err != nil {
		t.Fatal(err)
	}
}

func (s *site) check(t *testing.T, mails iter.Seq[[]byte]) mailproof.Tally {
	t.Helper()
	return mailproof.Check(t, s.Desk.Desk, s.g, []string{"support"}, mails)
}

// dovecotServer is a Dovecot as the other tests of this package know it.
func dovecotServer(d *dovecot.Server) server {
	return server{config: imap.Config{Address: d.AddrTLS, Username: dovecot.Username, Password: dovecot.Password, TLSConfig: &tls.Config{RootCAs: d.Pool}}, plain: d.Addr}
}

// meddled is a source in the midst of which something happens: once, before the mail after so many is taken in.
type meddled struct {
	fullSource
	after int
	do    func() error
}

func (m *meddled) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	return m.fullSource.Fetch(ctx, from, &meddledIntake{to, m})
}

type meddledIntake struct {
	gateway.Intake
	m *meddled
}

func (i *meddledIntake) Take(ctx context.Context, in gateway.Incoming) error {
	if i.m.after--; i.m.after == -1 {
		if err := i.m.do(); err != nil {
			return err
		}
	}
	return i.Intake.Take(ctx, in)
}

func source(t *testing.T, config imap.Config) fullSource {
	t.Helper()
	return newMailbox(t, config).Source().(fullSource)
}

// some are numbered mails.
func some(from, to, size int) (out [][]byte) {
	for n := from; n <= to; n++ {
		out = append(out, numbered(n, size))
	}
	return out
}

// uids are the UIDs of the inbox.
func uids(t *testing.T, c *imapclient.Client) []goimap.UID {
	t.Helper()
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	data, err := c.UIDSearch(&goimap.SearchCriteria{}, nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return data.AllUIDs()
}

func remove(t *testing.T, c *imapclient.Client, uids ...goimap.UID) {
	t.Helper()
	set := goimap.UIDSetNum(uids...)
	if err := c.Store(set, &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Flags: []goimap.Flag{goimap.FlagDeleted}, Silent: true}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.UIDExpunge(set).Close(); err != nil {
		t.Fatal(err)
	}
}

func move(t *testing.T, c *imapclient.Client, folder string, uids ...goimap.UID) {
	t.Helper()
	if _, err := c.Move(goimap.UIDSetNum(uids...), folder).Wait(); err != nil {
		t.Fatal(err)
	}
}

// TestValidityChanges: the server numbers the mailbox anew.
func TestValidityChanges(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	mails := some(1, 40, 0)
	grounds.Each(t, "X05 another UIDVALIDITY between two runs makes no mail twice, and the server is told by the new numbers", func(t *testing.T, address string) {
		d := dovecot.Start(t)
		server := dovecotServer(d)
		d.Deliver(t, mails[:30]...)
		s := newSite(t, address, gateway.Options{Acknowledge: true, AcknowledgeAfter: time.Hour})
		config := server.config
		config.Disposal, config.MoveTo = imap.Move, "Done"
		s.poll(t, source(t, config))
		before, err := s.g.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d.Renumber(t)
		d.Deliver(t, mails[30:]...)
		s.poll(t, source(t, config))
		if after, err := s.g.Status(t.Context()); err != nil || after.Cursor.Validity == before.Cursor.Validity || after.Cursor.UID != 40 {
			t.Errorf("%+v, then %+v, %v", before.Cursor, after.Cursor, err)
		}
		if tally := s.check(t, slices.Values(mails)); tally[gateway.Opened] != 40 {
			t.Error(tally)
		}
		c := server.client(t)
		if left := bodies(t, c, "INBOX"); len(left) != 40 {
			t.Errorf("%d mails are left before their time", len(left))
		}
		s.Clock.Advance(2 * time.Hour)
		s.poll(t, source(t, config))
		if left, moved := len(bodies(t, c, "INBOX")), len(bodies(t, c, "Done")); left != 0 || moved != 40 {
			t.Errorf("%d mails are left, %d moved", left, moved)
		}
	})
	grounds.Each(t, "X05 another UIDVALIDITY in the middle of a run ends it, and the next one begins anew", func(t *testing.T, address string) {
		h := &hostile{
			validity: func(conn int) int { return 6 + min(conn, 2) },
			body: func(c *hostileConn, uid int) string {
				if c.number == 1 && uid == 3 {
					return "EOF"
				}
				return ""
			},
		}
		s := newSite(t, address, gateway.Options{})
		src := source(t, h.start(t))
		if _, err := s.g.Poll(t.Context(), src); !errors.Is(err, imap.ErrProtocol) {
			t.Fatal(err)
		}
		s.poll(t, src)
		if tally := s.check(t, slices.Values(some(1, 6, 0))); tally[gateway.Opened] != 6 {
			t.Error(tally)
		}
	})
}

// TestAnotherClient: somebody works in the mailbox with a program of their own.
func TestAnotherClient(t *testing.T) {
	t.Parallel()
	grounds := mailproof.NewGrounds(t)
	grounds.Each(t, "X05 another client removes and moves mails during the fetch, and the others come", func(t *testing.T, address string) {
		d := dovecot.Start(t)
		server := dovecotServer(d)
		mails := some(1, 60, 4000)
		d.Deliver(t, mails...)
		c := server.client(t)
		if err := c.Create("Elsewhere", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		all := uids(t, c)
		s := newSite(t, address, gateway.Options{})
		config := server.config
		config.WindowBytes = 20_000 // some mails at a time, so that those are missing that were listed
		src := &meddled{source(t, config), 10, func() error {
			remove(t, c, all[2], all[29], all[30], all[31], all[45])
			move(t, c, "Elsewhere", all[3], all[35], all[36], all[58])
			return nil
		}}
		s.poll(t, src)
		gone := map[int]bool{29: true, 30: true, 31: true, 45: true, 35: true, 36: true, 58: true}
		var came [][]byte
		for n, raw := range mails {
			if !gone[n] {
				came = append(came, raw)
			}
		}
		if tally := s.check(t, slices.Values(came)); tally[gateway.Opened] != len(came) {
			t.Error(tally)
		}
		if _, err := c.Select("Elsewhere", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Move(goimap.SeqSet{goimap.SeqRange{Start: 1, Stop: 0}}, "INBOX").Wait(); err != nil {
			t.Fatal(err)
		}
		s.poll(t, source(t, config)) // those that were there come, the one that had come before does not come again
		came = append(came, mails[35], mails[36], mails[58])
		if tally := s.check(t, slices.Values(came)); tally[gateway.Opened] != len(came) {
			t.Error(tally)
		}
	})
	grounds.Each(t, "X05 another client removes and moves mails while the gateway waits", func(t *testing.T, address string) {
		d := dovecot.Start(t)
		server := dovecotServer(d)
		mails := some(1, 12, 0)
		d.Deliver(t, mails[:6]...)
		s := newSite(t, address, gateway.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		src := &watched{fullSource: source(t, server.config)}
		ended := make(chan error, 1)
		go func() { ended <- s.g.Run(ctx, src) }()
		c := server.client(t)
		if err := c.Create("Elsewhere", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		for n := range 6 {
			until(t, src.waits.Load)
			all := uids(t, c)
			remove(t, c, all[0])
			move(t, c, "Elsewhere", all[1])
			if _, err := c.Select("Elsewhere", nil).Wait(); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Move(goimap.SeqSet{goimap.SeqRange{Start: 1, Stop: 0}}, "INBOX").Wait(); err != nil {
				t.Fatal(err)
			}
			add(t, c, nil, mails[6+n])
			until(t, func() bool { o, err := s.g.Trace(t.Context(), mails[6+n]); return err == nil && o.MessageID != 0 })
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if tally := s.check(t, slices.Values(mails)); tally[gateway.Opened] != 12 {
			t.Error(tally)
		}
	})
	grounds.Each(t, "M36 mails that somebody has read already come as others do", func(t *testing.T, address string) {
		d := dovecot.Start(t)
		mails := some(1, 30, 0)
		d.DeliverRead(t, mails...)
		server := dovecotServer(d)
		s := newSite(t, address, gateway.Options{})
		s.poll(t, source(t, server.config))
		if tally := s.check(t, slices.Values(mails)); tally[gateway.Opened] != 30 {
			t.Error(tally)
		}
		if read := seen(t, server.client(t)); len(read) != 30 {
			t.Errorf("%d are marked as read now", len(read))
		}
	})
}

// watched is a source of which is known whether somebody waits for mail.
type watched struct {
	fullSource
	waits atomic.Bool
}

func (w *watched) Wait(ctx context.Context, from gateway.Cursor) error {
	w.waits.Store(true)
	defer w.waits.Store(false)
	return w.fullSource.Wait(ctx, from)
}

// until waits for something that comes about by itself.
func until(t *testing.T, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); {
		if time.Now().After(deadline) {
			t.Fatal("it does not come about")
		}
		<-time.After(20 * time.Millisecond)
	}
}
