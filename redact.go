package helpdesk

import (
	"context"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/redact"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Redacted stands where Redact has taken a text out.
const Redacted = "█████"

// minRedact is the shortest text that can be taken out, in bytes: a shorter one stands everywhere.
const minRedact = 3

// Redact takes texts out of a ticket, wherever they stand in any case of letters, and leaves who wrote what when (X25):
// out of the subject and the other fields, of the messages and their old versions, the history and the drafts, and of
// what the histories of those tell of it into which it was merged once, or from which it was split off; what these have
// of their own stays. The raw mail of a message that had one of them goes altogether. What files hold is not looked at:
// DeleteMessage removes them. An encrypted text is looked at too, unless its key is missing: then it stays as it is.
// TicketRedacted tells of it, and not of the text, so that hosts can do the same to their copies.
//
// On SQLite the text can be read in free pages of the file until Store.Compact has run. found says whether there was
// anything to take out; if not, nothing is written. Errors: ticket.ErrNoActor; ticket.ErrNotFound; ticket.ErrForbidden
// without the right to purge; ticket.ErrMerged for a merged ticket, which is redacted with its target; ticket.ErrInvalid
// for a text of less than 3 bytes; ticket.ErrBusy.
func (d *Desk) Redact(ctx context.Context, id int64, texts ...string) (found bool, err error) {
	found, err = d.redact(ctx, id, texts)
	return found, failed(fmt.Sprintf("redact ticket %d", id), err)
}

func (d *Desk) redact(ctx context.Context, id int64, texts []string) (bool, error) {
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return false, err
	}
	t, err := d.read(ctx, actor, id)
	if err != nil {
		return false, err
	}
	if err := d.may(ctx, actor, t, ActPurge); err != nil {
		return false, err
	}
	if t.MergedInto != 0 { // what it said stands there, and so would the text
		return false, ticket.ErrMerged
	}
	for _, text := range texts {
		if len(strings.TrimSpace(text)) < minRedact {
			return false, ticket.Invalid("texts", ticket.FaultTooShort, "%q is shorter than %d bytes: it would take out half of everything", text, minRedact)
		}
	}
	if len(texts) == 0 {
		return false, ticket.Invalid("texts", ticket.FaultRequired, "names nothing to take out")
	}
	return d.scrubOne(ctx, actor, id, &scrubber{Scrubber: &redact.Scrubber{Texts: texts, Blank: Redacted}}, "text was redacted")
}

// scrubOne scrubs one ticket in a transaction of its own.
func (d *Desk) scrubOne(ctx context.Context, actor ticket.Actor, id int64, s *scrubber, detail string) (found bool, err error) {
	_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lock(ctx, id, ActPurge); err != nil {
			return err
		}
		if w.after.MergedInto != 0 {
			return ticket.ErrMerged
		}
		shells, err := shellsOf(ctx, w.tx, id)
		if err != nil {
			return err
		}
		if found, err = w.scrubAndTell(ctx, s, detail); err != nil {
			return err
		}
		for _, shell := range shells { // what was merged belongs to it
			b := w.another()
			if err := b.lockUnchecked(ctx, shell); err != nil {
				return err
			}
			more, err := b.scrubAndTell(ctx, s, detail)
			if err != nil {
				return err
			}
			found = found || more
		}
		told, err := w.scrubFormerly(ctx, s, append([]int64{id}, shells...), detail)
		found = found || told
		return err
	})
	return found && err == nil, err
}

func (w *write) scrubAndTell(ctx context.Context, s *scrubber, detail string) (bool, error) {
	found, err := w.scrubTicket(ctx, s)
	if err != nil || !found {
		return false, err
	}
	return true, w.scrubbed(ctx, detail)
}

// scrubbed journals that something was taken out, and not what.
func (w *write) scrubbed(ctx context.Context, detail string) error {
	if err := w.journal(ctx, ticket.EventRedacted, nil, nil); err != nil {
		return err
	}
	w.events[len(w.events)-1].event.Detail = detail
	if err := w.unindex(ctx); err != nil {
		return err
	}
	return w.commit(ctx, nil)
}
