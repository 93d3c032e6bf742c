package helpdesk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Erasure says what Erase has done.
type Erasure struct {
	Tickets int           `json:"tickets"` // in which there was something to take out
	As      ticket.Person `json:"as"`      // who stands in the place of the person now
}

// Erase takes a person out of the desk (X13), given by id, by address, or both: their entry in the desk's own
// directory, and their name, addresses, phone and origin wherever tickets, messages, old versions, drafts and the
// journal have them. The tickets stay, readable, as those of somebody erased; messages keep what they say but for the
// names and addresses, and lose the raw mail that they came as. Contents of files are not looked at, nor are mails that
// a gateway has refused or put aside.
//
// Each ticket is a transaction of its own, so the erasure of somebody with many can be called again after a failure. On
// SQLite the data can be read in free pages of the file until Store.Compact has run. What the host's directory knows is
// the host's to remove. Errors: ticket.ErrNoActor; ticket.ErrForbidden without the rights to keep people and to purge,
// on the whole desk; ticket.ErrInvalid for nobody; ticket.ErrBusy.
func (p People) Erase(ctx context.Context, who ticket.Person) (Erasure, error) {
	e, err := p.d.erase(ctx, who)
	return e, failed("erase person", err)
}

func (d *Desk) erase(ctx context.Context, who ticket.Person) (Erasure, error) {
	var done Erasure
	ctx, actor, err := d.enter(ctx)
	if err != nil {
		return done, err
	}
	if err := errors.Join(d.mayAtAll(ctx, actor, ActPeople), d.mayAtAll(ctx, actor, ActPurge)); err != nil {
		return done, err
	}
	x, err := d.identity(ctx, who)
	if err != nil {
		return done, err
	}
	ids, err := d.ticketsOf(ctx, x)
	if err != nil {
		return done, err
	}
	done.As = x.as
	for _, id := range ids {
		found, err := d.eraseFrom(ctx, actor, id, x)
		if err != nil {
			return done, fmt.Errorf("ticket %d: %w", id, err)
		}
		if found {
			done.Tickets++
		}
	}
	if err := d.eraseFromJournal(ctx, actor, x); err != nil {
		return done, err
	}
	return done, d.eraseFromDirectory(ctx, actor, x)
}

// identity is all that the desk knows a person by.
type identity struct {
	ids    []string
	emails []string
	names  []string
	phones []string
	as     ticket.Person
}

// identity collects the ids and addresses of a person, those of contacts merged into them included.
func (d *Desk) identity(ctx context.Context, who ticket.Person) (*identity, error) {
	if who.ID == "" && who.Email == "" {
		return nil, ticket.Invalid("", "names nobody: give an id or an address")
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	x := &identity{as: ticket.Person{ID: "erased-" + randomHex(6), Name: "(erased)"}}
	x.add(ticket.Customer{ID: who.ID, Name: who.Name, Emails: []string{who.Email}})
	var c ticket.Customer
	if who.ID != "" {
		c, err = d.customerByID(ctx, conf, who.ID)
	} else {
		c, err = d.customerByEmail(ctx, conf, conf.settings("", "", "").DefaultBrand, who.Email)
	}
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return nil, err
	}
	x.add(c)
	for from := range conf.merged {
		if c.ID == "" || conf.canonical(from) != c.ID {
			continue
		}
		m, err := readDoc(ctx, d.store, kindCustomer, from, storedCustomer)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return nil, err
		}
		m.ID = from
		x.add(m)
	}
	return x, nil
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}

func (x *identity) add(c ticket.Customer) {
	put := func(to *[]string, s string, atLeast int) {
		if s = strings.TrimSpace(s); len(s) >= atLeast && !slices.Contains(*to, s) {
			*to = append(*to, s)
		}
	}
	put(&x.ids, c.ID, 1)
	for _, e := range c.Emails {
		put(&x.emails, ticket.NormalizeEmail(e), 3)
	}
	put(&x.names, c.Name, 2) // a letter is no name: it stands everywhere
	put(&x.phones, c.Phone, 5)
}

func (x *identity) is(p ticket.Person) bool {
	if p.ID != "" {
		return slices.Contains(x.ids, p.ID)
	}
	return slices.Contains(x.emails, ticket.NormalizeEmail(p.Email))
}

// scrubber takes the addresses out wherever they stand, and names where they are words of their own.
func (x *identity) scrubber() *scrubber {
	return &scrubber{texts: slices.Concat(x.emails, x.phones), words: x.names, blank: x.as.Name, person: x.is, as: x.as}
}

// linkPerson leads from a person, as "id:…" or "email:…", to tickets that they have left or wrote into from outside.
const linkPerson = "person"

func personKeys(p ticket.Person) []string {
	var out []string
	if p.ID != "" {
		out = append(out, "id:"+p.ID)
	}
	if p.Email != "" {
		out = append(out, "email:"+ticket.NormalizeEmail(p.Email))
	}
	return out
}

// rememberPeople keeps a way to a ticket for those who are no longer named by its row: an erasure must find them.
func (w *write) rememberPeople(ctx context.Context) error {
	var outside []ticket.Person
	if w.before != nil && (w.before.Requester != w.after.Requester || !slices.Equal(w.before.Participants, w.after.Participants)) {
		outside = append(slices.Clone(w.before.Participants), w.before.Requester)
	}
	for _, e := range w.events {
		if e.message != nil && e.message.Author.IsCustomer() {
			outside = append(outside, e.message.Author.Person())
		}
	}
	for _, p := range outside {
		if namedBy(w.after, p) {
			continue
		}
		for _, key := range personKeys(p) {
			if err := w.tx.Link(ctx, linkPerson, key, w.after.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// namedBy reports whether the row of a ticket leads to a person, by all that is known of them.
func namedBy(t *ticket.Ticket, p ticket.Person) bool {
	email := ticket.NormalizeEmail(p.Email)
	byID := p.ID == "" || p.ID == t.Requester.ID
	byEmail := email == "" || email == t.Requester.Email ||
		slices.ContainsFunc(t.Participants, func(q ticket.Person) bool { return email == ticket.NormalizeEmail(q.Email) })
	return byID && byEmail
}

// ticketsOf lists the tickets that have anything of the person, deleted ones too.
func (d *Desk) ticketsOf(ctx context.Context, x *identity) ([]int64, error) {
	seen := map[int64]bool{}
	var queries []ticket.Query
	var keys []string
	for _, id := range x.ids {
		queries, keys = append(queries, ticket.Query{Requester: id}), append(keys, personKeys(ticket.Person{ID: id})...)
	}
	for _, e := range x.emails {
		queries = append(queries, ticket.Query{Email: e}, ticket.Query{Participant: e})
		keys = append(keys, personKeys(ticket.Person{Email: e})...)
	}
	for _, q := range queries {
		for _, q.Deleted = range []bool{false, true} {
			if err := d.collect(ctx, q, seen, x); err != nil {
				return nil, err
			}
		}
	}
	err := d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		for _, key := range keys {
			ids, err := r.Linked(ctx, linkPerson, key)
			if err != nil {
				return err
			}
			for _, id := range ids {
				seen[id] = true
			}
		}
		return nil
	})
	out := make([]int64, 0, len(seen))
	for id := range seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return out, err
}

// collect goes through the pages of a query, and learns the names that the person goes by there.
func (d *Desk) collect(ctx context.Context, q ticket.Query, seen map[int64]bool, x *identity) error {
	q.Limit = ticket.MaxPage
	for {
		var page ticket.Page
		err := d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
			page, err = r.Tickets(ctx, q, ticket.Scope{All: true})
			return err
		})
		if err != nil {
			return err
		}
		for _, t := range page.Tickets {
			seen[t.ID] = true
			for _, p := range append(slices.Clone(t.Participants), t.Requester) {
				if x.is(p) {
					x.add(ticket.Customer{Name: p.Name, Emails: []string{p.Email}})
				}
			}
			if x.is(t.Requester) {
				x.add(ticket.Customer{Phone: t.Phone})
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

func (d *Desk) eraseFrom(ctx context.Context, actor ticket.Actor, id int64, x *identity) (found bool, err error) {
	_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		err := w.lockUnchecked(ctx, id)
		if errors.Is(err, ticket.ErrNotFound) { // purged meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range x.emails {
			err = errors.Join(err, w.tx.Unlink(ctx, linkPerson, "email:"+e, id))
		}
		for _, id := range x.ids {
			err = errors.Join(err, w.tx.Unlink(ctx, linkPerson, "id:"+id, w.after.ID))
		}
		if err != nil {
			return err
		}
		if found, err = w.scrubTicket(ctx, x.scrubber()); err != nil || !found {
			return err
		}
		w.before = w.after.Clone() // nobody has left it
		return w.scrubbed(ctx, "a person was erased")
	})
	return found && err == nil, err
}

// eraseFromJournal takes the person out of the entries that belong to no ticket: refused mails, purged tickets, and the
// changes of their own entry in the directory.
func (d *Desk) eraseFromJournal(ctx context.Context, actor ticket.Actor, x *identity) error {
	s := x.scrubber()
	since, after := time.Time{}, int64(0)
	types := []ticket.EventType{ticket.EventMailRejected, ticket.EventPurged, ticket.EventPeople}
	for {
		list, err := d.events(ctx, ticket.EventQuery{Since: since, AfterID: after, Types: types, Limit: ticket.MaxPage})
		if err != nil || len(list) == 0 {
			return err
		}
		last := list[len(list)-1]
		since, after = last.At, last.ID
		_, err = d.transact(ctx, actor, func(ctx context.Context, w *write) error {
			for _, e := range list {
				next, changed, err := scrub(s, e)
				if err != nil {
					return err
				}
				for _, id := range x.ids {
					if e.Type == ticket.EventPeople && e.Subject == "customer/"+id {
						next.Subject, changed = "customer/"+x.as.ID, true
					}
				}
				if !changed {
					continue
				}
				if err := w.tx.PutEvent(ctx, next); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// eraseFromDirectory removes the entries of the person and of those merged into them. It comes last: until then an
// erasure that broke off can be called again.
func (d *Desk) eraseFromDirectory(ctx context.Context, actor ticket.Actor, x *identity) error {
	_, err := d.transact(ctx, actor, func(ctx context.Context, w *write) error {
		gone := false
		for _, id := range x.ids {
			c, rec, err := w.customer(ctx, id)
			if err != nil {
				return err
			}
			if err := w.dropMerge(ctx, id); err != nil {
				return err
			}
			if rec.Version == 0 {
				continue
			}
			gone = true
			if err := w.dropEntry(ctx, c); err != nil {
				return err
			}
		}
		if !gone {
			return nil
		}
		return w.record(ctx, &ticket.Event{Type: ticket.EventPeople, Subject: "customer/" + x.as.ID, Detail: "erased"})
	})
	return err
}

func (w *write) dropMerge(ctx context.Context, from string) error {
	if _, merged := w.conf.merged[from]; !merged {
		return nil
	}
	if err := w.tx.DeleteRecord(ctx, kindMerge, from); err != nil {
		return err
	}
	return w.putMerged(ctx, from, "")
}
