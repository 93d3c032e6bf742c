package helpdesk_test

import (
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// searches looks for every text that stands in one ticket only, in the ways in which people would, and expects that it is
// found by those who may see the ticket and nobody else: of notes, tags and fields by staff alone.
func (l *leaks) searches(a ticket.Actor, all map[int64]*ticket.Ticket, visible map[int64]bool, say func(any, error)) {
	c := as(a)
	must(l.Index().Update(c))(l.t)
	look := func(s ticket.Search) (found []int64) {
		for s.Limit = 1 + l.IntN(4); ; {
			page, err := l.Search(c, s)
			say(page, err)
			for _, h := range page.Hits {
				found = append(found, h.Ticket.ID)
			}
			if s.Cursor = page.Next; err != nil || s.Cursor == "" {
				return found
			}
		}
	}
	order := oneOf(l.Rand, ticket.NewestFirst, ticket.Ranked)
	for m, id := range l.marks {
		if l.IntN(12) > 0 || strings.HasPrefix(m, "comment") || strings.HasPrefix(m, "time") || strings.HasPrefix(m, "unshown") { // which are not searched
			continue
		}
		text := oneOf(l.Rand, m, strings.ToUpper(m), m[:len(m)-3]+"*", m+" -nothing", "nothing OR "+m)
		if m == all[id].Code { // whose parts are too short to begin words
			text = m
		}
		tk := all[id]
		got := look(ticket.Search{Text: text, Order: order})
		found, internal := l.stands(m, tk)
		want := visible[id] && tk.DeletedAt == nil && found && (a.Kind == ticket.ActorStaff || !internal)
		if (len(got) > 0) != want || len(got) > 1 {
			l.fault("%s %s%s finds %v by %q of ticket %d, may see it: %v", a.Kind, a.ID, a.Email, got, text, id, visible[id])
		}
	}
	for _, text := range []string{"-nothing", "", "desk OR example OR body*", "is:new", "department:support"} {
		for _, id := range look(ticket.Search{Text: text, Order: order}) {
			if !visible[id] {
				l.fault("%s %s%s finds ticket %d by %q", a.Kind, a.ID, a.Email, id, text)
			}
		}
	}
	tk := all[oneOf(l.Rand, l.ids...)]
	look(ticket.Search{Text: "tag:" + tk.Tags[0]})
	look(ticket.Search{Text: "from:" + tk.Requester.Email + " " + tk.Code})
}

// stands reports whether a text stands where a search looks, and whether there alone where customers do not.
func (l *leaks) stands(m string, tk *ticket.Ticket) (found, internal bool) {
	switch strings.TrimRight(m, "0123456789abcdef") {
	case "subject":
		return tk.Subject == m, false
	case "content":
		return false, false
	case "not", "tag", "fiel": // of note and field, whose last letters are digits to those who count in sixteens
		return true, true
	case "reply":
		for _, x := range must(l.Messages(as(host), tk.ID, ticket.MessageQuery{}))(l.t) {
			if x.Body == m {
				found, internal = true, !x.Kind.Public()
			}
		}
		return found, internal
	}
	return true, false
}
