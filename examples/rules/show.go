package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// explainAll says what every rule makes of a ticket, or one of them.
func (d *desk) explainAll(ctx context.Context, code, rule string, out io.Writer) error {
	t, err := d.TicketByCode(ctx, code)
	if err != nil {
		return err
	}
	list, err := d.rules.List(ctx)
	if err != nil {
		return err
	}
	if rule != "" {
		one, err := d.rules.Rule(ctx, rule)
		if err != nil {
			return err
		}
		list = []rules.Rule{one}
	}
	for _, r := range list {
		if err := d.explain(ctx, t, r, out); err != nil {
			return err
		}
	}
	return nil
}

// explain says what a rule made of the last that it answers.
func (d *desk) explain(ctx context.Context, t *ticket.Ticket, r rules.Rule, out io.Writer) error {
	x, err := d.rules.Explain(ctx, t.ID, r.Code, 0)
	if err == nil {
		printExplanation(x, out)
	}
	return err
}

func printExplanation(x rules.Explanation, out io.Writer) {
	of := "as the ticket is now"
	answered := func(t rules.Trigger) bool { return slices.Contains(x.Rule.On, t) }
	if i := slices.IndexFunc(x.Triggers, answered); i >= 0 {
		of = fmt.Sprintf("%s at %s", x.Triggers[i], x.At.Format("2006-01-02 15:04"))
	}
	fmt.Fprintf(out, "%s %s (%s)\n", mark(x.Matches), x.Rule.Code, of)
	if x.Tree == nil || !strings.HasSuffix(x.Tree.Says, x.Why) { // it is not the condition that decides
		fmt.Fprintf(out, "    %s\n", x.Why)
	}
	if x.Tree != nil {
		printTree(x.Tree, 1, out)
	}
	for _, would := range x.Would {
		if x.Matches {
			fmt.Fprintf(out, "    → %s\n", would)
		}
	}
}

// printTree shows every part of a condition, and why each holds that holds nothing else.
func printTree(t *condition.Tree, depth int, out io.Writer) {
	text := t.Text
	if len(t.Parts) == 0 {
		text = strings.TrimPrefix(strings.TrimPrefix(t.Says, "matched: "), "did not match: ")
	}
	fmt.Fprintf(out, "%s%s %s\n", strings.Repeat("    ", depth), mark(t.Outcome == condition.True), text)
	for _, p := range t.Parts {
		printTree(p, depth+1, out)
	}
}

func mark(yes bool) string {
	if yes {
		return "✓"
	}
	return "✗"
}

// printReport says what rules would have done.
func (d *desk) printReport(ctx context.Context, r rules.Report, out io.Writer) error {
	fmt.Fprintf(out, "%d tickets and %d events since %s would have given\n", r.Tickets, r.Events, r.Since.Format("2006-01-02 15:04"))
	for _, code := range slices.Sorted(maps.Keys(r.Matched)) {
		fmt.Fprintf(out, "  %3d × %s\n", r.Matched[code], code)
	}
	for _, h := range r.Hits {
		t, err := d.Ticket(ctx, h.TicketID)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s  %s %q: %s: %s\n", h.At.Format("2006-01-02 15:04"), t.Code, t.Subject, h.Rule, strings.Join(h.Would, ", "))
	}
	if r.More {
		fmt.Fprintln(out, "and more, which are not listed")
	}
	return nil
}
