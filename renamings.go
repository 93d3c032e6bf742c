package helpdesk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/identity"
	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/internal/redact"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// renaming is what became of a tag, for what keeps tags as they once were: merged tickets and journals. Its record's key
// is a hash, so that nobody's name lives on there.
type renaming struct {
	To string    `json:"to,omitempty"` // empty: it was deleted
	At time.Time `json:"renamed_at"`
}

const kindRenaming = "tag_renamed"

func renamingKey(tag string) string {
	sum := sha256.Sum256([]byte(tag))
	return hex.EncodeToString(sum[:16])
}

// noteRenaming notes that a tag is another one from now on, or none.
func (d *Desk) noteRenaming(ctx context.Context, old, to string) error {
	return d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return record.Put(ctx, tx, kindRenaming, renamingKey(old), "", renaming{to, d.Now()})
	})
}

// tagsSince returns what has become of tags since a time.
func tagsSince(ctx context.Context, r store.Reader, tags []string, at time.Time) ([]string, error) {
	out := slices.Clone(tags)
	for i := range out {
		var err error
		if out[i], err = tagSince(ctx, r, out[i], at); err != nil {
			return nil, err
		}
	}
	if slices.Equal(out, tags) {
		return tags, nil
	}
	return normalTags(out), nil
}

// tagSince follows one tag, empty where it was deleted.
func tagSince(ctx context.Context, r store.Reader, tag string, at time.Time) (string, error) {
	for past := map[string]bool{}; tag != "" && !past[tag]; {
		past[tag] = true
		to, err := record.Read[renaming](ctx, r, kindRenaming, renamingKey(tag))
		if errors.Is(err, ticket.ErrNotFound) || (err == nil && to.At.Before(at)) {
			break
		}
		if err != nil {
			return "", err
		}
		tag, at = to.To, to.At
	}
	return tag, nil
}

// retell has an event of the past tell of tags as they are called now. The event is not to be stored.
func retell(ctx context.Context, r store.Reader, e *ticket.Event) error {
	for i, c := range e.Changes {
		if c.Field != "tags" {
			continue
		}
		for _, value := range []*string{&e.Changes[i].Old, &e.Changes[i].New} {
			var tags []string
			_ = json.Unmarshal([]byte(*value), &tags) // an empty list is written as nothing
			tags, err := tagsSince(ctx, r, tags, e.At)
			if err != nil {
				return err
			}
			doc, err := json.Marshal(tags)
			if err != nil {
				return err
			}
			*value = string(doc)
		}
	}
	return nil
}

// retagViews has saved lists that select by a tag select by another one, some at a time.
func (d *Desk) retagViews(ctx context.Context, actor ticket.Actor, old, to string) error {
	for after := ""; ; {
		var recs []*store.Record
		err := d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
			recs, err = r.Records(ctx, store.RecordQuery{Kind: kindView, After: after, Limit: ticket.MaxPage})
			return err
		})
		if err != nil || len(recs) == 0 {
			return err
		}
		after = recs[len(recs)-1].Key
		for _, rec := range recs {
			v, err := storedView(rec)
			if err != nil {
				return err
			}
			if !selectsBy(v.Query, old) {
				continue
			}
			_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error { return w.retagView(ctx, v.ID, old, to) })
			if err != nil {
				return fmt.Errorf("view %d: %w", v.ID, err)
			}
		}
	}
}

func selectsBy(q ticket.Query, tag string) bool { return slices.Contains(normalTags(q.Tags), tag) }

// retagView changes one view, if it still selects by the tag.
func (w *write) retagView(ctx context.Context, id int64, old, to string) error {
	was, rec, err := viewAt(ctx, w.tx, id)
	if errors.Is(err, ticket.ErrNotFound) { // deleted meanwhile
		return nil
	}
	if err != nil || !selectsBy(was.Query, old) {
		return err
	}
	v := was
	v.Query.Tags = normalTags(append(without(normalTags(was.Query.Tags), []string{old}), to))
	v.Version = 0
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	err = w.tx.PutRecord(ctx, &store.Record{Kind: kindView, Key: viewKey(id), Parent: viewParent(v.Owner), Version: rec.Version, Doc: doc})
	if err != nil {
		return err
	}
	v.Version = rec.Version + 1
	return w.noteView(ctx, &was, rec.Doc, &v, doc)
}

// eraseFromTags takes the person out of what tags were renamed to.
func (d *Desk) eraseFromTags(ctx context.Context, actor ticket.Actor, x *identity.Profile) error {
	s := x.Scrubber()
	_, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		_, err := scrubRecords(ctx, w, store.RecordQuery{Kind: kindRenaming}, "", func(v renaming) (renaming, bool, error) { return redact.Document(s, v) })
		return err
	})
	return err
}
