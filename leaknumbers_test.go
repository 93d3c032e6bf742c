package helpdesk_test

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// tangle has tickets name one another: it links, merges and splits them.
func (l *leaks) tangle() {
	for range 8 {
		id, other := oneOf(l.Rand, l.ids...), oneOf(l.Rand, l.ids...)
		var err error
		switch l.IntN(3) {
		case 0:
			_, err = l.LinkTicket(as(host), id, ticket.Link{Kind: ticket.LinkRelated, Ticket: other})
		case 1:
			_, err = l.Merge(as(host), id, other)
		case 2:
			err = l.splitOne(id)
		}
		if err != nil && !errors.Is(err, ticket.ErrInvalid) && !errors.Is(err, ticket.ErrMerged) && !errors.Is(err, ticket.ErrNotFound) {
			l.t.Fatal(err)
		}
	}
}

// splitOne makes a ticket of the first message of one that has several.
func (l *leaks) splitOne(id int64) error {
	list := must(l.Messages(as(host), id, ticket.MessageQuery{}))(l.t)
	if len(list) < 2 {
		return nil
	}
	tk, err := l.Split(as(host), id, ticket.Split{Messages: []int64{list[0].ID}, Department: oneOf(l.Rand, depCodes...)})
	if err == nil {
		l.ids = append(l.ids, tk.ID)
	}
	return err
}

// checkNumbers has an actor read what names other tickets: tickets, what was merged into them, and their journals. Whom
// they may not see is named nowhere.
func (l *leaks) checkNumbers(a ticket.Actor) {
	c, sees := as(a), map[int64]bool{}
	for _, id := range l.ids {
		_, err := l.Ticket(c, id)
		sees[id] = err == nil
	}
	name := func(where string, id int64, others ...int64) {
		for _, o := range others {
			if o > 0 {
				l.count.named++
			}
			if o > 0 && !sees[o] {
				l.fault("%s %s%s reads the number of ticket %d in %s of ticket %d", a.Kind, a.ID, a.Email, o, where, id)
			}
		}
	}
	for _, id := range l.ids {
		if tk, err := l.Ticket(c, id); err == nil {
			name("what is beside it", id, append(linkedOf(tk.Links), tk.LinkedTo, tk.SplitFrom, tk.MergedInto)...)
		}
		if list, err := l.Merged(c, id); err == nil {
			for _, shell := range list {
				name("what was merged", id, append(linkedOf(shell.Links), shell.ID, shell.LinkedTo, shell.SplitFrom)...)
			}
		}
		events, err := l.History(c, id, ticket.EventQuery{Limit: ticket.MaxPage})
		if err != nil {
			continue
		}
		for _, e := range events {
			for _, change := range e.Changes {
				name("the journal, "+change.Field, id, append(numbersIn(change.Field, change.Old), numbersIn(change.Field, change.New)...)...)
			}
		}
	}
}

func linkedOf(links []ticket.Link) (out []int64) {
	for _, link := range links {
		out = append(out, link.Ticket)
	}
	return out
}

// numbersIn are the tickets that one side of a change names.
func numbersIn(field, text string) (out []int64) {
	switch field {
	case "linked_to", "merged_into", "split_from":
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			out = append(out, id)
		}
	case "links":
		var links []ticket.Link
		if json.Unmarshal([]byte(text), &links) == nil {
			out = linkedOf(links)
		}
	case "tickets":
		_ = json.Unmarshal([]byte(text), &out) // nothing, where there are none
	}
	return out
}
