package notify

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// news is what one reader is to be told, and by which ways.
type news struct {
	hearing
	email    string // where mail goes
	known    bool   // to the directory, as theirs
	locale   string // of the reader
	channels []string
	digest   bool
	feed     bool
	until    time.Time // not before then
	reason   string    // of that
	skip     string    // why they are not told after all; for Explain
}

// news asks for each who hears of an occasion whether they may see it, and how they want to be told.
func (n *Notifier) news(ctx context.Context, o occasion, heard []hearing) ([]news, error) {
	var out []news
	var taken []string // addresses
	if len(heard) == 0 {
		return nil, nil
	}
	set, err := n.templates.current(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, h := range heard {
		x := news{hearing: h}
		err := n.judge(ctx, set, o, &x)
		if err != nil {
			return nil, err
		}
		byMail := slices.Contains(x.channels, Mail)
		if byMail && slices.Contains(taken, x.email) {
			x.channels = slices.DeleteFunc(x.channels, func(c string) bool { return c == Mail })
			if len(x.channels) == 0 {
				x.skip = "the address has it already"
			}
		} else if x.skip == "" && byMail && !x.digest {
			taken = append(taken, x.email)
		}
		out = append(out, x)
	}
	return out, nil
}

// judge says whether, and how, somebody who hears of an occasion is told.
func (n *Notifier) judge(ctx context.Context, set *template.Set, o occasion, x *news) (err error) {
	if x.Kind == template.OutOfHours && set.Disabled(x.Kind, o.Ticket.Brand, "") {
		x.Kind = template.CustomerTicket
	}
	if x.Agent != "" {
		err = n.judgeAgent(ctx, o, x)
	} else {
		err = n.judgePerson(ctx, o, x)
	}
	locale := set.Locale(o.Ticket.Brand, slices.Concat([]string{x.locale}, o.locales)...)
	if x.skip == "" && set.Disabled(x.Kind, o.Ticket.Brand, locale) { // the feed needs none
		x.skip = "the template is disabled"
	}
	return err
}

func (n *Notifier) judgeAgent(ctx context.Context, o occasion, x *news) error {
	a, err := n.desk.Agent(ctx, x.Agent)
	if errors.Is(err, ticket.ErrNotFound) || err == nil && a.Inactive {
		x.skip = "there is no such agent, or they are inactive"
		return nil
	}
	if err != nil {
		return err
	}
	sees, err := n.desk.Sees(ctx, x.Agent, o.Ticket)
	if err != nil {
		return err
	}
	if !sees {
		x.skip = "they may not see the ticket"
		return nil
	}
	p, err := n.preferencesOf(ctx, agentReader(x.Agent))
	if err != nil {
		return err
	}
	x.feed = !p.NoFeed && x.inFeed(o.Settings)
	x.email, x.locale = ticket.NormalizeEmail(a.Email), a.Locale
	if own, err := n.own(ctx, x.email); err != nil {
		return err
	} else if own {
		x.email = "" // or the desk would read its own letters
	}
	n.prefer(x, p)
	if x.Role == Chosen {
		x.channels, x.digest = nil, false
	}
	return nil
}

// inFeed reports whether the settings have it in the agent's feed (M32).
func (h hearing) inFeed(s ticket.Settings) bool {
	switch h.Kind {
	case template.StaffTicket:
		return len(s.FeedNewTickets) == 0 || slices.Contains(s.FeedNewTickets, h.Agent)
	case template.StaffMessage:
		return s.FeedMessages
	case template.Assignment:
		return s.FeedAssignments
	}
	return true
}

func (n *Notifier) judgePerson(ctx context.Context, o occasion, x *news) error {
	c, _, err := n.customer(ctx, x.Person.ID)
	if x.Person.Email == "" {
		if err != nil {
			return err
		}
		x.Person.Email = c.Person().Email
	}
	x.email = ticket.NormalizeEmail(x.Person.Email)
	x.known, x.locale = hasEmail(c, x.email), c.Locale
	if own, err := n.own(ctx, x.email); err != nil || own {
		x.skip = "the address is the desk's own"
		return err
	}
	if o.Message != nil && !o.Message.Kind.Public() && x.Role != ThirdParty && x.Role != Copied {
		x.skip = "they may not read the message"
		return nil
	}
	p, err := n.preferencesOf(ctx, personReader(x.Person))
	if err != nil {
		return err
	}
	n.prefer(x, p)
	return nil
}

// own reports whether an address is the desk's: what is written to it comes back. Agents answer it, and copies of mail name
// it beside those whom they are for.
func (n *Notifier) own(ctx context.Context, email string) (bool, error) {
	if email != "" && email == ticket.NormalizeEmail(n.o.From) {
		return true, nil
	}
	return n.desk.WritesAs(ctx, email)
}

// prefer goes by the wishes of a reader. What staff have written to somebody is always sent.
func (n *Notifier) prefer(x *news, p Preferences) {
	choice := p.Topics[x.Kind]
	if !p.wants(x.Kind) {
		x.skip, x.feed = "they do not want to hear of that", false
		return
	}
	x.digest = choice == InDigest && x.Kind.ForStaff()
	x.channels = p.Channels
	if len(x.channels) == 0 {
		x.channels = []string{Mail}
	}
	gone := func(c string) bool { return !n.reaches(c) }
	if x.channels = slices.DeleteFunc(slices.Clone(x.channels), gone); len(x.channels) == 0 && n.reaches(Mail) {
		x.channels = []string{Mail} // what they had chosen is there no more: better so than not at all
	}
	if x.email == "" {
		x.channels = slices.DeleteFunc(x.channels, func(c string) bool { return c == Mail })
	}
	now := n.desk.Now()
	if x.digest {
		x.until, x.reason = p.nextDigest(now), "it goes into the next digest"
	} else if at := p.welcome(now); at.After(now) {
		x.until, x.reason = at, "it is not to disturb its reader before"
	}
}

// orderHere is orderAll under the lock of the ticket, lest it is purged meanwhile, and these stay. Of one that is gone nobody
// is told.
func (n *Notifier) orderHere(ctx context.Context, tx store.Tx, o occasion, all []news) error {
	if _, err := tx.LockTicket(ctx, o.Ticket.ID); err != nil {
		return orGone(err)
	}
	return n.orderAll(ctx, tx, o, all)
}

// orderAll puts what everybody is to be told, in one transaction.
func (n *Notifier) orderAll(ctx context.Context, tx store.Tx, o occasion, all []news) error {
	for _, x := range all {
		if x.skip != "" {
			continue
		}
		for _, c := range x.channels {
			if err := n.orderOne(ctx, tx, o, x, c); err != nil {
				return err
			}
		}
	}
	return n.putFeed(ctx, tx, o, all)
}

func (n *Notifier) orderOne(ctx context.Context, tx store.Tx, o occasion, x news, channel string) error {
	id, err := tx.NewID(ctx, kindLetter)
	if err != nil {
		return err
	}
	now := ticket.Time(n.desk.Now())
	l := &Letter{ID: id, Ticket: o.Ticket.ID, Event: o.Event.ID, Channel: channel, Kind: x.Kind, Role: x.Role, Why: x.Why,
		Agent: x.Agent, To: x.Person, Known: x.known, State: Queued, Due: o.now, Created: now, Digest: x.digest && channel == Mail, Automatic: automatic(o, x.Kind)}
	if o.Message != nil {
		l.Message = o.Message.ID
	}
	if o.notice != nil {
		l.Title, l.Note, l.Files, l.Notice = o.notice.Subject, o.notice.Text, o.notice.Message, o.notice.Why
	}
	if x.until.After(now) && (channel == Mail || !x.digest) {
		l.State, l.Due, l.Reason = Held, ticket.Time(x.until), x.reason
	}
	if undo := now.Add(time.Duration(o.Settings.UndoSend)); o.Settings.UndoSend > 0 && !l.Automatic && undo.After(l.Due) {
		l.State, l.Due, l.Reason = Held, undo, "its author may take it back"
	}
	if channel == Mail {
		if err := l.address(o, x.email); err != nil {
			return err
		}
	}
	if err := n.order(ctx, tx, l); err != nil || channel != Mail || l.Digest { // a digest has copies as a whole
		return err
	}
	return n.orderCopies(ctx, tx, *l, o.Settings.MailCopies)
}

// dueNow is now for what is sent at once: by the clock of the database, too, so that others need not wait until theirs
// comes to that of a process whose clock is ahead.
func (n *Notifier) dueNow(ctx context.Context) (time.Time, error) {
	now := n.desk.Now()
	shared, err := n.store.Now(ctx)
	if shared.Before(now) {
		now = shared
	}
	return ticket.Time(now), err
}

// orderCopies puts the blind copies that the settings ask for (M08), each a letter of its own, with the same Message-ID.
func (n *Notifier) orderCopies(ctx context.Context, tx store.Tx, l Letter, copies []string) error {
	for _, to := range copies {
		to = ticket.NormalizeEmail(to)
		if own, err := n.own(system(ctx), to); err != nil {
			return err
		} else if own {
			continue // it would come back as mail
		}
		id, err := tx.NewID(ctx, kindLetter)
		if err != nil {
			return err
		}
		c := l
		c.ID, c.Copy = id, to
		if err := n.order(ctx, tx, &c); err != nil {
			return err
		}
	}
	return nil
}

// automatic reports whether nobody has written what a letter says to its reader.
func automatic(o occasion, k template.Kind) bool {
	toThem := k == template.CustomerMessage || k == template.ThirdPartyMessage
	return !toThem || o.Message == nil || o.Message.Author.Kind != ticket.ActorStaff
}

// address says who a mail is from, and by which Message-ID it goes however often it is sent.
func (l *Letter) address(o occasion, email string) error {
	l.From = o.from
	marks, err := o.marker.Mark(l.mark(email), l.From)
	l.MessageID = marks.MessageID
	return err
}

// mark is what a letter says of itself.
func (l *Letter) mark(email string) ticket.Mark {
	return ticket.Mark{TicketID: l.Ticket, MessageID: l.Message, Number: l.ID, To: ticket.RecipientOf(l.Ticket, email)}
}
