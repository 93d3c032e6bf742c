package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Notify tells people what a notice says. It is called outside of any transaction, after the commit of what the notice is
// about, and again until it returns no error: Notice.ID is the same then. The ticket may have changed since, and be gone. Its
// context ends after Options.ActionTimeout. The Notify of package notify is one.
type Notify = func(ctx context.Context, n Notice) error

// Notice is something that people are to be told about a ticket.
type Notice = ticket.Notice

// Recipients are whom a notice is for.
type Recipients = ticket.Recipients

// NotifyBy is Options.Notify for whoever comes after the rules; it must be called before desk.Start.
func (r *Rules) NotifyBy(n Notify) { r.notify = n }

// untold says so where notices become notes though the desk has notifications, by their binding.
func (r *Rules) untold(context.Context) (out []ticket.Problem, err error) {
	bound := slices.ContainsFunc(r.desk.Hooks().Subscriptions(), func(s hooks.Subscription) bool { return s.ID == "helpdesk.notify" })
	if bound && r.notify == nil {
		out = append(out, ticket.Problem{Area: "rules", Message: "what rules tell people becomes notes of the tickets: give the rules to the notifications, as notify.Options.Rules, or Options.Notify to the rules"})
	}
	return out, nil
}

// namesOf are those of the recipients, for people.
func namesOf(r Recipients) []string {
	var out []string
	for _, k := range []struct {
		is   bool
		name string
	}{{r.Owner, "owner"}, {r.Customer, "customer"}, {r.Watchers, "watchers"}, {r.Department, "department"}} {
		if k.is {
			out = append(out, k.name)
		}
	}
	return slices.Concat(out, r.Agents, r.Addresses)
}

// outsiders reports whether some of them may not be agents: addresses may be anybody's.
func outsiders(r Recipients) bool { return r.Customer || len(r.Addresses) > 0 }

// onlyCustomer reports whether the requester is alone with the notice.
func onlyCustomer(to Recipients) bool {
	to.Customer = false
	return to.IsZero()
}

const maxRecipients = 100 // agents and addresses of a notice, each

func checkRecipients(e *ticket.ValidationError, field string, r Recipients) {
	e.CheckCount(field+".agents", len(r.Agents), maxRecipients)
	e.CheckCount(field+".addresses", len(r.Addresses), maxRecipients)
	for _, a := range r.Agents {
		e.CheckLine(field+".agents", a, maxWord)
	}
	for _, a := range r.Addresses {
		e.CheckLine(field+".addresses", a, maxWord)
		if local, domain, ok := strings.Cut(a, "@"); !ok || local == "" || domain == "" {
			e.Add(field+".addresses", ticket.FaultMalformed, "%q is no email address", a)
		}
	}
}

const (
	kindNotice = "notice" // record: what waits to be told; on the agenda, when
	maxWord    = 1000     // bytes of an id, an address, a subject
)

// waiting is a notice that is to be told. Its texts may have placeholders: they are filled when it is sent, so that nothing
// waits there that is taken out of the ticket meanwhile.
type waiting struct {
	Notice
	Expand bool         `json:"expand,omitempty"`
	Cause  ticket.Cause `json:"cause,omitzero"` // of what is written when it is told
}

// tell has somebody told, once the transaction is committed. Without Options.Notify the notice is a note of the ticket,
// written at once.
func (r *Rules) tell(ctx context.Context, tx store.Tx, n Notice) error {
	return r.wait(ctx, tx, waiting{Notice: n})
}

func (r *Rules) wait(ctx context.Context, tx store.Tx, n waiting) error {
	if n.To.IsZero() {
		return nil
	}
	full, err := r.filled(ctx, n) // what cannot be filled is to be known now
	if err != nil {
		return err
	}
	if r.notify == nil {
		return r.noteNotice(ctx, full)
	}
	id, err := tx.NewID(ctx, kindNotice)
	if err != nil {
		return err
	}
	if n.Cause, err = r.desk.Cause(ctx); err != nil {
		return err
	}
	n.ID = record.ID(id)
	if err := record.Put(ctx, tx, kindNotice, n.ID, record.ID(n.Ticket), n); err != nil {
		return err
	}
	// In a lane of its own: what else is due on the ticket does not wait for a mail server.
	return agenda.Put(ctx, tx, r.desk.Now(), agenda.Entry{Kind: agenda.Errand, What: kindNotice, Key: n.ID, Ticket: n.Ticket, Lane: n.ID, Due: r.desk.Now()})
}

// filled is the notice as people get it: one text for all of them, so a guest is named as staff must see them unless they
// alone get it. Its subject is one line, whatever a customer has written.
func (r *Rules) filled(ctx context.Context, w waiting) (n Notice, err error) {
	n = w.Notice
	if !w.Expand {
		return n, nil
	}
	expand := r.desk.ExpandForStaff
	if r.notify != nil && onlyCustomer(n.To) {
		expand = r.desk.Expand
	}
	if n.Subject, err = expand(system(ctx), n.Ticket, n.Subject, ticket.Plain); err != nil {
		return n, err
	}
	if n.Subject = strings.Join(strings.Fields(n.Subject), " "); len(n.Subject) > maxWord {
		n.Subject = strings.ToValidUTF8(n.Subject[:maxWord], "")
	}
	n.Text, err = expand(system(ctx), n.Ticket, n.Text, ticket.Plain)
	return n, err
}

// sendNotice hands a notice to the host.
func (r *Rules) sendNotice(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	var w waiting
	err := r.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		w, err = record.Read[waiting](ctx, x, kindNotice, e.Key)
		return err
	})
	var n Notice
	if err == nil {
		n, err = r.filled(ctx, w)
	}
	if err != nil {
		return noticeTold, orGone(err) // there is nothing to tell of a ticket that was purged
	}
	if r.notify != nil {
		return noticeTold, r.timed(r.desk.Because(system(ctx), w.Cause), func(ctx context.Context) error { return r.notify(ctx, n) })
	}
	return func(ctx context.Context, tx store.Tx, e agenda.Entry) error { // put by a process that can tell people
		t, err := holder(ctx, tx, n.Ticket)
		if err != nil {
			return err
		}
		if t != nil {
			n.Ticket = t.ID
			err = r.noteNotice(r.desk.Because(ctx, w.Cause), n)
		}
		return errors.Join(err, noticeTold(ctx, tx, e))
	}, nil
}

// noticeTold leaves nothing of a notice that is told.
func noticeTold(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	return tx.DeleteRecord(ctx, kindNotice, e.Key)
}

func (r *Rules) noteNotice(ctx context.Context, n Notice) error {
	text := n.Text
	if n.Subject != "" {
		text = n.Subject + "\n\n" + text
	}
	body := fmt.Sprintf("For %s:\n\n%s", strings.Join(namesOf(n.To), ", "), text)
	_, err := r.desk.AddNote(r.desk.Caused(system(ctx), n.Why), n.Ticket, ticket.ReplyDraft{Body: body})
	return err
}
