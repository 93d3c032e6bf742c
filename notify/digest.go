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
	digestEntry = "digest" // on the agenda; the key is the agent's id
	keyDigest   = "digest" // links an agent with the letters of their next digest
	maxDigest   = 200      // letters of one; the rest is for another one, at once
)

// intoDigest keeps a letter for the next digest of its reader.
func (n *Notifier) intoDigest(ctx context.Context, tx store.Tx, l *Letter) error {
	if err := tx.Link(ctx, keyDigest, l.Agent, l.ID); err != nil {
		return err
	}
	return agenda.Put(ctx, tx, n.desk.Now(), agenda.Entry{Kind: letterWork, What: digestEntry, Key: l.Agent, Lane: "digest/" + l.Agent, Due: l.Due})
}

// sendDigest sends what has come together for an agent, in one mail.
func (n *Notifier) sendDigest(ctx context.Context, e agenda.Entry) (agenda.Handler, error) {
	ctx, err := n.steadily(ctx)
	if err != nil {
		return nil, err
	}
	letters, err := n.digested(ctx, e.Key)
	if err != nil {
		return nil, err
	}
	var first *Letter
	var f *gathered
	var items []template.Item
	gone := map[int64]string{} // why they are not told
	for i := range letters {
		l := &letters[i]
		g, why, err := n.gather(ctx, l)
		if err != nil {
			return nil, err
		}
		if why != "" {
			gone[l.ID] = why
			continue
		}
		first, f = cmp.Or(first, l), g
		items = append(items, n.item(l, g))
	}
	if first == nil {
		return n.digestDone(e.Key, letters, gone, ""), nil
	}
	m, err := n.composeDigest(ctx, first, f, items)
	if err == nil {
		err = n.mailDigest(ctx, m)
	}
	if err != nil {
		return n.digestTroubled(ctx, e, letters, *first, err)
	}
	return n.digestDone(e.Key, letters, gone, m.letter.MessageID), nil
}

// digested are the letters that wait for an agent's digest.
func (n *Notifier) digested(ctx context.Context, agent string) (out []Letter, err error) {
	var ids []int64
	err = n.store.View(ctx, func(ctx context.Context, x store.Reader) (err error) {
		ids, err = x.Linked(ctx, keyDigest, agent)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, id := range ids[:min(len(ids), maxDigest)] {
		l, err := n.letter(ctx, letterKey(id))
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return nil, err
		}
		l.ID = id // also where it is gone with its ticket: there is nothing to tell of it then
		out = append(out, l)
	}
	return out, nil
}

func (n *Notifier) item(l *Letter, f *gathered) template.Item {
	i := template.Item{Code: f.ticket.Code, Subject: f.ticket.Subject, Text: l.Why, URL: n.o.URL(Page{Kind: StaffPage, Brand: f.around.Brand, Ticket: f.ticket, Agent: l.Agent})}
	if l.Title != "" {
		i.Text = l.Title
	}
	return i
}

// composeDigest writes a digest as mail. It is about no ticket, and what answers it is no answer to one.
func (n *Notifier) composeDigest(ctx context.Context, l *Letter, f *gathered, items []template.Item) (*mailing, error) {
	set, err := n.templates.current(ctx, n)
	if err != nil {
		return nil, err
	}
	marker, err := n.desk.Marker(ctx)
	if err != nil {
		return nil, err
	}
	locale := set.Locale(f.around.Brand.Code, slices.Concat([]string{f.locale}, f.around.Brand.Locales)...)
	r, err := set.Render(template.Digest, f.around.Brand.Code, locale, &template.Facts{To: f.person, Brand: f.around.Brand, ForStaff: true, Items: items, Zone: f.zone, Now: n.desk.Now()})
	if err != nil {
		return nil, err
	}
	n.passedOver(ctx, template.Digest, r)
	to := f.email
	if box := f.around.Settings.MailSandbox; box != "" {
		r.Subject, to = "[for "+to+"] "+r.Subject, box
	}
	_, domain, _ := strings.Cut(l.From, "@")
	return &mailing{from: l.From, to: to, letter: &letter.Letter{
		From: letter.Address{Name: f.around.Brand.Name, Email: l.From}, To: []letter.Address{{Name: f.person.Name, Email: to}}, Date: n.desk.Now(),
		MessageID: fmt.Sprintf("digest.%d@%s", l.ID, domain), Automatic: letter.Generated, Header: []letter.Field{{Name: ticket.LoopHeader, Value: marker.Loop()}},
		Subject: r.Subject, Text: r.Text, HTML: r.HTML,
	}}, nil
}

func (n *Notifier) mailDigest(ctx context.Context, m *mailing) error {
	if n.o.Mail == nil || !n.breaker.closed(n.desk.Now()) {
		return fmt.Errorf("%w: the mail server is away, or this process has none", ticket.ErrBusy)
	}
	within, cancel := context.WithTimeout(ctx, n.o.Timeout)
	defer cancel()
	err := n.o.Mail.Send(within, m.letter, m.from, m.to)
	if err == nil {
		n.breaker.worked()
	}
	return err
}

// digestTroubled keeps the letters for later; what the server will never take is given up.
func (n *Notifier) digestTroubled(ctx context.Context, e agenda.Entry, letters []Letter, l Letter, failure error) (agenda.Handler, error) {
	if _, err := n.troubled(ctx, l, failure); err != nil {
		return nil, err // the server's fault: the entry stays
	}
	if e.Attempt < len(pauses) && !permanent(failure) {
		return nil, failure
	}
	return func(ctx context.Context, tx store.Tx, _ agenda.Entry) error {
		for _, l := range letters {
			if _, err := change(ctx, tx, l.ID, func(l *Letter) {
				l.Error = clip(failure.Error())
				l.end(Bounced, "the mail server will not take the digest", n.desk.Now())
			}); err != nil {
				return err
			}
			if err := tx.Unlink(ctx, keyDigest, e.Key, l.ID); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// digestDone notes what was told, and why the rest was not.
func (n *Notifier) digestDone(agent string, letters []Letter, gone map[int64]string, messageID string) agenda.Handler {
	return func(ctx context.Context, tx store.Tx, _ agenda.Entry) error {
		for _, l := range letters {
			_, err := change(ctx, tx, l.ID, func(l *Letter) {
				if why := gone[l.ID]; why != "" {
					l.end(Cancelled, why, n.desk.Now())
					return
				}
				l.MessageID = messageID
				l.end(Sent, "", n.desk.Now())
			})
			if err = errors.Join(err, tx.Unlink(ctx, keyDigest, agent, l.ID)); err != nil {
				return err
			}
		}
		if len(letters) < maxDigest {
			return nil
		}
		return agenda.Put(ctx, tx, n.desk.Now(), agenda.Entry{Kind: letterWork, What: digestEntry, Key: agent, Lane: "digest/" + agent, Due: n.desk.Now()})
	}
}
