package notify_test

import (
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestOwnAddresses(t *testing.T) {
	t.Parallel()
	t.Run("X21 the desk does not write to itself, nor names itself among those whom it writes to", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.Catalog().PutDepartment(x.host, ticket.Department{Code: "sales", Name: "Sales", Sender: "sales@shop.example"}))
		tk := x.mine(t)
		x.set(t, ticket.SettingsPatch{NewTicketAddresses: &[]string{help, "boss@shop.example"}})
		marks := must(must(x.Notification().Marker(x.host))(t).Mark(ticket.Mark{TicketID: tk.ID}, "Sales@shop.example"))(t)
		to := []ticket.Person{{Email: "Help@shop.example"}, {Email: "sales@shop.example"}, {Email: marks.Address}, {Name: "Eva", Email: "eva@example.com"}}
		m := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Is it plugged in?", To: to[:1], Cc: to[1:], Bcc: to[:3]}))(t)
		mails := x.mails(t)
		equal(t, "mails", len(mails), 2)
		for _, got := range mails {
			equal(t, "to", got.Header.Get("To"), `"Gus Gold" <gus@example.com>`)
			equal(t, "cc", got.Header.Get("Cc"), `"Eva" <eva@example.com>`)
		}
		list, _, err := x.n.Explain(x.host, x.eventOf(t, m))
		done(t, err)
		explained := func(e notify.Explanation) bool {
			return e.Person.Email == "sales@shop.example" && e.WhyNot == "the address is the desk's own" && e.Channels == nil
		}
		if !slices.ContainsFunc(list, explained) {
			t.Errorf("%+v", list)
		}
		again := x.lamp(t)
		if told := x.told(t); slices.Contains(told, help+": "+subject(again)) || !slices.Contains(told, "boss@shop.example: "+subject(again)) {
			t.Error(told)
		}
	})
}

// eventOf is the event of a message.
func (x *shop) eventOf(t testing.TB, m *ticket.Message) int64 {
	t.Helper()
	for _, e := range must(x.History(x.host, m.TicketID, ticket.EventQuery{}))(t) {
		if e.MessageID == m.ID {
			return e.ID
		}
	}
	t.Fatalf("message %d has no event", m.ID)
	return 0
}
