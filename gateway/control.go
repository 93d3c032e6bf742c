package gateway

import (
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// controlPrefix begins the names of the fields by which the desk's own mail speaks to the desk.
const controlPrefix = "x-helpdesk-"

// The fields that a trusted gateway acts on where a mail opens a ticket: codes of a department and of a priority, and
// tags, one in each field or several with commas between them.
const (
	DepartmentHeader = "X-Helpdesk-Department"
	PriorityHeader   = "X-Helpdesk-Priority"
	TagHeader        = "X-Helpdesk-Tag"
)

// ControlHeader reports whether a header field is of the desk's own namespace, X-Helpdesk-. Anyone can write such
// fields, so a gateway that is not trusted does not act on them; Classify reads LoopHeader alone, which can harm only
// the mail that carries it.
func ControlHeader(name string) bool {
	return len(name) > len(controlPrefix) && strings.EqualFold(name[:len(controlPrefix)], controlPrefix)
}

// WithoutControlHeaders is m without the fields of the desk's own namespace, for untrusted gateways. m itself is not
// changed; if it has none, it is returned. Raw mails that are attached keep theirs.
func (m *Mail) WithoutControlHeaders() *Mail {
	var kept header
	for _, f := range m.header {
		if !ControlHeader(f.name) {
			kept = append(kept, f)
		}
	}
	if len(kept) == len(m.header) {
		return m
	}
	c := *m
	c.header = kept
	return &c
}

// controls reports whether fields of the desk's own namespace say how a ticket is to be opened.
func (m *Mail) controls() bool {
	return firstOf(slices.Concat(m.Header(DepartmentHeader), m.Header(PriorityHeader), m.Header(TagHeader))...) != ""
}

// controlled writes into a draft what these fields say.
func (m *Mail) controlled(d ticket.Draft, l ticket.Limits) ticket.Draft {
	d.Department = firstOf(append(m.Header(DepartmentHeader), d.Department)...)
	d.Priority = firstOf(append(m.Header(PriorityHeader), d.Priority)...)
	for _, value := range m.Header(TagHeader) {
		for tag := range strings.SplitSeq(value, ",") {
			if tag = strings.TrimSpace(tag); tag != "" && len(d.Tags) < l.List {
				d.Tags = append(d.Tags, tag)
			}
		}
	}
	return d
}

// withoutMarks is m without the desk's marks in its text. What an agent quotes of a mail to them has theirs, which proves
// who they are: those who are shown the agent's answer must not have it.
func (m *Mail) withoutMarks() *Mail {
	c := *m
	c.Text, c.HTML, c.folds = mark.Strip(m.Text), mark.Strip(m.HTML), nil
	return &c
}
