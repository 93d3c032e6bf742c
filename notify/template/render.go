package template

import (
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Render writes a letter. A template of the host's own that fails with these facts is passed over for the one below it,
// and Rendered.Passed says so. Errors: ticket.ErrInvalid for an unknown kind; what keeps a built-in template from being
// written, as facts of which a megabyte is not enough to tell.
func (s *Set) Render(k Kind, brand, locale string, f *Facts) (Rendered, error) {
	if !k.Valid() {
		return Rendered{}, ticket.Invalid("kind", ticket.FaultUnknown, "%q is no template", k)
	}
	var passed error
	for skip := range len(s.shelves) + 1 {
		r, err := s.write(k, brand, locale, f, s.sources()[skip:])
		if err == nil {
			r.Passed = passed
			return r, nil
		}
		passed = errors.Join(passed, err)
	}
	return Rendered{}, fmt.Errorf("render %s: %w", k, passed)
}

// Preview writes a letter by a template that is not stored yet, with made-up facts (see Sample) or those of a ticket. It
// is that of the template's brand and locale; where it names none, of the facts' brand and in English. Errors: those of
// Check; what the template fails with.
func (s *Set) Preview(t Stored, f *Facts) (Rendered, error) {
	c, err := s.candidate(t, f.Fields)
	if err != nil {
		return Rendered{}, err
	}
	own := shelf{t.Kind: {place{}: c}}
	return s.write(t.Kind, cmp.Or(t.Brand, f.Brand.Code), cmp.Or(t.Locale, "en"), f, append([]shelf{own}, s.sources()...))
}

// sources are all shelves, in the order in which they are asked.
func (s *Set) sources() []shelf { return append([]shelf{s.stored}, s.shelves...) }

// find returns what parts a kind has at a place: its subject, and its body in one form or both.
func find(k Kind, brand, locale string, from []shelf) (subject *part, body candidate) {
	for _, locale := range []string{locale, "en"} {
		for _, sh := range from {
			for _, p := range places(brand, locale) {
				c := sh[k][p]
				if c == nil {
					continue
				}
				if subject == nil {
					subject = c.subject
				}
				if body.text == nil && body.html == nil {
					body.text, body.html = c.text, c.html
				}
			}
		}
	}
	return subject, body
}

// findLayout returns what stands around a text, or around HTML.
func findLayout(brand, locale string, from []shelf, html bool) *part {
	for _, locale := range []string{locale, "en"} {
		for _, sh := range from {
			for _, p := range places(brand, locale) {
				if c := sh[layout][p]; c != nil && html && c.html != nil {
					return c.html
				} else if c != nil && !html && c.text != nil {
					return c.text
				}
			}
		}
	}
	return nil // the built-in one is always there
}

// view returns a letter's facts as its reader may see them.
func (s *Set) view(f *Facts, k Kind, brand, locale string) *view {
	if f == nil {
		f = &Facts{}
	}
	v := &view{Facts: f, kind: k, brand: brand, locale: locale, words: s.wordsOf(brand, locale), blocks: s.blocks, staff: f.ForStaff && !k.forOutside(), zone: f.Zone}
	if v.zone == nil {
		v.zone = s.zone(f.Brand.Zone)
	}
	return v
}

// write fills the parts of a letter in.
func (s *Set) write(k Kind, brand, locale string, f *Facts, from []shelf) (Rendered, error) {
	v := s.view(f, k, brand, locale)
	subject, body := find(k, brand, locale, from)
	if subject == nil || body.text == nil && body.html == nil {
		return Rendered{}, fmt.Errorf("%s: there is no template", k)
	}
	var r Rendered
	var err error
	if r.Subject, err = v.writeSubject(subject); err != nil {
		return Rendered{}, err
	}
	v.subject = r.Subject
	text, html, err := v.bodies(body)
	if err != nil {
		return Rendered{}, err
	}
	v.content, v.uses = text.said, text.uses
	if r.Text, err = v.execute(findLayout(brand, locale, from, false)); err != nil {
		return Rendered{}, err
	}
	v.content, v.uses = template.HTML(html.said), html.uses //nolint:gosec // html/template wrote it, or it was escaped
	if r.HTML, err = v.execute(findLayout(brand, locale, from, true)); err != nil {
		return Rendered{}, err
	}
	r.Text = spaced(r.Text)
	return r, nil
}

// said is what a template says, and which variables it says it with.
type said struct {
	said string
	uses map[string]bool
}

// bodies fills a body in, in both of its forms; one that is missing is made of the other.
func (v *view) bodies(body candidate) (text, html said, err error) {
	if body.text != nil {
		if text.said, err = v.execute(body.text); err != nil {
			return text, html, err
		}
		text.uses = body.text.uses
	}
	if body.html != nil {
		if html.said, err = v.execute(body.html); err != nil {
			return text, html, err
		}
		html.uses = body.html.uses
	}
	if body.text == nil {
		text = said{htmltext.Convert(html.said), html.uses}
	}
	if body.html == nil {
		html = said{paragraphs(text.said), text.uses}
	}
	return text, html, nil
}

// execute fills a part in.
func (v *view) execute(p *part) (string, error) { return p.execute(v) }

// paragraphs makes HTML of a text.
func paragraphs(text string) string {
	var b strings.Builder
	for p := range strings.SplitSeq(spaced(text), "\n\n") {
		b.WriteString(`<p style="margin:0 0 16px">` + string(ticket.TextHTML(p)) + "</p>\n")
	}
	return b.String()
}

// writeSubject fills a subject in. It is one line, and the same for all letters of a ticket, so that mail programs see that
// they belong together.
func (v *view) writeSubject(p *part) (string, error) {
	s, err := v.execute(p)
	if err != nil {
		return "", err
	}
	code := oneLine(v.ticket().Code, maxCode)
	if !v.CodeInSubject || code == "" {
		return oneLine(s, maxSubject), nil
	}
	room := max(maxSubject-utf8.RuneCountInString(ticket.SubjectWithCode(code, "")), 1)
	return strings.TrimSpace(ticket.SubjectWithCode(code, oneLine(s, room))), nil
}

// told reports whether the template itself has said what the layout would say by a variable.
func (v *view) told(name string) bool {
	switch name {
	case "survey":
		return v.uses["survey"] || v.uses["grades"]
	case "history":
		return v.uses["history"] || v.uses["turns"]
	case "button":
		return v.uses["button"] || v.uses["ticket_url"] || v.uses["guest_url"] || v.uses["backend_url"]
	case "signature", "hidden_code":
		return v.uses[name]
	}
	return false
}

// spaced is a text without blank lines at its ends, and never two in a row.
func spaced(s string) string {
	var b strings.Builder
	blank := 0
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" {
			blank++
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n"[:min(blank+1, 2)])
		}
		b.WriteString(line)
		blank = 0
	}
	return b.String()
}
