package rules_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A rule is stored, and runs for every ticket from then on: soon, once the desk is started, and here, by Inline, at once.
func Example() {
	ctx := context.Background()
	store := memory.New(nil)
	desk, err := helpdesk.New(ctx, store, &helpdesk.Config{Dispatch: helpdesk.Inline})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = desk.Stop(ctx) }()
	r, err := rules.New(desk.Automation(), store, nil)
	if err != nil {
		log.Fatal(err)
	}
	host := ticket.WithActor(ctx, ticket.System("shop"))
	_, warnings, err := r.Save(host, rules.Rule{
		Code: "urgent", Name: "What is urgent goes first", On: []rules.Trigger{rules.Created},
		When:    `lower(ticket.subject) startsWith "urgent"`,
		Do:      []rules.Step{rules.Do("set_priority", "high"), rules.Do("add_tags", []string{"urgent"})},
		Version: rules.AnyVersion, // whatever is stored: a program that starts again saves it again
	})
	if err != nil {
		log.Fatal(err, warnings)
	}
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Urgent: wrong address", Body: "Mill Lane 7."})
	if err != nil {
		log.Fatal(err)
	}
	if t, err = desk.Ticket(host, t.ID); err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Priority, t.Tags)
	// Output: high [urgent]
}

// exampleDesk is a desk with one ticket of Ann's, and rules.
func exampleDesk() (ctx context.Context, desk *helpdesk.Desk, r *rules.Rules, id int64) {
	store := memory.New(nil)
	desk, err := helpdesk.New(context.Background(), store, &helpdesk.Config{Dispatch: helpdesk.Inline})
	if err != nil {
		log.Fatal(err)
	}
	if r, err = rules.New(desk.Automation(), store, &rules.Options{Functions: map[string]rules.Function{"ship": ship}}); err != nil {
		log.Fatal(err)
	}
	ctx = ticket.WithActor(context.Background(), ticket.System("shop"))
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp broken", Body: "In two pieces."})
	if err != nil {
		log.Fatal(err)
	}
	return ctx, desk, r, t.ID
}

func ship(_ context.Context, a *rules.Acting, args map[string]string) error {
	fmt.Println("shipped by", args["by"], "for", a.Ticket.Subject)
	return nil
}

func ExampleRules_Explain() {
	ctx, desk, r, id := exampleDesk()
	defer func() { _ = desk.Stop(ctx) }()
	rule := rules.Rule{
		Code: "lamps", Name: "Lamps", On: []rules.Trigger{rules.Created}, Do: []rules.Step{rules.Do("set_priority", "high")},
		When:  `ticket.subject contains "Lamp" and ticket.channel == "email"`,
		Since: time.Now().AddDate(0, 0, -1), // the ticket was there before the rule
	}
	if _, _, err := r.Save(ctx, rule); err != nil {
		log.Fatal(err)
	}
	x, err := r.Explain(ctx, id, "lamps", 0) // by the last that the rule answers; an id of the history in place of 0: by that
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Matches, x.Why)
	for _, part := range x.Tree.Parts {
		fmt.Println(part.Outcome, part.Says)
	}
	// Output:
	// false did not match: ticket.channel was "account", not "email"
	// true ticket.subject was "Lamp broken", which contains "Lamp"
	// false ticket.channel was "account", not "email"
}

// A dry run goes over what tickets have been through, and writes nothing: the rules need not be stored.
func ExampleRules_DryRun() {
	ctx, desk, r, _ := exampleDesk()
	defer func() { _ = desk.Stop(ctx) }()
	rule := rules.Rule{
		Code: "lamps", Name: "Lamps", On: []rules.Trigger{rules.Created}, When: `ticket.subject contains "Lamps"`,
		Do: []rules.Step{rules.Do("set_priority", "high")},
	}
	before, err := r.DryRun(ctx, rules.Trial{Rules: []rules.Rule{rule}, Since: time.Now().AddDate(0, -1, 0)})
	if err != nil {
		log.Fatal(err)
	}
	rule.When = `ticket.subject contains "Lamp"`
	after, err := r.DryRun(ctx, rules.Trial{Rules: []rules.Rule{rule}, Since: before.Since, Until: before.Until})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(before.Matched, after.Matched)
	for _, hit := range rules.Compare(before, after).After {
		fmt.Println("now", hit.Rule, "would", hit.Would)
	}
	// Output:
	// map[lamps:0] map[lamps:1]
	// now lamps would [set_priority "high"]
}

// A host has events of its own, and functions that rules call.
func ExampleRules_Fire() {
	ctx, desk, r, id := exampleDesk()
	defer func() { _ = desk.Stop(ctx) }()
	_, _, err := r.Save(ctx, rules.Rule{
		Code: "replace", Name: "Ship another one", On: []rules.Trigger{"x.returned"},
		Do: []rules.Step{rules.Do("call", rules.Call{Function: "ship", Args: map[string]string{"by": "post"}})},
	})
	if err != nil {
		log.Fatal(err)
	}
	answering, err := r.Fire(ctx, id, "x.returned")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answering, "rule answers")
	for n := 1; n > 0; { // a desk that was started does it by itself
		if n, err = desk.Tick(ctx); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// 1 rule answers
	// shipped by post for Lamp broken
}

// An action of the host's own, which rules and macros name as they name the others.
func ExampleAddAction() {
	ctx, desk, r, id := exampleDesk()
	defer func() { _ = desk.Stop(ctx) }()
	type refund struct {
		Percent int `json:"percent"`
	}
	rules.AddAction(r, rules.Action[refund]{
		Name: "refund", Doc: "gives money back",
		Check: func(with refund, _ *rules.Setup) error {
			if with.Percent < 1 || with.Percent > 100 {
				return fmt.Errorf("percent is %d: give 1 to 100", with.Percent)
			}
			return nil
		},
		Do: func(_ context.Context, a *rules.Acting, with refund) error {
			fmt.Printf("%d %% back for %s\n", with.Percent, a.Ticket.Subject)
			return nil
		},
	})
	m := rules.Macro{Code: "sorry", Name: "Sorry", Do: []rules.Step{
		rules.Do("refund", refund{Percent: 50}),
		rules.Do("reply", rules.Text{Body: "Dear [ticket_customer_name], half of it is yours.", Status: "closed"}),
	}}
	if _, err := r.Macros().Save(ctx, m); err != nil {
		log.Fatal(err)
	}
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	t, err := r.Macros().Apply(bob, id, "sorry")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Status)
	// Output:
	// 50 % back for Lamp broken
	// closed
}

// Everything that rules are made of can be kept in a file beside the program.
func ExampleRules_Import() {
	ctx, desk, r, _ := exampleDesk()
	defer func() { _ = desk.Stop(ctx) }()
	f, err := rules.ParseFile([]byte(`
rules:
  - code: lamps
    name: Lamps
    on: [created]
    when: ticket.subject contains "Lamp"
    do:
      - set_priority: high
`))
	if err != nil {
		log.Fatal(err)
	}
	warnings, err := r.Import(ctx, f, true) // what the file does not have goes
	if err != nil {
		log.Fatal(err)
	}
	list, err := r.List(ctx)
	fmt.Println(list[0].Code, list[0].Do, warnings, err)
	// Output: lamps [set_priority "high"] [] <nil>
}
