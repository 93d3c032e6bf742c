package main

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// fold fills in a text, and what of it is new, quoted, and a signature.
func (r *report) fold(text string, folds []ticket.Fold) {
	r.BodyText = text
	r.Reply = ticket.Unfolded(text, folds)
	r.Quoted = ticket.Folded(text, folds, ticket.FoldQuoted)
	r.Signature = ticket.Folded(text, folds, ticket.FoldSignature)
}

// reportText splits plain text that came without a mail around it.
func reportText(file string, raw []byte, now time.Time) report {
	r := report{File: file}
	text := decoded(raw, now)
	r.fold(text, gateway.SplitText(text))
	return r
}

// reportHTML does the same for HTML.
func reportHTML(file string, raw []byte, now time.Time) report {
	r := report{File: file}
	r.fold(gateway.SplitHTML(decoded(raw, now)))
	return r
}

// decoded is a text in UTF-8. Text in another charset is read as that of a mail which declares none.
func decoded(raw []byte, now time.Time) string {
	if !utf8.Valid(raw) {
		return gateway.Read(append([]byte("Content-Type: text/plain\r\n\r\n"), raw...), now, nil).Text
	}
	return strings.ReplaceAll(strings.TrimPrefix(string(raw), "\uFEFF"), "\r\n", "\n")
}
