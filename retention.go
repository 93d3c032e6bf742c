package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindAge is the kind of records that list who keeps contents by age: messages, and works with raw mails, by their time
// and id. A link can only be found by its whole key; records are listed in order, so the oldest come first, however
// long nobody looked.
const kindAge = "file-age"

func ageKey(at time.Time, owner int64) string {
	what := "message/"
	if owner < 0 {
		what, owner = "work/", -owner
	}
	return timedKey(at, what+strconv.FormatInt(owner, 10))
}

// putAge notes who keeps contents, and, of a work, which.
func putAge(ctx context.Context, tx store.Tx, at time.Time, owner int64, raw string) error {
	return record.Put(ctx, tx, kindAge, ageKey(at, owner), "", aged{raw})
}

type aged struct {
	Raw string `json:"raw,omitempty"`
}

// ownerOf reads an age key.
func ownerOf(key string) (owner int64, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 {
		return 0, false
	}
	owner, err := strconv.ParseInt(parts[2], 10, 64)
	if parts[1] == "work" {
		owner = -owner
	}
	return owner, err == nil
}

// retained remembers when old files were last looked for, and under which configuration.
type retained struct {
	mu      sync.Mutex
	version int64
	at      time.Time
}

// retentionPause is how long is waited between two looks at the same configuration.
const retentionPause = time.Hour

// due reports whether it is time to look.
func (r *retained) due(version int64, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at.IsZero() || r.version != version || now.Before(r.at) || now.Sub(r.at) >= retentionPause
}

func (r *retained) done(version int64, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.version, r.at = version, now
}

// retain removes the contents of files that are older than the settings keep them (M13), and returns of how many
// messages. Where there are none it only reads; how often, see retentionPause.
func (d *Desk) retain(ctx context.Context) (int, error) {
	conf, err := d.config(ctx)
	if err != nil {
		return 0, err
	}
	now, shortest := d.Now(), conf.ShortestRetention()
	if shortest == 0 || !d.retained.due(conf.version, now) {
		return 0, nil
	}
	total := 0
	var errs error
	for after, more := "", true; more; {
		var old []string
		old, after, more, err = d.oldFiles(ctx, conf, after, now, now.Add(-shortest))
		if err != nil {
			return total, errors.Join(errs, err)
		}
		n, err := d.removeOld(ctx, old)
		total += n
		if ctx.Err() != nil {
			return total, ctx.Err()
		}
		errs = errors.Join(errs, err)
	}
	if errs == nil {
		d.retained.done(conf.version, now)
	}
	return total, errs
}

// oldFiles looks at one page of the ages, and lists the keys of those whose time is over.
func (d *Desk) oldFiles(ctx context.Context, conf *config, after string, now, before time.Time) (old []string, last string, more bool, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		old, last, more = nil, after, false
		list, err := r.Records(ctx, store.RecordQuery{Kind: kindAge, After: after, Limit: sweepStep})
		if err != nil {
			return err
		}
		more = len(list) == sweepStep
		for _, rec := range list {
			at := timeOf(rec.Key)
			if at.After(before) {
				more = false
				return nil
			}
			last = rec.Key
			keep, gone, err := retentionFor(ctx, r, conf, rec.Key)
			if err != nil {
				return err
			}
			if gone || over(keep, rec.Key, now) {
				old = append(old, rec.Key)
			}
		}
		return nil
	})
	return old, last, more, err
}

// over reports whether the time is over of what is kept for a while; 0 keeps for good.
func over(keep time.Duration, key string, now time.Time) bool {
	return keep > 0 && !timeOf(key).After(now.Add(-keep))
}

// retentionFor is how long the contents are kept that an age stands for, or that whoever kept them is gone.
func retentionFor(ctx context.Context, r store.Reader, conf *config, key string) (keep time.Duration, gone bool, err error) {
	owner, ok := ownerOf(key)
	if !ok {
		return 0, true, nil
	}
	var s ticket.Settings
	if owner < 0 {
		var w *store.Work
		if w, err = r.Work(ctx, -owner); err == nil {
			if w.State == store.WorkPending || w.State == store.WorkLeased {
				return 0, false, nil // it is still to become something
			}
			s = conf.Settings("", "", w.Name)
		}
	} else {
		var m *ticket.Message
		if m, err = r.Message(ctx, owner); err == nil {
			var t *ticket.Ticket
			if t, err = r.Ticket(ctx, m.TicketID, ticket.Scope{All: true}); err == nil {
				s = conf.SettingsOf(t)
			}
		}
	}
	if errors.Is(err, ticket.ErrNotFound) {
		return 0, true, nil
	}
	return time.Duration(s.FileRetention), false, err
}

// removeOld removes what is due of one page, in one transaction, each in a part of its own: one that fails is left for
// the next time and holds up no other.
func (d *Desk) removeOld(ctx context.Context, keys []string) (n int, errs error) {
	if len(keys) == 0 {
		return 0, nil
	}
	ctx = ticket.WithActor(ctx, janitor)
	err := d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n, errs = 0, nil
		for _, key := range keys {
			if err := d.removeFilesOf(ctx, key); err != nil {
				if ctx.Err() != nil {
					return err
				}
				errs = errors.Join(errs, fmt.Errorf("remove the files of %s: %w", key, err))
				continue
			}
			n++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, errs
}

// janitor is who does what falls due by the clock.
var janitor = ticket.System("helpdesk")

func (d *Desk) removeFilesOf(ctx context.Context, key string) error {
	owner, _ := ownerOf(key)
	_, err := d.transact(ctx, janitor, func(ctx context.Context, w *write) error {
		w.quiet = true
		keep, gone, err := retentionFor(ctx, w.tx, w.conf, key)
		if err != nil || !gone && !over(keep, key, w.now) {
			return err // it was decided anew meanwhile
		}
		rec, err := w.tx.Record(ctx, kindAge, key)
		if err != nil {
			return err
		}
		if err := w.tx.DeleteRecord(ctx, kindAge, key); err != nil {
			return err
		}
		switch {
		case owner < 0:
			return w.releaseRaw(ctx, rec, -owner, gone, reasonAfter(keep))
		case gone:
			return nil
		}
		return w.removeFiles(ctx, owner, reasonAfter(keep))
	})
	return err
}

// reasonAfter says in words that people read why a file is gone.
func reasonAfter(keep time.Duration) string {
	if day := 24 * time.Hour; keep%day == 0 {
		return fmt.Sprintf("removed after %d days", keep/day)
	}
	return fmt.Sprintf("removed after %s", keep)
}

// removeFiles takes the contents of a message away. Names and sizes stay, and the ticket does not rise in any list.
func (w *write) removeFiles(ctx context.Context, id int64, why string) error {
	m, err := w.tx.Message(ctx, id)
	if err != nil {
		return err
	}
	if err := w.lockUnchecked(ctx, m.TicketID); err != nil {
		return err
	}
	if m, err = w.tx.Message(ctx, id); err != nil { // as it is under the lock
		return err
	}
	if len(blobsOf(m)) == 0 {
		return nil // all of it is gone already, as by redaction
	}
	if err := w.detach(ctx, m); err != nil {
		return err
	}
	w.after.FileBytes = max(0, w.after.FileBytes-bytesOf(m))
	var names []string
	for i := range m.Files {
		if f := &m.Files[i]; f.Blob != "" {
			f.Blob, f.Missing = "", why
			names = append(names, f.Name)
		}
	}
	raw := m.Mail != nil && m.Mail.Raw != ""
	if raw {
		m.Mail.Raw = ""
	}
	if err := w.step(ctx, ticket.EventFilesRemoved, m); err != nil {
		return err
	}
	e := w.events[len(w.events)-1].event
	e.Detail = why
	e.Changes = append(e.Changes, removedNames(names, raw)...)
	return w.commit(ctx, nil)
}

// removedNames is what the journal says of removed contents.
func removedNames(names []string, raw bool) (out []ticket.Change) {
	if len(names) > 0 {
		list, _ := json.Marshal(names) // strings can be written
		out = append(out, ticket.Change{Field: "files", Old: string(list)})
	}
	if raw {
		out = append(out, ticket.Change{Field: "raw_mail", Old: "kept"})
	}
	return out
}

// releaseRaw takes the raw mail away from a work that became no message. One that became one after all, as it was tried
// again, has it no more.
func (w *write) releaseRaw(ctx context.Context, rec *store.Record, id int64, gone bool, why string) error {
	var kept aged
	if err := json.Unmarshal(rec.Doc, &kept); err != nil {
		return err
	}
	owners, err := w.tx.Linked(ctx, linkBlob, kept.Raw)
	if err != nil || !slices.Contains(owners, -id) {
		return err
	}
	if err := w.d.release(ctx, w.tx, kept.Raw, -id); err != nil || gone {
		return err
	}
	work, err := w.tx.Work(ctx, id)
	if err != nil {
		return err
	}
	mail := strconv.FormatInt(id, 10)
	changes := append([]ticket.Change{{Field: "gateway", New: work.Name}, {Field: "mail", New: mail}}, removedNames(nil, true)...)
	return w.record(ctx, &ticket.Event{Type: ticket.EventFilesRemoved, Subject: "mail " + mail, Detail: why, Changes: changes})
}
