package helpdesk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestGates(t *testing.T) {
	t.Parallel()
	t.Run("G08 the guards of updates have the last word on a status that a message carries or brings about", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{StatusOnStaff: new("in_progress")}})
		d.Hooks().TicketUpdateGuard.Bind("no", func(_ ctx, in hooks.Committing) error {
			if in.Before.Status != in.After.Status {
				return ticket.Invalid("status", ticket.FaultRefused, "stays")
			}
			return nil
		})
		tk := open(t, d, ann)
		for _, r := range []ticket.ReplyDraft{{Body: "x", Status: "closed"}, {Body: "x"}} {
			_, err := d.Reply(as(bob), tk.ID, r)
			invalid(t, err, "status")
		}
		must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
	})
	t.Run("R06 the gates of notes see the note of a patch", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		d.Hooks().TicketNoteValidation.Bind("no", func(_ ctx, in hooks.Replying) error {
			return ticket.Invalid("note", ticket.FaultRefused, "no %s", in.Draft.Body)
		})
		_, err := d.CloseTicket(as(bob), tk.ID, "swearing")
		invalid(t, err, "note")
		_, err = d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Note: "swearing"})
		invalid(t, err, "note")
	})
	t.Run("W10 a form is told at once what the built-in checks and the gates have against it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		asked, refuses := 0, error(ticket.Invalid("service", ticket.FaultRefused, "which order?"))
		d.Hooks().TicketClientCreateValidation.Bind("order", func(ctx, hooks.Creating) error { asked++; return refuses })
		fields := func(err error) string {
			var out []string
			var v *ticket.ValidationError
			if errors.As(err, &v) {
				for _, f := range v.Fields {
					out = append(out, f.Field)
				}
			}
			return strings.Join(out, " ")
		}
		equal(t, "of an empty form", fields(d.CheckTicket(as(ann), ticket.Draft{})), "subject body service")
		equal(t, "of a whole one", fields(d.CheckTicket(as(ann), lamp())), "service")
		_, err := d.CreateTicket(as(ann), ticket.Draft{})
		equal(t, "of a ticket", fields(err), "subject body")
		equal(t, "the gate was asked", asked, 2)
		refuses = errors.New("dial tcp: refused")
		err = d.CheckTicket(as(ann), ticket.Draft{})
		equal(t, "beside a broken gate", fields(err), "subject body")
		is(t, err, ticket.ErrHookFailed)
		is(t, d.CheckTicket(as(ann), lamp()), ticket.ErrHookFailed)
	})
}
