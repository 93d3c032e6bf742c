package identity

import (
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/redact"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Profile is all that a desk knows a person by. It grows with what is found out.
type Profile struct {
	IDs    []string
	Emails []string      // normalised
	As     ticket.Person // who stands in the place of the person after an erasure
	// ByEmail says that no directory knows them: whoever acted under the address is them, whatever their id.
	ByEmail bool

	names     []string
	phones    []string
	typed     map[int64][]string // by ticket: what somebody called themselves beside an address, which counts there alone
	requested map[int64]bool     // tickets whose requester they are or were
}

// New begins with a person who is to be known as another one after an erasure.
func New(who, as ticket.Person) *Profile {
	p := &Profile{As: as, typed: map[int64][]string{}, requested: map[int64]bool{}}
	p.Add(ticket.Customer{ID: who.ID, Name: who.Name, Emails: []string{who.Email}})
	return p
}

// Add learns what an account has. What is too short to be looked for in texts, it would stand everywhere, is passed over.
func (p *Profile) Add(c ticket.Customer) {
	put := func(to *[]string, s string, atLeast int) {
		if s = strings.TrimSpace(s); len(s) >= atLeast && !slices.Contains(*to, s) {
			*to = append(*to, s)
		}
	}
	put(&p.IDs, c.ID, 1)
	for _, e := range c.Emails {
		put(&p.Emails, ticket.NormalizeEmail(e), 3)
	}
	put(&p.names, c.Name, 2) // a letter is no name
	put(&p.phones, c.Phone, 5)
}

// Keys are what the person is looked up by.
func (p *Profile) Keys() (out []string) {
	for _, id := range p.IDs {
		out = append(out, Keys(ticket.Person{ID: id})...)
	}
	for _, e := range p.Emails {
		out = append(out, Keys(ticket.Person{Email: e})...)
	}
	return out
}

// Is reports whether somebody is the person: by id, or by address where there is none.
func (p *Profile) Is(who ticket.Person) bool {
	if who.ID != "" && (!p.ByEmail || slices.Contains(p.IDs, who.ID)) {
		return slices.Contains(p.IDs, who.ID)
	}
	return slices.Contains(p.Emails, ticket.NormalizeEmail(who.Email))
}

// Meet learns by what else somebody goes who has an id; requester says that they were the requester of the ticket. What
// people who are known by an address only call themselves is anybody's guess.
func (p *Profile) Meet(who ticket.Person, at int64, requester bool) {
	if !p.Is(who) {
		return
	}
	if who.ID != "" {
		p.Add(ticket.Customer{ID: who.ID, Name: who.Name, Emails: []string{who.Email}})
	}
	if requester {
		p.requested[at] = true
	}
}

// MeetAt learns what the row of a ticket has of the person.
func (p *Profile) MeetAt(t *ticket.Ticket) {
	for _, who := range append(slices.Clone(t.Participants), t.Requester) {
		if !p.Is(who) {
			continue
		}
		if who.ID == "" { // anybody may have typed the name
			p.typed[t.ID] = append(p.typed[t.ID], who.Name)
			who.Name = ""
		}
		p.Add(ticket.Customer{ID: who.ID, Name: who.Name, Emails: []string{who.Email}})
	}
	if p.Is(t.Requester) {
		p.Add(ticket.Customer{Phone: t.Phone})
	}
}

// Requested reports whether they are or were the requester of a ticket.
func (p *Profile) Requested(ticketID int64) bool { return p.requested[ticketID] }

// Names lists those that count everywhere, and those that were typed, in their order.
func (p *Profile) Names() []string {
	out := slices.Clone(p.names)
	for _, typed := range p.typed {
		out = append(out, typed...)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(name string) bool { return name == "" })
}

// Scrubber takes the addresses out wherever they stand, and names where they are words of their own.
func (p *Profile) Scrubber() *redact.Scrubber {
	return &redact.Scrubber{Texts: slices.Concat(p.Emails, p.phones), Words: p.names, Blank: p.As.Name, Person: p.Is, As: p.As}
}

// ScrubberAt also takes out the names that count at one ticket alone.
func (p *Profile) ScrubberAt(ticketID int64) *redact.Scrubber {
	here := *p
	here.names = slices.Clone(p.names)
	for _, name := range p.typed[ticketID] {
		here.Add(ticket.Customer{Name: name})
	}
	return here.Scrubber()
}

// ReplaceIn has a query ask for whoever stands in the place of the person, as their tickets do. q may be nil.
func (p *Profile) ReplaceIn(q *ticket.Query) bool {
	if q == nil || !slices.Contains(p.IDs, q.Requester) {
		return false
	}
	q.Requester = p.As.ID
	return true
}
