package rules_test

import (
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// How tickets that close themselves go together with rules.

func TestAutoCloseAndRules(t *testing.T) {
	t.Parallel()
	t.Run("I10 with the rules of the cookbook a ticket is chased, and closed, as without them", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, shopOptions{})
		ok(t, s.Catalog().PutDepartment(host, ticket.Department{Code: "sales", Name: "Sales"}))
		ok(t, s.Catalog().PutDepartment(host, ticket.Department{Code: "support", Name: "Support"}))
		must(s.Import(host, must(rules.ParseFile([]byte(readFile(t, cookbookFile))))(t), true))(t)
		must(s.AutoCloses().Save(host, chasing()))(t)
		id := s.open(t).ID
		must(s.Reply(bob, id, ticket.ReplyDraft{Body: "Which lamp?"}))(t)
		s.later(t, time.Minute)
		if got := s.get(t, id).Status; got != "in_progress" {
			t.Fatalf("it is %s: the rules do not run", got)
		}
		must(s.SetStatus(bob, id, "waiting_customer"))(t)
		s.later(t, 7*day)
		s.stands(t, id, 1, "waiting_customer")
		s.later(t, 5*day)
		s.stands(t, id, 1, "closed")
	})
}
