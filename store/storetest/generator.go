package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// The worlds of the model are small, so that operations meet each other.
const (
	modelTickets = 12
	modelEntries = 40 // messages, and events
	modelKeys    = 5
)

// generator draws operations.
type generator struct {
	*rand.Rand
	works int64 // ids given to work so far
}

func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

// some picks none, one or several.
func some[T any](g *generator, from ...T) []T {
	var out []T
	for g.chance(3) {
		out = append(out, pick(g, from...))
	}
	return out
}

func (g *generator) ticketID() int64 { return 1 + g.Int64N(modelTickets) }

func (g *generator) key() string { return fmt.Sprint("key", g.IntN(modelKeys)) }

func (g *generator) at() time.Time { return base.Add(time.Duration(g.IntN(30)) * time.Microsecond) }

func (g *generator) person() ticket.Person {
	return pick(g, ticket.Person{}, ticket.Person{ID: "7", Email: "seven@example.com"}, ticket.Person{Email: "Seven@example.com"},
		ticket.Person{ID: "8", Name: "Eight"}, ticket.Person{Name: "Ann", Email: "ann@example.com"})
}

func (g *generator) ticket() *ticket.Ticket {
	id := g.ticketID()
	t := &ticket.Ticket{
		ID: id, Code: fmt.Sprint("C-", id), Version: g.Int64N(1000), Brand: pick(g, "main", "shop"), Department: pick(g, "sales", "support"),
		Status: pick(g, "open", "hold", "closed"), Class: pick(g, ticket.Classes()...), Priority: pick(g, "low", "high", "gone"),
		Folder: pick(g, ticket.Inbox, ticket.Archive, ticket.Spam), Channel: pick(g, ticket.ChannelEmail, ticket.ChannelAPI),
		Requester: g.person(), Organisation: pick(g, "", "acme"), Assignee: pick(g, "", "1", "2"), Service: pick(g, "", "order 5"),
		MergedInto: pick[int64](g, 0, 0, 0, 0, 5), Watchers: some(g, "1", "2", "3"), Tags: some(g, "a", "b", "c"), UnreadByStaff: g.chance(2), UnreadByClient: g.chance(2),
		CreatedAt: g.at(), UpdatedAt: g.at(), LastReplyAt: g.at(),
	}
	for g.chance(3) {
		t.Participants = append(t.Participants, g.person())
	}
	if g.chance(4) {
		t.Related = []ticket.Ref{{Kind: pick(g, "order", "rma"), ID: pick(g, "5", "6")}}
	}
	if g.chance(5) {
		t.DeletedAt = new(g.at())
	}
	for g.chance(2) {
		if t.Fields == nil {
			t.Fields = map[string]string{}
		}
		t.Fields[g.fieldCode()] = g.fieldValue()
	}
	return t
}

func (g *generator) fieldCode() string { return pick(g, "size", "due", "1:due") }

// fieldValue draws numbers in several spellings, texts, several lines, and values that are as good as none.
func (g *generator) fieldValue() string {
	return pick(g, "", " \n\r\n", "1", "+1.0", "-2", "10", "9", "-10.5", "0", "-0", "0.05", "9007199254740993", "9007199254740992",
		"2026-03-01", "2026-03-02", "Red", "red", "blue\nRED\n1", "1\n10", strings.Repeat("9", 201), strings.Repeat("é", 150)+pick(g, "a", "b"), "1\x00")
}

func (g *generator) fieldFilter() ticket.FieldFilter {
	f := ticket.FieldFilter{Code: g.fieldCode(), Empty: g.chance(6)}
	for g.chance(2) {
		f.Values = append(f.Values, g.fieldValue())
	}
	if g.chance(2) {
		f.From = g.fieldValue()
	}
	if g.chance(2) {
		f.To = g.fieldValue()
	}
	return f
}

func (g *generator) sort() ticket.Sort {
	return pick(g, slices.Concat(sorts, urgencies, []ticket.Sort{"", ticket.ByField(g.fieldCode()), ticket.ByFieldDesc(g.fieldCode())})...)
}

func (g *generator) query() ticket.Query {
	q := ticket.Query{
		Folders: some(g, ticket.Inbox, ticket.Archive), Classes: some(g, ticket.Classes()...), Statuses: some(g, "open", "hold"),
		Deleted: g.chance(5), Sort: g.sort(), Limit: pick(g, 0, 1, 2, 5), Ranks: ranks,
	}
	for range g.IntN(3) {
		switch g.IntN(21) {
		case 0:
			q.Departments = []string{pick(g, "sales", "support")}
		case 1:
			q.Brands = []string{"shop"}
		case 2:
			q.Priorities = []string{pick(g, "high", "gone"), "none"}
		case 3:
			q.Channels = []ticket.Channel{ticket.ChannelAPI}
		case 4:
			q.Tags = some(g, "a", "b")
		case 5:
			q.Assignee = "1"
		case 6:
			q.Unassigned = true
		case 7:
			q.Requester = "7"
		case 8:
			q.Email = "SEVEN@example.com"
		case 9:
			q.Organisation, q.Service = "acme", pick(g, "", "order 5")
		case 10:
			q.Participant = "ann@example.com"
		case 11:
			q.Watcher = "2"
		case 12:
			q.Related = ticket.Ref{Kind: "order", ID: "5"}
		case 13:
			q.UnreadByStaff = true
		case 14, 15:
			q.Fields = append(q.Fields, g.fieldFilter())
		case 16:
			q.UnreadByClient = true
		case 17:
			q.LastReplyFrom, q.LastReplyTo = g.at(), pick(g, time.Time{}, g.at().Add(20*time.Microsecond))
		case 18:
			q.UpdatedFrom, q.CreatedTo = g.at(), g.at()
		case 19:
			q.After, q.Before = pick(g, nil, g.ticket()), g.ticket()
		default:
			q.CreatedFrom, q.CreatedTo, q.UpdatedFrom, q.UpdatedTo = g.at(), g.at().Add(20*time.Microsecond), base, g.at().Add(20*time.Microsecond)
		}
	}
	return q
}

func (g *generator) place() ticket.Place {
	return ticket.Place{Brand: pick(g, "", "main", "shop"), Department: pick(g, "", "sales", "support")}
}

// scope draws one of the common ones, or any mixture.
func (g *generator) scope() ticket.Scope {
	s := pick(g, everything, everything, ticket.Scope{}, ticket.Scope{Places: []ticket.Place{{Department: "sales"}}}, ticket.Scope{Agent: "1"},
		ticket.Scope{Places: []ticket.Place{{Department: "support"}}, Agent: "2"}, ticket.Scope{Requester: "7", Emails: []string{"seven@example.com"}},
		ticket.Scope{Emails: []string{"ann@example.com"}}, ticket.Scope{Requester: "8"})
	if g.chance(2) {
		s = ticket.Scope{Agent: pick(g, "", "1", "2"), Requester: pick(g, "", "7", "8"), Organisations: some(g, "", "acme", "acme", "none"),
			Emails: some(g, "", " SEVEN@example.com", "seven@example.com", "ann@example.com")}
		for g.chance(2) {
			s.Places = append(s.Places, g.place())
		}
		for g.chance(2) {
			s.AgentPlaces = append(s.AgentPlaces, g.place())
		}
	}
	if g.chance(6) {
		s.Only = g.ticketID()
	}
	return s
}

// operation draws one, those that matter more often more often.
func (g *generator) operation() *operation {
	draw := pick(g,
		g.putTicket, g.putTicket, g.putTicket, g.lockTicket, g.lockTicket, g.deleteTicket, g.putMessage, g.putMessage, g.putEvent, g.putEvent,
		g.listTickets, g.listTickets, g.listTickets, g.countTickets, g.tally, g.tally, g.readTicket, g.readThread, g.readJournal,
		g.putWork, g.putWork, g.putWork, g.lease, g.lease, g.lease, g.finish, g.finish, g.finish, g.setWork, g.pruneWork, g.listWork,
		g.putRecord, g.putRecord, g.lockRecord, g.deleteRecord, g.listRecords, g.reserve, g.reserve, g.release, g.link, g.blob,
		g.index, g.index, g.search, g.search, g.reindex)
	return draw()
}
