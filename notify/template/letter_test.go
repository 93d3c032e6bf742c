package template_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/internal/replytext"
	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// both reports of a letter's text and HTML what they hold of some words.
func both(t *testing.T, r template.Rendered, want bool, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(r.Text, w) != want || strings.Contains(r.HTML, w) != want {
			t.Errorf("%q is in the text: %v, in the HTML: %v, want %v\n%s", w, strings.Contains(r.Text, w), strings.Contains(r.HTML, w), want, r.Text)
		}
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	turns := []template.Turn{
		{Author: "Ann", At: at.Add(2 * time.Hour), Text: "third"}, {Author: "Bob", SignedAs: "Support", At: at.Add(time.Hour), Text: "second", FromStaff: true}, {Author: "Ann", At: at, Text: "first"},
	}
	t.Run("M23 as many as are given are quoted, the newest first; none hides the block", func(t *testing.T) {
		t.Parallel()
		for n := range 4 {
			f := template.Sample(template.CustomerMessage)
			f.History = turns[:n]
			r := render(t, s, template.CustomerMessage, "en", f)
			both(t, r, n > 0, "Earlier messages")
			for i, said := range []string{"third", "second", "first"} {
				both(t, r, i < n, said)
			}
			if n == 3 && (strings.Index(r.Text, "third") > strings.Index(r.Text, "second") || strings.Index(r.HTML, "second") > strings.Index(r.HTML, "first")) {
				t.Error("not the newest first")
			}
		}
	})
	t.Run("M23 internal notes are for staff", func(t *testing.T) {
		t.Parallel()
		for _, k := range template.Kinds() {
			for _, staff := range []bool{true, false} {
				f := template.Sample(template.StaffMessage)
				f.ForStaff = staff
				f.History = []template.Turn{{Author: "Bob", Text: "the secret", HTML: "<p>the secret</p>", Internal: true, FromStaff: true, Files: []string{"the-secret.pdf"}}}
				f.Message = &f.History[0]
				with, err := s.With([]template.Stored{{Kind: k, Source: template.Source{
					Text: "{{.last_message}}{{.last_message_text}}{{range .turns}}{{.text}}{{end}}{{.history}}{{.last_message_files}}{{.last_reply_name}}", HTML: "{{.last_message}}{{.last_message_text}}{{range .turns}}{{.text}}{{end}}{{.history}}{{.last_message_files}}",
				}}}, nil)
				if err != nil {
					t.Fatal(err)
				}
				for name, set := range map[string]*template.Set{"own": with, "built in": s} {
					r := render(t, set, k, "en", f)
					shown := strings.Contains(r.Text+r.HTML+r.Subject, "secret")
					outside := slices.Contains([]template.Kind{template.CustomerTicket, template.CustomerMessage, template.ThirdPartyMessage, template.Chaser, template.Closed, template.OutOfHours, template.Refused}, k)
					if may := staff && !outside; shown && !may || may && name == "own" && !shown {
						t.Errorf("%s, %s, for staff %v: shown %v", k, name, staff, shown)
					}
				}
			}
		}
	})
	t.Run("M04 customers see agents as they sign, staff by name", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.CustomerMessage)
		f.Message = &template.Turn{Author: "Real Name", FromStaff: true, Text: "hello"}
		f.History = []template.Turn{{Author: "Other Name", SignedAs: "Olga", FromStaff: true, Text: "x"}, {Author: "Third Name", FromStaff: true, Text: "y"}}
		f.SignedAs = "Support"
		r := render(t, s, template.CustomerMessage, "en", f)
		both(t, r, false, "Real Name", "Other Name", "Third Name")
		both(t, r, true, "Support has answered", "Olga wrote", "Support wrote")
		f.ForStaff = true
		r = render(t, s, template.StaffMessage, "en", f)
		both(t, r, true, "Real Name has written", "Other Name wrote", "Third Name wrote")
		f.ForStaff, f.SignedAs = false, ""
		r = render(t, s, template.CustomerMessage, "en", f)
		both(t, r, true, "Support has answered") // the department stands in
		both(t, r, false, "Real Name")
	})
	t.Run("M23 a long history does not burst the letter", func(t *testing.T) {
		t.Parallel()
		for _, c := range []string{"<", "\"", "\n", "й", "a", "\n\n", "http://a.b/ ", "##-"} {
			f := template.Sample(template.CustomerMessage)
			long := strings.Repeat(c, 1<<20)
			f.Message = &template.Turn{Author: long, Text: long, FromStaff: true, Files: []string{long}}
			f.History = slices.Repeat([]template.Turn{{Author: long, Text: long, Files: []string{long}}}, 1000)
			r := render(t, s, template.CustomerMessage, "en", f)
			if len(r.Text) > 1<<20 || len(r.HTML) > 1<<20 || !strings.Contains(r.Text, "[…]") || !strings.Contains(r.HTML, "Example Shop · VEP") {
				t.Errorf("%q: %d and %d bytes", c, len(r.Text), len(r.HTML))
			}
		}
	})
}

func TestSignature(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	for _, k := range template.Kinds() {
		t.Run("M78 "+string(k), func(t *testing.T) {
			t.Parallel()
			for _, c := range []struct{ staff, internal bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
				f := template.Sample(k)
				f.ForStaff = c.staff
				f.Message = &template.Turn{Author: "Bob", Text: "x", FromStaff: true, Internal: c.internal}
				f.Signature = ticket.Signature{Text: "Yours, Bob", HTML: "<b>Yours</b>, Bob"}
				r := render(t, s, k, "en", f)
				want := !c.internal && (k == template.CustomerTicket || k == template.CustomerMessage || k == template.ThirdPartyMessage)
				if strings.Contains(r.Text, "Yours, Bob") != want || strings.Contains(r.HTML, "<b>Yours</b>, Bob") != want {
					t.Errorf("staff %v, internal %v: want a signature %v: %s", c.staff, c.internal, want, r.Text)
				}
			}
		})
	}
	t.Run("M78 one form makes the other", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.CustomerMessage)
		f.Signature = ticket.Signature{HTML: "<b>Yours</b>,<br>Bob &amp; Co."}
		if r := render(t, s, template.CustomerMessage, "en", f); !strings.Contains(r.Text, "Yours,\nBob & Co.") {
			t.Error(r.Text)
		}
		f.Signature = ticket.Signature{Text: "Yours,\nBob & <Co>"}
		if r := render(t, s, template.CustomerMessage, "en", f); !strings.Contains(r.HTML, "Yours,<br>\nBob &amp; &lt;Co&gt;") {
			t.Error(r.HTML)
		}
	})
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	const guest, page, backend = "https://guest.example/1", "https://page.example/1", "https://backend.example/1"
	for _, k := range template.Kinds() {
		t.Run("G03 G06 "+string(k), func(t *testing.T) {
			t.Parallel()
			f := template.Sample(k)
			f.Ticket = template.Sample(template.CustomerMessage).Ticket
			f.GuestURL, f.TicketURL, f.BackendURL = guest, page, backend
			r := render(t, s, k, "en", f)
			switch {
			case k == template.ThirdPartyMessage:
				both(t, r, false, guest, page, backend)
			case f.ForStaff:
				both(t, r, true, backend)
				both(t, r, false, guest, page)
			default:
				both(t, r, true, guest)
				both(t, r, false, page, backend)
				f.GuestURL = ""
				both(t, render(t, s, k, "en", f), true, page)
			}
		})
	}
	t.Run("G07 what is no web address is left out", func(t *testing.T) {
		t.Parallel()
		for _, u := range []string{"javascript:alert(1)", "data:text/html,x", "//x.example/", "https:///", "ftp://x.example", "https://x.example/\r\nBcc: y", "https://x.example/<b>", "https://x.example/" + strings.Repeat("x", 3000), "https://x.example/\u202Ex"} {
			f := template.Sample(template.CustomerMessage)
			f.GuestURL, f.TicketURL, f.Survey = u, u, []template.Grade{{Label: "Good", URL: u}}
			f.Brand.Logo = u
			both(t, render(t, s, template.CustomerMessage, "en", f), false, "View your request", "How was this answer", "x.example")
		}
	})
	t.Run("G07 a logo comes over https alone", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.CustomerMessage)
		for u, want := range map[string]bool{"https://shop.example/logo.png": true, "http://shop.example/logo.png": false, "cid:logo": false} {
			f.Brand.Logo = u
			if r := render(t, s, template.CustomerMessage, "en", f); strings.Contains(r.HTML, `<img src="`+u+`" alt="Example Shop"`) != want || strings.Contains(r.HTML, "<img") != want {
				t.Error(u, r.HTML)
			}
		}
	})
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	t.Run("M25 three grades, in their order; none hides the block; never for staff", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.CustomerMessage)
		r := render(t, s, template.CustomerMessage, "en", f)
		both(t, r, true, "How was this answer?", "https://shop.example/survey/good", "https://shop.example/survey/neutral", "https://shop.example/survey/bad")
		if strings.Index(r.HTML, "survey/good") > strings.Index(r.HTML, "survey/bad") {
			t.Error("another order")
		}
		grades := f.Survey
		f.Survey = nil
		both(t, render(t, s, template.CustomerMessage, "en", f), false, "How was this answer?")
		f.Survey, f.ForStaff = grades, true
		both(t, render(t, s, template.StaffMessage, "en", f), false, "How was this answer?", "survey/good")
	})
	t.Run("M25 the result, to staff", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.SurveyResult)
		f.Rating = &template.Rating{Grade: "Bad", Comment: "<b>Slow</b>"}
		r := render(t, s, template.SurveyResult, "en", f)
		if !strings.Contains(r.Text, "Grade: Bad\n\n<b>Slow</b>") || !strings.Contains(r.HTML, "&lt;b&gt;Slow") || !strings.Contains(r.Subject, "Rating: Bad") {
			t.Errorf("%+v", r)
		}
	})
}

// TestAnswer has letters answered as mail programs do, and the answers read as the gateway reads them.
func TestAnswer(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	keys := mark.Keys{Ring: token.Ring{}.Rotate(), Instance: "x"}
	m, err := keys.Mark(ticket.Mark{TicketID: 42, MessageID: 7, To: ticket.RecipientOf(42, "ann@shop.example")}, "support@shop.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range built {
		for _, k := range template.Kinds() {
			t.Run("M24 the answer to "+string(k)+" in "+locale, func(t *testing.T) {
				t.Parallel()
				f := template.Sample(k)
				f.Marks, f.Marker = m, true
				r := render(t, s, k, locale, f)
				quoted := "My answer.\n\n> " + strings.ReplaceAll(r.Text, "\n", "\n> ")
				if got := ticket.Unfolded(quoted, replytext.Text(quoted, nil)); got != "My answer." {
					t.Errorf("of the text is new: %q", got)
				}
				bare := "My answer.\n\n" + r.Text
				if got := ticket.Unfolded(bare, replytext.Text(bare, nil)); got != "My answer." {
					t.Errorf("of the text without quote signs is new: %q", got)
				}
				text, folds := replytext.HTML("<div>My answer.</div>"+r.HTML, nil)
				if got := ticket.Unfolded(text, folds); got != "My answer." {
					t.Errorf("of the HTML is new: %q", got)
				}
				for _, source := range []string{quoted, bare, r.HTML} {
					if codes := mark.InText(source); len(codes) != 1 || mark.Code(codes[0]) != m.Code {
						t.Errorf("codes: %q", codes)
					}
				}
				if strings.Count(r.HTML, m.Code) < 3 {
					t.Error("the code does not stand there three times")
				}
			})
		}
	}
	t.Run("M24 no marker for who cannot answer", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.CustomerMessage)
		f.Marker = false
		both(t, render(t, s, template.CustomerMessage, "en", f), false, "##-")
	})
	t.Run("M24 markers of all languages", func(t *testing.T) {
		t.Parallel()
		if got := template.Markers(); len(got) != len(built) || slices.ContainsFunc(got, func(m string) bool { return !strings.HasPrefix(m, "##- ") || !strings.HasSuffix(m, " -##") }) {
			t.Errorf("%q", got)
		}
	})
}

func TestSubjects(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	t.Run("M24 a ticket's letters have one subject", func(t *testing.T) {
		t.Parallel()
		for _, k := range []template.Kind{template.CustomerTicket, template.CustomerMessage, template.StaffTicket, template.StaffMessage, template.ThirdPartyMessage, template.Assignment, template.Mentioned, template.Merged, template.Closed, template.OutOfHours, template.Updated, template.SLAWarning} {
			for _, locale := range built {
				f := template.Sample(k)
				if r := render(t, s, k, locale, f); r.Subject != "[#VEP-728-96190] Lamp arrived broken" {
					t.Errorf("%s: %q", k, r.Subject)
				}
				f.CodeInSubject = false
				if r := render(t, s, k, locale, f); r.Subject != "Lamp arrived broken" {
					t.Errorf("%s: %q", k, r.Subject)
				}
			}
		}
	})
	t.Run("M24 the code stands there once", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.CustomerMessage)
		f.Ticket.Subject = "Re: [#VEP-728-96190] Lamp"
		if r := render(t, s, template.CustomerMessage, "en", f); r.Subject != "Re: [#VEP-728-96190] Lamp" {
			t.Error(r.Subject)
		}
		f.Ticket.Subject = ""
		if r := render(t, s, template.CustomerMessage, "en", f); r.Subject != "[#VEP-728-96190]" {
			t.Error(r.Subject)
		}
	})
}
