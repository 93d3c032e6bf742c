// Package identity knows who is who in what a desk keeps: by what a person is looked up, of whom a ticket, a message and a
// journal tell, and all that somebody who is to be exported or erased goes by. It is pure.
package identity

import (
	"encoding/json"
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Keys are what somebody is looked up by: "id:…" and "email:…".
func Keys(p ticket.Person) []string {
	var out []string
	if p.ID != "" {
		out = append(out, "id:"+p.ID)
	}
	if p.Email != "" {
		out = append(out, "email:"+ticket.NormalizeEmail(p.Email))
	}
	return out
}

// In lists the customers and the others outside of whom a message tells.
func In(m *ticket.Message) (out []ticket.Person) {
	if m == nil {
		return nil
	}
	if m.Author.IsCustomer() {
		out = append(out, m.Author.Person())
	}
	for _, u := range m.Undelivered {
		out = append(out, ticket.Person{Email: u.Recipient})
	}
	return slices.Concat(out, m.To, m.Cc, m.Bcc)
}

// InChange lists the people of whom a change tells.
func InChange(c ticket.Change) (out []ticket.Person) {
	for _, text := range []string{c.Old, c.New} {
		var one ticket.Person
		var list []ticket.Person
		switch {
		case c.Field == "requester" && json.Unmarshal([]byte(text), &one) == nil:
			out = append(out, one)
		case c.Field == "participants" && json.Unmarshal([]byte(text), &list) == nil:
			out = append(out, list...)
		}
	}
	return out
}

// Leads reports whether the row of a ticket leads to a person, by all that is known of them.
func Leads(t *ticket.Ticket, p ticket.Person) bool {
	email := ticket.NormalizeEmail(p.Email)
	byID := p.ID == "" || p.ID == t.Requester.ID
	byEmail := email == "" || email == t.Requester.Email ||
		slices.ContainsFunc(t.Participants, func(q ticket.Person) bool { return email == ticket.NormalizeEmail(q.Email) })
	return byID && byEmail
}
