package helpdesk_test

import (
	"slices"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// readCounts compares every number with one that is counted from what the actor may see, ticket by ticket.
func (l *leaks) readCounts(a ticket.Actor, all map[int64]*ticket.Ticket, visible map[int64]bool) {
	for _, q := range []ticket.CounterQuery{{}, {Folders: []ticket.Folder{ticket.Inbox, ticket.Archive, ticket.Spam}}, {Departments: []string{"billing"}, Brands: []string{"outlet"}}} {
		got, err := l.Counters(as(a), q)
		ok(l.t, err)
		var whole, mine, unassigned, departments, agents ticket.Tally
		for id, tk := range all {
			in := (len(q.Departments) == 0 || slices.Contains(q.Departments, tk.Department)) && (len(q.Brands) == 0 || slices.Contains(q.Brands, tk.Brand))
			if !visible[id] || tk.DeletedAt != nil || tk.MergedInto != 0 || !in || (len(q.Folders) == 0 && !a.IsCustomer() && tk.Folder != ticket.Inbox) {
				continue
			}
			unread := tk.UnreadByStaff
			if a.IsCustomer() {
				unread = tk.UnreadByClient
			}
			whole.Add(tk.Class, unread, 1)
			switch {
			case a.IsCustomer():
			case tk.Assignee == "":
				unassigned.Add(tk.Class, unread, 1)
			default:
				agents.Add(tk.Class, unread, 1)
				if tk.Assignee == a.ID {
					mine.Add(tk.Class, unread, 1)
				}
			}
		}
		for _, t := range got.Departments {
			departments = sumOf(departments, t)
		}
		var byAgent ticket.Tally
		for _, t := range got.Agents {
			byAgent = sumOf(byAgent, t)
		}
		if got.All != whole || got.Mine != mine || got.Unassigned != unassigned || departments != whole || byAgent != agents {
			l.fault("%s %s%s counts %+v, may see %+v, mine %+v, unassigned %+v, of agents %+v", a.Kind, a.ID, a.Email, got, whole, mine, unassigned, agents)
		}
	}
	l.countLists(a)
}

func sumOf(a, b ticket.Tally) ticket.Tally {
	return ticket.Tally{Total: a.Total + b.Total, Unread: a.Unread + b.Unread, New: a.New + b.New, Open: a.Open + b.Open, Pending: a.Pending + b.Pending,
		Solved: a.Solved + b.Solved, Closed: a.Closed + b.Closed}
}

// countLists compares counts with the lists that they are of.
func (l *leaks) countLists(a ticket.Actor) {
	for _, q := range []ticket.Query{{}, {Deleted: true}, {Unassigned: true, Brands: brandCodes[:1]}, {Departments: depCodes[:2], UnreadByStaff: true}, {Assignee: "8"}, {Organisation: "acme"},
		{Participant: "g2@example.com"}, {Assignee: "8", Unassigned: true}} {
		got, err := l.CountTickets(as(a), q)
		ok(l.t, err)
		n := 0
		for _, err := range l.AllTickets(as(a), q) {
			ok(l.t, err)
			n++
		}
		if got != (ticket.Count{N: n}) {
			l.fault("%s %s%s counts %v of %+v and lists %d", a.Kind, a.ID, a.Email, got, q, n)
		}
	}
}
