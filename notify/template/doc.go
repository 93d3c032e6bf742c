// Package template writes what notifications say: facts about a ticket become a subject, a plain text, and HTML, in the
// reader's language, by templates that a host may replace one by one.
//
// It is pure: no store, no clock, no network, no file. The same facts make the same letter. Whoever sends gathers Facts,
// asks a Set to Render them, and hands the result on.
//
// # Templates
//
// A template has three parts, which stand in files named for its Kind: <kind>.subject and <kind>.text are written for
// text/template, <kind>.html for html/template. What they may name are the flat variables that Variables lists, as
// {{.ticket_code}}, and f_<code> and f_<code>_label for each custom field; "if", "with", "range", comparisons, "and",
// "or", "not" and "truncate" are there besides, and nothing else. A part that is there alone makes its twin: HTML is
// made of a text, and a text of HTML. Around what they say stands a layout, layout.text and layout.html: the marker line, the
// signature, the survey, the link, the hidden code and the history. A template that writes one of those itself has it in
// its own place, and the layout leaves it out.
//
// The most particular template wins: one that is stored for the brand and the locale, for the locale, for the brand, for
// all; then the files of Options.FS in their order; then those built in, in English, German, Turkish and Russian. What a
// locale does not have is taken from its language ("de" for "de-AT"), and then from English.
//
// # Safety
//
// Facts are data, wherever they stand: html/template makes each safe for its place, subjects are one line, control
// characters and changes of direction are taken out, and marks of the desk that somebody quotes do not stay marks. A
// template reads no file and calls nothing; it may loop 10,000 times, and write a megabyte.
package template
