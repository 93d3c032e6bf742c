package helpdesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Mentions are notes that ask for an agent by name, or for their department (X30).
type Mentions struct{ d *Desk }

// Mentions returns the group of verbs for mentions.
func (d *Desk) Mentions() Mentions { return Mentions{d} }

// List lists the notes that mention the acting agent, or a department that they are a member of: the newest first,
// on tickets that they may see. Each note comes once, and Seen says whether they have seen it: see MarkSeen.
// Errors: ticket.ErrNoActor; ticket.ErrForbidden for everybody but agents; ticket.ErrInvalid for a foreign cursor.
func (g Mentions) List(ctx context.Context, q ticket.MentionQuery) (ticket.MentionPage, error) {
	page, err := g.d.mentions(ctx, q)
	return page, failed("list mentions", err)
}

// mentionSteps bounds how many mentions on tickets that the agent may no longer see one page passes.
const mentionSteps = 10

func (d *Desk) mentions(ctx context.Context, q ticket.MentionQuery) (page ticket.MentionPage, err error) {
	ctx, actor, err := d.agentAt(ctx)
	if err != nil {
		return page, err
	}
	list, err := d.listing(ctx, actor, kindMention, nil)
	if err != nil {
		return page, err
	}
	if q.Cursor, err = list.openCursor(q.Cursor); err != nil {
		return page, err
	}
	if q.Limit <= 0 {
		q.Limit = ticket.DefaultPage
	}
	q.Limit = min(q.Limit, ticket.MaxPage)
	page.Next, err = d.eachMention(ctx, actor, q, func(m mention) (bool, error) {
		if err := d.openEach(ctx, []*ticket.Message{m.message}); err != nil {
			return false, err
		}
		page.Mentions = append(page.Mentions, ticket.Mentioned{Mention: m.who, Ticket: d.show(ctx, actor, m.ticket), Message: m.message, Seen: m.seen})
		return len(page.Mentions) < q.Limit, nil
	})
	if err == nil {
		page.Next, err = list.hideCursor(page.Next)
	}
	return page, err
}

// maxUnseen is how many mentions that were not seen are counted.
const maxUnseen = 100

// Unseen counts the notes that List lists and the acting agent has not seen yet, to 100. What they wrote
// themselves is none of them. Errors: ticket.ErrNoActor; ticket.ErrForbidden for everybody but agents.
func (g Mentions) Unseen(ctx context.Context) (ticket.Count, error) {
	var n ticket.Count
	ctx, actor, err := g.d.agentAt(ctx)
	if err == nil {
		var next string
		all := false
		next, err = g.d.eachMention(ctx, actor, ticket.MentionQuery{Limit: ticket.MaxPage}, func(m mention) (bool, error) {
			if all = m.passed; !m.seen {
				n.N++
			}
			return !all && n.N < maxUnseen, nil
		})
		n.More = next != "" && !all
	}
	if err != nil {
		return ticket.Count{}, failed("count mentions", err)
	}
	return n, nil
}

// MarkSeen notes that the acting agent has seen the mention in a note, named by its id, and all that were written
// before it: give it the first of the list that was shown. Another message of a ticket that they see will do. It never
// takes a mark back, and one who is mentioned by an edit only is found where the note stands. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden for everybody but agents; ticket.ErrNotFound for a message that they may not see; ticket.ErrBusy.
func (g Mentions) MarkSeen(ctx context.Context, messageID int64) error {
	return failed(fmt.Sprintf("mark mentions up to message %d seen", messageID), g.d.markMentions(ctx, messageID))
}

// kindMentionsSeen is the kind of records by agent that say up to which place they have seen mentions.
const kindMentionsSeen = "mentions_seen"

func (d *Desk) markMentions(ctx context.Context, messageID int64) error {
	ctx, actor, err := d.agentAt(ctx)
	if err == nil {
		err = d.writable(ctx)
	}
	if err != nil {
		return err
	}
	m, _, err := d.readMessage(ctx, actor, messageID)
	if err != nil {
		return err
	}
	place := notePlace(m)
	return d.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		mark, err := seenMentions(ctx, tx, actor.ID)
		if err != nil || (mark != "" && mark <= place) {
			return err
		}
		return record.Put(ctx, tx, kindMentionsSeen, actor.ID, "", place)
	})
}

// seenMentions is the place of the newest mention that an agent has seen: those of older ones are greater.
func seenMentions(ctx context.Context, r store.Reader, agent string) (string, error) {
	place, err := record.Read[string](ctx, r, kindMentionsSeen, agent)
	if errors.Is(err, ticket.ErrNotFound) {
		return "", nil
	}
	return place, err
}

// mention is a note that an agent finds.
type mention struct {
	who     ticket.Mention
	ticket  *ticket.Ticket
	message *ticket.Message // a sealed body is still closed
	passed  bool            // it stands where all have been seen
	seen    bool
}

// eachMention calls fn for what an agent finds until fn says that it is enough. It takes and returns places of notes as
// cursors; there is none where nothing more is to come.
func (d *Desk) eachMention(ctx context.Context, actor ticket.Actor, q ticket.MentionQuery, fn func(mention) (bool, error)) (next string, err error) {
	parents, err := d.mentionParents(ctx, actor)
	if err != nil {
		return "", err
	}
	var mark string
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		mark, err = seenMentions(ctx, r, actor.ID)
		return err
	})
	if err != nil {
		return "", err
	}
	for range mentionSteps {
		recs, more, err := d.mentionRecords(ctx, parents, q)
		if err != nil {
			return "", err
		}
		for _, rec := range recs {
			place := path.Dir(rec.Key)
			q.Cursor = place + "/~" // after all records of the note
			m, err := d.mentioned(ctx, actor, rec)
			if err != nil {
				return "", err
			}
			if m == nil {
				continue
			}
			m.passed = mark != "" && mark <= place
			m.seen = m.passed || m.message.Author.Person().ID == actor.ID
			if on, err := fn(*m); err != nil || !on {
				return q.Cursor, err
			}
		}
		if !more {
			return "", nil
		}
	}
	return q.Cursor, nil
}

// mentionParents are the parents of the records that lead an agent to notes.
func (d *Desk) mentionParents(ctx context.Context, actor ticket.Actor) ([]string, error) {
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	agent, err := d.agent(ctx, conf, actor.ID)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return nil, err
	}
	parents := []string{mentionParent(ticket.Mention{Agent: actor.ID})}
	for _, dep := range agent.Departments {
		parents = append(parents, mentionParent(ticket.Mention{Department: dep}))
	}
	return parents, nil
}

// mentionRecords are the next of all parents, in order, and one for each note: the one for the agent rather than for a
// department.
func (d *Desk) mentionRecords(ctx context.Context, parents []string, q ticket.MentionQuery) (all []*store.Record, more bool, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		all = nil
		for _, p := range parents {
			recs, err := r.Records(ctx, store.RecordQuery{Kind: kindMention, Parent: p, After: q.Cursor, Limit: q.Limit})
			if err != nil {
				return err
			}
			all = append(all, recs...)
		}
		return nil
	})
	rank := func(rec *store.Record) int { return slices.Index(parents, rec.Parent) }
	slices.SortFunc(all, func(a, b *store.Record) int {
		return cmp.Or(strings.Compare(path.Dir(a.Key), path.Dir(b.Key)), cmp.Compare(rank(a), rank(b)))
	})
	more = len(all) >= q.Limit
	all = all[:min(len(all), q.Limit)]
	return slices.CompactFunc(all, func(a, b *store.Record) bool { return path.Dir(a.Key) == path.Dir(b.Key) }), more, err
}

// mentioned is what a record leads to, or nil where the agent may not see it any more.
func (d *Desk) mentioned(ctx context.Context, actor ticket.Actor, rec *store.Record) (*mention, error) {
	var doc mentionDoc
	if err := json.Unmarshal(rec.Doc, &doc); err != nil {
		return nil, err
	}
	m, t, err := d.readMessage(ctx, actor, doc.Message)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &mention{who: doc.Mention, ticket: t, message: m}, nil
}
