package condition_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// chance makes tickets and conditions from few values, so that they often meet.
type chance struct{ *rand.Rand }

func newChance(seed uint64) chance { return chance{rand.New(rand.NewPCG(seed, 8))} }

func pick[T any](c chance, list ...T) T { return list[c.IntN(len(list))] }

func (c chance) words() []string {
	var out []string
	for range c.IntN(3) {
		out = append(out, pick(c, "vip", "problem", "lamp"))
	}
	return out
}

// ago is a time within days before noon, now and then none.
func (c chance) ago() time.Time {
	if c.IntN(10) == 0 {
		return time.Time{}
	}
	return noon.Add(-time.Duration(c.IntN(30*24*60)) * time.Minute)
}

func (c chance) ticket() *ticket.Ticket {
	t := &ticket.Ticket{
		ID: int64(c.IntN(5)), Code: pick(c, "A-1", "B-2"), External: pick(c, "", "x"), Subject: pick(c, "", "Order", "my ORDER", "lamp\n\"x\""), Brand: pick(c, "lamps", "chairs"),
		Department: pick(c, "sales", "support"), Status: pick(c, "open", "in_progress", "waiting_customer", "closed"), Class: pick(c, ticket.Classes()...),
		Priority: pick(c, "low", "medium", "high"), Folder: pick(c, ticket.Inbox, ticket.Archive, ticket.Spam), Assignee: pick(c, "", "ann", "bob"),
		Watchers: c.words(), Channel: pick(c, ticket.ChannelEmail, ticket.ChannelAPI), Gateway: pick(c, "", "shop"), Locked: c.IntN(2) == 0, Tags: c.words(),
		Requester: ticket.Person{ID: pick(c, "", "42"), Name: pick(c, "", "Ann"), Email: pick(c, "", "Ann@example.com")}, Organisation: pick(c, "", "acme"),
		Service: pick(c, "", "1001"), Seq: int64(c.IntN(4)), UnreadByStaff: c.IntN(2) == 0, UnreadByClient: c.IntN(2) == 0,
		LastReplyBy: pick(c, "", ticket.ActorGuest, ticket.ActorClient, ticket.ActorStaff),
		CreatedAt:   c.ago(), UpdatedAt: c.ago(), LastReplyAt: c.ago(), Fields: map[string]string{},
	}
	if c.IntN(2) == 0 {
		t.SolvedAt = new(c.ago())
	}
	for code, values := range map[string][]string{"telephone": {"", "456", "Order"}, "rooms": {"", "3", "12.5", "-1"}, "gift": {"", "1"}, "due": {"", "2026-07-01", "2026-06-01"},
		"colour": {"", "red", "blue"}, "extras": {"", "bulb", "bulb\nplug"}, "order-no": {"", "a1", "A1"}} {
		if v := pick(c, values...); v != "" {
			t.Fields[code] = v
		}
	}
	return t
}

func (c chance) source(t *ticket.Ticket) condition.Source {
	s := condition.Source{Ticket: t, Now: noon, Group: pick(c, "", "wholesale"), Event: &ticket.Event{Type: pick(c, ticket.EventUpdated, ticket.EventCreated), Actor: ticket.Staff("bob", "Bob", "bob@example.com")},
		Message: &ticket.Message{Kind: pick(c, ticket.KindReply, ticket.KindNote), Body: pick(c, "", "my Order"), Files: []ticket.File{{Name: pick(c, "Lamp", "lamp")}}}}
	if c.IntN(2) == 0 {
		s.Before = c.ticket()
		s.Event.Changes = ticket.Diff(s.Before, t)
	}
	return s
}

// group makes a form as Condition.Group writes forms, so that they can be compared.
func (c chance) group(fields []condition.Field, depth int, outer string) condition.Group {
	g := condition.Group{Mode: pick(c, condition.All, condition.Any), Is: condition.True}
	if depth > 0 && c.IntN(4) == 0 {
		g.Is = condition.False
	}
	if outer != "" && g.Is == condition.True { // another than the group around it, whose conditions they would be
		g.Mode = condition.All
		if outer == "and" {
			g.Mode = condition.Any
		}
	}
	inner := "and"
	if (g.Mode == condition.Any) != (g.Is == condition.False) {
		inner = "or"
	}
	for range 2 + c.IntN(2) {
		if depth < 2 && c.IntN(4) == 0 {
			g.Conditions = append(g.Conditions, condition.Item{Group: new(c.group(fields, depth+1, inner))})
			continue
		}
		g.Conditions = append(g.Conditions, c.item(fields))
	}
	return g
}

func (c chance) item(fields []condition.Field) condition.Item {
	f := pick(c, fields...)
	item := condition.Item{Field: f.Name, Operator: pick(c, condition.OperatorsOf(f)...)}
	changes := strings.HasPrefix(string(item.Operator), "changed")
	item.Before = f.Before && !changes && c.IntN(4) == 0
	takes := item.Operator.Takes()
	item.MatchCase = f.Fold && !changes && takes > 0 && c.IntN(2) == 0
	for range min(takes, 1+c.IntN(3)) {
		v := c.value(f)
		pattern := item.Operator == condition.Matches || item.Operator == condition.NotMatches
		if pattern {
			v = pick(c, "^Order", "r+", ".*a", `\d`)
		}
		if f.Lower || (f.Fold && !item.MatchCase && !pattern) {
			v = strings.ToLower(v)
		}
		item.Values = append(item.Values, v)
	}
	return item
}

func (c chance) value(f condition.Field) string {
	switch f.Kind {
	case condition.Number:
		return pick(c, "1", "3", "12.5", "-1", strconv.Itoa(c.IntN(30*24)), strconv.FormatFloat(c.Float64()*700, 'f', -1, 64))
	case condition.Bool:
		return pick(c, "true", "false")
	case condition.Time:
		return pick(c, "2026-06-01", "2026-06-10", "2026-06-17")
	}
	if len(f.Options) > 0 && c.IntN(8) > 0 {
		return pick(c, f.Options...)
	}
	return pick(c, "Order", "vip", "problem", "ann", "bob", "42", "A1", "a1", "2026-06-15", "acme", "1001", "lamp\n\"x\"", "shop", "ann@example.com")
}
