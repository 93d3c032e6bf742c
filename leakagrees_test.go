package helpdesk_test

import (
	"context"
	"errors"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var errUndo = errors.New("undone")

// agree does what Explain was asked about, undone at once, and compares.
func (l *leaks) agree(a ticket.Actor) {
	id := oneOf(l.Rand, l.ids...)
	tk := must(l.Ticket(as(host), id))(l.t)
	if tk.DeletedAt != nil {
		return // a deleted ticket takes nothing, whoever may
	}
	own := int64(0)
	for _, m := range must(l.Messages(as(host), id, ticket.MessageQuery{}))(l.t) {
		if m.Kind == ticket.KindReply && (!a.IsCustomer() || m.Author.Person().Is(a.Person())) {
			own = m.ID
		}
	}
	for act, do := range map[helpdesk.Action]func(ctx) error{
		helpdesk.ActSee:    func(c ctx) error { return second(l.Ticket(c, id)) },
		helpdesk.ActReply:  func(c ctx) error { return second(l.Reply(c, id, ticket.ReplyDraft{Body: "x"})) },
		helpdesk.ActNote:   func(c ctx) error { return second(l.AddNote(c, id, ticket.ReplyDraft{Body: "x"})) },
		helpdesk.ActUpdate: func(c ctx) error { return second(l.UpdateTicket(c, id, ticket.Patch{Subject: new("x")})) },
		helpdesk.ActStatus: func(c ctx) error { return second(l.CloseTicket(c, id)) },
		helpdesk.ActAssign: func(c ctx) error { return second(l.Assign(c, id, "")) },
		helpdesk.ActEdit: func(c ctx) error {
			if own == 0 {
				return nil
			}
			return second(l.EditMessage(c, own, "x"))
		},
		helpdesk.ActDelete:  func(c ctx) error { return l.DeleteTicket(c, id) },
		helpdesk.ActPurge:   func(c ctx) error { return second(l.Redact(c, id, "no such text")) },
		helpdesk.ActHistory: func(c ctx) error { return second(l.History(c, id, ticket.EventQuery{})) },
	} {
		if act == helpdesk.ActEdit && own == 0 {
			continue
		}
		l.compare(a, act, id, do)
	}
	for act, do := range map[helpdesk.Action]func(ctx) error{
		helpdesk.ActCreate:    func(c ctx) error { return second(l.CreateTicket(c, lamp())) },
		helpdesk.ActConfigure: func(c ctx) error { return l.Catalog().PutPriority(c, ticket.Priority{Code: "x", Name: "X"}) },
		helpdesk.ActPeople: func(c ctx) error {
			return second(l.People().PutOrganisation(c, ticket.Organisation{ID: "x", Name: "X"}))
		},
		helpdesk.ActHistory: func(c ctx) error { return second(l.Journal(c, ticket.EventQuery{})) },
		helpdesk.ActSee:     func(c ctx) error { return second(l.People().Agents(c)) },
	} {
		l.compare(a, act, 0, do)
	}
}

func second[T any](_ T, err error) error { return err }

func (l *leaks) compare(a ticket.Actor, act helpdesk.Action, id int64, do func(ctx) error) {
	l.count.explained++
	e := must(l.Rights().Explain(as(host), a, act, id))(l.t)
	var err error
	undone := l.InTx(context.Background(), func(c context.Context) error {
		err = do(ticket.WithActor(c, a))
		return errUndo
	})
	if !errors.Is(undone, errUndo) {
		l.t.Fatal(undone)
	}
	refused := errors.Is(err, ticket.ErrForbidden) || errors.Is(err, ticket.ErrNotFound)
	if refused == e.Allowed {
		l.fault("%s %s%s, %s on %d: the verb said %v\n%s", a.Kind, a.ID, a.Email, act, id, err, e)
	}
	if !e.Allowed && e.Sees.Reason+e.Right.Reason == "" {
		l.fault("no reason for %s", e)
	}
}
