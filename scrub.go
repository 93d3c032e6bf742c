package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/internal/redact"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// scrubber says what to take out of everything that a ticket has: its row, its messages and their old versions, its
// history, drafts.
type scrubber struct {
	*redact.Scrubber
	// requested says that the person was the requester of the ticket once: its phone and its origin were theirs.
	requested bool
	files     bool // the contents that the person sent go, too
}

// scrubTicket takes the texts out of the ticket that w has locked, and out of all that belongs to it. It reports
// whether there was anything to take out.
func (w *write) scrubTicket(ctx context.Context, s *scrubber) (bool, error) {
	after, changed, err := redact.Document(s.Scrubber, w.after)
	if err != nil {
		return false, err
	}
	if s.Person != nil && s.Person(w.before.Requester) {
		s.requested = true
		after.Phone, after.IP, after.UserAgent, after.OriginURL = "", "", "", ""
		changed = true
	}
	w.after = after
	for _, part := range []func(context.Context, *scrubber) (bool, error){w.scrubMessages, w.scrubEvents, w.scrubDrafts, w.scrubTime, w.scrubRatings, w.scrubAutomation} {
		more, err := part(ctx, s)
		if err != nil {
			return false, err
		}
		changed = changed || more
	}
	return changed, nil
}

func (w *write) scrubMessages(ctx context.Context, s *scrubber) (bool, error) {
	any := false
	for m, err := range everyMessage(ctx, w.tx, w.after.ID) {
		if err != nil {
			return any, err
		}
		changed, err := w.scrubMessage(ctx, s, m)
		if err != nil {
			return any, err
		}
		any = any || changed
	}
	return any, nil
}

// scrubMessage takes the texts out of a message and its old versions. The mail that it came as cannot be changed
// without a trace: it goes.
func (w *write) scrubMessage(ctx context.Context, s *scrubber, m *ticket.Message) (bool, error) {
	next, changed, err := w.scrubClear(ctx, s, m)
	if err != nil {
		return false, err
	}
	older, err := scrubRecords(ctx, w, store.RecordQuery{Kind: kindRevision, Parent: revisionParent(m.ID)}, "", func(old *ticket.Message) (*ticket.Message, bool, error) {
		next, changed, err := w.scrubClear(ctx, s, old)
		if err == nil && s.takesFiles(old) {
			emptied(next)
			changed = true
		}
		return next, changed, err
	})
	if err != nil {
		return false, err
	}
	inRaw := false
	if m.Mail != nil && m.Mail.Raw != "" {
		inRaw = changed || older
		if !inRaw {
			if inRaw, err = w.d.rawHas(ctx, s.Scrubber, m.Mail.Raw); err != nil {
				return false, err
			}
		}
		if inRaw {
			if err := w.d.release(ctx, w.tx, m.Mail.Raw, m.ID); err != nil {
				return false, err
			}
			next.Mail.Raw, changed = "", true
		}
	}
	if s.takesFiles(m) || inRaw && returnsMail(m) {
		if err := w.dropFiles(ctx, m, next); err != nil {
			return false, err
		}
		changed = true
	}
	if !changed {
		return older, nil
	}
	return true, w.tx.PutMessage(ctx, next)
}

// returnsMail reports whether the files of a message are what a mail server returned of another mail: they say what its
// raw mail says.
func returnsMail(m *ticket.Message) bool {
	return (m.Mail.Kind == "bounce" || m.Mail.Kind == "delay_notice") && len(blobsOf(m)) > 0
}

// takesFiles reports whether the contents that a message keeps are among those to go.
func (s *scrubber) takesFiles(m *ticket.Message) bool {
	return s.files && m.Author.IsCustomer() && s.Person(m.Author.Person()) && len(blobsOf(m)) > 0
}

// dropFiles ends that a message keeps contents; next is what becomes of it.
func (w *write) dropFiles(ctx context.Context, m, next *ticket.Message) error {
	if err := w.detach(ctx, m); err != nil {
		return err
	}
	w.after.FileBytes = max(0, w.after.FileBytes-bytesOf(next))
	emptied(next)
	return nil
}

// emptied takes the hashes of its contents out of a message, in place.
func emptied(m *ticket.Message) {
	for i := range m.Files {
		if f := &m.Files[i]; f.Blob != "" {
			f.Blob, f.Missing = "", "erased"
		}
	}
	if m.Mail != nil {
		m.Mail.Raw = ""
	}
}

// scrubClear takes the texts out of a message from the store, and returns it as it goes back there. An encrypted body is
// opened for it; one whose key is missing stays as it is.
func (w *write) scrubClear(ctx context.Context, s *scrubber, m *ticket.Message) (*ticket.Message, bool, error) {
	body := m.Body
	closed := w.d.openMessage(ctx, m)
	if closed != nil && !errors.Is(closed, ticket.ErrSealed) {
		return nil, false, closed
	}
	folds := unfold(m.Mail) // what they are of may change, and they say nothing
	next, changed, err := redact.Document(s.Scrubber, m)
	if err != nil {
		return nil, false, err
	}
	if next.Mail != nil && next.Body == m.Body {
		next.Mail.Folds = folds
	}
	if closed != nil {
		next.Body = body
	}
	next, err = w.d.sealed(ctx, next)
	return next, changed, err
}

// rawHas reports whether a raw mail has one of the texts somewhere: in a header, say, or where the body was cut.
func (d *Desk) rawHas(ctx context.Context, s *redact.Scrubber, blob string) (bool, error) {
	r, err := d.openBlob(ctx, blob)
	if errors.Is(err, ticket.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = r.Close() }()
	raw, err := io.ReadAll(r)
	return err == nil && s.InMail(raw), err
}

func (w *write) scrubEvents(ctx context.Context, s *scrubber) (bool, error) {
	any := false
	for e, err := range everyEvent(ctx, w.tx, ticket.EventQuery{TicketID: w.after.ID}) {
		if err != nil {
			return any, err
		}
		next, changed, err := redact.Document(s.Scrubber, e)
		if err != nil {
			return any, err
		}
		if s.requested {
			n := len(next.Changes)
			next.Changes = slices.DeleteFunc(slices.Clone(next.Changes), func(c ticket.Change) bool {
				return slices.Contains([]string{"phone", "ip", "user_agent", "origin_url"}, c.Field)
			})
			changed = changed || len(next.Changes) < n
		}
		if !changed {
			continue
		}
		any = true
		if err := w.tx.PutEvent(ctx, next); err != nil {
			return any, err
		}
	}
	return any, nil
}

// scrubDrafts takes the texts out of the replies that agents are writing.
func (w *write) scrubDrafts(ctx context.Context, s *scrubber) (bool, error) {
	at := atTicket(w.after.ID, "")
	return scrubRecords(ctx, w, store.RecordQuery{Kind: kindDraft, After: at, Limit: 1000}, at, func(draft ticket.SavedDraft) (ticket.SavedDraft, bool, error) {
		body := draft.Body
		closed := w.d.openDraft(ctx, &draft)
		if closed != nil && !errors.Is(closed, ticket.ErrSealed) {
			return draft, false, closed
		}
		next, changed, err := redact.Document(s.Scrubber, draft)
		if err != nil {
			return next, false, err
		}
		if closed != nil {
			next.Body = body
			return next, changed, nil
		}
		next, err = w.d.sealedDraft(ctx, next)
		return next, changed, err
	})
}

// scrubAutomation takes the texts out of what rules keep of a ticket: follow-ups, appointments, what a run says of errors, what waits to be told.
func (w *write) scrubAutomation(ctx context.Context, s *scrubber) (any bool, err error) {
	for _, kind := range automated {
		more, err := scrubRecords(ctx, w, store.RecordQuery{Kind: kind, Parent: record.ID(w.after.ID)}, "", func(doc json.RawMessage) (json.RawMessage, bool, error) {
			return redact.Document(s.Scrubber, doc)
		})
		if err != nil {
			return any, err
		}
		any = any || more
	}
	given, err := agenda.Scrub(ctx, w.tx, w.after.ID, s.Text)
	return any || given, err
}

// scrubRecords has fn take the texts out of the records that q selects, up to the first whose key does not begin with
// prefix.
func scrubRecords[T any](ctx context.Context, w *write, q store.RecordQuery, prefix string, fn func(T) (T, bool, error)) (bool, error) {
	recs, err := w.tx.Records(ctx, q)
	if err != nil {
		return false, err
	}
	end := slices.IndexFunc(recs, func(rec *store.Record) bool { return !strings.HasPrefix(rec.Key, prefix) })
	if end >= 0 {
		recs = recs[:end]
	}
	return scrubEach(ctx, w, recs, fn)
}

// scrubEach does it with records that were read.
func scrubEach[T any](ctx context.Context, w *write, recs []*store.Record, fn func(T) (T, bool, error)) (any bool, err error) {
	for _, rec := range recs {
		var was T
		if err := json.Unmarshal(rec.Doc, &was); err != nil {
			return false, err
		}
		next, changed, err := fn(was)
		if err != nil {
			return false, err
		}
		if !changed {
			continue
		}
		any = true
		if rec.Doc, err = json.Marshal(next); err != nil {
			return false, err
		}
		if err := w.tx.PutRecord(ctx, rec); err != nil {
			return false, err
		}
	}
	return any, nil
}
