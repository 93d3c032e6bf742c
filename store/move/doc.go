// Package move moves a desk from one store to another: a SQLite file to a server, or back.
//
//	report, err := move.Copy(ctx, from, to, nil)
//
// All of it goes along, under the ids and codes that it has: tickets, messages, the journal, work with its leases, settings,
// drafts and every other record, keys, links, files that are kept in the database, and the sequences that new ids and
// codes come from. What a store makes of it is made anew: numbers are counted while tickets are put, and the search index
// is built by the desk that runs on the new store. Not moved is what lies elsewhere: files in a BlobStore of yours, and
// tables of yours in the same database.
//
// Copy reads row by row and holds some megabytes, however large the desk is. How far it is stands in the target, in the
// transaction of the rows themselves, so that it can be killed at any moment and called again. In the end it compares
// every row of both stores.
//
// No desk opens on the target before Copy has returned without an error (store.ErrPartial). The source should be at rest: stop its desk. It
// is only read. What is written to it meanwhile is noticed when the stores are compared, and copied; a source that does
// not come to rest ends in ErrDiffers. To stand still for less time, call Copy with Options.Ahead while the desk works,
// then stop the desk, and call Copy once more.
package move
