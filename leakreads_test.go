package helpdesk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// readEach reads every ticket by itself.
func (l *leaks) readEach(a ticket.Actor, all map[int64]*ticket.Ticket, visible map[int64]bool, say func(any, error)) {
	c := as(a)
	for id, tk := range all {
		got, err := l.Ticket(c, id)
		say(got, err)
		if (err == nil) != visible[id] || (err != nil && !errors.Is(err, ticket.ErrNotFound)) {
			l.fault("%s %s%s reads ticket %d: %v; they may see it: %v", a.Kind, a.ID, a.Email, id, err, visible[id])
		}
		if visible[id] {
			l.count.shown++
		} else {
			l.count.hidden++
		}
		l.byKey(say, tk.Code, func(code string) (*ticket.Ticket, error) { return l.TicketByCode(c, code) })
		l.byKey(say, tk.External, func(id string) (*ticket.Ticket, error) { return l.TicketByExternal(c, id) })
		say(drop2(l.History(c, id, ticket.EventQuery{})))
		say(drop2(l.Objects(c, id)))
		l.readTime(c, a, id, visible[id], say)
		say(drop2(l.People().Responsible(c, id)))
		prev, next, err := l.Neighbours(c, ticket.Query{Sort: oneOf(l.Rand, ticket.NewestUpdate, ticket.MostUrgent, ticket.OldestReply, ticket.ByField("f"))}, id)
		say(prev, err)
		say(next, nil)
		say(drop2(l.Messages(c, id, ticket.MessageQuery{})))
		say(drop2(l.Rights().May(c, helpdesk.ActReply, id)))
		say(drop2(l.Rights().Explain(c, a, helpdesk.ActSee, id)))
		say(nil, l.CheckTicket(c, ticket.Draft{Subject: "x", Body: "x", LinkedTo: id}))
		err = l.CheckReply(c, id, ticket.ReplyDraft{Body: "x"})
		say(nil, err)
		if !visible[id] && !errors.Is(err, ticket.ErrNotFound) {
			l.fault("%s %s%s is told of ticket %d: %v", a.Kind, a.ID, a.Email, id, err)
		}
		for _, m := range must(l.Messages(as(host), id, ticket.MessageQuery{}))(l.t) {
			say(drop2(l.Message(c, m.ID)))
			say(drop2(l.Revisions(c, m.ID)))
			if r, f, err := l.Files().Open(c, m.ID, 0); err == nil {
				content, err := io.ReadAll(r)
				say(string(content)+f.Name, errors.Join(err, r.Close()))
			} else {
				say(f, err)
			}
		}
	}
	say(drop2(l.Ticket(c, 1<<40)))
}

// readPlaces reads what there is to choose, and asks about a department that customers hear nothing of as about one that
// nobody has: the answers are the same.
func (l *leaks) readPlaces(a ticket.Actor, say func(any, error)) {
	c := as(a)
	say(drop2(l.Catalog().Departments(c)))
	say(drop2(l.Catalog().DepartmentsFor(c, "", "")))
	say(drop2(l.Catalog().Fields(c)))
	say(drop2(l.Catalog().Brands(c)))
	if !a.IsCustomer() {
		return
	}
	asked := func(department string) string {
		draft := ticket.Draft{Subject: "x", Body: "x", Department: department}
		page, err1 := l.Tickets(c, ticket.Query{Departments: []string{department}})
		count, err2 := l.CountTickets(c, ticket.Query{Departments: []string{department}})
		sums, err3 := l.Counters(c, ticket.CounterQuery{Departments: []string{department}})
		words, err4 := l.Search(c, ticket.Search{Text: "department:" + department})
		under, err5 := l.Search(c, ticket.Search{Filter: ticket.Query{Departments: []string{department}}})
		doc := must(json.Marshal([]any{page.Tickets, count, sums, words.Hits, under.Hits}))(l.t)
		_, err6 := l.Catalog().FieldsFor(c, "", department)
		said := fmt.Sprint(string(doc), err1, err2, err3, err4, err5, err6, l.CheckTicket(c, draft))
		return strings.ReplaceAll(said, department, "…")
	}
	if got, want := asked(vault), asked("nowhere-at-all"); got != want {
		l.fault("%s %s%s is told of %s\n%s\nand not\n%s", a.Kind, a.ID, a.Email, vault, got, want)
	}
	_, err := l.CreateTicket(c, ticket.Draft{Subject: "x", Body: "x", Department: vault})
	if err == nil {
		l.fault("%s %s%s opens a ticket in %s", a.Kind, a.ID, a.Email, vault)
	}
}

// byKey reads by a key that the reader has guessed: what they are told must be what they are told of one that nobody has.
func (l *leaks) byKey(say func(any, error), key string, read func(string) (*ticket.Ticket, error)) {
	tk, err := read(key)
	if err == nil {
		say(tk, nil)
		return
	}
	const none = "NONE-0"
	_, other := read(none)
	if other == nil || strings.ReplaceAll(err.Error(), key, "") != strings.ReplaceAll(other.Error(), none, "") {
		l.fault("%q is told apart from an unknown key: %v and %v", key, err, other)
	}
}

func drop2[T any](v T, err error) (any, error) { return v, err }

// readLists asks for every list by every filter that a stranger could guess, and compares the plain ones with what is
// visible.
func (l *leaks) readLists(a ticket.Actor, all map[int64]*ticket.Ticket, visible map[int64]bool, say func(any, error)) {
	c := as(a)
	queries := []ticket.Query{{}, {Sort: ticket.OldestCreated}, {Sort: ticket.ByField("f")}, {Sort: ticket.LeastUrgent}, {Deleted: true}, {Unassigned: true}, {UnreadByStaff: true}, {UnreadByClient: true}}
	for _, v := range depCodes {
		queries = append(queries, ticket.Query{Departments: []string{v}})
	}
	for _, v := range brandCodes {
		queries = append(queries, ticket.Query{Brands: []string{v}})
	}
	for id := range l.agents {
		queries = append(queries, ticket.Query{Assignee: id}, ticket.Query{Watcher: id})
	}
	for id := range l.clients {
		queries = append(queries, ticket.Query{Requester: id})
	}
	for _, o := range leakOrgs[1:] {
		queries = append(queries, ticket.Query{Organisation: o})
	}
	for _, e := range []string{"g1@example.com", "g2@example.com", "c40@example.com"} {
		queries = append(queries, ticket.Query{Email: e}, ticket.Query{Participant: e})
	}
	for _, tk := range all {
		queries = append(queries, ticket.Query{Service: tk.Service}, ticket.Query{External: tk.External}, ticket.Query{Tags: tk.Tags}, ticket.Query{Related: tk.Related[0]},
			ticket.Query{Fields: []ticket.FieldFilter{{Code: "f", Values: []string{tk.Fields["f"]}}}})
	}
	for i, q := range queries {
		q.Limit = 1 + l.IntN(5)
		listed := map[int64]bool{}
		for tk, err := range l.AllTickets(c, q) {
			say(tk, err)
			if tk != nil {
				listed[tk.ID] = true
			}
		}
		if i >= 4 {
			continue
		}
		for id, tk := range all {
			if want := visible[id] && tk.DeletedAt == nil; want != listed[id] {
				l.fault("%s %s%s lists ticket %d by %+v: %v, may see it: %v", a.Kind, a.ID, a.Email, id, q, listed[id], want)
			}
		}
	}
}
