// Package helpdesk is a help desk inside your own Go process: tickets, messages, mail, hooks, and later rules and
// notifications, over a store that you choose, and if you like inside your own database transaction.
//
//	s, err := sqlite.Open(ctx, "desk.db", nil)
//	…
//	defer s.Close()
//	desk, err := helpdesk.New(ctx, s, nil)
//	…
//	err = desk.Start(ctx)
//	…
//	defer desk.Stop(ctx)
//
//	ctx = ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
//	t, err := desk.CreateTicket(ctx, ticket.Draft{Subject: "Lamp broken", Body: "It arrived in two pieces."})
//
// # The tour
//
// A [Desk] is the one place through which everything is written. Its verbs take a context that says who acts
// ([ticket.WithActor]) and values of package ticket: a [ticket.Draft] opens, a [ticket.ReplyDraft] answers, a
// [ticket.Patch] changes, a [ticket.Query] finds.
//
// Tickets: [Desk.CreateTicket], [Desk.CheckTicket], [Desk.Ticket], [Desk.TicketByCode], [Desk.Tickets],
// [Desk.AllTickets], [Desk.UpdateTicket], [Desk.DeleteTicket], [Desk.RestoreTicket], [Desk.Purge], [Desk.History].
//
// Messages: [Desk.Reply], [Desk.AddNote], [Desk.EditMessage], [Desk.DeleteMessage], [Desk.Messages], [Desk.MarkRead],
// [Desk.OpenFile], [Desk.ServeFile], [Desk.Redact]. Bodies can be encrypted: [NewSealer].
//
// Writing: [Desk.SaveDraft] and [Desk.Drafts], [Desk.Present], [Desk.QuickResponses] and [Desk.Expand],
// [Desk.Signature].
//
// Status and the rest: [Desk.SetStatus], [Desk.Solve], [Desk.CloseTicket], [Desk.ReopenTicket], [Desk.SetPriority],
// [Desk.Assign], [Desk.Claim], [Desk.Transfer], [Desk.Lock], [Desk.Unlock], [Desk.SetService], [Desk.MoveTo],
// [Desk.Watch], [Desk.Unwatch].
//
// An agent's page: [Desk.Tickets] and [Desk.Neighbours] page through a list, [Desk.Views] saves it, [Desk.Search]
// finds, [Desk.Counters] and [Desk.CountTickets] are the numbers beside it, [Desk.Mentions] what colleagues ask of one.
//
// Between tickets: [Desk.Merge] and [Desk.Unmerge], [Desk.Split] and [Desk.Unsplit], [Desk.LinkTicket] and
// [Desk.UnlinkTicket]; [Desk.Mass] does one thing to many, [Desk.Tags] renames their tags.
//
// Time, money and what customers think: [Desk.Time] and [Invoicer], [Desk.Rate] and [Desk.Ratings].
//
// Groups: [Desk.Hooks] is the registry of hook points; [Desk.Catalog] has departments, statuses, priorities, brands,
// custom fields, roles and quick responses; [Desk.People] agents, customers and organisations; [Desk.Links] guest links;
// [Desk.Settings] the policy switches; [Desk.Deliveries] what durable hooks have still to hear.
//
// Rights: [Desk.May] and [Desk.Explain]; [Authorizer] and [Directory] are the host's own. [Desk.FieldsFor] and
// [Desk.Objects] draw a form and a ticket's page.
//
// Care: [Desk.Start] and [Desk.Stop], [Desk.Check], [Desk.Health], [Desk.Tick].
//
// Transactions: [Desk.InTx] makes several verbs one, and the host's own statements with them.
//
// # One write
//
// Every write goes the same way: rights, filters, validation, gates; then, inside the transaction, the row is locked
// and read again, checked again, changed, guarded; the events and their deliveries are written with it; and after the
// commit the dispatcher is woken. Events tell durable hooks at least once, in order per ticket, whichever process dies
// when.
//
// # Errors
//
// Errors are those of package ticket and are tested with errors.Is; errors.As finds a [ticket.ValidationError] with the
// fields that are wrong, and a [hooks.Error] that names the hook which refused.
package helpdesk
