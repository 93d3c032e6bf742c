// Package hooks lets a host and its plugins stand at every step of a ticket's life. There are five kinds of hook, as
// types:
//
//	Filter  runs before anything else and may change the input
//	Gate    refuses an operation before anything is written; may talk to other systems
//	Guard   refuses inside the transaction; must be fast
//	Event   is told after the commit; durable by default: at least once, in order per ticket, retried
//	View    adds HTML to a page of the host
//
// The points to bind to are the fields of Registry, which a desk hands out with its Hooks method. Bind is the one verb:
//
//	desk.Hooks().TicketClientCreated.Bind("acme.crm", func(ctx context.Context, e hooks.Created) error { … })
//
// The id names the binding in errors, in logs and in the database, where it must stay the same from one release of the
// host to the next. A wrong payload does not compile; an empty or repeated id panics at once, as http.Handle does.
// BindNamed binds by a name instead, also by those of two well-known billing panels, and returns an error for an
// unknown one.
//
// Names with Client or Admin in them are filtered views of one canonical point: TicketClientCreated sees the tickets
// that a client or guest opened, TicketAdminCreated those of staff and of the host's own code, TicketCreated all of
// them.
package hooks
