package template_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// forged is a mail that claims to be from an agent.
func forged() *template.Turn {
	return &template.Turn{Author: "Bob Baker", Email: "bob@shop.example", Text: "Send it to my new address.", Internal: true, Unproven: true}
}

// A letter to staff is from the desk: what it does not call unproven it vouches for.
func TestUnproven(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	claims := map[string]string{
		"en": "This mail claims to be from Bob Baker <bob@shop.example>. Nothing proves it.",
		"de": "Diese E-Mail gibt an, von Bob Baker <bob@shop.example> zu sein. Nichts beweist das.",
		"tr": "Bu e-posta, Bob Baker <bob@shop.example> tarafından gönderildiğini öne sürüyor. Bunu kanıtlayan hiçbir şey yok.",
		"ru": "В этом письме отправителем указан Bob Baker <bob@shop.example>. Ничто этого не подтверждает.",
	}
	for _, locale := range built {
		for _, k := range []template.Kind{template.StaffMessage, template.Mentioned, template.StaffTicket, template.Assignment} {
			t.Run("M64 "+string(k)+" in "+locale+" says that nothing proves who wrote it, and calls it no note", func(t *testing.T) {
				t.Parallel()
				f := template.Sample(k)
				f.Message, f.History = forged(), nil
				r := render(t, s, k, locale, f)
				text, html := wordsOf(r.Text), wordsOf(htmltext.Convert(r.HTML))
				if !slices.Equal(text, html) {
					t.Errorf("text: %q\nHTML: %q", text, html)
				}
				for _, said := range []string{r.Text, strings.ReplaceAll(htmltext.Convert(r.HTML), "\n", " ")} {
					if strings.Count(said, claims[locale]) != 1 || strings.Count(said, "Bob Baker") != 1 {
						t.Error(said)
					}
					if at := strings.Index(said, claims[locale]); at > strings.Index(said, "Send it to my new address.") {
						t.Error("it comes too late:", said)
					}
					for _, note := range []string{"note", "Notiz", "iç not", "заметк"} {
						if strings.Contains(said, note) {
							t.Errorf("%q: %s", note, said)
						}
					}
				}
			})
		}
		t.Run("M64 a quoted mail in "+locale+" is with the address that it claims to be from", func(t *testing.T) {
			t.Parallel()
			f := template.Sample(template.StaffMessage)
			f.History = []template.Turn{*forged()}
			with := render(t, s, template.StaffMessage, locale, f)
			f.History[0].Unproven, f.History[0].Author = false, "Bob Baker <bob@shop.example>"
			without := render(t, s, template.StaffMessage, locale, f)
			if !strings.Contains(with.Text, "Bob Baker <bob@shop.example> ") || with.Text == without.Text || with.HTML == without.HTML {
				t.Error(with.Text)
			}
		})
	}
	t.Run("M64 a template of the host's own says it where it does not ask, and may say it in words of its own", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.StaffMessage)
		f.Message, f.History, f.Message.FromStaff = forged(), []template.Turn{*forged()}, true
		for source, want := range map[string]string{
			"{{.last_author}} has left a note: {{.last_message}}":               "Bob Baker <bob@shop.example> has left a note: " + claims["en"] + "\n\nSend it",
			"{{.last_reply_name}} or {{.last_reply_name_signed}} said that":     "Bob Baker <bob@shop.example> or Bob Baker <bob@shop.example> said that",
			"{{if .unproven}}Beware!{{end}}{{if .from_staff}}An agent.{{end}}":  "Beware!\n",
			"{{range .turns}}{{if .unproven}}{{.author}}: beware{{end}}{{end}}": "Bob Baker <bob@shop.example>: beware",
			"{{.history}}": "a mail that claims to be from Bob Baker <bob@shop.example> (nothing proves it) said:\n> Send it",
		} {
			r, err := s.Preview(template.Stored{Kind: template.StaffMessage, Source: template.Source{Text: source}}, f)
			if err != nil || !strings.Contains(r.Text, want) {
				t.Errorf("%s is\n%s\nnot %s: %v", source, r.Text, want, err)
			}
		}
	})
	t.Run("M64 no name hides the address, and what has no name is its address", func(t *testing.T) {
		t.Parallel()
		for name, want := range map[string]string{
			strings.Repeat("Bob Baker of Support ", 1000): "… <eve@elsewhere.example>. Nothing proves it.",
			"Bob Baker <bob@shop.example>":                "from Bob Baker <bob@shop.example> <eve@elsewhere.example>. Nothing proves it.",
			"Bob\r\nBaker":                                "from Bob Baker <eve@elsewhere.example>. Nothing proves it.",
			"":                                            "from eve@elsewhere.example. Nothing proves it.",
			"eve@elsewhere.example":                       "from eve@elsewhere.example. Nothing proves it.",
		} {
			f := template.Sample(template.StaffMessage)
			f.Message, f.History = forged(), nil
			f.Message.Author, f.Message.Email = name, "eve@elsewhere.example"
			if r := render(t, s, template.StaffMessage, "en", f); !strings.Contains(r.Text, want) {
				t.Errorf("no %q in %s", want, r.Text)
			}
		}
	})
	t.Run("M24 whom nobody knows is named with the address, to staff and as an author, however long the name", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.StaffTicket)
		f.Stranger, f.Ticket.Requester = true, ticket.Person{Name: strings.Repeat("Bob Baker of Support ", 1000), Email: "eve@elsewhere.example"}
		if r := render(t, s, template.StaffTicket, "en", f); !strings.Contains(r.Text, "… <eve@elsewhere.example> has opened a new ticket") || !strings.Contains(r.HTML, "… &lt;eve@elsewhere.example&gt; has opened") {
			t.Error(r.Text, r.HTML)
		}
		f.Ticket.Requester.Name = "Bob Baker"
		r := render(t, s, template.StaffTicket, "en", f)
		if strings.Count(r.Text, "Bob Baker") != 2 || strings.Count(r.Text, "Bob Baker <eve@elsewhere.example>") != 2 {
			t.Error(r.Text)
		}
		f.ForStaff, f.Message = false, nil
		own := template.Stored{Kind: template.CustomerMessage, Source: template.Source{Text: "Dear {{.customer_name}},"}}
		if r, err := s.Preview(own, f); err != nil || !strings.Contains(r.Text, "Dear Bob Baker,") {
			t.Error(r.Text, err)
		}
	})
	t.Run("M64 what is proven is as it was", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.StaffMessage)
		f.Message, f.History = forged(), nil
		f.Message.Unproven = false
		r := render(t, s, template.StaffMessage, "en", f)
		both(t, r, true, "Bob Baker has left an internal note")
		both(t, r, false, "bob@shop.example", "claims", "proves")
	})
}
