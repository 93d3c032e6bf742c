// Package helpdesk is a help desk inside your own Go process: tickets, messages, mail, hooks, rules and
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
// [ticket.Patch] changes, a [ticket.Query] finds. What is about tickets and messages stands on Desk itself:
//
//   - a ticket's life: [Desk.CreateTicket], [Desk.CheckTicket], [Desk.UpdateTicket], [Desk.DeleteTicket],
//     [Desk.RestoreTicket], [Desk.Purge];
//   - reading it: [Desk.Ticket], [Desk.TicketByCode], [Desk.TicketByExternal], [Desk.History], [Desk.Journal],
//     [Desk.Objects], [Desk.LocalTime], [Desk.NextStatuses];
//   - its messages: [Desk.Reply], [Desk.CheckReply], [Desk.AddNote], [Desk.Message], [Desk.Messages], [Desk.AllMessages],
//     [Desk.EditMessage], [Desk.Revisions], [Desk.DeleteMessage], [Desk.Redact], [Desk.MarkRead];
//   - one thing of it: [Desk.SetStatus], [Desk.Solve], [Desk.CloseTicket], [Desk.ReopenTicket], [Desk.SetPriority],
//     [Desk.Assign], [Desk.Claim], [Desk.Transfer], [Desk.MoveTo], [Desk.SetService], [Desk.Lock], [Desk.Unlock],
//     [Desk.Watch], [Desk.Unwatch], [Desk.Rate];
//   - among tickets: [Desk.Merge], [Desk.Unmerge], [Desk.Merged], [Desk.Split], [Desk.Unsplit], [Desk.LinkTicket],
//     [Desk.UnlinkTicket];
//   - an agent's page: [Desk.Tickets], [Desk.AllTickets], [Desk.Neighbours], [Desk.CountTickets], [Desk.Counters],
//     [Desk.Search], [Desk.Present], [Desk.Leave];
//   - in one transaction: [Desk.InTx], [Desk.Also];
//   - care: [Desk.Start], [Desk.Stop], [Desk.Tick], [Desk.Wake], [Desk.Check], [Desk.AddCheck], [Desk.Health],
//     [Desk.Limits], [Desk.Now].
//
// The rest hangs on groups:
//
//   - [Desk.Hooks]: the points at which a host hears and has its say, and [Desk.Deliveries]: what durable hooks have
//     still to hear;
//   - [Desk.Catalog]: departments, statuses, priorities, brands, custom fields, roles, quick responses, and
//     [Desk.Settings]: the policy switches;
//   - [Desk.People]: agents, customers, organisations; [Desk.Rights]: who may what, and why ([Authorizer] and
//     [Directory] are the host's own); [Desk.GuestLinks]: a ticket without an account;
//   - [Desk.Drafts] and [Desk.Texts]: what helps to write; [Desk.Files]: what is attached; [Desk.Mentions]: what
//     colleagues ask of one;
//   - [Desk.Views], [Desk.Tags], [Desk.Mass]: many tickets at once; [Desk.Index]: what the search looks in;
//   - [Desk.Time] and [Invoicer]: work and money; [Desk.Ratings]: what customers think;
//   - [Desk.Mail]: the desk as a gateway sees it.
//   - [Desk.Automation]: the desk as rules see it, and [Desk.Notification]: as notifications do.
//
// Bodies can be encrypted: [NewSealer].
//
// # One write
//
// Every write goes the same way: rights, filters, validation, gates; then, inside the transaction, the row is locked
// and read again, checked again, changed, guarded; the events and their deliveries are written with it; and after the
// commit the dispatcher is woken. Events tell durable hooks at least once, in order per ticket, whichever process dies
// when.
//
// # Tenants
//
// A [github.com/helpdeskgo/helpdesk/store.Store] is one tenant, and a wall: nothing of a desk is known to another one, not
// even the keys that sign its links. In one database tenants are told apart by the prefix of their tables (Options.TablePrefix
// of each store; PostgreSQL also has schemas), and share one pool of connections through the stores' Use. Each tenant has its
// [Desk] in the process, in [Manual] mode, and one [Fleet] does for all of them what background mode does for one: it is woken
// by their commits, looks at idle ones less and less often, gives each a short turn, and needs as many goroutines as
// there is work for, [FleetConfig].Workers at most. Several processes may each have a fleet of the same tenants. A brand is no
// tenant: the brands of one desk share its agents and its lists.
//
// # Errors
//
// Errors are those of package ticket and are tested with errors.Is; errors.As finds a *[ticket.ValidationError] with the
// fields that are wrong, each with a fault to switch over, and a *[hooks.Error] that names the hook which refused
// ([ticket.ErrRefused]) or failed ([ticket.ErrHookFailed]). What of an error may be shown: [ticket.PublicMessage],
// [ticket.HTTPStatus].
package helpdesk
