package template

import (
	"cmp"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// view is one letter's facts as its reader may see them, for one of its parts.
type view struct {
	*Facts
	kind          Kind
	brand, locale string
	words         words
	zone          *time.Location
	staff         bool
	html          bool // values are for HTML
	blocks        *template.Template
	turns         int // that loops may still take
	uses          map[string]bool

	subject string
	content any
}

var noTicket = &ticket.Ticket{}

func (v *view) ticket() *ticket.Ticket {
	if v.Ticket == nil {
		return noTicket
	}
	return v.Ticket
}

func (v *view) when(t time.Time) moment { return v.words.momentOf(t, v.zone) }

func (v *view) greeting() string {
	if v.To.Name == "" {
		return v.words["greeting_nobody"]
	}
	return filled(v.words["greeting"], func(string) string { return oneLine(v.To.Name, maxName) })
}

// acting is who acts, as the reader may see them.
func (v *view) acting() string {
	if v.staff {
		return v.User.Name
	}
	return v.SignedAs
}

// shown reports whether the reader may see a message.
func (v *view) shown(t *Turn) bool { return t != nil && (v.staff || !t.Internal) }

// last is what was said last, as far as the reader may see it.
func (v *view) last() Turn {
	if !v.shown(v.Message) {
		return Turn{}
	}
	return *v.Message
}

// signed is who said something, as customers see them.
func (v *view) signed(t Turn) string {
	if !t.FromStaff || t.Unproven {
		return t.Named()
	}
	return cmp.Or(t.SignedAs, v.SignedAs, v.department(), v.Brand.Name)
}

// author is who said something, as the reader may see them.
func (v *view) author(t Turn) string {
	if v.staff {
		return t.Named()
	}
	return v.signed(t)
}

// Named is who said something, as staff see them. Where nobody knows them, or nothing proves that it was them, the address
// stands there, too: a name is easily taken for that of a colleague.
func (t Turn) Named() string {
	if !t.Unproven && !t.Stranger {
		return t.Author
	}
	return cmp.Or(withAddress(t.Author, t.Email), "?")
}

// withAddress is a name that hides no address, however long it is.
func withAddress(name, email string) string {
	name, email = oneLine(name, maxName), oneLine(email, maxLine-2*maxName)
	if name == email {
		name = ""
	}
	return ticket.Person{Name: name, Email: email}.String()
}

// said is what a message says.
func (v *view) said(t Turn, most int) any {
	if v.html && t.HTML != "" && len(t.HTML) <= maxHTML*most {
		return template.HTML(unmarkedHTML(t.HTML)) //nolint:gosec // safe already, as Turn says; taking marks out adds no markup
	}
	said := t.Text
	if said == "" && t.HTML != "" {
		said = htmltext.Convert(t.HTML[:min(len(t.HTML), maxHTML*most)])
	}
	return v.plain(said, most)
}

// plain is a text of several lines, for HTML with its breaks and links.
func (v *view) plain(s string, most int) any {
	s = lines(s, most)
	if v.html {
		return ticket.TextHTML(s)
	}
	return s
}

func (v *view) message() any {
	t := v.last()
	if t.Text == "" && t.HTML == "" && len(t.Files) == 0 {
		return ""
	}
	r := v.turnRow(t, maxBody)
	r["claims"] = v.claims(t)
	return v.block("message", r)
}

// claims says of what nothing proves whom it claims to be from. It belongs to what was said, so that templates of the host's
// own, which may not ask, say it, too.
func (v *view) claims(t Turn) string {
	if !t.Unproven {
		return ""
	}
	return filled(v.words["claims"], func(string) string { return oneLine(v.author(t), maxLine) })
}

func (v *view) messageText() any {
	t := v.last()
	if t.Text == "" {
		t.Text = htmltext.Convert(t.HTML[:min(len(t.HTML), maxHTML*maxBody)])
	}
	return v.plain(t.Text, maxBody)
}

// turnRow is a message as templates see it, without its date.
func (v *view) turnRow(t Turn, most int) row {
	return row{
		"author": oneLine(v.author(t), maxLine), "text": v.said(t, most), "from_staff": t.FromStaff && !t.Unproven, "internal": t.Internal, "unproven": t.Unproven,
		"files": oneLine(strings.Join(t.Files, ", "), maxLine),
	}
}

func (v *view) turnList() []row {
	var out []row
	room := maxHistory
	for i := range v.History {
		t := &v.History[i]
		if !v.shown(t) || room <= 0 || len(out) == maxList {
			continue
		}
		r := v.turnRow(*t, min(maxQuoted, room))
		r["date"] = v.when(t.At)
		out = append(out, r)
		room -= min(max(len(t.Text), len(t.HTML)/maxHTML), maxQuoted) + maxItem
	}
	return out
}

func (v *view) turnRows() any { return v.loop(v.turnList()) }

func (v *view) gradeList() []row {
	var out []row
	for _, g := range v.Survey {
		if u := link(g.URL); u != "" && !v.staff && len(out) < maxList {
			out = append(out, row{"label": oneLine(v.grade(g.Label), maxLine), "url": u})
		}
	}
	return out
}

func (v *view) gradeRows() any { return v.loop(v.gradeList()) }

func (v *view) itemRows() any {
	var out []row
	for _, i := range v.Items {
		out = append(out, row{"code": oneLine(i.Code, maxLine), "subject": oneLine(i.Subject, maxSubject), "url": link(i.URL), "text": v.plain(i.Text, maxItem)})
	}
	return v.loop(out)
}

// grade is what people call one.
func (v *view) grade(code string) string { return cmp.Or(v.words["grade_"+code], code) }

func (v *view) rating() Rating {
	if v.Rating == nil {
		return Rating{}
	}
	return *v.Rating
}

func (v *view) guestURL() string {
	if v.staff {
		return ""
	}
	return link(v.GuestURL)
}

func (v *view) backendURL() string {
	if !v.staff {
		return ""
	}
	return link(v.BackendURL)
}

func (v *view) url() string { return cmp.Or(v.guestURL(), v.backendURL(), link(v.TicketURL)) }

func (v *view) logo() string {
	if u := link(v.Brand.Logo); strings.HasPrefix(u, "https://") {
		return u
	}
	return ""
}

func (v *view) marker() string {
	if !v.Marker {
		return ""
	}
	return v.words["marker"]
}

// signs reports whether letters of the kind bear a signature (M78): those to people outside, about what staff wrote to them.
func (v *view) signs() bool {
	return slices.Contains([]Kind{CustomerTicket, CustomerMessage, ThirdPartyMessage}, v.kind) && (v.Message == nil || !v.Message.Internal)
}
