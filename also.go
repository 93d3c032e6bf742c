package helpdesk

import "context"

type alsoKey struct{ *Desk }

// Also returns a context whose next write runs fn inside its transaction, after its own rows and before the commit, and
// what hooks of that write do themselves is not meant: the writes of fn are committed with it or not at all, and an
// error of fn rolls all of it back and is what the verb returns. Unlike InTx it leaves the gates of the verb outside
// the transaction, with the time that they need. fn may be run again after a rollback. It gets the ids of the ticket
// and of the message that the verb wrote, 0 where there is none.
func (d *Desk) Also(ctx context.Context, fn func(ctx context.Context, ticketID, messageID int64) error) context.Context {
	return context.WithValue(ctx, alsoKey{d}, fn)
}

// withoutAlso keeps Also to the verb that it was meant for: what a hook of that verb writes is a write of its own.
func (d *Desk) withoutAlso(ctx context.Context) context.Context {
	if ctx.Value(alsoKey{d}) == nil {
		return ctx
	}
	return context.WithValue(ctx, alsoKey{d}, nil)
}

// also runs what the context has besides the write.
func (w *write) also(ctx context.Context) error {
	fn, _ := ctx.Value(alsoKey{w.d}).(func(context.Context, int64, int64) error)
	if fn == nil {
		return nil
	}
	var ticketID, messageID int64
	if w.after != nil {
		ticketID = w.after.ID
	}
	for _, e := range w.events {
		if e.message != nil {
			messageID = e.message.ID
		}
	}
	return fn(w.d.withoutAlso(ctx), ticketID, messageID)
}
