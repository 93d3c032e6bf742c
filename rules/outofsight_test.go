package rules_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestOutOfSight(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do  []rules.Step
		has string
	}{
		"unassigns it":                         {[]rules.Step{rules.Do("set_department", "sales")}, ""},
		"may give it to another one":           {[]rules.Step{rules.Do("set_department", "sales"), rules.Do("set_owner", "sam")}, "sam"},
		"may have somebody found who is there": {[]rules.Step{rules.Do("set_department", "sales"), rules.Do("auto_assign", rules.Assignment{By: rules.RoundRobin, Agents: []string{"sam"}})}, "sam"},
	} {
		t.Run("M59 M51 a rule that moves a ticket out of its assignee's sight "+name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			put(w, ticket.Department{Code: "sales", Name: "Sales"})
			w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.CustomerReplied}, Do: c.do})
			for id, place := range map[string]string{"jane": "support", "sam": "sales"} {
				ok(t, w.Catalog().PutRole(host, ticket.Role{Code: place, Name: place, Grants: []ticket.Grant{{Departments: []string{place}}}}))
				ok(t, w.People().PutAgent(host, ticket.Agent{ID: id, Name: id, Roles: []string{place}, Departments: []string{place}}))
			}
			ok(t, w.People().PutAgent(host, ticket.Agent{ID: agent.ID, Name: agent.Name}))
			x := must(w.Assign(host, w.open("Lamp").ID, "jane"))(t)
			must(w.Reply(as(customer), x.ID, ticket.ReplyDraft{Body: "I would like to buy another one."}))(t)
			w.settle()
			if x = w.now(x.ID); x.Department != "sales" || x.Assignee != c.has {
				t.Errorf("it is in %q with %q", x.Department, x.Assignee)
			}
		})
	}
}
