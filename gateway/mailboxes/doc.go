// Package mailboxes keeps gateways in the store: which mailbox, how to log in, what becomes of its mails. Administrators
// change them while the desk runs (M35).
//
//	boxes, err := mailboxes.New(desk.Mail(), store, &mailboxes.Options{Sealer: sealer})
//	d, err := boxes.Save(ctx, mailboxes.Definition{Code: "support", Name: "Support", Host: "imap.example.com", User: "support@example.com", Password: mailboxes.NewSecret(password)})
//	err = boxes.Run(ctx) // every active gateway, as the definitions are at any moment, until ctx ends
//
// Save, Delete, Definition, Definitions, Grant and Diagnose ask whether the actor of the context may configure the desk.
// Run, Fetch, Status and Handler are for the host's own code, as those of a gateway are.
//
// Secrets are encrypted with the host's key, bound to the server and the user that they are for, and never shown again: not in a
// definition that is read, not in the journal, not in a log.
package mailboxes
