// Package remote is a store on a database server: all that PostgreSQL, MariaDB and MySQL have in common, which is nearly
// everything. What they do not is in a Dialect, which packages postgres and mysql make.
//
// Round trips are what such a store is slow by. So a transaction collects what it writes, and sends it together with the
// next question, or with the commit; it begins with the first thing that is sent; and the numbers that ids come from are
// taken aside, many at a time.
//
// Every rule of the contract that a later answer of the server could break is put so that the server refuses the
// statement: then what follows it in the same round trip, the commit above all, does not happen either.
package remote
