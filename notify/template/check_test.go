package template_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// sizes are the custom fields of a catalogue.
var sizes = []ticket.Field{
	{Code: "size", Name: "Size", Type: ticket.FieldSelect, Options: []ticket.Option{{Value: "l", Name: "Large", Labels: ticket.Label{"de": "Groß"}}}},
	{Code: "order-no.2", Name: "Order", Type: ticket.FieldText},
	{Code: "remark", Name: "Remark", Type: ticket.FieldArea},
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	for _, c := range []struct{ source, want string }{
		{"{{.ticket_cod}}", `line 1, column 3: ".ticket_cod" is no variable: did you mean ".ticket_code"?`},
		{"é\n  {{ .tiket_code }}", `line 2, column 6: ".tiket_code"`},
		{"{{if .ticket_code}}{{else}}{{.never}}{{end}}", `line 1, column 30: ".never" is no variable`},
		{"{{if false}}{{.never}}{{end}}", `line 1, column 15: ".never"`},
		{"{{/* a */}}{{with .order}}{{.anything}}{{end}}{{with .ticket_created}}{{.ful}}{{end}}", `column 73: ".ful" is not there: did you mean ".full"?`},
		{"{{.ticket_created.fulll}}", `line 1, column 18: ".fulll" is not there: did you mean ".full"?`},
		{"{{range .items}}{{.cod}}{{end}}", `line 1, column 19: ".cod" is not there: did you mean ".code"?`},
		{"{{range .items}}{{.ticket_code}}{{end}}", `found behind $, as in $.ticket_code`},
		{"{{range $x := .items}}{{$x.subjekt}}{{end}}", `line 1, column 27: ".subjekt" is not there: did you mean ".subject"?`},
		{"{{range .items}}{{$.ticket_cod}}{{end}}", `line 1, column 20: ".ticket_cod" is no variable`},
		{"{{range .items}}{{range $.turns}}{{.code}}{{end}}{{end}}", `line 1, column 36: ".code" is not there`},
		{"{{with $x := .ticket_code}}{{$x.y}}{{end}}", `stands behind what has no parts`},
		{"{{(or .ticket_created .now).ful}}", `".ful" is not there`},
		{"{{.ticket_code.x}}", `stands behind what has no parts`},
		{"{{.items.x}}", `a list has no ".x"`},
		{"{{.items}}", `.items cannot be written whole: loop over it with range`},
		{"{{or .items .ticket_code}}", `cannot be written whole: ask for it with if`},
		{"{{range .turns}}{{.}}{{end}}", `it has .author, .date`},
		{"{{range .ticket_code}}{{end}}", `.ticket_code is no list: range is for changes, grades, items, turns`},
		{"{{range 1000000000}}x{{end}}", `1000000000 is no list`},
		{"{{range $i, $x := .items}}{{end}}", `a loop has one variable here: write {{range $x := …}}`},
		{"{{printf \"%1000000d\" 1}}", `line 1, column 3: "printf" is no function`},
		{"{{index .items 0}}", `"index" is no function`},
		{"{{.ticket_code | html}}", `line 1, column 18: "html" is no function`},
		{"{{call .ticket_code}}", `"call" is no function`},
		{"{{nott .from_staff}}", `"nott" is no function: did you mean "not"?`},
		{"{{ticket_code}}", `"ticket_code" is no function`},
		{"{{if eq .from_staff .ticket_code}}{{end}}", `eq compares texts with texts`},
		{"{{if gt .ticket_code 3}}{{end}}", `gt compares texts with texts and numbers with numbers`},
		{"{{if lt .from_staff true}}{{end}}", `lt compares`},
		{"{{if eq .items .items}}{{end}}", `eq compares`},
		{"{{if eq .ticket_code}}{{end}}", `eq has 1 values: it takes two values or more`},
		{"{{if eq (or 1 .title) `x`}}{{end}}", `eq compares`},
		{"{{(or .order .ticket_created).full}}", `stands behind what has no parts`},
		{"{{truncate .ticket_code 3}}", `truncate takes a number`},
		{"{{truncate 3}}", `truncate has 1 values`},
		{"{{.ticket_code 3}}", `.ticket_code is no function`},
		{"{{3 | .ticket_code}}", `.ticket_code is no function`},
		{"{{define \"x\"}}{{end}}", `templates are not defined within another`},
		{"{{template \"x\"}}", `templates do not call each other`},
		{"{{block \"x\" .}}{{end}}", `templates`},
		{"{{.}}", `the dot alone is all variables`},
		{"{{$}}", `$ alone is all variables`},
		{"{{$ := 3}}", `$ stands for all variables`},
		{"{{nil}}", "nil"},
		{"{{$x := .ticket_code}}{{if true}}{{$x = .items}}{{end}}{{$x}}", `$x was something else before`},
		{"{{.f_sise}}", `".f_sise" is no variable: did you mean ".f_size"?`},
		{"{{.f_size_labe}}", `did you mean ".f_size_label"?`},
		{"{{.content}}", `".content" is no variable`},
		{"one\ntwo {{if}}", `line 2, column 5: missing value for if`},
		{"{{if .ticket_code}}", `unexpected EOF`},
		{"{{.ticket_code", `unclosed action`},
		{"a\x00b", `holds a NUL character`},
		{"a\xffb", `is no text in UTF-8`},
		{strings.Repeat("x", 256<<10+1), `is longer than 256 kB`},
		{strings.Repeat("{{range $.items}}", 4) + strings.Repeat("{{end}}", 4), `line 1, column 60: loops stand more than 3 deep`},
		{strings.Repeat("{{if $.items}}", 9000) + strings.Repeat("{{end}}", 9000), `line 1, column 1401: branches stand more than 100 deep`},
		{"{{" + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000) + "}}", `max`},
		{"{{range .items}}" + strings.Repeat("{{.code}}", 2001) + "{{end}}", `more than 2000 actions within loops`},
	} {
		name := c.source[:min(len(c.source), 60)]
		t.Run("M68 "+name, func(t *testing.T) {
			t.Parallel()
			for field, stored := range map[string]template.Stored{
				"subject": {Source: template.Source{Subject: c.source}}, "text": {Source: template.Source{Text: c.source}}, "html": {Source: template.Source{HTML: c.source}},
			} {
				stored.Kind = template.Digest
				err := s.Check(stored, sizes)
				var e *ticket.ValidationError
				if !errors.As(err, &e) || e.Fields[0].Field != field || !strings.Contains(e.Fields[0].Message, c.want) || !strings.HasPrefix(e.Fields[0].Message, "line ") {
					t.Errorf("%s: %v", field, err)
				}
			}
		})
	}
	t.Run("M68 every fault is told, in the order of its place, ten of a part at most", func(t *testing.T) {
		t.Parallel()
		err := s.Check(template.Stored{Kind: template.Chaser, Source: template.Source{Text: strings.Repeat("{{.bad}}\n", 30), Subject: "{{.a_bad}} {{.b_bad}}"}}, nil)
		got := ticket.FieldErrors(err)
		if len(got["subject"]) != 2 || len(got["text"]) != 10 || !strings.HasPrefix(got["text"][9].Message, "line 10, column 3: ") || got["subject"][0].Fault != ticket.FaultUnknown {
			t.Error(err)
		}
	})
	t.Run("M68 a template of no kind, or in no locale", func(t *testing.T) {
		t.Parallel()
		if err := s.Check(template.Stored{Kind: "customer_mesage"}, nil); err == nil || !strings.Contains(err.Error(), `did you mean "customer_message"?`) {
			t.Error(err)
		}
		if err := s.Check(template.Stored{Kind: template.Chaser, Locale: "../x"}, nil); !errors.Is(err, ticket.ErrInvalid) {
			t.Error(err)
		}
	})
}

func TestCheckUnsafe(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	for source, want := range map[string]string{
		"<p>\n<a href={{.ticket_url}}":                                 "cannot be made safe",
		"<p title=\"{{.ticket_code}}":                                  "cannot be made safe",
		"<{{.ticket_code}}>":                                           "",
		"<a {{if .ticket_code}}href=\"{{else}}title='{{end}}x\">y</a>": "line 1, column ",
		"<!DOCTYPE html><p>x</p>":                                      "line 1, column 1: what stands around a letter is the layout's",
		"<p>{{.ticket_code}}</p>\n <BODY class=x>":                     "line 2, column 2: what stands around a letter is the layout's",
	} {
		t.Run("M68 "+source, func(t *testing.T) {
			t.Parallel()
			err := s.Check(template.Stored{Kind: template.Chaser, Source: template.Source{HTML: source}}, nil)
			if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Error(err)
			}
			if err == nil {
				f := template.Sample(template.Chaser)
				f.Ticket.Code = "script>alert(1)</script"
				r, err := s.Preview(template.Stored{Kind: template.Chaser, Source: template.Source{HTML: source}}, f)
				if err == nil && strings.Contains(r.HTML, "<script>") {
					t.Error(r.HTML)
				}
			}
		})
	}
}

func TestCheckTakes(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	for source, want := range map[string]string{
		"{{.ticket_code}}":                         "VEP-728-96190",
		"{{ $x := .ticket_code }}{{ $x }}":         "VEP-728-96190",
		"{{- .ticket_code -}} x":                   "VEP-728-96190x",
		"{{.ticket_created.short}}":                "21/11/2026 10:30",
		"{{.ticket_created}}":                      "21 Nov 2026, 10:30",
		"{{with .ticket_created}}{{.full}}{{end}}": "Saturday, 21 November 2026 at 10:30 CET",
		"{{.order}} {{.order.increment_id}} {{.order.nothing}}{{with .order}}{{.total}}{{end}}":                "Order 1001 1001 49.90",
		"{{if and .from_staff (eq .ticket_status \"Open\" \"New\")}}yes{{else if true}}no{{end}}":              "yes",
		"{{if not .for_staff}}{{or .title \"none\"}}{{end}}":                                                   "none",
		"{{range .turns}}{{.author}} {{.date.none}};{{else}}nothing{{end}}":                                    "Ann Example 2026-11-21 10:30;",
		"{{range $t := .turns}}{{$t.author}}{{break}}{{end}}{{$.ticket_code}}":                                 "Ann ExampleVEP-728-96190",
		"{{range .grades}}{{.label}}={{.url}} {{end}}":                                                         "Good=https://shop.example/survey/good Fair=https://shop.example/survey/neutral Bad=https://shop.example/survey/bad",
		"{{truncate 4 .ticket_subject}}{{.ticket_subject | truncate 100}}":                                     "Lamp…Lamp arrived broken",
		"{{.f_size}} {{.f_size_label}} {{.f_order_no_2}}":                                                      "l Large 17",
		"{{or .title 3}} {{or .title .ticket_created}} {{truncate 5 .history}}{{if or .items .title}}x{{end}}": "3 21 Nov 2026, 10:30 Earli…",
		"{{/* said nowhere */}}x":                                            "x",
		"{{if .items}}some{{end}}{{if .last_message}}said{{end}}":            "said",
		"{{`[x]`}}{{\"y\"}}{{3}}{{true}}":                                    "[x]y3true",
		"{{if eq 1 1}}a{{end}}{{if lt \"a\" .ticket_code}}b{{else}}c{{end}}": "ac",
	} {
		t.Run("M68 "+source, func(t *testing.T) {
			t.Parallel()
			f := template.Sample(template.CustomerMessage)
			f.Fields, f.Ticket.Fields = sizes, map[string]string{"size": "l", "order-no.2": "17", "remark": "a\nb"}
			f.CodeInSubject = false
			stored := template.Stored{Kind: template.CustomerMessage, Source: template.Source{Subject: source, Text: source, HTML: source}}
			if err := s.Check(stored, sizes); err != nil {
				t.Fatal(err)
			}
			r, err := s.Preview(stored, f)
			if err != nil {
				t.Fatal(err)
			}
			if r.Subject != want || !strings.Contains(r.Text, "\n\n"+want+"\n\n") || !strings.Contains(r.HTML, strings.ReplaceAll(want, "\"", "&#34;")) {
				t.Errorf("%q\n%s\n%s", r.Subject, r.Text, r.HTML)
			}
		})
	}
	t.Run("M68 what the reader's language calls an option, and a field of several lines", func(t *testing.T) {
		t.Parallel()
		f := template.Sample(template.CustomerMessage)
		f.Fields, f.Ticket.Fields = sizes, map[string]string{"size": "l", "remark": "a\n<b>"}
		r, err := s.Preview(template.Stored{Kind: template.CustomerMessage, Locale: "de-AT", Source: template.Source{Text: "{{.f_size_label}} {{.f_remark}}", HTML: "<p>{{.f_size_label}} {{.f_remark}}</p>"}}, f)
		if err != nil || !strings.Contains(r.Text, "Groß a\n<b>\n") || !strings.Contains(r.HTML, "<p>Groß a<br>\n&lt;b&gt;</p>") {
			t.Errorf("%s\n%s\n%v", r.Text, r.HTML, err)
		}
	})
}

func TestBounded(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	f := template.Sample(template.Digest)
	for i := range 90 {
		f.Items = append(f.Items, template.Item{Code: fmt.Sprint(i)})
	}
	deep := func(n int, within string) string {
		return strings.Repeat("{{range $.items}}", n) + within + strings.Repeat("{{end}}", n)
	}
	for name, c := range map[string]struct{ source, want string }{
		"loops within loops that say nothing": {deep(3, ""), "loops more than 10000 times"},
		"loops within loops that say much":    {deep(3, strings.Repeat("x", 1000)), "says more than a megabyte"},
		"a long text, often":                  {deep(2, "{{$.customer_name}}"), ""},
	} {
		t.Run("M68 "+name, func(t *testing.T) {
			t.Parallel()
			for _, source := range []template.Source{{Text: c.source}, {HTML: c.source}} {
				own := template.Stored{Kind: template.Digest, Source: source}
				_, err := s.Preview(own, f)
				if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
					t.Error(err)
				}
				with, err := s.With([]template.Stored{own}, nil)
				if err != nil {
					t.Fatal(err)
				}
				r, err := with.Render(template.Digest, "shop", "en", f)
				if err != nil || c.want != "" && (r.Passed == nil || !strings.Contains(r.Passed.Error(), c.want) || !strings.Contains(r.Text, "This has happened")) {
					t.Errorf("the built-in template did not stand in: %v %v", err, r.Passed)
				}
			}
		})
	}
}
