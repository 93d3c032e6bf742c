package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const ruleCount = 1000

// conditionOf is what rule i asks. Of two that follow each other, the first can hold for the ticket, and the second cannot.
func conditionOf(i int) string {
	n := i / 20
	return []string{
		`ticket.status == "open" and ticket.priority != "high"`,
		fmt.Sprintf(`ticket.status == "closed" and hours_since_last_reply > %d`, n),
		`ticket.subject contains "lamp"`,
		fmt.Sprintf(`ticket.subject contains "chair %d"`, n),
		fmt.Sprintf(`hours_since_last_reply > %d.5 and ticket.status in ["open", "waiting"]`, n),
		fmt.Sprintf(`hours_since_last_reply > %d`, 1000+n),
		`"vip" in ticket.tags and ticket.department == "sales"`,
		fmt.Sprintf(`"project-%d" in ticket.tags`, n),
		fmt.Sprintf(`field.size > %d`, n),
		fmt.Sprintf(`field.colour == "grey" and field.size < %d`, n),
		`ticket.channel == "email" and last_reply_by == "client"`,
		`ticket.channel == "api" and last_reply_by == "staff"`,
		`ticket.department in ["sales", "support"] and not (ticket.priority == "low")`,
		`ticket.department == "support" and ticket.priority == "high"`,
		fmt.Sprintf(`(ticket.subject contains "order" or ticket.subject contains "lamp") and hours_since_created > %d`, n),
		fmt.Sprintf(`ticket.subject startsWith "[monitor %d]"`, n),
		`ticket.assignee == "" and ticket.folder == "inbox"`,
		fmt.Sprintf(`ticket.assignee == "%d"`, n),
		`before.status == "open" and ticket.requester.email endsWith "@example.com"`,
		`before.status == "new" and ticket.status == "open"`,
	}[i%20]
}

// ruleDesk is a desk of a thousand rules with one ticket.
type ruleDesk struct {
	*helpdesk.Desk
	s      store.Store
	rules  *rules.Rules
	host   context.Context
	ticket *ticket.Ticket
}

func newRuleDesk(ctx context.Context) (d *ruleDesk, err error) {
	d = &ruleDesk{s: memory.New(nil), host: ticket.WithActor(ctx, ticket.System("bench"))}
	d.Desk, err = helpdesk.New(ctx, d.s, &helpdesk.Config{
		Dispatch:    helpdesk.Manual,
		Statuses:    statuses,
		Departments: []ticket.Department{{Code: "sales", Name: "Sales"}, {Code: "support", Name: "Support"}},
		Fields:      []ticket.Field{{Code: "size", Name: "Size", Type: ticket.FieldNumber}, {Code: "colour", Name: "Colour", Type: ticket.FieldText}},
	})
	if err != nil {
		return nil, err
	}
	if d.rules, err = rules.New(d.Automation(), d.s, nil); err != nil {
		return nil, err
	}
	for i := range ruleCount {
		r := rules.Rule{Code: fmt.Sprintf("rule%d", i), Name: "Rule", On: []rules.Trigger{rules.Changed}, When: conditionOf(i), Do: []rules.Step{rules.Do("add_tags", []string{"seen"})}}
		if err := d.rules.CheckRule(d.host, r); err != nil {
			return nil, err
		}
		doc, err := json.Marshal(r)
		if err == nil { // Save looks for circles among all, each time
			_, err = d.Automation().PutDefinition(d.host, "rule", r.Code, r.Name, doc, 0)
		}
		if err != nil {
			return nil, err
		}
	}
	d.ticket, err = d.CreateTicket(ticket.WithActor(ctx, ann), ticket.Draft{
		Subject: "The lamp that I ordered arrived in two pieces", Body: "Please help.", Department: "sales",
	})
	if err == nil {
		d.ticket, err = d.UpdateTicket(d.host, d.ticket.ID, ticket.Patch{Status: new("open"), Tags: &[]string{"vip", "order"}, Fields: map[string]*string{"size": new("500"), "colour": new("red")}})
	}
	return d, err
}

// rawVars are what expr sees: the same structure, and custom fields as numbers and texts already.
type rawVars struct {
	condition.Vars
	Field struct {
		Size   float64 `expr:"size"`
		Colour string  `expr:"colour"`
	} `expr:"field"`
}

// rawLoop is one machine over the programs of the same conditions, with nothing around.
func (d *ruleDesk) rawLoop() (loop func() (matched int, err error), err error) {
	var programs []*vm.Program
	for i := range ruleCount {
		p, err := expr.Compile(conditionOf(i), expr.Env(rawVars{}), expr.AsBool())
		if err != nil {
			return nil, err
		}
		programs = append(programs, p)
	}
	v := &rawVars{Vars: *condition.NewVars(condition.Source{Ticket: d.ticket, Now: d.Automation().Now()})}
	v.Field.Size, v.Field.Colour = 500, "red"
	var machine vm.VM
	return func() (matched int, err error) {
		for _, p := range programs {
			out, err := machine.Run(p, v)
			if err != nil {
				return 0, err
			}
			if out == true {
				matched++
			}
		}
		return matched, nil
	}, nil
}

// runRules measures what a thousand rules cost one event.
func runRules(ctx context.Context, e *env) (r result, err error) {
	d, err := newRuleDesk(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.Stop(ctx), d.s.Close()) }()
	loop, err := d.rawLoop()
	if err != nil {
		return r, err
	}
	var matching []string
	ours := func(n int) (err error) {
		for range n {
			if matching, err = d.rules.Matching(d.host, d.ticket.ID, rules.Changed); err != nil {
				return err
			}
		}
		return nil
	}
	matched := 0
	raw := func(n int) (err error) {
		for range n {
			if matched, err = loop(); err != nil {
				return err
			}
		}
		return nil
	}
	a, b, ratio, err := e.pairs(ours, raw)
	if err != nil {
		return r, err
	}
	if len(matching) != matched {
		return r, fmt.Errorf("ours matches %d rules (%s), raw %d", len(matching), strings.Join(matching, " "), matched)
	}
	return result{ours: perOp("Rules.Matching", a), raw: perOp("programs of expr, one vm.VM", b), ratio: 1 / ratio, promise: 1.5, most: true, unit: " x",
		notes: []string{
			fmt.Sprintf("%d rules on one ticket, %d match; ours: the rights of who asks, a snapshot, the version of the rules, the ticket as it is, what conditions", ruleCount, matched),
			"see of it, then of each rule trigger, brand and condition; raw: each condition over the same structure, filled before",
		}}, nil
}
