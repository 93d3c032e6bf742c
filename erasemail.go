package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/internal/content"
	"github.com/helpdeskgo/helpdesk/internal/identity"
	"github.com/helpdeskgo/helpdesk/internal/redact"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindMail is the work that package gateway makes of a mail. What it keeps of one that became no message is nobody's but
// its own; what of that is a person's, Erase has to know, for the gateway may not run by then.
const kindMail = "mail"

// mailTexts are the keys of its document that hold texts.
var mailTexts = []string{"outcome", "problem"}

// mailOver are the states of a mail that no gateway is at work on.
var mailOver = []store.WorkState{store.WorkDone, store.WorkDead}

// eraseFromMails takes the person out of what gateways say of mails that became no message, and removes the bytes of
// those that have an address or a phone number of theirs. It returns how many mails it were.
func (d *Desk) eraseFromMails(ctx context.Context, actor ticket.Actor, x *identity.Profile) (n int, err error) {
	s := x.Scrubber()
	for before := int64(0); ; {
		var works []*store.Work
		err := d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
			works, err = r.Works(ctx, store.WorkQuery{Kind: kindMail, States: mailOver, BeforeID: before, Limit: pruned})
			return err
		})
		if err != nil {
			return n, err
		}
		for _, w := range works {
			found, err := d.eraseFromMail(ctx, actor, s, w)
			if err != nil {
				return n, fmt.Errorf("mail %d: %w", w.ID, err)
			}
			if found {
				n++
			}
		}
		if len(works) < pruned {
			return n, nil
		}
		before = works[len(works)-1].ID
	}
}

// eraseFromMail looks at one, outside any transaction, and takes the person out of it in one of its own.
func (d *Desk) eraseFromMail(ctx context.Context, actor ticket.Actor, s *redact.Scrubber, w *store.Work) (found bool, err error) {
	_, said, err := scrubbedMail(s, w)
	if err != nil {
		return false, err
	}
	theirs := false
	if !becameMessage(w) { // else the message has the bytes
		theirs, err = d.mailHas(ctx, s, w)
	}
	if err != nil || !said && !theirs {
		return false, err
	}
	_, err = d.transact(ctx, actor, func(ctx context.Context, tx *write) error {
		found, err = tx.eraseMail(ctx, s, w.ID, theirs)
		return err
	})
	return found && err == nil, err
}

// mailHas reports whether a mail whose bytes are still kept for it has an address or a phone number of the person. Names
// alone may be anybody's: for one, nobody's mail is removed.
func (d *Desk) mailHas(ctx context.Context, s *redact.Scrubber, w *store.Work) (bool, error) {
	raw := ""
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		raw, err = rawKept(ctx, r, w)
		return err
	})
	if err != nil || raw == "" {
		return false, err
	}
	has, err := d.rawHas(ctx, &redact.Scrubber{Texts: s.Texts, Blank: s.Blank}, raw)
	if errors.Is(err, content.ErrDamaged) { // nobody can read it, and nobody shall wait for that
		return false, nil
	}
	return has, err
}

// becameMessage reports whether a mail has become one.
func becameMessage(w *store.Work) bool {
	var doc struct {
		Outcome struct {
			Result string `json:"result"`
		} `json:"outcome"`
	}
	return json.Unmarshal(w.Doc, &doc) == nil && slices.Contains([]string{"opened", "answered", "noted"}, doc.Outcome.Result)
}

// rawKept is the content that a mail is kept as which became no message; empty where there is none, or none any more.
func rawKept(ctx context.Context, r store.Reader, w *store.Work) (string, error) {
	rec, err := r.Record(ctx, kindAge, ageKey(w.Created, -w.ID))
	if errors.Is(err, ticket.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var kept aged
	if err := json.Unmarshal(rec.Doc, &kept); err != nil {
		return "", err
	}
	owners, err := r.Linked(ctx, linkBlob, kept.Raw)
	if err != nil || !slices.Contains(owners, -w.ID) {
		return "", err
	}
	return kept.Raw, nil
}

// eraseMail does it. A mail that somebody has let in meanwhile is to become a message, and stays as it is.
func (w *write) eraseMail(ctx context.Context, s *redact.Scrubber, id int64, theirs bool) (bool, error) {
	work, err := w.tx.Work(ctx, id)
	if errors.Is(err, ticket.ErrNotFound) || err == nil && !slices.Contains(mailOver, work.State) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	next, _, err := scrubbedMail(s, work)
	if err != nil {
		return false, err
	}
	if err := agenda.Rewrite(ctx, w.tx, next, work.State); err != nil {
		if errors.Is(err, store.ErrStale) {
			return false, nil
		}
		return false, err
	}
	if !theirs {
		return true, nil
	}
	key := ageKey(work.Created, -id)
	rec, err := w.tx.Record(ctx, kindAge, key)
	if errors.Is(err, ticket.ErrNotFound) { // it was too old, and is gone
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if err := w.releaseRaw(ctx, rec, id, false, "a person was erased"); err != nil {
		return false, err
	}
	return true, w.tx.DeleteRecord(ctx, kindAge, key)
}

// scrubbedMail takes the texts out of what is said of a mail: by whom it was, and why it became no message.
func scrubbedMail(s *redact.Scrubber, w *store.Work) (next *store.Work, changed bool, err error) {
	out := *w
	out.Error = s.Text(w.Error)
	changed = out.Error != w.Error
	doc := map[string]json.RawMessage{}
	if json.Unmarshal(w.Doc, &doc) != nil { // nobody can read it
		return &out, changed, nil
	}
	anew := false
	for _, key := range mailTexts {
		if doc[key] == nil {
			continue
		}
		text, took, err := redact.Document(s, doc[key])
		if err != nil {
			return nil, false, err
		}
		doc[key], anew = text, anew || took
	}
	if anew {
		out.Doc, err = json.Marshal(doc)
	}
	return &out, changed || anew, err
}
