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
	Files   bool       `json:"files,omitempty"`   // with those of the message that the event is about
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
		n.To.check(e, field+".to")
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
		if n.Files && a.Message != nil {
			out.Message = a.Message.ID
		}
		if err := run.wait(ctx, tx, waiting{Notice: out, Expand: true}); err != nil {
			return err
		}
		done.Did = append(done.Did, clip("notify "+fmt.Sprint(slices.Concat(n.To.names()))))
	}
	return nil
}
