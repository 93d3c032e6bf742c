package rules

import (
	"context"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Notification has people told that a rule has matched (M58). Subject and Body may have placeholders, as Desk.Texts has
// them, and are filled when the notice is sent.
type Notification struct {
	To      Recipients `json:"to"`                // at least one
	Subject string     `json:"subject,omitempty"` // empty: whoever tells finds one
	Body    string     `json:"body"`              // plain; it may be empty where there is a subject
	// Files has those of the message that the event is about go with it. Those of a message that is not public go to agents
	// only: where To has the customer or addresses, none goes.
	Files bool `json:"files,omitempty"`
}

const maxNotifications = 10

func (r *Rules) checkNotices(ctx context.Context, e *ticket.ValidationError, list []Notification) error {
	e.CheckCount("notify", len(list), maxNotifications)
	for i, n := range list {
		field := fmt.Sprintf("notify[%d]", i)
		if n.To.IsZero() {
			e.Add(field+".to", ticket.FaultRequired, "names nobody")
		}
		if n.Subject == "" && n.Body == "" {
			e.Add(field+".body", ticket.FaultRequired, "is empty")
		}
		checkRecipients(e, field+".to", n.To)
		for name, text := range map[string]string{field + ".subject": n.Subject, field + ".body": n.Body} {
			if err := r.desk.CheckText(system(ctx), e, name, text, ticket.Plain); err != nil {
				return err
			}
		}
	}
	return nil
}

// notices has those told whom a rule names, once it is committed. Of a mail that nobody is to be told of, as of one over
// a cap, nobody is.
func (run *running) notices(ctx context.Context, tx store.Tx, a *Acting, rule *Rule, done *Ran) error {
	if a.Message != nil && a.Message.Mail != nil && a.Message.Mail.Quiet != "" {
		return nil
	}
	for _, n := range rule.Notify {
		out := Notice{Ticket: a.Ticket.ID, To: n.To, Subject: n.Subject, Text: n.Body, Why: rule.Code, At: run.desk.Now()}
		if n.Files && a.Message != nil && (a.Message.Kind.Public() || !outsiders(n.To)) {
			out.Message = a.Message.ID
		}
		if err := run.wait(ctx, tx, waiting{Notice: out, Expand: true}); err != nil {
			return err
		}
		done.Did = append(done.Did, clip("notify "+fmt.Sprint(slices.Concat(namesOf(n.To)))))
	}
	return nil
}

// filesWarnings are of notices that go not only to agents, of a rule that answers nothing but notes: no file of one goes with
// them.
func (c *compiled) filesWarnings() (out []Warning) {
	if slices.ContainsFunc(c.On, func(t Trigger) bool { return t != Noted }) {
		return nil
	}
	for i, n := range c.Notify {
		if n.Files && outsiders(n.To) {
			out = append(out, Warning{c.Code, fmt.Sprintf("notify[%d]: no files go with it: those of a note go to agents only", i)})
		}
	}
	return out
}
