package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// open shows a ticket.
func (a *agent) open(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, _ []string) error { return a.showTicket(ctx, id) })
}

func (a *agent) showTicket(ctx context.Context, id int64) error {
	t, err := a.desk.Ticket(ctx, id)
	if err != nil {
		return err
	}
	if t.MergedInto > 0 {
		fmt.Fprintf(a.out, "#%d was merged into #%d (undo %d takes it out again)\n", t.ID, t.MergedInto, t.ID)
		return a.showTicket(ctx, t.MergedInto)
	}
	a.current = t.ID
	fmt.Fprintf(a.out, "#%d %s\n", t.ID, a.paint("1", line(t.Subject)))
	a.table(nil, a.facts(t), func(_, column int) string { return []string{"2", ""}[column] })
	for after := int64(0); ; {
		list, err := a.desk.Messages(ctx, id, ticket.MessageQuery{AfterSeq: after, Limit: ticket.MaxPage})
		if err != nil || len(list) == 0 {
			return err
		}
		for _, m := range list {
			a.message(m)
			after = m.Seq
		}
	}
}

// facts are what a ticket says beside its messages.
func (a *agent) facts(t *ticket.Ticket) (rows [][]string) {
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{"   " + name, value})
		}
	}
	add("code", t.Code)
	add("status", t.Status+", "+t.Priority+", "+string(t.Folder)+", "+t.Department)
	add("from", line(person(t.Requester)))
	for _, p := range t.Participants {
		add("cc", line(person(p)))
	}
	add("agent", t.Assignee)
	add("tags", strings.Join(t.Tags, ", "))
	for _, l := range t.Links {
		add(string(l.Kind), fmt.Sprint("#", l.Ticket))
	}
	if t.SplitFrom > 0 {
		add("split from", fmt.Sprint("#", t.SplitFrom))
	}
	if t.Spent.Total > 0 {
		add("time", fmt.Sprintf("%s, %s of it to be billed", clock(t.Spent.Total), clock(t.Spent.Unbilled())))
	}
	if t.DeletedAt != nil {
		add("deleted", t.DeletedAt.Format(time.DateTime))
	}
	return rows
}

// message shows one contribution.
func (a *agent) message(m *ticket.Message) {
	kind := ""
	if !m.Kind.Public() {
		kind = ", an internal note"
	}
	who := person(m.Author.Person())
	head := fmt.Sprintf("%d. %s%s", m.Seq, line(cmp.Or(who, string(m.Author.Kind))), kind)
	fmt.Fprintln(a.out, a.paint("36", head))
	switch {
	case m.DeletedAt != nil:
		fmt.Fprintln(a.out, "   (deleted)")
	case m.Sealed:
		fmt.Fprintln(a.out, "   (encrypted, and the key is not here)")
	default:
		fmt.Fprint(a.out, block(m.Body))
	}
	for _, f := range m.Files {
		fmt.Fprintf(a.out, "   [%s, %d bytes]\n", line(f.Name), f.Size)
	}
}

func person(p ticket.Person) string {
	switch {
	case p.Name != "" && p.Email != "":
		return p.Name + " <" + p.Email + ">"
	case p.Name != "":
		return p.Name
	}
	return cmp.Or(p.Email, p.ID)
}

func clock(d ticket.Duration) string { return time.Duration(d).Round(time.Minute).String() }

func (a *agent) after(ctx context.Context, _ []string) error { return a.neighbour(ctx, true) }

func (a *agent) before(ctx context.Context, _ []string) error { return a.neighbour(ctx, false) }

// neighbour opens the ticket beside the one that is open, in the order of the last list.
func (a *agent) neighbour(ctx context.Context, forward bool) error {
	if a.current == 0 {
		return errors.New("open a ticket first")
	}
	q := a.query
	q.Cursor = ""
	prev, next, err := a.desk.Neighbours(ctx, q, a.current)
	if err != nil {
		return err
	}
	t := prev
	if forward {
		t = next
	}
	if t == nil {
		return errors.New("there is none: the list ends here")
	}
	return a.showTicket(ctx, t.ID)
}

// history tells who changed what, without what the desk keeps for itself.
func (a *agent) history(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, _ []string) error {
		events, err := a.desk.History(ctx, id, ticket.EventQuery{Limit: ticket.MaxPage})
		if err != nil {
			return err
		}
		for _, e := range events {
			var what []string
			for _, c := range ticket.Decisions(e.Changes) {
				what = append(what, fmt.Sprintf("%s: %s → %s", c.Field, cmp.Or(line(c.Old), "nothing"), cmp.Or(line(c.New), "nothing")))
			}
			fmt.Fprintf(a.out, "%s by %s\n", a.paint("36", string(e.Type)), line(cmp.Or(person(e.Actor.Person()), string(e.Actor.Kind))))
			for _, w := range what {
				fmt.Fprintln(a.out, "   "+w)
			}
		}
		return nil
	})
}
