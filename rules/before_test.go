package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestBefore(t *testing.T) {
	t.Parallel()
	t.Run("M55 before is as the ticket is in what did not change", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		same := `before.status == ticket.status and before.subject == ticket.subject and before.class == ticket.class and len(before.tags) == len(ticket.tags)`
		for _, on := range []rules.Trigger{rules.Created, rules.Changed, rules.CustomerReplied, rules.ByClock, "x.ping"} {
			_, _, err := w.rules.Save(as(agent), rules.Rule{Code: strings.ReplaceAll(string(on), ".", "_"), Name: "R", On: []rules.Trigger{on}, When: same, Stop: true})
			ok(t, err)
		}
		id := w.open("Lamp").ID
		must(w.Reply(as(customer), id, ticket.ReplyDraft{Body: "x"}))(t)
		must(w.UpdateTicket(as(agent), id, ticket.Patch{Priority: new("high")}))(t)
		must(w.rules.Fire(as(agent), id, "x.ping"))(t)
		w.settle()
		w.Clock.Advance(2 * time.Hour)
		w.settle()
		matched := map[string]bool{}
		for _, run := range must(w.rules.Runs(as(agent), id, 0))(t) {
			for _, r := range run.Rules {
				matched[r.Rule] = true
			}
		}
		for _, code := range []string{"created", "changed", "customer_replied", "by_clock", "x_ping"} {
			if !matched[code] {
				t.Errorf("%s did not see before as the ticket is: %v", code, matched)
			}
		}
	})
}
