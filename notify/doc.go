// Package notify tells people what happens to their tickets: customers, participants, agents, and whoever else is named,
// by mail, in a feed for staff, and by channels of the host's own.
//
//	mail, err := smtp.New(smtp.Options{Address: "mail.example.com:465", Username: "desk", Password: secret})
//	n, err := notify.New(desk.Notification(), st, &notify.Options{Mail: mail, From: "help@shop.example", Rules: r})
//
// Rules are those of package rules, if the desk has any: without them what rules tell people becomes notes.
//
// # Who hears what
//
// The durable binding "helpdesk.notify" waits for the rules' handling of the same event, and then looks at the ticket as it
// is: a ticket that a rule has moved is told of to those who have it now. Whom an event is told to is decided by a pure
// function, which Explain asks, too; docs/NOTIFY.md has it as a table. Nobody is told of what they did themselves, of a
// ticket that they may not see, or of an internal note if they are not staff.
//
// # From an event to a letter
//
// Each recipient of an event is a letter, stored in the transaction that ends the delivery: so there is one, whatever dies
// when. It has no text. When it is due, what it says is read from the ticket as it is then, so that nothing is sent that
// was redacted meanwhile, and rights are asked again. It is then handed to the mail server, by its own Message-ID, which
// is the same at each attempt: what a crash repeats is known for what it is.
//
// A letter waits while its author may take it back (Settings.UndoSend), while it is to be sent later, while its reader has
// quiet hours, and for the next digest of whoever wants one. A mail server that is away holds letters up, and nothing
// else; it costs them no attempt.
package notify
