package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// demoGateway is the name of the demonstration's mailbox: only its tickets are worked.
const demoGateway = "quickstart"

// The colleague whom the agent passes a ticket to.
const colleague = "eva"

func agent() ticket.Actor { return ticket.Staff("bob", "Bob", "bob@desk.example") }

// staff are the agents of the demonstration.
func staff() []ticket.Agent {
	return []ticket.Agent{
		{ID: "bob", Name: "Bob", Email: "bob@desk.example", Departments: []string{"support"}},
		{ID: colleague, Name: "Eva", Email: "eva@desk.example", Departments: []string{"support"}},
	}
}

// task is what the agent does about a ticket.
type task struct {
	about string // what its subject holds
	do    func(ctx context.Context, t *ticket.Ticket) error
}

func (a *app) tasks() []task {
	return []task{
		{"lamp", a.replace},
		{"shade", a.answer},
		{"Rechnung", a.pass},
	}
}

// work has the agent take the tickets that nobody has. Each is taken and worked in one transaction, so a ticket with an
// assignee is one that is worked: that is how a second run, or one after an interrupt, knows where to go on.
func (a *app) work(ctx context.Context) error {
	ctx = ticket.WithActor(ctx, agent())
	open := ticket.Query{Unassigned: true, Classes: []ticket.Class{ticket.ClassNew, ticket.ClassOpen}, Sort: ticket.OldestCreated}
	worked := 0
	for t, err := range a.desk.AllTickets(ctx, open) {
		if err != nil {
			return err
		}
		for _, task := range a.tasks() {
			if t.Gateway != demoGateway || !strings.Contains(t.Subject, task.about) {
				continue
			}
			err := a.desk.InTx(ctx, func(ctx context.Context) error { return task.do(ctx, t) })
			if errors.Is(err, ticket.ErrConflict) {
				continue // somebody else took it meanwhile
			}
			if err != nil {
				return err
			}
			worked++
		}
	}
	fmt.Fprintf(a.out, "worked   %d tickets\n", worked)
	return nil
}

func (a *app) replace(ctx context.Context, t *ticket.Ticket) error {
	if _, err := a.desk.Claim(ctx, t.ID); err != nil {
		return err
	}
	if _, err := a.desk.SetPriority(ctx, t.ID, "high"); err != nil {
		return err
	}
	if _, err := a.desk.AddNote(ctx, t.ID, ticket.ReplyDraft{Body: "The second broken foot this week: tell the packers."}); err != nil {
		return err
	}
	_, err := a.desk.Reply(ctx, t.ID, ticket.ReplyDraft{Body: "Hello Ann,\n\na new lamp leaves today. Please keep the box.\n\nBob", Status: "in_progress"})
	return err
}

func (a *app) answer(ctx context.Context, t *ticket.Ticket) error {
	if _, err := a.desk.Claim(ctx, t.ID); err != nil {
		return err
	}
	if _, err := a.desk.Reply(ctx, t.ID, ticket.ReplyDraft{Body: "Hello Carla,\n\nthat is our model Dune.\n\nBob"}); err != nil {
		return err
	}
	_, err := a.desk.Solve(ctx, t.ID, "Answered from the picture.")
	return err
}

// pass gives the ticket to a colleague. Assign, unlike Claim, would also take it from somebody, so the version says
// what the agent has seen.
func (a *app) pass(ctx context.Context, t *ticket.Ticket) error {
	to := colleague
	_, err := a.desk.UpdateTicket(ctx, t.ID, ticket.Patch{Version: t.Version, Assignee: &to, Note: "Eva speaks German."})
	return err
}
