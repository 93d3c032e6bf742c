package helpdesk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/identity"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// identity collects the ids and addresses of a person, those of contacts merged into them included. An address may be
// that of somebody at each brand.
func (d *Desk) identity(ctx context.Context, who ticket.Person) (*identity.Profile, error) {
	if who.ID == "" && who.Email == "" {
		return nil, ticket.Invalid("", ticket.FaultRequired, "names nobody: give an id or an address")
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return nil, err
	}
	x := identity.New(who, ticket.Person{ID: "erased-" + randomHex(6), Name: "(erased)"})
	if who.ID != "" {
		return x, d.identifyBy(ctx, conf, x, func() (ticket.Customer, error) { return d.customerByID(ctx, conf, who.ID) })
	}
	for _, b := range conf.Brands {
		err := d.identifyBy(ctx, conf, x, func() (ticket.Customer, error) { return d.customerByEmail(ctx, conf, b.Code, who.Email) })
		if err != nil {
			return nil, err
		}
	}
	x.ByEmail = len(x.IDs) == 0
	return x, nil
}

// identifyBy adds whom a look-up finds, and those who were merged into them.
func (d *Desk) identifyBy(ctx context.Context, conf *config, x *identity.Profile, find func() (ticket.Customer, error)) error {
	c, err := find()
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	x.Add(c)
	for from := range conf.merged {
		if c.ID == "" || conf.canonical(from) != c.ID {
			continue
		}
		m, err := readDoc(ctx, d.store, kindCustomer, from, storedCustomer)
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		m.ID = from
		x.Add(m)
	}
	return nil
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}

// ticketsOf lists the tickets that have anything of the person, deleted ones too. What is found there leads further.
func (d *Desk) ticketsOf(ctx context.Context, x *identity.Profile) ([]int64, error) {
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
func (d *Desk) lookFor(ctx context.Context, x *identity.Profile, asked map[string]bool, add func(int64)) error {
	var queries []ticket.Query
	for _, id := range x.IDs {
		queries = append(queries, ticket.Query{Requester: id})
	}
	for _, e := range x.Emails {
		queries = append(queries, ticket.Query{Email: e}, ticket.Query{Participant: e})
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
		for _, key := range x.Keys() {
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
func (d *Desk) learn(ctx context.Context, id int64, x *identity.Profile) error {
	return d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		return eachPerson(ctx, r, id, func(p ticket.Person, was bool) { x.Meet(p, id, was) })
	})
}

// collect goes through the pages of a query, and learns the names that the person goes by there.
func (d *Desk) collect(ctx context.Context, q ticket.Query, add func(int64), x *identity.Profile) error {
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
			x.MeetAt(t)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}
