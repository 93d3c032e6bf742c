// Package search stands between tickets and the words that they are found by: it makes a ticket a document, what people
// type a question to a store, and what was found highlights. Where tickets, messages and the catalogue come from is for
// others to know.
package search
