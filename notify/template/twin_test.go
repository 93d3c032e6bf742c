package template_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// unsaid is what one of both forms has, and the other says in its own way: addresses of links, the code, signs of quoting.
var unsaid = regexp.MustCompile(`https?://\S+|hd-\w+|[>:]`)

// words are those that people read.
func wordsOf(s string) []string { return strings.Fields(unsaid.ReplaceAllString(s, " ")) }

func TestTwins(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	for _, locale := range built {
		for _, k := range template.Kinds() {
			t.Run("M24 "+string(k)+" in "+locale+" says in text what it says in HTML", func(t *testing.T) {
				t.Parallel()
				f := template.Sample(k)
				r := render(t, s, k, locale, f)
				text, html := wordsOf(r.Text), wordsOf(htmltext.Convert(r.HTML))
				if !slices.Equal(text, html) {
					t.Errorf("text: %q\nHTML: %q", text, html)
				}
				if locale != "en" {
					english := render(t, s, k, "en", f)
					if english.Text == r.Text && k != template.RuleNotice || english.HTML == r.HTML {
						t.Error("it is in English")
					}
				}
			})
		}
	}
}

func TestOccasions(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	t.Run("M28 out of hours: the schedule's own message, else how long it takes", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.OutOfHours)
		both(t, render(t, s, template.OutOfHours, "en", f), true, "open again in 13 hours")
		f.TimeLeft = ""
		both(t, render(t, s, template.OutOfHours, "en", f), true, "as soon as we are back")
		f.Note, f.TimeLeft = "We are back on Monday.", "13 hours"
		r := render(t, s, template.OutOfHours, "en", f)
		both(t, r, true, "We are back on Monday.")
		both(t, r, false, "13 hours", "We are closed")
	})
	t.Run("M58 a rule's notice has a subject and a text of its own", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.RuleNotice)
		f.Title, f.Note, f.ForStaff = "Look\r\nhere", "First\n\n<b>second</b> https://shop.example/x", true
		r := render(t, s, template.RuleNotice, "en", f)
		if r.Subject != "[#VEP-728-96190] Look here" || !strings.Contains(r.Text, "First\n\n<b>second</b> https://shop.example/x\n") || !strings.Contains(r.HTML, `First<br>
<br>
&lt;b&gt;second&lt;/b&gt; <a href="https://shop.example/x"`) {
			t.Errorf("%q\n%s\n%s", r.Subject, r.Text, r.HTML)
		}
		both(t, r, true, "Priority")
		f.Title, f.ForStaff = "", false
		r = render(t, s, template.RuleNotice, "en", f)
		both(t, r, false, "Priority")
		if r.Subject != "[#VEP-728-96190] Lamp arrived broken" {
			t.Error(r.Subject)
		}
	})
	t.Run("I26 a confirmation and an opened ticket do not give back what a stranger wrote", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.CustomerTicket)
		both(t, render(t, s, template.CustomerTicket, "en", f), false, "arrived broken. The glass")
		f.Message.FromStaff = true
		both(t, render(t, s, template.CustomerTicket, "en", f), true, "arrived broken. The glass", "we have opened a request for you")
	})
	t.Run("I26 a mail that was refused says why, and gives nothing of it back but its subject", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.Refused)
		r := render(t, s, template.Refused, "en", f)
		both(t, r, true, "Lamp arrived broken", "larger than 20 MB")
		if r.Subject != "Not accepted: Lamp arrived broken" {
			t.Error(r.Subject)
		}
	})
	t.Run("B03 labels and dates of the reader's language", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.StaffTicket)
		f.Status.Labels = map[string]string{"de": "Offen", "shop/de": "Im Laden offen"}
		both(t, render(t, s, template.StaffTicket, "de", f), true, "Im Laden offen")
		r, err := s.Render(template.StaffTicket, "garden", "de", f)
		if err != nil {
			t.Fatal(err)
		}
		both(t, r, true, "Offen")
		both(t, r, false, "Im Laden")
		for locale, want := range map[string]string{
			"de": "Samstag, 21. November 2026, 10:30 Uhr CET|21. November 2026, 10:30 Uhr|21. Nov. 2026, 10:30|21.11.2026 10:30",
			"tr": "21 Kasım 2026 Cumartesi, 10:30 CET|21 Kasım 2026, 10:30|21 Kas 2026 10:30|21.11.2026 10:30",
			"ru": "суббота, 21 ноября 2026 г., 10:30 CET|21 ноября 2026 г., 10:30|21 нояб. 2026 г., 10:30|21.11.2026 10:30",
		} {
			own := template.Stored{Kind: template.Chaser, Locale: locale, Source: template.Source{Text: "{{with .ticket_created}}{{.full}}|{{.long}}|{{.medium}}|{{.short}}{{end}}"}}
			if r, err := s.Preview(own, template.Sample(template.Chaser)); err != nil || !strings.Contains(r.Text, want) {
				t.Errorf("%s: %s, %v", locale, r.Text, err)
			}
		}
	})
	t.Run("B03 what is stored for a brand and a locale goes before what is stored for less", func(t *testing.T) {
		t.Parallel()
		var list []template.Stored
		for _, p := range [][2]string{{"shop", "de-AT"}, {"shop", "de"}, {"", "de-AT"}, {"", "de"}, {"shop", ""}, {"", ""}} {
			list = append(list, template.Stored{Kind: template.Closed, Brand: p[0], Locale: p[1], Source: template.Source{Text: "for " + p[0] + " in " + p[1] + "."}})
		}
		for len(list) > 0 {
			with, err := s.With(list, nil)
			if err != nil {
				t.Fatal(err)
			}
			both(t, render(t, with, template.Closed, "de-at", template.Sample(template.Closed)), true, list[0].Text)
			list = list[1:]
		}
	})
}

func TestChanges(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	f := template.Sample(template.Updated)
	f.Fields = []ticket.Field{{Code: "size", Name: "Size", Labels: ticket.Label{"de": "Größe"}, Options: sizes[0].Options}}
	before := &ticket.Ticket{Status: "open", Class: ticket.ClassNew, Requester: ticket.Person{ID: "7", Name: "Ann"}, Fields: map[string]string{"size": "s", "old": "1"}}
	after := before.Clone()
	after.Status, after.Class, after.Locked, after.AssignedBy, after.Seq = "closed", ticket.ClassClosed, true, "3", 9
	after.Requester, after.Participants, after.Tags = ticket.Person{Email: "bob@shop.example"}, []ticket.Person{{Name: "Cy"}, {Email: "di@shop.example"}}, []string{"a", "b"}
	after.Fields = map[string]string{"size": "l"}
	f.Changes = []template.Change{{Label: "Mood", Old: `["x"]`, New: "good"}}
	for _, c := range ticket.Diff(before, after) {
		f.Changes = append(f.Changes, template.Change{Field: c.Field, Old: c.Old, New: c.New})
	}
	t.Run("I26 the journal's changes, for people", func(t *testing.T) {
		t.Parallel()
		r := render(t, s, template.Updated, "de", f)
		want := `Bob Agent hat das Ticket VEP-728-96190 geändert:

Mood: ["x"] → good
Status: open → closed
Gesperrt: nein → ja
Kunde: Ann → bob@shop.example
In Kopie: Cy, di@shop.example
Schlagwörter: a, b
old: 1 → –
Größe: s → Groß

Ticket öffnen`
		if !strings.Contains(r.Text, want) {
			t.Error(r.Text)
		}
	})
}
