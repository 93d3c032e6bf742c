package helpdesk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// identity is all that the desk knows a person by.
type identity struct {
	ids       []string
	emails    []string
	names     []string
	phones    []string
	as        ticket.Person
	byEmail   bool               // no directory knows them: whoever acted under the address is them, whatever their id
	typed     map[int64][]string // by ticket: what somebody called themselves beside an address, which counts there alone
	requested map[int64]bool     // tickets whose requester they are or were
}

// identity collects the ids and addresses of a person, those of contacts merged into them included. An address may be
// that of somebody at each brand.
func (d *Desk) identity(ctx context.Context, who ticket.Person) (*identity, error) {
	if who.ID == "" && who.Email == "" {
		return nil, ticket.Invalid("", ticket.FaultRequired, "names nobody: give an id or an address")
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	x := &identity{as: ticket.Person{ID: "erased-" + randomHex(6), Name: "(erased)"}, requested: map[int64]bool{}, typed: map[int64][]string{}}
	x.add(ticket.Customer{ID: who.ID, Name: who.Name, Emails: []string{who.Email}})
	if who.ID != "" {
		return x, d.identifyBy(ctx, conf, x, func() (ticket.Customer, error) { return d.customerByID(ctx, conf, who.ID) })
	}
	for _, b := range conf.brands {
		err := d.identifyBy(ctx, conf, x, func() (ticket.Customer, error) { return d.customerByEmail(ctx, conf, b.Code, who.Email) })
		if err != nil {
			return nil, err
		}
	}
	x.byEmail = len(x.ids) == 0
	return x, nil
}

// identifyBy adds whom a look-up finds, and those who were merged into them.
func (d *Desk) identifyBy(ctx context.Context, conf *config, x *identity, find func() (ticket.Customer, error)) error {
	c, err := find()
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	x.add(c)
	for from := range conf.merged {
		if c.ID == "" || conf.canonical(from) != c.ID {
			continue
		}
		m, err := readDoc(ctx, d.store, kindCustomer, from, storedCustomer)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		m.ID = from
		x.add(m)
	}
	return nil
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
	if p.ID != "" && (!x.byEmail || slices.Contains(x.ids, p.ID)) {
		return slices.Contains(x.ids, p.ID)
	}
	return slices.Contains(x.emails, ticket.NormalizeEmail(p.Email))
}

// meet learns by what else somebody goes who has an id. What people who are known by an address only call themselves is
// anybody's guess.
func (x *identity) meet(p ticket.Person) {
	if p.ID != "" && x.is(p) {
		x.add(ticket.Customer{ID: p.ID, Name: p.Name, Emails: []string{p.Email}})
	}
}

// at adds the names that count at one ticket alone.
func (x *identity) at(id int64) *identity {
	here := *x
	here.names = slices.Clone(x.names)
	for _, name := range x.typed[id] {
		here.add(ticket.Customer{Name: name})
	}
	return &here
}

// allNames are those that count everywhere, and those that were typed, in their order.
func (x *identity) allNames() []string {
	out := slices.Clone(x.names)
	for _, typed := range x.typed {
		out = append(out, typed...)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(name string) bool { return name == "" })
}

// scrubber takes the addresses out wherever they stand, and names where they are words of their own.
func (x *identity) scrubber() *scrubber {
	return &scrubber{texts: slices.Concat(x.emails, x.phones), words: x.names, blank: x.as.Name, person: x.is, as: x.as}
}

// ticketsOf lists the tickets that have anything of the person, deleted ones too. What is found there leads further.
func (d *Desk) ticketsOf(ctx context.Context, x *identity) ([]int64, error) {
	seen, asked := map[int64]bool{}, map[string]bool{}
	for {
		var found []int64
		add := func(id int64) {
			if !seen[id] {
				seen[id], found = true, append(found, id)
			}
		}
		if err := d.lookFor(ctx, x, asked, add); err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return slices.Sorted(maps.Keys(seen)), nil
		}
		for _, id := range found {
			if err := d.learn(ctx, id, x); err != nil {
				return nil, err
			}
		}
	}
}

// lookFor finds tickets by all that is known of a person and was not asked for yet.
func (d *Desk) lookFor(ctx context.Context, x *identity, asked map[string]bool, add func(int64)) error {
	var queries []ticket.Query
	var keys []string
	for _, id := range x.ids {
		queries, keys = append(queries, ticket.Query{Requester: id}), append(keys, personKeys(ticket.Person{ID: id})...)
	}
	for _, e := range x.emails {
		queries, keys = append(queries, ticket.Query{Email: e}, ticket.Query{Participant: e}), append(keys, personKeys(ticket.Person{Email: e})...)
	}
	for _, q := range queries {
		what := fmt.Sprintf("%q %q %q", q.Requester, q.Email, q.Participant)
		if asked[what] {
			continue
		}
		asked[what] = true
		for _, q := range everywhere(q) {
			if err := d.collect(ctx, q, add, x); err != nil {
				return err
			}
		}
	}
	return d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		for _, key := range keys {
			ids, err := r.Linked(ctx, linkPerson, key)
			if err != nil {
				return err
			}
			for _, id := range ids {
				add(id)
			}
		}
		return nil
	})
}

// learn adds to a person what a ticket knows them by.
func (d *Desk) learn(ctx context.Context, id int64, x *identity) error {
	return d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		return eachPerson(ctx, r, id, func(p ticket.Person, was bool) {
			x.meet(p)
			if was && x.is(p) {
				x.requested[id] = true
			}
		})
	})
}

// collect goes through the pages of a query, and learns the names that the person goes by there.
func (d *Desk) collect(ctx context.Context, q ticket.Query, add func(int64), x *identity) error {
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
			add(t.ID)
			for _, p := range append(slices.Clone(t.Participants), t.Requester) {
				if !x.is(p) {
					continue
				}
				if p.ID == "" { // anybody may have typed the name
					x.typed[t.ID] = append(x.typed[t.ID], p.Name)
					p.Name = ""
				}
				x.add(ticket.Customer{ID: p.ID, Name: p.Name, Emails: []string{p.Email}})
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
