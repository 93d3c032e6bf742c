package helpdesk_test

import (
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
				return ticket.Invalid("status", "stays")
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
		d.Hooks().TicketNoteValidation.Bind("no", func(_ ctx, in hooks.Replying) error { return ticket.Invalid("note", "no "+in.Draft.Body) })
		_, err := d.CloseTicket(as(bob), tk.ID, "swearing")
		invalid(t, err, "note")
		_, err = d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Note: "swearing"})
		invalid(t, err, "note")
	})
}
