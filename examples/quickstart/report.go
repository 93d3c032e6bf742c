package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// reportDemo prints what the demonstration has left in the database and in its hooks.
func (a *app) reportDemo(ctx context.Context, p *plugin) error {
	ctx = ticket.WithActor(ctx, agent())
	if err := a.printTickets(ctx, ticket.Query{Sort: ticket.OldestCreated}); err != nil {
		return err
	}
	if err := a.printThread(ctx, "lamp"); err != nil {
		return err
	}
	a.printHooks(p)
	return a.printRefused(ctx)
}

// reportMailbox prints what a mailbox has become so far.
func (a *app) reportMailbox(ctx context.Context, g *gateway.Gateway) error {
	status, err := g.Status(ctx)
	if err != nil {
		return err
	}
	if status.Waiting+status.Quarantined > 0 {
		fmt.Fprintf(a.out, "left     %d to be tried again, %d in quarantine\n", status.Waiting, status.Quarantined)
	}
	return a.printTickets(ticket.WithActor(ctx, agent()), ticket.Query{})
}

// shown is how many tickets a table has at most.
const shown = 20

func (a *app) printTickets(ctx context.Context, q ticket.Query) error {
	q.Limit = shown
	page, err := a.desk.Tickets(ctx, q)
	if err != nil || len(page.Tickets) == 0 {
		return err
	}
	fmt.Fprint(a.out, "\nTICKETS\n")
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "code\tstatus\tpriority\tassignee\tmessages\tfrom\tsubject")
	for _, t := range page.Tickets {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", t.Code, t.Status, t.Priority, cmp.Or(t.Assignee, "-"), t.Seq, oneLine(t.Requester.Email), oneLine(t.Subject))
	}
	if page.Next != "" {
		fmt.Fprintln(w, "…")
	}
	return w.Flush()
}

// printThread prints the first of the demonstration's tickets about something, as an agent sees it.
func (a *app) printThread(ctx context.Context, about string) error {
	for t, err := range a.desk.AllTickets(ctx, ticket.Query{Sort: ticket.OldestCreated}) {
		if err != nil {
			return err
		}
		if t.Gateway != demoGateway || !strings.Contains(t.Subject, about) {
			continue
		}
		fmt.Fprintf(a.out, "\nTHREAD of %s\n", t.Code)
		messages, err := a.desk.Messages(ctx, t.ID, ticket.MessageQuery{})
		for _, m := range messages {
			a.printMessage(m)
		}
		return err
	}
	return nil
}

// printLast prints the messages that mails have become, without what they quote.
func (a *app) printLast(ctx context.Context, outcomes []gateway.Outcome) error {
	for _, o := range outcomes {
		if o.MessageID == 0 {
			continue
		}
		m, err := a.desk.Message(ticket.WithActor(ctx, agent()), o.MessageID)
		if err != nil {
			return err
		}
		m.Body = m.Reply()
		a.printMessage(m)
	}
	return nil
}

func (a *app) printMessage(m *ticket.Message) {
	kind := ""
	switch {
	case m.Unproven:
		kind = ", kept as an internal note: the sender does not belong to this ticket"
	case !m.Kind.Public():
		kind = ", an internal note"
	}
	fmt.Fprintf(a.out, "%d. %s%s\n", m.Seq, oneLine(m.Author.Person().String()), kind)
	for line := range strings.Lines(strings.TrimSpace(m.Body)) {
		if line = oneLine(line); line != "" {
			fmt.Fprintf(a.out, "   | %s\n", line)
		}
	}
}

func (a *app) printHooks(p *plugin) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprint(a.out, "\nHOOKS\n")
	if len(p.calls) == 0 {
		fmt.Fprintln(a.out, "none was called: nothing is new")
		return
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "kind\tpoint\tcalls")
	for _, kind := range []hooks.Kind{hooks.KindFilter, hooks.KindGate, hooks.KindEvent} {
		for _, point := range p.points {
			if n := p.calls[point.Name]; n > 0 && point.Kind == kind {
				fmt.Fprintf(w, "%s\t%s\t%d\n", kind, point.Name, n)
			}
		}
	}
	_ = w.Flush()
}

func (a *app) printRefused(ctx context.Context) error {
	list, err := a.desk.Journal(ctx, ticket.EventQuery{Types: []ticket.EventType{ticket.EventMailRejected}})
	if err != nil || len(list) == 0 {
		return err
	}
	fmt.Fprint(a.out, "\nREFUSED\n")
	for _, e := range list {
		fmt.Fprintf(a.out, "%q from %s\n   %s\n", oneLine(e.Subject), oneLine(e.Actor.Email), oneLine(e.Detail))
	}
	return nil
}

// counted is how many mails became what.
func counted(outcomes []gateway.Outcome) string {
	counts := map[gateway.Result]int{}
	for _, o := range outcomes {
		counts[o.Result]++
	}
	var parts []string
	for _, r := range []struct {
		result gateway.Result
		words  string
	}{
		{gateway.Opened, "opened a ticket"}, {gateway.Answered, "answered one"}, {gateway.Noted, "kept as a note"},
		{gateway.Duplicate, "known already"}, {gateway.Rejected, "refused"}, {gateway.Quarantined, "in quarantine"},
	} {
		if n := counts[r.result]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, r.words))
		}
	}
	if len(parts) == 0 {
		return "nothing new"
	}
	return fmt.Sprintf("%d new: %s", len(outcomes), strings.Join(parts, ", "))
}

// oneLine makes a text from outside fit for a terminal: on one line, without control characters, and not too long.
func oneLine(s string) string {
	const limit = 160
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return s
}
