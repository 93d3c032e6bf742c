package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/agenda"
	"github.com/helpdeskgo/helpdesk/notify/letter"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	digestEntry = "digest" // on the agenda; the key is that of a letter which waits for one
	keyDigest   = "digest" // links an agent with the letters that wait
	maxDigest   = 100      // letters of one, as many as templates show; the rest is for another one, at once
)

// intoDigest keeps a letter for the next digest of its reader. Each has an entry of its own: the first that is due takes all
// that wait, and one that came too late for that has another digest sent.
func (n *Notifier) intoDigest(ctx context.Context, tx store.Tx, l *Letter) error {
	if err := tx.Link(ctx, keyDigest, l.Agent, l.ID); err != nil {
		return err
	}
	return n.enter(ctx, tx, l, agenda.Entry{Kind: letterWork, What: digestEntry, Lane: "digest/" + l.Agent})
}

// formDigest makes one letter of those that wait for an agent: who is in it, and its Message-ID, are stored before it is
// sent, so that it is the same at each attempt. Each blind copy is a letter, too (M08).
func (n *Notifier) formDigest(ctx context.Context, tx store.Tx, e agenda.Entry) error {
	rec, first, err := lockLetter(ctx, tx, idOfKey(e.Key))
	if errors.Is(err, ticket.ErrNotFound) || err == nil && (first.State.Done() || first.In != 0 || first.Due.After(e.Due)) {
		return nil // it went with another one, was taken back, or put off
	}
	if err != nil {
		return err
	}
	s, err := n.desk.Surroundings(system(ctx), &ticket.Ticket{})
	if err != nil {
		return err
	}
	now := ticket.Time(n.desk.Now())
	d := &Letter{Channel: Mail, Kind: template.Digest, Role: first.Role, Why: "what has come together for them", Agent: first.Agent, State: Queued, Due: now,
		Created: now, From: first.From, Automatic: true}
	if d.ID, err = tx.NewID(ctx, kindLetter); err != nil {
		return err
	}
	_, domain, _ := strings.Cut(d.From, "@")
	d.MessageID = fmt.Sprintf("digest.%d@%s", d.ID, domain)
	if err := n.takeInto(ctx, tx, d, rec, first); err != nil {
		return err
	}
	if err := n.takeWaiting(ctx, tx, d, e); err != nil {
		return err
	}
	if err := n.order(ctx, tx, d); err != nil {
		return err
	}
	return n.orderCopies(ctx, tx, *d, s.Settings.MailCopies)
}

// takeWaiting takes the letters into a digest that wait for it beside its first.
func (n *Notifier) takeWaiting(ctx context.Context, tx store.Tx, d *Letter, e agenda.Entry) error {
	waiting, err := tx.Linked(ctx, keyDigest, d.Agent)
	if err != nil {
		return err
	}
	for _, id := range waiting {
		if len(d.Members) == maxDigest {
			break
		}
		rec, l, err := lockLetter(ctx, tx, id)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		switch {
		case err != nil || l.State.Done() || l.In != 0:
			err = tx.Unlink(ctx, keyDigest, d.Agent, id)
		case !l.Due.After(d.Due) || !l.Due.After(e.Due):
			err = n.takeInto(ctx, tx, d, rec, l)
		default:
			err = nil // it is for another one
		}
		if err != nil {
			return err
		}
	}
	slices.Sort(d.Members)
	return nil
}

func (n *Notifier) takeInto(ctx context.Context, tx store.Tx, d *Letter, rec *store.Record, l *Letter) error {
	was := *l
	l.State, l.Reason, l.In, l.MessageID = Queued, "", d.ID, d.MessageID
	d.Members = append(d.Members, l.ID)
	return errors.Join(rewrite(ctx, tx, rec, &was, l), tx.Unlink(ctx, keyDigest, l.Agent, l.ID))
}

// carry has those in a digest share what becomes of it.
func carry(ctx context.Context, tx store.Tx, d *Letter) error {
	if d.Copy != "" {
		return nil
	}
	for _, id := range d.Members {
		_, err := change(ctx, tx, id, func(l *Letter) {
			if l.In != d.ID {
				return
			}
			l.Attempts, l.Error = d.Attempts, d.Error
			if d.State.Done() {
				l.end(d.State, d.Reason, d.Ended)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// revive has those wait for a digest again that were given up with it.
func revive(ctx context.Context, tx store.Tx, d *Letter) error {
	if d.Copy != "" {
		return nil
	}
	for _, id := range d.Members {
		rec, l, err := lockLetter(ctx, tx, id)
		if errors.Is(err, ticket.ErrNotFound) || err == nil && (l.In != d.ID || l.State != Failed && l.State != Bounced) {
			continue
		}
		if err != nil {
			return err
		}
		was := *l
		l.State, l.Reason, l.Error, l.Attempts, l.Ended = Queued, "", "", 0, d.Ended
		if err := errors.Join(rewrite(ctx, tx, rec, &was, l), enlist(ctx, tx, l, 0)); err != nil {
			return err
		}
	}
	return nil
}

// carrier is the digest that a letter goes in. Errors: ticket.ErrNotFound, also where that has come to its end.
func carrier(ctx context.Context, x store.Reader, l *Letter) (*Letter, error) {
	d, err := readLetter(ctx, x, l.In)
	if err == nil && d.State.Done() {
		err = ticket.ErrNotFound
	}
	return d, err
}

// digested is what a digest can tell, and what it leaves out.
type digested struct {
	first *gathered
	items []template.Item
	gone  map[int64]string // why they are not told
	odd   map[int64]error  // why they cannot be told now
}

// mailDigest sends what has come together for an agent, in one mail: what may still be told of it.
func (n *Notifier) mailDigest(ctx context.Context, d *Letter) (why string, err error) {
	if err := n.mailReady(); err != nil {
		return "", err
	}
	g, err := n.digest(ctx, d)
	if err == nil {
		err = n.leaveOut(ctx, d, g)
	}
	switch {
	case err != nil:
		return "", err
	case g.first == nil:
		return "nothing is left to tell", nil
	}
	if why, err := n.admit(ctx, d.goesTo(g.first.around.Settings, g.first.email)); why != "" || err != nil {
		return why, err
	}
	m, err := n.composeDigest(ctx, d, g.first, g.items)
	if err != nil {
		return "", err
	}
	return "", n.post(ctx, m)
}

// digest reads what a digest tells.
func (n *Notifier) digest(ctx context.Context, d *Letter) (*digested, error) {
	g := &digested{gone: map[int64]string{}, odd: map[int64]error{}}
	set, err := n.templates.current(ctx, n)
	if err != nil {
		return nil, err
	}
	var odd error
	for _, id := range d.Members {
		l, err := n.letter(ctx, letterKey(id))
		if errors.Is(err, ticket.ErrNotFound) || err == nil && (l.State == Cancelled || !d.has(&l)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var f *gathered
		var item template.Item
		why, err := n.guarded(ctx, &l, func(ctx context.Context, l *Letter) (why string, err error) {
			if f, why, err = n.gatherNews(ctx, l); why != "" || err != nil {
				return why, err
			}
			if set.Disabled(l.Kind, f.around.Brand.Code, f.language(set)) {
				return errDisabled.Error(), nil
			}
			item = n.item(l, f)
			return "", nil
		})
		switch {
		case err != nil && (ctx.Err() != nil || errors.Is(err, ticket.ErrBusy) || errors.Is(err, ticket.ErrStopped)):
			return nil, err
		case err != nil:
			g.odd[id], odd = err, err
		case why != "":
			g.gone[id] = why
		default:
			g.first, g.items = cmp.Or(g.first, f), append(g.items, item)
		}
	}
	if g.first == nil { // else those go on alone
		return g, odd
	}
	return g, nil
}

// has reports whether a letter is in a digest still. What was left out of it goes into another one, and the copies of that have
// it; a copy knows the digest that it is of by the Message-ID.
func (d *Letter) has(l *Letter) bool {
	if d.Copy != "" {
		return l.In != 0 && l.MessageID == d.MessageID
	}
	return l.In == d.ID
}

// leaveOut ends letters of a digest that are not told, and has those wait for another one that cannot be told now: they hold
// nobody else's news up.
func (n *Notifier) leaveOut(ctx context.Context, d *Letter, g *digested) error {
	if len(g.gone)+len(g.odd) == 0 || d.Copy != "" {
		return nil
	}
	now := n.desk.Now()
	return n.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for id, why := range g.gone {
			if _, err := change(ctx, tx, id, func(l *Letter) { l.end(Cancelled, why, now) }); err != nil {
				return err
			}
		}
		for id, why := range g.odd {
			l, err := change(ctx, tx, id, func(l *Letter) { l.In, l.Error, l.Due = 0, clip(why.Error()), ticket.Time(now.Add(pauses[0])) })
			if err == nil && l != nil {
				err = n.remind(ctx, tx, l)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (n *Notifier) item(l *Letter, f *gathered) template.Item {
	i := template.Item{Code: f.ticket.Code, Subject: f.ticket.Subject, URL: n.o.URL(Page{Kind: StaffPage, Brand: f.around.Brand, Ticket: f.ticket, Agent: l.Agent})}
	switch {
	case l.Title != "":
		i.Text = l.Title
	case f.message != nil && f.message.Unproven: // nobody knows who has written it: the words are for whoever looks at the ticket
		i.Text = l.Why
	case f.message != nil:
		i.Text = excerpt(f.turn(f.message))
	}
	return i
}

// excerpt is how a message begins, with who has written it.
func excerpt(t *template.Turn) string {
	const most = 200 // runes
	text := []rune(strings.Join(strings.Fields(t.Text), " "))
	if len(text) > most {
		text = append(text[:most], '…')
	}
	who := t.Named()
	if who == "" || len(text) == 0 {
		return string(text)
	}
	return who + ": " + string(text)
}

// composeDigest writes a digest as mail. It is about no ticket, and what answers it is no answer to one.
func (n *Notifier) composeDigest(ctx context.Context, d *Letter, f *gathered, items []template.Item) (*mailing, error) {
	set, err := n.templates.current(ctx, n)
	if err != nil {
		return nil, err
	}
	marker, err := n.desk.Marker(ctx)
	if err != nil {
		return nil, err
	}
	locale := f.language(set)
	if set.Disabled(template.Digest, f.around.Brand.Code, locale) {
		return nil, errDisabled
	}
	r, err := set.Render(template.Digest, f.around.Brand.Code, locale, &template.Facts{To: f.person, Brand: f.around.Brand, ForStaff: true, Items: items, Zone: f.zone, Now: n.desk.Now()})
	if err != nil {
		return nil, err
	}
	n.passedOver(ctx, template.Digest, r)
	to, shown := cmp.Or(d.Copy, f.email), letter.Address{Name: f.person.Name, Email: f.email}
	if box := f.around.Settings.MailSandbox; box != "" {
		r.Subject, to, shown = "[for "+to+"] "+r.Subject, box, letter.Address{Email: box}
	}
	return &mailing{from: d.From, to: to, letter: &letter.Letter{
		From: letter.Address{Name: f.around.Brand.Name, Email: d.From}, To: []letter.Address{shown}, Date: n.desk.Now(),
		MessageID: d.MessageID, Automatic: letter.Generated, Header: []letter.Field{{Name: ticket.LoopHeader, Value: marker.Loop()}},
		Subject: r.Subject, Text: r.Text, HTML: r.HTML,
	}}, nil
}
