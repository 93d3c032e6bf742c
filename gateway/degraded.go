package gateway

import "strings"

// degraded makes a Mail without any parser: the header is scanned line by line,
// the body is shown as it came, and the raw mail is attached.
func (r *reader) degraded(c cleaned) *Mail {
	m := r.headed(scanHeader(c.header))
	m.Degraded = true
	r.problems.add("the mail could not be parsed; its raw text is shown")

	body := c.body[:min(len(c.body), r.limits.DegradedText+4)]
	text, cut := cutBytes(strings.Trim(validText(lineEnds(decodeUndeclared(body))), "\n"), r.limits.DegradedText)
	if cut {
		r.problems.add("the text is cut at the size limit")
	}
	m.Text = text
	a := Attachment{Filename: "message.eml", MediaType: "message/rfc822", Size: len(r.raw), Data: r.raw}
	if a.Size > r.limits.File {
		a.Data, a.Omitted = nil, true
		r.problems.add("an attachment over the size limit is left out")
	}
	m.Attachments = []Attachment{a}
	return m
}
