package helpdesk_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func oneOf[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// some returns a part of a list, often none of it.
func some[T any](r *rand.Rand, list []T) []T {
	if r.IntN(3) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list), func(T) bool { return r.IntN(2) == 0 })
}

func (l *leaks) putClient(id string) {
	c := ticket.Customer{ID: id, Name: "C" + id, Emails: []string{"c" + id + "@example.com", "c" + id + "@work.example"}, Organisation: oneOf(l.Rand, leakOrgs...), SeesOrganisation: l.IntN(3) == 0}
	l.clients[id] = must(l.People().PutCustomer(as(host), c))(l.t)
}

func (l *leaks) hire(id string) {
	r := ticket.Role{Code: "r" + id, Name: "R"}
	for range l.IntN(3) {
		r.Grants = append(r.Grants, ticket.Grant{Departments: some(l.Rand, depCodes), Brands: some(l.Rand, brandCodes), Rights: some(l.Rand, ticket.Rights()),
			Sight: oneOf(l.Rand, "", ticket.SightMine, ticket.SightDepartment, ticket.SightAll)})
	}
	ok(l.t, l.Catalog().PutRole(as(host), r))
	a := ticket.Agent{ID: id, Name: "A" + id, Roles: []string{r.Code}, Departments: some(l.Rand, depCodes), Inactive: l.IntN(12) == 0}
	ok(l.t, l.People().PutAgent(as(host), a))
	l.roles[r.Code], l.agents[id] = r, a
}

// actor returns somebody: an agent, a customer, a guest with or without a link to one ticket.
func (l *leaks) actor() ticket.Actor {
	switch l.IntN(5) {
	case 0, 1:
		id := strconv.Itoa(7 + l.IntN(4))
		return ticket.Staff(id, "A"+id, "a"+id+"@desk.example")
	case 2, 3:
		id := strconv.Itoa(40 + l.IntN(3))
		return ticket.Client(id, "C"+id, "c"+id+"@example.com")
	}
	a := ticket.Guest("G", oneOf(l.Rand, "g1@example.com", "g2@example.com", "c40@work.example"))
	a.Verified = l.IntN(3) > 0
	if l.IntN(3) == 0 && len(l.ids) > 0 {
		a.Ticket = oneOf(l.Rand, l.ids...)
	}
	return a
}

func (l *leaks) mark(id int64, what string) string {
	m := fmt.Sprintf("%s%016x", what, l.Uint64())
	l.marks[m] = id
	return m
}

// open makes a ticket that is full of texts of its own.
func (l *leaks) open() {
	var texts []string
	text := func(what string) string {
		texts = append(texts, l.mark(0, what))
		return texts[len(texts)-1]
	}
	draft := ticket.Draft{
		Subject: text("subject"), Body: text("body"), Brand: oneOf(l.Rand, brandCodes...), Department: oneOf(l.Rand, depCodes...),
		Requester:    ticket.Person{Name: text("name"), Email: oneOf(l.Rand, "g1@example.com", "g2@example.com")},
		Organisation: oneOf(l.Rand, leakOrgs...), Tags: []string{text("tag")}, External: text("external"), Service: text("service"), Phone: text("phone"),
		Related: []ticket.Ref{{Kind: "order", ID: text("ref")}}, Fields: map[string]string{"f": text("field")},
		Files: []ticket.Upload{{Name: text("file") + ".txt", Content: strings.NewReader(text("content"))}},
	}
	if l.IntN(2) == 0 {
		id := strconv.Itoa(40 + l.IntN(3))
		draft.Requester.ID, draft.Requester.Email = id, "c"+id+"@example.com"
	}
	if l.IntN(3) == 0 {
		draft.Participants = []ticket.Person{{Email: oneOf(l.Rand, "g2@example.com", "c41@work.example")}}
	}
	if l.IntN(3) == 0 && len(l.ids) > 0 {
		draft.LinkedTo = oneOf(l.Rand, l.ids...)
	}
	tk := must(l.CreateTicket(as(host), draft))(l.t)
	l.ids = append(l.ids, tk.ID)
	for _, m := range append(texts, tk.Code) {
		l.marks[m] = tk.ID
	}
	l.mentions[tk.ID] = oneOf(l.Rand, depCodes...)
	must(l.AddNote(as(host), tk.ID, ticket.ReplyDraft{Body: l.mark(tk.ID, "note"), Mentions: []ticket.Mention{{Department: l.mentions[tk.ID]}}}))(l.t)
	writer := host
	writer.UserAgent = l.mark(tk.ID, "unshown")
	must(l.Reply(as(writer), tk.ID, ticket.ReplyDraft{Body: l.mark(tk.ID, "reply"), Bcc: []ticket.Person{{Email: l.mark(tk.ID, "unshown") + "@example.com"}}}))(l.t)
	must(l.Time().Log(as(host), tk.ID, ticket.TimeEntry{Agent: "7", Duration: minutes(1), Billable: true, Note: l.mark(tk.ID, "time")}))(l.t)
	must(l.Rate(as(host), tk.ID, ticket.RatingDraft{Grade: "good", Comment: new(l.mark(tk.ID, "comment"))}))(l.t)
}

// move changes something, so that what was visible is no longer, and the other way round.
func (l *leaks) move() {
	id := oneOf(l.Rand, l.ids...)
	agent := strconv.Itoa(7 + l.IntN(4))
	var err error
	switch l.IntN(11) {
	case 0:
		l.hire(agent)
	case 1:
		_, err = l.UpdateTicket(as(host), id, ticket.Patch{Department: new(oneOf(l.Rand, depCodes...)), Brand: new(oneOf(l.Rand, brandCodes...))})
	case 2:
		if !l.agents[agent].Inactive {
			_, err = l.UpdateTicket(as(host), id, ticket.Patch{Watchers: &[]string{agent}})
		}
	case 3:
		_, err = l.UpdateTicket(as(host), id, ticket.Patch{Participants: &[]ticket.Person{{Email: oneOf(l.Rand, "g1@example.com", "c42@example.com")}}})
	case 4:
		_, err = l.UpdateTicket(as(host), id, ticket.Patch{Organisation: new(oneOf(l.Rand, leakOrgs...)), Subject: new(l.mark(id, "subject"))})
	case 5:
		err = l.DeleteTicket(as(host), id)
	case 6:
		_, err = l.RestoreTicket(as(host), id)
	case 7:
		l.putClient(strconv.Itoa(40 + l.IntN(3)))
	case 8:
		_, err = l.Reply(as(ticket.Client("40", "C40", "c40@example.com").Via(ticket.ChannelEmail)), id, ticket.ReplyDraft{Body: l.mark(id, "reply")})
	case 9:
		if !l.agents[agent].Inactive {
			_, err = l.Assign(as(host), id, agent)
		}
	case 10:
		err = l.Settings().Update(as(host), ticket.DeskLayer, ticket.SettingsPatch{LoginRequired: new(l.IntN(3) == 0)})
	}
	if err != nil && !errors.Is(err, ticket.ErrNotFound) && !errors.Is(err, ticket.ErrForbidden) && !unseenBy(err) {
		l.t.Fatal(err)
	}
}
