package helpdesk_test

import (
	"errors"
	"maps"
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
			if !visible[id] || tk.DeletedAt != nil || tk.MergedInto != 0 || !in {
				continue
			}
			unread := 0
			if (a.IsCustomer() && tk.UnreadByClient) || (!a.IsCustomer() && tk.UnreadByStaff) {
				unread = 1
			}
			whole.Add(tk.Class, 1, unread)
			switch {
			case a.IsCustomer():
			case tk.Assignee == "":
				unassigned.Add(tk.Class, 1, unread)
			default:
				agents.Add(tk.Class, 1, unread)
				if tk.Assignee == a.ID {
					mine.Add(tk.Class, 1, unread)
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
	l.readTags(a, all, visible)
}

// readTags compares the list of tags with those of the tickets that the actor may see.
func (l *leaks) readTags(a ticket.Actor, all map[int64]*ticket.Ticket, visible map[int64]bool) {
	list, err := l.Tags().List(as(a), "")
	if a.IsCustomer() {
		if !errors.Is(err, ticket.ErrForbidden) || len(list.Tags) > 0 {
			l.fault("%s %s%s lists tags: %v %v", a.Kind, a.ID, a.Email, list, err)
		}
		return
	}
	ok(l.t, err)
	want := map[string]int{}
	for id, tk := range all {
		for _, tag := range tk.Tags {
			if visible[id] && tk.DeletedAt == nil && tk.MergedInto == 0 {
				want[tag]++
			}
		}
	}
	got := map[string]int{}
	for _, c := range list.Tags {
		got[c.Tag] = c.Tickets
	}
	if !maps.Equal(got, want) {
		l.fault("%s %s%s counts tags %v, may see %v", a.Kind, a.ID, a.Email, got, want)
	}
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

// readTime reads the working time of a ticket, which is for staff who see the ticket and for nobody else, and ratings.
func (l *leaks) readTime(c ctx, a ticket.Actor, id int64, visible bool, say func(any, error)) {
	page, err := l.Time().Entries(c, ticket.TimeQuery{TicketID: id})
	say(page, err)
	if staff := a.Kind == ticket.ActorStaff; (err == nil) != (staff && visible) {
		l.fault("%s %s%s lists the time on ticket %d: %v", a.Kind, a.ID, a.Email, id, err)
	}
	if tk, err := l.Ticket(c, id); err == nil && a.IsCustomer() && tk.Spent != (ticket.Spent{}) {
		l.fault("%s %s%s reads how long ticket %d took", a.Kind, a.ID, a.Email, id)
	}
	for _, e := range must(l.Time().Entries(as(host), ticket.TimeQuery{TicketID: id}))(l.t).Entries {
		got, err := l.Time().Entry(c, e.ID)
		say(got, err)
		if !visible && !errors.Is(err, ticket.ErrNotFound) && !errors.Is(err, ticket.ErrForbidden) {
			l.fault("%s %s%s reads time entry %d: %v", a.Kind, a.ID, a.Email, e.ID, err)
		}
	}
	say(drop2(l.Time().Entries(c, ticket.TimeQuery{Agent: "7"})))
	for _, q := range []ticket.RatingQuery{{}, {TicketID: id}, {Agent: "7"}, {Customer: ticket.Person{Email: "g1@example.com"}}} {
		say(drop2(l.Ratings().List(c, q)))
		say(drop2(l.Ratings().Sums(c, q)))
	}
	if _, err := l.Ratings().List(c, ticket.RatingQuery{TicketID: id}); !visible && !errors.Is(err, ticket.ErrNotFound) {
		l.fault("%s %s%s lists the ratings of ticket %d: %v", a.Kind, a.ID, a.Email, id, err)
	}
	say(drop2(l.Time().Invoices(c, id)))
	say(drop2(l.Time().Sum(c, ticket.Query{})))
}

// readMentions reads what mentions an agent, on tickets that they may see.
func (l *leaks) readMentions(a ticket.Actor, visible map[int64]bool, say func(any, error)) {
	page, err := l.Mentions().List(as(a), ticket.MentionQuery{Limit: ticket.MaxPage})
	say(page, err)
	n, err := l.Mentions().Unseen(as(a))
	say(n, err)
	if a.Kind != ticket.ActorStaff {
		if !errors.Is(err, ticket.ErrForbidden) {
			l.fault("%s %s%s counts mentions: %v", a.Kind, a.ID, a.Email, err)
		}
		return
	}
	want := 0
	for id, dep := range l.mentions {
		if visible[id] && slices.Contains(l.agents[a.ID].Departments, dep) {
			want++
		}
	}
	if len(page.Mentions) != want || n.N != want {
		l.fault("%s %s is mentioned in %d notes, counts %d, and may see %d", a.Kind, a.ID, len(page.Mentions), n.N, want)
	}
}
