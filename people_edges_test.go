package helpdesk_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestMergingChains(t *testing.T) {
	t.Parallel()
	three := func(t *testing.T, emails bool) (*helpdesktest.Desk, [3]*ticket.Ticket) {
		d := newDesk(t, helpdesk.Config{})
		var tks [3]*ticket.Ticket
		for i, id := range []string{"a", "b", "c"} {
			c := ticket.Customer{ID: id, Name: strings.ToUpper(id)}
			if emails {
				c.Emails = []string{id + "@example.com"}
			}
			must(d.People().PutCustomer(as(host), c))(t)
			tks[i] = must(d.CreateTicket(as(ticket.Client(id, c.Name, id+"@example.com")), lamp()))(t)
		}
		must(d.People().MergeCustomers(as(host), "b", "a"))(t)
		must(d.People().MergeCustomers(as(host), "c", "b"))(t)
		return d, tks
	}
	for _, emails := range []bool{true, false} {
		t.Run(fmt.Sprintf("X13 what was merged first is unmerged last (addresses: %v)", emails), func(t *testing.T) {
			t.Parallel()
			d, tks := three(t, emails)
			_, err := d.People().UnmergeCustomer(as(host), "a")
			invalid(t, err, "from")
			for _, id := range []string{"b", "a"} {
				must(d.People().UnmergeCustomer(as(host), id))(t)
			}
			for i, id := range []string{"a", "b", "c"} {
				equal(t, "requester", must(d.Ticket(as(host), tks[i].ID))(t).Requester.ID, id)
				equal(t, "customer", must(d.People().Customer(as(host), id))(t).ID, id)
				if emails {
					equal(t, "by address", must(d.People().CustomerByEmail(as(host), "", id+"@example.com"))(t).ID, id)
				}
			}
		})
	}
	t.Run("X13 there are no circles, and who is erased in a chain is erased in all of it", func(t *testing.T) {
		t.Parallel()
		d, tks := three(t, true)
		_, err := d.People().MergeCustomers(as(host), "a", "c")
		invalid(t, err, "id")
		must(d.People().Erase(as(host), ticket.Person{ID: "a"}, nil))(t)
		for _, tk := range tks {
			if all := everything(t, d, tk.ID); strings.Contains(all, "@example.com") {
				t.Errorf("left is %s", all)
			}
		}
		equal(t, "customers", len(must(d.People().Customers(as(host), helpdesk.PeopleQuery{}))(t)), 0)
	})
}

func TestErasureAmongWriters(t *testing.T) {
	t.Parallel()
	t.Run("X13 what others write meanwhile is neither lost nor made unreadable", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, zoe)
		var wg sync.WaitGroup
		const writers, each = 4, 10
		for range writers {
			wg.Go(func() {
				for range each {
					if _, err := d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "Dear Zoë Quist"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 5 {
			must(d.People().Erase(as(host), zoe.Person(), nil))(t)
		}
		wg.Wait()
		must(d.People().Erase(as(host), zoe.Person(), nil))(t)
		messages := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{Limit: ticket.MaxPage}))(t)
		equal(t, "messages", len(messages), 1+writers*each)
		after := must(d.Ticket(as(bob), tk.ID))(t)
		for _, e := range slices.Backward(history(t, d, tk.ID)) {
			ok(t, ticket.Undo(after, e.Changes))
		}
	})
}

func TestExplainByMail(t *testing.T) {
	t.Parallel()
	t.Run("X10 a sender of mail sees what Explain says", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		sender := ticket.Guest("Ann", ann.Email).Via(ticket.ChannelEmail)
		e := must(d.Rights().Explain(as(host), sender, helpdesk.ActSee, tk.ID))(t)
		_, err := d.Ticket(as(sender), tk.ID)
		equal(t, "sees", e.Sees.Allowed, err == nil)
		equal(t, "lists", len(must(d.Tickets(as(sender), ticket.Query{}))(t).Tickets) == 1, err == nil)
		_, err = d.Reply(as(sender), tk.ID, ticket.ReplyDraft{Body: "by mail"})
		ok(t, err)
	})
}

func TestNothingGivenIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, helpdesk.Config{})
	invalid(t, d.People().Export(as(bob), ann.Person(), nil, nil), "w")
	_, err := d.Mail().StoreBlob(as(bob), nil)
	invalid(t, err, "r")
	_, err = d.Rights().Explain(as(bob), ticket.Actor{}, helpdesk.ActCreate, 0)
	invalid(t, err, "who")
}
