package imap_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/imap"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestGatewayOnDovecot runs a gateway as a host does: mails become tickets as they come, and are moved away.
func TestGatewayOnDovecot(t *testing.T) {
	t.Parallel()
	s := startDovecot(t)
	c := s.client(t)
	add(t, c, nil, numbered(1, 0))
	config := s.config
	config.Disposal, config.MoveTo = imap.Move, "Done"
	d := helpdesktest.New(t, nil)
	opened := make(chan string, 10)
	d.Hooks().TicketCreated.Bind("test", func(_ context.Context, e hooks.Created) error {
		opened <- e.Ticket.Subject
		return nil
	})
	g, err := gateway.New("support", d.Mail(), d.Store, &gateway.Options{Acknowledge: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx, newMailbox(t, config).Source()) }()
	if got := <-opened; got != "mail 1" {
		t.Errorf("%q", got)
	}
	began := time.Now()
	add(t, c, nil, numbered(2, 0)) // while it waits
	if got := <-opened; got != "mail 2" {
		t.Errorf("%q", got)
	}
	t.Logf("a new mail is a ticket after %v", time.Since(began).Round(time.Millisecond))
	for !slices.Equal(subjects(t, c, "Done"), []string{"mail 1", "mail 2"}) {
		time.Sleep(20 * time.Millisecond) // the server tells nobody
	}
	if left := subjects(t, c, "INBOX"); len(left) != 0 {
		t.Errorf("left in the inbox: %q", left)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	status, err := g.Status(t.Context())
	if err != nil || status.LastSuccess.IsZero() || status.Failure != "" || status.Paused {
		t.Errorf("%+v, %v", status, err)
	}
}

// TestX19PausesAndResumes: a server that refuses the credentials is left alone, and asked again when its time comes.
func TestX19PausesAndResumes(t *testing.T) {
	t.Parallel()
	s := startDovecot(t)
	d := helpdesktest.New(t, nil)
	g, err := gateway.New("support", d.Mail(), d.Store, nil)
	if err != nil {
		t.Fatal(err)
	}
	wrong := s.config
	wrong.Password = "wrong"
	status := func() gateway.Status {
		t.Helper()
		st, err := g.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	t.Run("X19 three refusals pause it, with what the server said", func(t *testing.T) {
		for n := range 3 {
			if st := status(); st.Paused {
				t.Fatalf("paused after %d", n)
			}
			if _, err := g.Poll(t.Context(), newMailbox(t, wrong).Source()); !errors.Is(err, gateway.ErrAuthentication) {
				t.Fatal(err)
			}
		}
		st := status()
		if !st.Paused || st.Failure == "" || st.FailingSince.IsZero() || st.Next.Sub(d.Now()) < 50*time.Minute {
			t.Errorf("%+v", st)
		}
	})
	t.Run("X19 an attempt that works resumes it", func(t *testing.T) {
		add(t, s.client(t), nil, numbered(1, 0))
		if out, err := g.Poll(t.Context(), newMailbox(t, s.config).Source()); err != nil || len(out) != 1 {
			t.Fatalf("%v, %v", out, err)
		}
		if st := status(); st.Paused || st.Failure != "" || !st.Next.IsZero() {
			t.Errorf("%+v", st)
		}
	})
	t.Run("X19 a grant that was taken back pauses it at once", func(t *testing.T) {
		config := s.config
		config.Password = ""
		config.Token = func(context.Context) (string, error) { return "", gateway.ErrInvalidGrant }
		if _, err := g.Poll(t.Context(), newMailbox(t, config).Source()); !errors.Is(err, gateway.ErrInvalidGrant) {
			t.Fatal(err)
		}
		if st := status(); !st.Paused || st.Next.Sub(d.Now()) > 2*time.Minute {
			t.Errorf("%+v", st)
		}
	})
	if n := len(ticketsOf(t, d)); n != 1 {
		t.Errorf("%d tickets", n)
	}
}

func ticketsOf(t *testing.T, d *helpdesktest.Desk) []*ticket.Ticket {
	t.Helper()
	page, err := d.Tickets(ticket.WithActor(t.Context(), ticket.Staff("7", "Bob", "bob@desk.example")), ticket.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Tickets
}
