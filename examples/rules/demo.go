package main

import (
	"context"
	_ "embed" // the cookbook is part of the program, wherever it runs
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

//go:embed cookbook.yaml
var cookbook []byte

var (
	ann   = ticket.Client("42", "Ann", "ann@example.com")
	carla = ticket.Client("43", "Carla", "carla@example.net").Via(ticket.ChannelEmail)
	jane  = ticket.Staff("jane", "Jane", "jane@desk.example")
)

// demo is a desk in memory with a clock that it moves.
type demo struct {
	*desk
	out   io.Writer
	now   time.Time
	ids   []int64       // of its tickets
	shown map[int64]int // how many runs of each have been shown
	told  []string      // what people were told since
}

// demonstrate has the rules of the cookbook work for a month, which takes no time.
func demonstrate(ctx context.Context, out io.Writer) (err error) {
	d := &demo{out: out, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), shown: map[int64]int{}}
	c := &helpdesk.Config{Now: func() time.Time { return d.now }, Dispatch: helpdesk.Inline}
	if d.desk, err = inMemory(ctx, c, &rules.Options{Notify: d.tell}); err != nil {
		return err
	}
	defer d.close(ctx)
	ctx = ticket.WithActor(ctx, host)
	if err := d.read(ctx, "cookbook.yaml", cookbook, out); err != nil {
		return err
	}
	for _, step := range []struct {
		title string
		do    func() error
	}{
		{"Ann asks: Order 1042 never came", func() error { return d.create(ctx, ann, "Order 1042 never came") }},
		{"Carla writes a mail: The lamp hums", func() error { return d.create(ctx, carla, "The lamp hums") }},
		{"Jane answers Ann", func() error { return d.reply(ctx, 0, "It left today.") }},
		{"Jane tags what Carla wrote as a problem", func() error { return d.update(ctx, 1, ticket.Patch{Tags: &[]string{"problem"}}) }},
		{"Jane waits for Ann", func() error { return d.update(ctx, 0, ticket.Patch{Status: new("waiting_customer")}) }},
		{"73 hours pass", func() error { d.now = d.now.Add(73 * time.Hour); return nil }},
		{"27 days pass, and nobody wrote", func() error { d.now = d.now.Add(27 * 24 * time.Hour); return nil }},
	} {
		fmt.Fprintf(out, "\n%s\n", step.title)
		if err := step.do(); err != nil {
			return err
		}
		if err := d.settle(ctx); err != nil {
			return err
		}
	}
	return d.ask(ctx)
}

// tell is how this desk tells people: most would send mails.
func (d *demo) tell(_ context.Context, n rules.Notice) error {
	to := "the owner"
	switch {
	case n.To.Customer:
		to = "the customer"
	case len(n.To.Addresses) > 0:
		to = n.To.Addresses[0]
	}
	d.told = append(d.told, to+" is told: "+n.Subject)
	return nil
}

func (d *demo) create(ctx context.Context, who ticket.Actor, subject string) error {
	t, err := d.CreateTicket(ticket.WithActor(ctx, who), ticket.Draft{Subject: subject, Body: "Can you help?"})
	if err == nil {
		d.ids = append(d.ids, t.ID)
	}
	return err
}

func (d *demo) reply(ctx context.Context, i int, text string) error {
	_, err := d.Reply(ticket.WithActor(ctx, jane), d.ids[i], ticket.ReplyDraft{Body: text})
	return err
}

func (d *demo) update(ctx context.Context, i int, p ticket.Patch) error {
	_, err := d.UpdateTicket(ticket.WithActor(ctx, jane), d.ids[i], p)
	return err
}

// settle does what is due, and shows which rules ran. A desk that was started does it by itself.
func (d *demo) settle(ctx context.Context) error {
	for {
		if n, err := d.Tick(ctx); err != nil {
			return err
		} else if n == 0 {
			break
		}
	}
	for _, id := range d.ids {
		runs, err := d.rules.Runs(ctx, id, 0)
		if err != nil {
			return err
		}
		for i := len(runs) - d.shown[id] - 1; i >= 0; i-- { // the newest is the first
			for _, r := range runs[i].Rules {
				fmt.Fprintf(d.out, "  %s: %s\n", r.Rule, strings.Join(r.Did, ", "))
			}
		}
		d.shown[id] = len(runs)
	}
	slices.Sort(d.told) // in no order: who is told does not wait for others
	for _, line := range d.told {
		fmt.Fprintf(d.out, "  %s\n", line)
	}
	d.told = nil
	return nil
}

// ask asks the rules what they did, and what others would do.
func (d *demo) ask(ctx context.Context) error {
	fmt.Fprintf(d.out, "\nWhy has the rule for orders left the lamp alone, and what does the clock's one make of it now?\n")
	t, err := d.Ticket(ctx, d.ids[1])
	if err != nil {
		return err
	}
	for _, code := range []string{"order_questions", "unanswered"} {
		r, err := d.rules.Rule(ctx, code)
		if err == nil {
			err = d.explain(ctx, t, r, d.out)
		}
		if err != nil {
			return err
		}
	}
	fmt.Fprintf(d.out, "\nWhat would have been different with one day in place of three?\n")
	r, err := d.rules.Rule(ctx, "unanswered")
	if err != nil {
		return err
	}
	trial := rules.Trial{Rules: []rules.Rule{r}, Since: d.now.Add(-720 * time.Hour)}
	before, err := d.rules.DryRun(ctx, trial)
	if err != nil {
		return err
	}
	trial.Rules[0].When = `hours_since_last_reply > 24 and last_reply_by == "client"`
	after, err := d.rules.DryRun(ctx, trial)
	if err != nil {
		return err
	}
	diff := rules.Compare(before, after)
	for _, side := range []struct {
		sign string
		hits []rules.Hit
	}{{"-", diff.Before}, {"+", diff.After}} {
		for _, h := range side.hits {
			fmt.Fprintf(d.out, "%s %s: %s: %s\n", side.sign, h.At.Format("January 2, 15:04"), h.Rule, strings.Join(h.Would, ", "))
		}
	}
	return nil
}
