// Package ticket holds the values of a help desk: tickets and messages, the drafts and patches that change them, the
// queries that find them, the people who act, and the errors that say why something was refused.
//
// The package depends on the standard library only and holds no behaviour that needs a database. Every other package of
// the module speaks in its types: hooks receive them, stores keep them, the desk hands them out.
//
// All times are UTC and truncated to a microsecond. Ticket and message ids are identities and nothing more: their order
// means nothing. People see a ticket's Code. JSON names are stable and in snake_case.
package ticket
