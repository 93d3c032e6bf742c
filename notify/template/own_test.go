package template_test

import (
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// overlay makes a file system of names and texts.
func overlay(files map[string]string) fs.FS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s, err := template.New(template.Options{FS: []fs.FS{
		overlay(map[string]string{
			"de/chaser.text":               "eigener Text",
			"brand/shop/chaser.text":       "the shop's, in all locales",
			"brand/shop/de-AT/chaser.text": "der Laden in Österreich",
			"closed.subject":               "It is over",
			"README.md":                    "{{.not_looked_at}}",
			"brand/garden/layout.text":     "{{.marker}}\nGarden: {{.content}}{{.hidden_code}}",
			"brand/garden/de/words":        "marker: Bitte hier oben\ngreeting: Hallo {name}!",
			"fr/words":                     "open: Voir la demande",
		}),
		overlay(map[string]string{"de/chaser.text": "kommt nie", "de/chaser.html": "<p>kommt nie</p>", "tr/closed.html": "<p>Kapandı & bitti</p>", "fr/chaser.text": "Bonjour, {{.f_size}} {{.note}}"}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		k                   template.Kind
		brand, locale, want string
	}{
		{template.Chaser, "garden", "de", "eigener Text"},
		{template.Chaser, "garden", "de-AT", "eigener Text"},
		{template.Chaser, "garden", "DE_at", "eigener Text"},
		{template.Chaser, "garden", "en", "Hello Ann Example,"},
		{template.Chaser, "garden", "pl", "Hello Ann Example,"},
		{template.Chaser, "shop", "de-AT", "der Laden in Österreich"},
		{template.Chaser, "shop", "de", "eigener Text"}, // a locale goes before a brand, as with labels
		{template.Chaser, "shop", "pl", "the shop's, in all locales"},
		{template.Closed, "shop", "tr", "Kapandı & bitti"},
		{template.Chaser, "shop", "fr", "the shop's, in all locales"},
		{template.Chaser, "", "fr", "Bonjour"},
	} {
		t.Run("B03 "+string(c.k)+" at "+c.brand+" in "+c.locale, func(t *testing.T) {
			t.Parallel()
			f := template.Sample(c.k)
			r, err := s.Render(c.k, c.brand, c.locale, f)
			if err != nil || !strings.Contains(r.Text, c.want) || !strings.Contains(r.HTML, strings.ReplaceAll(c.want, "'", "&#39;")) && c.k != template.Closed {
				t.Errorf("%s\n%s\n%v", r.Text, r.HTML, err)
			}
			if c.k == template.Closed && r.Subject != "[#VEP-728-96190] It is over" {
				t.Error(r.Subject)
			}
		})
	}
	t.Run("B03 a layout and words of a brand's own", func(t *testing.T) {
		t.Parallel()
		r := renderAt(t, s, template.Closed, "garden", "de")
		if !strings.HasPrefix(r.Text, "Bitte hier oben\nGarden: Hallo Ann Example!") || !strings.Contains(r.HTML, "Bitte hier oben</p>") || !strings.Contains(r.HTML, "Anfrage ansehen") {
			t.Errorf("%s\n%s", r.Text, r.HTML)
		}
	})
	t.Run("B03 the first locale that there is", func(t *testing.T) {
		t.Parallel()
		with, err := s.With([]template.Stored{{Kind: template.Chaser, Locale: "pt-BR", Brand: "garden", Source: template.Source{Text: "x"}}, {Kind: template.Chaser, Locale: "cs", Disabled: true}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			set    *template.Set
			brand  string
			wanted []string
			want   string
		}{
			{s, "", []string{"de-AT"}, "de"}, {s, "shop", []string{"de_at"}, "de-AT"}, {s, "", nil, "en"}, {s, "", []string{"", "pl", "tr"}, "tr"}, {s, "", []string{"pl"}, "en"},
			{s, "", []string{"fr-CA"}, "fr"}, {with, "garden", []string{"pt-br"}, "pt-BR"}, {with, "shop", []string{"pt-br"}, "en"}, {with, "", []string{"cs"}, "en"}, {with, "", []string{"ru"}, "ru"},
		} {
			if got := c.set.Locale(c.brand, c.wanted...); got != c.want {
				t.Errorf("%q for %q is %q, want %q", c.wanted, c.brand, got, c.want)
			}
		}
	})
}

func renderAt(t *testing.T, s *template.Set, k template.Kind, brand, locale string) template.Rendered {
	t.Helper()
	r, err := s.Render(k, brand, locale, template.Sample(k))
	if err != nil || r.Passed != nil {
		t.Fatal(err, r.Passed)
	}
	return r
}

func TestFilesRefused(t *testing.T) {
	t.Parallel()
	for file, c := range map[string]struct{ source, want string }{
		"de/chaser.text":         {"a\n {{.ticket_cod}}", `de/chaser.text:2:4: ".ticket_cod" is no variable: did you mean ".ticket_code"?`},
		"chaser.html":            {"<p>{{if}}", `chaser.html:1:4: missing value for if`},
		"de/chasr.text":          {"x", `de/chasr.text: "chasr" is no template: did you mean "chaser"?`},
		"a/b/c/chaser.text":      {"x", `a/b/c: is no directory of templates`},
		"layout.text":            {"{{.content}}{{.marker}}", `layout.text:1:1: a layout needs {{.hidden_code}}`},
		"layout.html":            {"<p>{{.content}}</p>{{.hidden_code}}", `a layout needs {{.marker}}`},
		"layout.subject":         {"x", `is no template`},
		"de/words":               {"greting: x", `"greting" is no key`},
		"words":                  {"marker: x", `words stand in the directory of a locale`},
		"brand/x/de/words":       {"nothing", `line 1: is no word`},
		"brand/x/de/chaser.html": {"<a href={{.ticket_url}}", `cannot be made safe`},
	} {
		t.Run("M24 "+file, func(t *testing.T) {
			t.Parallel()
			_, err := template.New(template.Options{FS: []fs.FS{overlay(map[string]string{file: c.source})}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Error(err)
			}
		})
	}
}

func TestStored(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	for _, k := range template.Kinds() {
		t.Run("M24 "+string(k)+" is replaced, and disabled", func(t *testing.T) {
			t.Parallel()
			own := template.Stored{Kind: k, Source: template.Source{Subject: "mine {{.ticket_code}}", Text: "a text of mine", HTML: "<p>HTML of mine</p>"}}
			with, err := s.With([]template.Stored{own, {Kind: k, Locale: "de", Disabled: true}, {Kind: k, Brand: "shop", Locale: "de"}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := render(t, with, k, "en", template.Sample(k))
			if !strings.Contains(r.Subject, "mine") || !strings.Contains(r.Text, "a text of mine") || !strings.Contains(r.HTML, "HTML of mine") {
				t.Errorf("%+v", r)
			}
			if with.Disabled(k, "shop", "en") || with.Disabled(k, "shop", "de-AT") || !with.Disabled(k, "garden", "de-AT") || s.Disabled(k, "garden", "de") {
				t.Error("the most particular template does not say whether the kind is disabled")
			}
			if r := render(t, s, k, "en", template.Sample(k)); strings.Contains(r.Text, "of mine") {
				t.Error("the set has changed")
			}
		})
	}
	t.Run("M24 a text alone makes HTML, and HTML alone a text; a subject leaves both", func(t *testing.T) {
		t.Parallel()
		with, err := s.With([]template.Stored{
			{Kind: template.Chaser, Source: template.Source{Text: "Dear {{.customer_name}},\n\nplease answer:\n{{.ticket_url}}\n\n{{.last_message}}"}},
			{Kind: template.Closed, Source: template.Source{HTML: "<h2>Closed</h2><p>Bye, <b>{{.customer_name}}</b>.</p>"}},
			{Kind: template.Reminder, Source: template.Source{Subject: "Remember"}},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := template.Sample(template.Chaser)
		f.Ticket.Requester.Name = "<b>Ann</b>"
		r := render(t, with, template.Chaser, "en", f)
		for _, want := range []string{"<p style=\"margin:0 0 16px\">Dear &lt;b&gt;Ann&lt;/b&gt;,</p>", "please answer:<br>\n<a href=\"https://shop.example/guest/token\"", "we are sorry about the lamp"} {
			if !strings.Contains(r.HTML, want) {
				t.Errorf("no %s in %s", want, r.HTML)
			}
		}
		if strings.Contains(r.Text, "View your request") || strings.Contains(r.HTML, "View your request") {
			t.Error("the link stands twice")
		}
		r = render(t, with, template.Closed, "en", template.Sample(template.Closed))
		if !strings.Contains(r.Text, "Closed\n\nBye, Ann Example.\n\nView your request: https://") {
			t.Error(r.Text)
		}
		r = render(t, with, template.Reminder, "de", template.Sample(template.Reminder))
		if r.Subject != "[#VEP-728-96190] Remember" || !strings.Contains(r.Text, "erinnern") {
			t.Errorf("%+v", r)
		}
	})
	t.Run("M68 a variable whose field has gone says nothing, and what is broken is left out and named", func(t *testing.T) {
		t.Parallel()
		list := []template.Stored{
			{Kind: template.Chaser, Source: template.Source{Text: "Size: {{.f_size_label}}."}},
			{Kind: template.Closed, Brand: "shop", Source: template.Source{Text: "{{.nothing}}"}},
			{Kind: "unknown"},
		}
		if err := s.Check(list[0], sizes); err != nil {
			t.Fatal(err)
		}
		with, err := s.With(list, nil)
		if err == nil || !strings.Contains(err.Error(), `template closed for brand "shop"`) || !strings.Contains(err.Error(), "template unknown") || strings.Contains(err.Error(), "f_size") {
			t.Fatal(err)
		}
		if r := render(t, with, template.Chaser, "en", template.Sample(template.Chaser)); !strings.Contains(r.Text, "Size: .\n") {
			t.Error(r.Text)
		}
		if r := render(t, with, template.Closed, "en", template.Sample(template.Closed)); !strings.Contains(r.Text, "is closed") {
			t.Error(r.Text)
		}
	})
	t.Run("M24 an unknown kind is refused", func(t *testing.T) {
		t.Parallel()
		if _, err := s.Render("layout", "", "en", template.Sample(template.Chaser)); err == nil {
			t.Error("rendered")
		}
		if _, err := s.Preview(template.Stored{Kind: "layout", Source: template.Source{Text: "x"}}, &template.Facts{}); err == nil {
			t.Error("previewed")
		}
	})
	t.Run("M24 letters about nothing", func(t *testing.T) {
		t.Parallel()
		for _, k := range template.Kinds() {
			for _, f := range []*template.Facts{nil, {}, {Ticket: &ticket.Ticket{}, ForStaff: true}} {
				if r := render(t, s, k, "ru", f); strings.Contains(r.Text+r.HTML, "no value") {
					t.Error(r.Text)
				}
			}
		}
	})
}

func TestConcurrent(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	f := template.Sample(template.CustomerMessage)
	want := render(t, s, template.CustomerMessage, "de", f)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				with, err := s.With([]template.Stored{{Kind: template.Chaser, Locale: "de", Source: template.Source{Text: "x"}}}, sizes)
				if err != nil {
					t.Error(err)
					return
				}
				if r, err := with.Render(template.CustomerMessage, "shop", "de", f); err != nil || r != want {
					t.Error("another letter", err)
				}
			}
		})
	}
	wg.Wait()
}
