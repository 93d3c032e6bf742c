package helpdesk

import (
	"context"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// checkBody holds a body to the limits. By mail an empty body is allowed (X18).
func (d *Desk) checkBody(e *ticket.ValidationError, body, html string, f ticket.Format, files []ticket.Upload, byMail bool) {
	if strings.TrimSpace(body) == "" && html == "" && len(files) == 0 && !byMail {
		e.Add("body", ticket.FaultRequired, "is empty: write something or attach a file")
	}
	e.CheckText("body", body, d.cfg.Limits.Body)
	e.CheckText("html_body", html, d.cfg.Limits.Body)
	checkFormat(e, f)
	e.CheckCount("files", len(files), d.cfg.Limits.Files)
	for _, file := range files {
		e.CheckLine("files", file.Name, d.cfg.Limits.Text)
		e.CheckLine("files", file.Type, d.cfg.Limits.Text)
		e.CheckLine("files", file.Missing, d.cfg.Limits.Text)
		if file.Size < 0 {
			e.Add("files", ticket.FaultOutOfRange, "%q has the size %d: say 0 where it is unknown", file.Name, file.Size)
		}
	}
}

func checkFormat(e *ticket.ValidationError, f ticket.Format) {
	switch f {
	case "", ticket.Plain, ticket.Markdown, ticket.HTML:
	default:
		e.Add("format", ticket.FaultUnknown, "%q is no format: use plain, markdown or html", f)
	}
}

// checkPerson refuses what could not be written to. An address that came in by mail was read by the gateway, leniently,
// and is taken as it is if it has an @.
func (d *Desk) checkPerson(e *ticket.ValidationError, field string, p ticket.Person) {
	for _, s := range []string{p.ID, p.Name, p.Email} {
		e.CheckLine(field, s, d.cfg.Limits.Text)
	}
	if p.Email == "" {
		return
	}
	if _, err := mail.ParseAddress(p.Email); err != nil && !strings.Contains(strings.Trim(p.Email, "@"), "@") {
		e.Add(field, ticket.FaultMalformed, "%q is no email address", p.Email)
	}
}

// named is what a field holds.
type named[T any] struct {
	field string
	value T
}

func (d *Desk) checkPeople(e *ticket.ValidationError, lists []named[[]ticket.Person]) {
	for _, l := range lists {
		e.CheckCount(l.field, len(l.value), d.cfg.Limits.List)
		for _, p := range l.value {
			d.checkPerson(e, l.field, p)
		}
	}
}

// checkMail holds what is said of a mail to what a store can keep. An id is a line of at most 998 bytes (RFC 5322,
// 2.1.1), and an identity an id and a hash; folds are of the body. A form that customers fill in says nothing of mails.
func checkMail(e *ticket.ValidationError, actor ticket.Actor, m *ticket.Mail, body string) {
	if m == nil {
		return
	}
	if !ticket.Fits(body, m.Folds) {
		e.Add("mail", ticket.FaultMalformed, "has folds that are not of the body: they ascend, within it, on the boundaries of its runes")
	}
	if actor.IsCustomer() && actor.Channel != ticket.ChannelEmail {
		e.Add("mail", ticket.FaultNotAllowed, "is what a gateway says of a mail: leave it out")
	}
	for _, list := range [][]string{{m.MessageID, m.Identity, m.Gateway, m.Raw, m.Kind, m.Relay}, m.InReplyTo, m.References} {
		for _, s := range list {
			e.CheckLine("mail", s, 2*998)
		}
	}
}

func (d *Desk) checkLines(e *ticket.ValidationError, lines []named[string]) {
	for _, l := range lines {
		e.CheckLine(l.field, l.value, d.cfg.Limits.Text)
	}
}

func (d *Desk) checkLists(e *ticket.ValidationError, people []ticket.Person, watchers []string, related []ticket.Ref, tags []string, fields map[string]string) {
	l := d.cfg.Limits
	for _, n := range []named[int]{{"participants", len(people)}, {"watchers", len(watchers)}, {"related", len(related)}, {"tags", len(tags)}, {"fields", len(fields)}} {
		e.CheckCount(n.field, n.value, l.List)
	}
	for _, p := range people {
		d.checkPerson(e, "participants", p)
	}
	for _, s := range watchers {
		e.CheckLine("watchers", s, l.Text)
	}
	for _, r := range related {
		if r.Kind == "" || r.ID == "" {
			e.Add("related", ticket.FaultRequired, "needs a kind and an id")
		}
		for _, s := range []string{r.Kind, r.ID, r.Label} {
			e.CheckLine("related", s, l.Text)
		}
	}
	for _, s := range tags {
		e.CheckLine("tags", s, l.Text)
	}
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		e.CheckLine("fields", k, l.Text)
		e.CheckText("fields", fields[k], l.Body)
	}
}

// normalTags trims, lower-cases, sorts and deduplicates.
func normalTags(tags []string) []string {
	out := make([]string, 0, len(tags))
	for _, t := range tags {
		if t = strings.ToLower(strings.Join(strings.Fields(t), " ")); t != "" {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return nil
	}
	return out
}

// gateLimit is the deadline of gates: their own, and the guards' inside a transaction, which others wait for.
func (d *Desk) gateLimit(ctx context.Context) time.Duration {
	if !d.inTx(ctx) {
		return 0
	}
	if d.cfg.GuardTimeout > 0 {
		return d.cfg.GuardTimeout
	}
	return 250 * time.Millisecond
}
