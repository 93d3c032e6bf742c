// Package rules does by itself what a desk has to do again and again: rules that answer events or the clock, follow-ups,
// tickets that close themselves, recurring tickets, deadlines.
//
//	r, err := rules.New(desk.Automation(), store, nil)
//	_, _, err = r.Save(ctx, rules.Rule{Code: "orders", Name: "Orders", On: []rules.Trigger{rules.Created}, When: `ticket.subject contains "Order"`, Do: …, Version: rules.AnyVersion})
//	err = desk.Start(ctx) // and they run
//
// Rules and whatever else belongs to them stand in the store: they can be changed while the desk runs, by who may configure
// it, and each process sees the change at its next step.
//
// A code in brackets, as (M52), names what something is there for, and the tests that prove it: go test -run /M52 ./rules.
package rules
