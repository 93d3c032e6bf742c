package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/record"
	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// GuestLinks are the guest links of a desk: text for a URL that opens one ticket for one person, without a login (M12). A
// link is signed with a key that the desk makes at first need and keeps in the store, so a link of one store opens
// nothing in another; every process on the store opens it. Nothing is stored for a link.
type GuestLinks struct{ d *Desk }

// GuestLinks returns the group of verbs for guest links.
func (d *Desk) GuestLinks() GuestLinks { return GuestLinks{d} }

// GuestLinkOptions tune a guest link. The zero GuestLinkOptions work, and so does nil.
type GuestLinkOptions struct {
	// Message makes the link a permalink to one message of the ticket, with the same rights.
	Message int64
	// Person is for whom the link is: the requester or a participant. Default: the requester, or the customer who makes
	// the link.
	Person ticket.Person
	// Expires is when the link ends, to the second. Default: after Settings.GuestLinkExpiry.
	Expires time.Time
}

// GuestLink is what an opened guest link gives.
type GuestLink struct {
	Ticket  int64        `json:"ticket"`
	Message int64        `json:"message,omitempty"` // of a permalink
	Actor   ticket.Actor `json:"actor"`             // to act as: see GuestLinks.Open
	Expires time.Time    `json:"expires"`
}

// New returns a guest link to a ticket: 76 characters that may stand in a URL as they are. Staff make links with the
// right to reply, and the host's own code makes them; a customer makes them for themselves, to end no later than
// Settings.GuestLinkExpiry from now; who came by a link makes none.
//
// A link ends when it expires, when Revoke is called, when its key is gone (RotateKey), and when its person is no longer
// the requester or a participant under the same address.
//
// Errors: ticket.ErrNoActor; ticket.ErrNotFound, for a deleted ticket too; ticket.ErrForbidden; ticket.ErrInvalid for a
// person who is not of the ticket or could not see what the link is to, as a note, and a time that is not to come;
// ticket.ErrBusy.
func (g GuestLinks) New(ctx context.Context, ticketID int64, o *GuestLinkOptions) (string, error) {
	text, err := g.make(ctx, ticketID, o)
	return text, failed(fmt.Sprintf("make link to ticket %d", ticketID), err)
}

func (g GuestLinks) make(ctx context.Context, ticketID int64, o *GuestLinkOptions) (string, error) {
	ctx, actor, err := g.d.enter(ctx)
	if err != nil {
		return "", err
	}
	t, err := g.d.read(ctx, actor, ticketID)
	if err != nil {
		return "", err
	}
	if err := alive(t); err != nil {
		return "", err
	}
	if err := g.mayMake(ctx, actor, t); err != nil {
		return "", err
	}
	conf, err := g.d.confOf(ctx)
	if err != nil {
		return "", err
	}
	l, err := g.fill(ctx, actor, t, conf.SettingsOf(t), o)
	if err != nil {
		return "", err
	}
	if l.Generation, err = g.d.linkGeneration(ctx, ticketID); err != nil {
		return "", err
	}
	ring, err := g.d.linkKeys(ctx, conf)
	if err != nil {
		return "", err
	}
	return token.SealLink(ring, l)
}

func (g GuestLinks) mayMake(ctx context.Context, actor ticket.Actor, t *ticket.Ticket) error {
	switch {
	case actor.Ticket != 0:
		return fmt.Errorf("%w: who came by a guest link makes none", ticket.ErrForbidden)
	case actor.IsCustomer():
		return nil // for themselves: see fill
	}
	return g.d.may(ctx, actor, t, ActReply)
}

// fill completes and checks what a link says, but for its generation.
func (g GuestLinks) fill(ctx context.Context, actor ticket.Actor, t *ticket.Ticket, s ticket.Settings, o *GuestLinkOptions) (token.Link, error) {
	opts := GuestLinkOptions{}
	if o != nil {
		opts = *o
	}
	now := g.d.Now()
	longest := now.Add(time.Duration(s.GuestLinkExpiry))
	if opts.Expires.IsZero() {
		opts.Expires = longest
	}
	var e ticket.ValidationError
	if !opts.Expires.After(now) {
		e.Add("expires", ticket.FaultOutOfRange, "is over: give a time to come")
	}
	if actor.IsCustomer() {
		if !opts.Person.IsZero() && !opts.Person.Is(actor.Person()) {
			return token.Link{}, fmt.Errorf("%w: a customer makes links for themselves only", ticket.ErrForbidden)
		}
		if opts.Person = actor.Person(); opts.Expires.After(longest) {
			e.Add("expires", ticket.FaultNotAllowed, "is later than a customer may choose: at most %s from now", time.Duration(s.GuestLinkExpiry))
		}
	} else if opts.Person.IsZero() {
		opts.Person = t.Requester
	}
	p, ok := personAt(t, func(q ticket.Person) bool { return q.Is(opts.Person) })
	if !ok {
		e.Add("person", ticket.FaultUnknown, "is neither the requester nor a participant: add them first")
		return token.Link{}, e.Err()
	}
	err := g.d.seesLinked(ctx, GuestLink{Ticket: t.ID, Message: opts.Message, Actor: linkActor(t.ID, p)})
	if errors.Is(err, ticket.ErrNotFound) {
		e.Add("person", ticket.FaultNotAllowed, "would not see it: name a public message of the ticket, and somebody who may see the ticket")
	} else if err != nil {
		return token.Link{}, err
	}
	expires := opts.Expires.Unix()
	if opts.Expires.Nanosecond() > 0 {
		expires++
	}
	return token.Link{Ticket: t.ID, Message: opts.Message, Expires: expires, Person: token.PersonOf(t.ID, linkName(p))}, e.Err()
}

// Open says what a guest link opens, and as whom to act: put Link.Actor into the context, with IP and UserAgent of the
// request. It is a client where the ticket names the host's id of the person, otherwise a guest; either way
// Actor.Ticket confines it to the one ticket. A link to a merged ticket opens the one that it was merged into. Open itself
// needs no actor.
//
// What is done for a text does not depend on what is wrong with it: all is looked up and compared before anything is
// decided, and a text that no key of the desk signed makes nobody look at the ticket that it names.
//
// Errors: ticket.ErrTokenInvalid, ticket.ErrTokenRevoked, ticket.ErrTokenExpired, in this order; ticket.ErrNotFound
// where the ticket or the message is deleted, or hidden from the person by the desk's Authorizer.
func (g GuestLinks) Open(ctx context.Context, text string) (GuestLink, error) {
	l, err := g.open(ctx, text, nil)
	return l, failed("open guest link", err)
}

// OpenFor is Open for a page that shows a ticket already. Errors: as Open; ticket.ErrTokenElsewhere for a genuine link
// to another ticket.
func (g GuestLinks) OpenFor(ctx context.Context, text string, ticketID int64) (GuestLink, error) {
	l, err := g.open(ctx, text, &ticketID)
	return l, failed(fmt.Sprintf("open guest link to ticket %d", ticketID), err)
}

func (g GuestLinks) open(ctx context.Context, text string, want *int64) (GuestLink, error) {
	if err := g.d.usable(ctx); err != nil {
		return GuestLink{}, err
	}
	conf, err := g.d.config(ctx)
	if err != nil {
		return GuestLink{}, err
	}
	l, genuine := token.OpenLink(conf.keys[keyLinks], text) // of what is not genuine nothing but zeros is left
	generation, err := g.d.linkGeneration(ctx, l.Ticket)
	if err != nil {
		return GuestLink{}, err
	}
	t, err := g.d.ticketIfAny(ctx, l.Ticket)
	if err != nil {
		return GuestLink{}, err
	}
	holder, err := g.d.holderOf(ctx, t)
	if err != nil {
		return GuestLink{}, err
	}
	p, known := personAt(t, func(q ticket.Person) bool { return token.PersonOf(l.Ticket, linkName(q)) == l.Person })
	expires := time.Unix(l.Expires, 0).UTC()
	expired := !g.d.Now().Before(expires)
	switch {
	case !genuine:
		return GuestLink{}, ticket.ErrTokenInvalid
	case want != nil && *want != l.Ticket && *want != holder.ID:
		return GuestLink{}, ticket.ErrTokenElsewhere
	case t.ID == 0, t.DeletedAt != nil, holder.DeletedAt != nil:
		return GuestLink{}, ticket.ErrNotFound
	case generation != l.Generation, !known:
		return GuestLink{}, ticket.ErrTokenRevoked
	case expired:
		return GuestLink{}, ticket.ErrTokenExpired
	}
	out := GuestLink{Ticket: holder.ID, Message: l.Message, Actor: linkActor(holder.ID, p), Expires: expires}
	return out, g.d.seesLinked(ctx, out)
}

// seesLinked asks whether the person may still see what the link is to.
func (d *Desk) seesLinked(ctx context.Context, l GuestLink) error {
	if _, err := d.read(ctx, l.Actor, l.Ticket); err != nil || l.Message == 0 {
		return err
	}
	_, t, err := d.readMessage(ctx, l.Actor, l.Message)
	if err == nil && t.ID != l.Ticket {
		err = ticket.ErrNotFound
	}
	return err
}

// ticketIfAny returns a ticket whoever asks, and an empty one where there is none.
func (d *Desk) ticketIfAny(ctx context.Context, id int64) (*ticket.Ticket, error) {
	t := &ticket.Ticket{}
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		found, err := r.Ticket(ctx, id, ticket.Scope{All: true})
		if err == nil {
			t = found
		}
		return err
	})
	if errors.Is(err, ticket.ErrNotFound) {
		err = nil
	}
	return t, err
}

// holderOf returns the ticket that holds what t held: t itself, unless it was merged.
func (d *Desk) holderOf(ctx context.Context, t *ticket.Ticket) (*ticket.Ticket, error) {
	var err error
	for t.MergedInto != 0 && t.DeletedAt == nil && err == nil {
		t, err = d.ticketIfAny(ctx, t.MergedInto)
	}
	return t, err
}

// personAt returns the first person of a ticket for whom is holds, the requester first.
func personAt(t *ticket.Ticket, is func(ticket.Person) bool) (ticket.Person, bool) {
	all := append([]ticket.Person{t.Requester}, t.Participants...)
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	return ticket.Person{}, false
}

// linkName is what a link knows a person by: the address that it is sent to, or, without one, the host's id.
func linkName(p ticket.Person) string {
	if email := ticket.NormalizeEmail(p.Email); email != "" {
		return "email " + email
	}
	return "id " + p.ID
}

func linkActor(ticketID int64, p ticket.Person) ticket.Actor {
	a := ticket.Guest(p.Name, p.Email)
	if p.ID != "" {
		a = ticket.Client(p.ID, p.Name, p.Email)
	}
	a.Channel, a.Ticket = ticket.ChannelLink, ticketID
	return a
}

// Revoke ends every guest link to a ticket that was made until now. Errors: ticket.ErrNoActor; ticket.ErrNotFound;
// ticket.ErrForbidden for customers, and for staff without the right to reply; ticket.ErrBusy.
func (g GuestLinks) Revoke(ctx context.Context, ticketID int64) error {
	return failed(fmt.Sprintf("revoke links to ticket %d", ticketID), g.revoke(ctx, ticketID))
}

func (g GuestLinks) revoke(ctx context.Context, ticketID int64) error {
	ctx, actor, err := g.d.enter(ctx)
	if err != nil {
		return err
	}
	t, err := g.d.read(ctx, actor, ticketID)
	if err != nil {
		return err
	}
	if actor.IsCustomer() {
		return fmt.Errorf("%w: staff revoke guest links", ticket.ErrForbidden)
	}
	if err := g.d.may(ctx, actor, t, ActReply); err != nil {
		return err
	}
	_, err = g.d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		if err := w.lock(ctx, ticketID, ActReply); err != nil {
			return err
		}
		shells, err := shellsOf(ctx, w.tx, ticketID)
		if err != nil {
			return err
		}
		for _, id := range shells { // links to what was merged open this one
			if _, err := nextGeneration(ctx, w.tx, id); err != nil {
				return err
			}
		}
		c, err := nextGeneration(ctx, w.tx, ticketID)
		if err != nil {
			return err
		}
		if err := w.journal(ctx, ticket.EventLinksRevoked, nil, []ticket.Change{c}); err != nil {
			return err
		}
		return w.commit(ctx, nil)
	})
	return err
}

// nextGeneration ends all links to a ticket.
func nextGeneration(ctx context.Context, tx store.Tx, ticketID int64) (ticket.Change, error) {
	was, err := linkGenerationIn(ctx, tx, ticketID)
	if err != nil {
		return ticket.Change{}, err
	}
	doc := strconv.AppendUint(nil, uint64(was)+1, 10)
	err = tx.PutRecord(ctx, &store.Record{Kind: kindLinks, Key: record.ID(ticketID), Version: store.AnyVersion, Doc: doc})
	return ticket.Change{Field: "guest_links", Old: strconv.FormatUint(uint64(was), 10), New: string(doc)}, err
}

// kindLinks is the kind of records that count how often the links of a ticket were revoked. Their key is its id.
const kindLinks = "guest_links"

// linkGeneration is the count that links to the ticket carry; one that was revoked before carries a smaller one.
func (d *Desk) linkGeneration(ctx context.Context, ticketID int64) (n uint32, err error) {
	err = d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		n, err = linkGenerationIn(ctx, r, ticketID)
		return err
	})
	return n, err
}

func linkGenerationIn(ctx context.Context, r store.Reader, ticketID int64) (uint32, error) {
	rec, err := r.Record(ctx, kindLinks, strconv.FormatInt(ticketID, 10))
	if errors.Is(err, ticket.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(string(rec.Doc), 10, 32)
	return uint32(n), err
}
