package mailboxes

import (
	"context"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Diagnosis is what a look at a mailbox has shown, for whoever sets it up (M42). It holds no secret. What a server said is
// its own text: escape it where it is shown.
type Diagnosis struct {
	Mailbox      string   `json:"mailbox"` // where it is
	Warnings     []string `json:"warnings,omitempty"`
	Steps        []Step   `json:"steps"` // in their order, up to the first that failed
	Capabilities []string `json:"capabilities,omitempty"`
	Mails        int      `json:"mails"`            // in the folder, or the maildrop
	Idle         bool     `json:"idle,omitempty"`   // the server tells of new mail by itself
	Moves        bool     `json:"moves,omitempty"`  // it moves mails in one step
	Advice       string   `json:"advice,omitempty"` // the likely cause of a failure and what to do; empty if all is well

	Waiting     int               `json:"waiting"`          // mails that were fetched, and are no messages yet
	Quarantined int               `json:"quarantined"`      // mails that were given up
	Recent      []gateway.Outcome `json:"recent,omitempty"` // the last mails, the newest first, and what became of them
}

// Step is one step of it.
type Step struct {
	Name    string        `json:"name"` // settings, connect, starttls, login, open or list
	Took    time.Duration `json:"took"` // ns
	Failure string        `json:"failure,omitempty"`
}

// recentMails is how many a diagnosis shows.
const recentMails = 10

// Diagnose looks how far one comes with a definition, one that was read or one that is not saved yet; of its secrets those
// are used that it does not hold and that are stored for this server and user. It changes nothing, and fetches nothing. A
// failure is a step's; errors: ticket.ErrNoActor; ticket.ErrForbidden; ticket.ErrInvalid for what Save would refuse of
// the definition itself; the store's own.
func (s *Set) Diagnose(ctx context.Context, d Definition) (Diagnosis, error) {
	if err := s.desk.MayConfigure(ctx); err != nil {
		return Diagnosis{}, failed("diagnose "+d.Code, err)
	}
	d = d.filled()
	var e ticket.ValidationError
	if d.check(&e); e.Err() != nil {
		return Diagnosis{}, failed("diagnose "+d.Code, e.Err())
	}
	out := Diagnosis{Mailbox: d.String(), Warnings: d.warnings()}
	if err := s.counters(ctx, d, &out); err != nil {
		return out, failed("diagnose "+d.Code, err)
	}
	box, err := s.mailbox(ctx, d)
	if err != nil {
		out.Steps, out.Advice = []Step{{Name: "settings", Failure: err.Error()}}, "give the password again, or save the definition first"
		return out, nil
	}
	box.diagnose(ctx, &out)
	return out, nil
}

// counters adds what the desk knows of the mailbox.
func (s *Set) counters(ctx context.Context, d Definition, out *Diagnosis) error {
	if d.Code == "" {
		return nil // it is being written
	}
	g, err := s.gateway(d)
	if err != nil {
		return err
	}
	st, err := g.Status(ctx)
	if err != nil {
		return err
	}
	out.Waiting, out.Quarantined = st.Waiting, st.Quarantined
	out.Recent, err = g.Recent(ctx, recentMails)
	return err
}

func (m *mailbox) diagnose(ctx context.Context, out *Diagnosis) {
	add := func(name string, took time.Duration, err error) {
		step := Step{Name: name, Took: took}
		if err != nil {
			step.Failure = mask(err.Error(), m.secret)
		}
		out.Steps = append(out.Steps, step)
	}
	if m.imap != nil {
		got := m.imap.Diagnose(ctx)
		for _, st := range got.Steps {
			add(st.Name, st.Took, st.Err)
		}
		out.Capabilities, out.Mails, out.Idle, out.Moves, out.Advice = got.Capabilities, int(got.Mails), got.Idle, got.Move, got.Advice
		return
	}
	got := m.pop3.Diagnose(ctx)
	for _, st := range got.Steps {
		add(st.Name, st.Took, st.Err)
	}
	out.Capabilities, out.Mails, out.Advice = got.Capabilities, got.Mails, got.Advice
}
