package notify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestWaited(t *testing.T) {
	t.Parallel()
	held := func(t *testing.T) (*shop, ticket.Customer) {
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{UndoSend: new(ticket.Duration(time.Minute))})
		return x, must(x.People().PutCustomer(x.host, ticket.Customer{Name: "Ina", Emails: []string{"wrong@example.com", "second@example.com"}}))(t)
	}
	t.Run("M24 a letter goes to the address that its reader has when it is sent", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			requester, want string
			correct         func(x *shop, c ticket.Customer, id int64)
		}{
			"corrected in the directory": {"wrong@example.com", "right@example.com", func(x *shop, c ticket.Customer, _ int64) {
				c.Emails = []string{"right@example.com", "second@example.com"}
				must(x.People().PutCustomer(x.host, c))(t)
			}},
			"corrected on the ticket": {"wrong@example.com", "right@example.com", func(x *shop, c ticket.Customer, id int64) {
				must(x.UpdateTicket(as(ann), id, ticket.Patch{Requester: &ticket.Person{ID: c.ID, Name: "Ina", Email: "right@example.com"}}))(t)
			}},
			"still one of theirs": {"second@example.com", "second@example.com", func(x *shop, c ticket.Customer, _ int64) {
				c.Emails = []string{"right@example.com", "second@example.com"}
				must(x.People().PutCustomer(x.host, c))(t)
			}},
			"no other is known": {"wrong@example.com", "wrong@example.com", func(x *shop, c ticket.Customer, _ int64) {
				c.Emails = nil
				must(x.People().PutCustomer(x.host, c))(t)
			}},
			"never in the directory": {"elsewhere@example.com", "elsewhere@example.com", func(x *shop, c ticket.Customer, _ int64) {
				c.Emails = []string{"right@example.com"}
				must(x.People().PutCustomer(x.host, c))(t)
			}},
		} {
			x, customer := held(t)
			tk := must(x.CreateTicket(as(ann), ticket.Draft{Subject: "Lamp", Body: "It leaves today.", Assignee: ann.ID, Requester: ticket.Person{ID: customer.ID, Name: "Ina", Email: c.requester}}))(t)
			same(t, name+": told at once", x.told(t))
			c.correct(x, must(x.People().Customer(x.host, customer.ID))(t), tk.ID)
			x.Clock.Advance(time.Hour)
			mails := x.mails(t)
			if len(mails) != 1 || mails[0].to != c.want || mails[0].Header.Get("To") != `"Ina" <`+c.want+`>` {
				t.Errorf("%s: %d mails", name, len(mails))
				for _, got := range mails {
					t.Errorf("to %s, %s", got.to, got.Header.Get("To"))
				}
				continue
			}
			l := must(x.n.Letters(x.host, tk.ID))(t)[0]
			if l.State != notify.Sent || l.To.Email != c.want || !strings.Contains(mails[0].Header.Get("Message-Id"), l.MessageID) {
				t.Errorf("%s: %+v", name, l)
			}
		}
	})
	t.Run("X14 what a process whose clock is ahead has ordered is sent by others at once", func(t *testing.T) {
		t.Parallel()
		right := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		db := memory.New(&memory.Options{Now: right.Now})
		defer func() { done(t, db.Close()) }()
		ahead := newShop(t, setup{store: db, clock: helpdesktest.NewClock(right.Now().Add(time.Hour)), manual: true})
		x := newShop(t, setup{store: db, clock: right, at: ahead.server})
		tk := ahead.lamp(t)
		ahead.DispatchAll(t) // which orders, and sends nothing
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk), "ann@shop.example: "+subject(tk), "bob@shop.example: "+subject(tk))
		for _, l := range must(x.n.Letters(x.host, tk.ID))(t) {
			equal(t, "state", l.State, notify.Sent)
		}
	})
	t.Run("X14 whoever does not want to hear of it any more is not told what has waited for them", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		quiet := &calendar.Calendar{Code: "b", Name: "B", Zone: "UTC", Week: calendar.Weekdays("12:00-16:00")}
		done(t, x.n.SetPreferences(as(bob), notify.Preferences{Hours: quiet}))
		tk := x.mine(t)
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new(bob.ID)}))(t)
		same(t, "told at nine", x.told(t))
		done(t, x.n.SetPreferences(as(bob), notify.Preferences{Version: 1, Topics: map[template.Kind]notify.Choice{template.Assignment: notify.Off}}))
		x.Clock.Advance(6 * time.Hour)
		same(t, "told at three", x.told(t), "bob@shop.example: "+subject(tk)) // of the new ticket, and not that it is his
		var states []string
		for _, l := range must(x.n.Letters(x.host, tk.ID))(t) {
			if l.Agent == bob.ID {
				states = append(states, string(l.Kind)+" "+string(l.State)+" "+l.Reason)
			}
		}
		slices.Sort(states)
		same(t, "letters to Bob", states, "assignment cancelled they do not want to hear of that any more", "staff_ticket sent ")
	})
}
