// Package redact takes texts and people out of documents: out of whatever a ticket keeps as JSON, and of HTML in it. It
// looks for them in raw mails, which it cannot change without a trace. It is pure: what to look at, and where what is left
// goes, is for others to say.
package redact
