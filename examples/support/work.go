package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func (a *agent) reply(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		m, err := a.desk.Reply(ctx, id, ticket.ReplyDraft{Body: strings.Join(rest, " ")})
		if err == nil {
			fmt.Fprintf(a.out, "sent as message %d of #%d\n", m.Seq, m.TicketID)
		}
		return err
	})
}

func (a *agent) note(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		m, err := a.desk.AddNote(ctx, id, ticket.ReplyDraft{Body: strings.Join(rest, " ")})
		if err == nil {
			fmt.Fprintf(a.out, "noted as message %d of #%d%s\n", m.Seq, m.TicketID, mentioned(m.Mentions))
		}
		return err
	})
}

// mentioned says whom a note is for: an author who misspelt somebody sees that nobody is told.
func mentioned(list []ticket.Mention) string {
	var names []string
	for _, m := range list {
		names = append(names, cmp.Or(m.Agent, m.Department))
	}
	if names == nil {
		return ""
	}
	return ", for " + strings.Join(names, " and ")
}

// mentions lists the newest notes that are for the agent.
func (a *agent) mentions(ctx context.Context, _ []string) error {
	page, err := a.desk.Mentions().List(ctx, ticket.MentionQuery{Limit: pageSize})
	if err != nil {
		return err
	}
	if len(page.Mentions) == 0 {
		fmt.Fprintln(a.out, "nobody mentions you")
	}
	for _, m := range page.Mentions {
		fmt.Fprintf(a.out, "#%d %s\n", m.Ticket.ID, a.paint("1", line(m.Ticket.Subject)))
		fmt.Fprintf(a.out, "   %s: %s\n", line(person(m.Message.Author.Person())), line(m.Message.Body))
	}
	return nil
}

func (a *agent) status(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		if len(rest) == 0 {
			next, err := a.desk.NextStatuses(ctx, id)
			for _, st := range next {
				fmt.Fprintf(a.out, "%s (%s)\n", st.Code, st.Name)
			}
			return err
		}
		t, err := a.desk.SetStatus(ctx, id, rest[0], strings.Join(rest[1:], " "))
		if err != nil {
			return err
		}
		return a.say(t, "is %s", t.Status)
	})
}

func (a *agent) close(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		t, err := a.desk.CloseTicket(ctx, id, strings.Join(rest, " "))
		if err != nil {
			return err
		}
		return a.say(t, "is %s", t.Status)
	})
}

func (a *agent) assign(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		to := a.actor.ID
		if len(rest) > 0 {
			to = agentID(rest[0])
		}
		t, err := a.desk.Assign(ctx, id, to)
		if err != nil {
			return err
		}
		if t.Assignee == "" {
			return a.say(t, "belongs to nobody")
		}
		return a.say(t, "belongs to agent %s", t.Assignee)
	})
}

// agentID is the id that the word stands for: "none" takes a ticket from whoever has it.
func agentID(word string) string {
	if word == "none" {
		return ""
	}
	return word
}

func (a *agent) priority(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		t, err := a.desk.SetPriority(ctx, id, rest[0])
		if err != nil {
			return err
		}
		return a.say(t, "has the priority %s", t.Priority)
	})
}

func (a *agent) move(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		t, err := a.desk.MoveTo(ctx, id, ticket.Folder(rest[0]))
		if err != nil {
			return err
		}
		return a.say(t, "lies in %s", t.Folder)
	})
}

func (a *agent) tag(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		action, err := tagging(rest)
		if err != nil {
			return err
		}
		t, err := a.desk.Ticket(ctx, id)
		if err != nil {
			return err
		}
		tags := append(t.Tags, action.AddTags...)
		kept := tags[:0]
		for _, tag := range tags {
			if !contains(action.RemoveTags, tag) {
				kept = append(kept, tag)
			}
		}
		if t, err = a.desk.UpdateTicket(ctx, id, ticket.Patch{Tags: &kept}); err != nil {
			return err
		}
		return a.say(t, "is tagged %s", cmp.Or(strings.Join(t.Tags, ", "), "with nothing"))
	})
}

// tagging reads +this and -that.
func tagging(words []string) (out ticket.MassAction, err error) {
	for _, w := range words {
		switch {
		case strings.HasPrefix(w, "+") && len(w) > 1:
			out.AddTags = append(out.AddTags, w[1:])
		case strings.HasPrefix(w, "-") && len(w) > 1:
			out.RemoveTags = append(out.RemoveTags, w[1:])
		default:
			return out, fmt.Errorf("%q is neither +tag nor -tag", w)
		}
	}
	return out, nil
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func (a *agent) link(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		other, err := a.id(ctx, rest[1])
		if err != nil {
			return err
		}
		t, err := a.desk.LinkTicket(ctx, id, ticket.Link{Kind: ticket.LinkKind(rest[0]), Ticket: other})
		if err != nil {
			return err
		}
		return a.say(t, "%s #%d", strings.ReplaceAll(rest[0], "_", " "), other)
	})
}

func (a *agent) merge(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		var sources []int64
		for _, s := range rest {
			source, err := a.id(ctx, s)
			if err != nil {
				return err
			}
			sources = append(sources, source)
		}
		t, err := a.desk.Merge(ctx, id, sources...)
		if err != nil {
			return err
		}
		return a.say(t, "has %d messages now", t.Seq)
	})
}

func (a *agent) split(ctx context.Context, args []string) error {
	return a.on(ctx, args, func(id int64, rest []string) error {
		var s ticket.Split
		for _, word := range rest {
			n, err := strconv.ParseInt(word, 10, 64)
			if err != nil {
				return fmt.Errorf("%q is no number of a message: open %d shows them", word, id)
			}
			list, err := a.desk.Messages(ctx, id, ticket.MessageQuery{AfterSeq: n - 1, Limit: 1})
			if err != nil {
				return err
			}
			if n < 1 || len(list) == 0 {
				return fmt.Errorf("#%d has no message %d", id, n)
			}
			s.Messages = append(s.Messages, list[0].ID)
		}
		t, err := a.desk.Split(ctx, id, s)
		if err != nil {
			return err
		}
		return a.say(t, "has %d messages of #%d", t.Seq, id)
	})
}

// undo takes a merge or a split back.
func (a *agent) undo(ctx context.Context, args []string) error {
	id, err := strconv.ParseInt(strings.TrimPrefix(args[0], "#"), 10, 64)
	if err != nil {
		return fmt.Errorf("undo needs the number of a ticket: the code of a merged one leads elsewhere")
	}
	t, err := a.desk.Ticket(ctx, id)
	if err != nil {
		return err
	}
	if t.MergedInto != 0 {
		if t, err = a.desk.Unmerge(ctx, id); err != nil {
			return err
		}
		return a.say(t, "stands for itself again, with %d messages", t.Seq)
	}
	if t.SplitFrom == 0 {
		return fmt.Errorf("#%d was neither merged nor split off", id)
	}
	if t, err = a.desk.Unsplit(ctx, id); err != nil {
		return err
	}
	return a.say(t, "is whole again, with %d messages", t.Seq)
}

// time starts and stops the agent's timer, logs time by hand, and lists it.
func (a *agent) time(ctx context.Context, args []string) error {
	rest := args[1:]
	switch {
	case args[0] == "stop":
		e, err := a.desk.Time().Stop(ctx, strings.Join(rest, " "))
		if err == nil {
			fmt.Fprintf(a.out, "%s on #%d\n", clock(e.Duration), e.TicketID)
		}
		return err
	case len(rest) == 0:
		return fmt.Errorf("time %s needs a ticket", args[0])
	}
	return a.on(ctx, rest, func(id int64, rest []string) error {
		switch args[0] {
		case "start":
			_, err := a.desk.Time().Start(ctx, id, nil)
			if err == nil {
				fmt.Fprintf(a.out, "the clock runs on #%d: time stop ends it\n", id)
			}
			return err
		case "log":
			return a.logTime(ctx, id, rest)
		case "list":
			return a.listTime(ctx, id)
		}
		return fmt.Errorf("time knows start, stop, log and list, not %q", args[0])
	})
}

func (a *agent) logTime(ctx context.Context, id int64, rest []string) error {
	if len(rest) == 0 {
		return fmt.Errorf("how long? As in: time log %d 1h30m", id)
	}
	d, err := time.ParseDuration(rest[0])
	if err != nil {
		return fmt.Errorf("%q is no length of time: write 45m or 1h30m", rest[0])
	}
	e, err := a.desk.Time().Log(ctx, id, ticket.TimeEntry{Start: a.desk.Now().Add(-d), Duration: ticket.Duration(d), Billable: true, Note: strings.Join(rest[1:], " ")})
	if err == nil {
		fmt.Fprintf(a.out, "%s on #%d, to be billed\n", clock(e.Duration), id)
	}
	return err
}

func (a *agent) listTime(ctx context.Context, id int64) error {
	page, err := a.desk.Time().Entries(ctx, ticket.TimeQuery{TicketID: id})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, e := range page.Entries {
		billed := ""
		if e.Billable {
			billed = cmp.Or(e.Reference, "to be billed")
		}
		rows = append(rows, []string{"agent " + e.Agent, clock(e.Duration), billed, line(e.Note)})
	}
	if rows == nil {
		fmt.Fprintf(a.out, "no time on #%d\n", id)
	}
	a.table(nil, rows, nil)
	return nil
}

// mass does one thing to all tickets of a filter.
func (a *agent) mass(ctx context.Context, args []string) error {
	act := ticket.MassAction{Do: ticket.MassUpdate}
	rest := args[1:]
	var err error
	switch args[0] {
	case "close":
		act.Patch.Status = new("closed")
	case "assign":
		act.Patch.Assignee, rest = new(agentID(rest[0])), rest[1:]
	case "tag":
		act, err = tagging(rest[:1])
		act.Do, rest = ticket.MassUpdate, rest[1:]
	case "delete":
		act.Do = ticket.MassDelete
	case "restore":
		act.Do = ticket.MassRestore
	default:
		err = fmt.Errorf("%q is nothing that can be done to many: close, assign, tag, delete or restore", args[0])
	}
	if err == nil && len(rest) == 0 {
		err = fmt.Errorf("which tickets? Name a filter, as for list")
	}
	if err != nil {
		return err
	}
	q, err := a.filter(ctx, rest)
	if err != nil {
		return err
	}
	act.Query = &q
	run, err := a.desk.Mass().Start(ctx, act)
	if err == nil {
		run, err = a.desk.Mass().Run(ctx, run.ID)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%d done, %d failed\n", run.Done-run.Failed, run.Failed)
	list, err := a.desk.Mass().Results(ctx, run.ID, 0, ticket.MaxPage)
	for _, r := range list {
		if r.Error != "" {
			fmt.Fprintf(a.out, "#%d: %s\n", r.Ticket, r.Error)
		}
	}
	return err
}
