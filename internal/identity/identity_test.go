package identity_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/identity"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann  = ticket.Person{ID: "42", Name: "Ann", Email: "Ann@Example.com"}
	gone = ticket.Person{ID: "erased-1", Name: "(erased)"}
)

func TestPeople(t *testing.T) {
	t.Parallel()
	gus, eve, tom := ticket.Person{Email: "gus@example.com"}, ticket.Person{Email: "eve@example.com"}, ticket.Person{Name: "Tom"}
	t.Run("X13 by what somebody is looked up", func(t *testing.T) {
		t.Parallel()
		if got := identity.Keys(ann); !slices.Equal(got, []string{"id:42", "email:ann@example.com"}) {
			t.Errorf("%q", got)
		}
		if got := identity.Keys(tom); got != nil {
			t.Errorf("%q", got)
		}
	})
	t.Run("X13 of whom a message tells: people outside, and no agents", func(t *testing.T) {
		t.Parallel()
		m := &ticket.Message{Author: ticket.Client("42", "Ann", "ann@example.com"), To: []ticket.Person{gus}, Cc: []ticket.Person{eve}, Bcc: []ticket.Person{tom}}
		if got := identity.In(m); len(got) != 4 || got[0].ID != "42" || got[3] != tom {
			t.Errorf("%+v", got)
		}
		m.Author = ticket.Staff("7", "Bob", "bob@desk.example")
		if got := identity.In(m); len(got) != 3 || identity.In(nil) != nil {
			t.Errorf("%+v", got)
		}
	})
	for name, c := range map[string]struct {
		change ticket.Change
		want   []ticket.Person
	}{
		"a requester":  {ticket.Change{Field: "requester", Old: `{"id":"42","name":"Ann"}`, New: `{"email":"gus@example.com"}`}, []ticket.Person{{ID: "42", Name: "Ann"}, gus}},
		"participants": {ticket.Change{Field: "participants", New: `[{"email":"eve@example.com"},{"name":"Tom"}]`}, []ticket.Person{eve, tom}},
		"a subject":    {ticket.Change{Field: "subject", Old: `{"id":"42"}`, New: "x"}, nil},
		"no JSON":      {ticket.Change{Field: "requester", Old: "Ann", New: "[]"}, nil},
	} {
		t.Run("X13 of whom a change tells: "+name, func(t *testing.T) {
			t.Parallel()
			if got := identity.InChange(c.change); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v", got)
			}
		})
	}
	row := &ticket.Ticket{Requester: ticket.Person{ID: "42", Email: "ann@example.com"}, Participants: []ticket.Person{{Email: "Eve@example.com"}}}
	for name, c := range map[string]struct {
		who   ticket.Person
		names bool
	}{
		"the requester": {ann, true}, "their id": {ticket.Person{ID: "42"}, true}, "a participant": {eve, true}, "nobody": {tom, true},
		"another id under the address": {ticket.Person{ID: "43", Email: "ann@example.com"}, false}, "another address": {ticket.Person{ID: "42", Email: "a@work.example"}, false}, "a stranger": {gus, false},
	} {
		t.Run("X13 the row leads to all that is known of "+name, func(t *testing.T) {
			t.Parallel()
			if got := identity.Leads(row, c.who); got != c.names {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	t.Run("X13 who has an account is known by its ids and addresses", func(t *testing.T) {
		t.Parallel()
		p := identity.New(ann, gone)
		p.Add(ticket.Customer{ID: "43", Name: " Ann B. ", Emails: []string{"a@work.example", "", "ANN@example.com"}, Phone: "030 1234"})
		if !slices.Equal(p.IDs, []string{"42", "43"}) || !slices.Equal(p.Emails, []string{"ann@example.com", "a@work.example"}) || !slices.Equal(p.Names(), []string{"Ann", "Ann B."}) ||
			!slices.Equal(p.Keys(), []string{"id:42", "id:43", "email:ann@example.com", "email:a@work.example"}) {
			t.Errorf("%+v", p)
		}
		for who, is := range map[ticket.Person]bool{{ID: "43"}: true, {Email: "A@work.example"}: true, {ID: "9", Email: "ann@example.com"}: false, {Name: "Ann"}: false, {}: false} {
			if p.Is(who) != is {
				t.Errorf("%+v: %v", who, !is)
			}
		}
	})
	t.Run("X13 of an address that no directory knows, whoever acted under it", func(t *testing.T) {
		t.Parallel()
		p := identity.New(ticket.Person{Email: "gus@example.com"}, gone)
		p.ByEmail = true
		if p.Meet(ticket.Person{ID: "9", Name: "Gus", Email: "gus@example.com"}, 5, true); !slices.Equal(p.IDs, []string{"9"}) || !p.Requested(5) || p.Requested(6) {
			t.Errorf("%+v", p)
		}
		p.Meet(ticket.Person{Name: "Gustav", Email: "gus@example.com"}, 6, false)
		p.Meet(ticket.Person{ID: "8", Name: "Tom", Email: "tom@example.com"}, 7, true)
		if !slices.Equal(p.Names(), []string{"Gus"}) || p.Requested(7) {
			t.Errorf("%+v", p)
		}
	})
	t.Run("X13 a name that was typed beside an address counts at its ticket alone", func(t *testing.T) {
		t.Parallel()
		p := identity.New(ticket.Person{Email: "gus@example.com"}, gone)
		p.MeetAt(&ticket.Ticket{ID: 1, Phone: "030 1234", Requester: ticket.Person{Name: "Rose", Email: "gus@example.com"}, Participants: []ticket.Person{{Name: "Tom", Email: "tom@example.com"}}})
		const text = "Rose, gus@example.com, 030 1234, Tom"
		if got := p.ScrubberAt(1).Text(text); got != "(erased), (erased), (erased), Tom" {
			t.Errorf("at the ticket: %s", got)
		}
		for where, got := range map[string]string{"elsewhere": p.Scrubber().Text(text), "at another": p.ScrubberAt(2).Text(text)} {
			if got != "Rose, (erased), (erased), Tom" {
				t.Errorf("%s: %s", where, got)
			}
		}
		if !slices.Equal(p.Names(), []string{"Rose"}) {
			t.Errorf("%q", p.Names())
		}
	})
	t.Run("X13 what would stand everywhere is not looked for", func(t *testing.T) {
		t.Parallel()
		p := identity.New(ticket.Person{ID: "4", Name: "A", Email: "@"}, gone)
		p.Add(ticket.Customer{Phone: "112"})
		const text = "A 4 @ 112"
		if got := p.Scrubber().Text(text); got != text {
			t.Error(got)
		}
	})
	t.Run("X13 a list of theirs is one of whoever stands in their place", func(t *testing.T) {
		t.Parallel()
		p, q := identity.New(ann, gone), ticket.Query{Requester: "42"}
		if !p.ReplaceIn(&q) || q.Requester != gone.ID || p.ReplaceIn(&q) || p.ReplaceIn(nil) {
			t.Errorf("%+v", q)
		}
	})
}
