package template_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/helpdeskgo/helpdesk/internal/mark"
	"github.com/helpdeskgo/helpdesk/internal/replytext"
	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// hostile are facts of which every text is what somebody wrote. HTML, which Facts says is safe, and marks are left alone.
func hostile(k template.Kind, staff bool, text string) *template.Facts {
	f := template.Sample(k)
	f.ForStaff = staff
	f.Ticket = template.Sample(template.CustomerMessage).Ticket
	f.Ticket.Fields = map[string]string{"size": text}
	f.Message = &template.Turn{Files: []string{"x"}, FromStaff: true}
	f.History = []template.Turn{{Files: []string{"x"}}, {FromStaff: true}}
	f.Changes, f.Items, f.Survey, f.Rating = []template.Change{{}}, []template.Item{{}}, []template.Grade{{}}, &template.Rating{}
	f.Others = []string{"x"}
	fill(reflect.ValueOf(f).Elem(), text)
	f.GuestURL = "https://shop.example/" // a text is none, and would take the button away
	return f
}

// fill puts a text into every string that it finds.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		if !v.IsNil() && v.Type() != reflect.TypeFor[*time.Location]() {
			fill(v.Elem(), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() || v.Type() == reflect.TypeFor[ticket.Marks]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "HTML" {
				fill(v.Field(i), text)
			}
		}
	}
}

// skeleton is the markup of a page: its elements with the names of their attributes. Breaks and links, of which a text may
// make any number, are not among them.
func skeleton(page string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return b.String()
		}
		t := z.Token()
		if kind == html.TextToken || t.Data == "br" || t.Data == "a" {
			continue
		}
		if kind == html.CommentToken {
			t.Data = "comment"
		}
		fmt.Fprint(&b, kind, " ", t.Data)
		for _, a := range t.Attr {
			fmt.Fprint(&b, " ", a.Key)
			if a.Key != "content" && a.Key != "lang" && a.Key != "src" && a.Key != "alt" && a.Key != "id" && a.Key != "class" {
				fmt.Fprint(&b, "=", a.Val)
			}
		}
		b.WriteByte('\n')
	}
}

// checkHarmless reports what a text has done to a letter.
func checkHarmless(t *testing.T, r, plain template.Rendered, code string) {
	t.Helper()
	if got, want := skeleton(r.HTML), skeleton(plain.HTML); got != want {
		t.Errorf("other markup:\n%s\nwant\n%s\n%s", got, want, r.HTML)
	}
	if strings.Contains(r.HTML, "javascript:") && strings.Contains(r.HTML, `href="javascript:`) {
		t.Errorf("a link that runs: %s", r.HTML)
	}
	if strings.ContainsFunc(r.Subject, unicode.IsControl) || utf8.RuneCountInString(r.Subject) > 200 || !utf8.ValidString(r.Subject) {
		t.Errorf("subject: %q", r.Subject)
	}
	for _, s := range []string{r.Subject, r.Text, r.HTML} {
		if strings.ContainsFunc(s, func(c rune) bool {
			return unicode.IsControl(c) && c != '\n' && c != '\t' || c >= '\u202A' && c <= '\u202E' || c >= '\u2066' && c <= '\u2069'
		}) || !utf8.ValidString(s) {
			t.Errorf("turns or hides: %q", s)
		}
		for _, c := range mark.InText(s) {
			if mark.Code(c) != code {
				t.Errorf("a mark of somebody: %s", c)
			}
		}
	}
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	keys := mark.Keys{Ring: token.Ring{}.Rotate()}
	stolen, err := keys.Mark(ticket.Mark{TicketID: 1}, "support@shop.example")
	if err != nil {
		t.Fatal(err)
	}
	nested := strings.ReplaceAll(stolen.Code, "-", "-"+stolen.Code)
	own, err := keys.Mark(ticket.Mark{TicketID: 42}, "support@shop.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"markup":               `x<script>alert(1)</script><img src=x onerror=alert(1)>`,
		"markup that closes":   `x"></a></td></tr></table></title></style><script>alert(1)</script>`,
		"attributes":           `x" onmouseover="alert(1)" style="x:expression(1)`,
		"single quotes":        `x' onclick='alert(1)`,
		"comments":             `x--><!--[if mso]><x><![endif]--><!--`,
		"a document":           `x</body></html><!DOCTYPE html><html><body onload=alert(1)>`,
		"entities":             `x&lt;script&gt;&#60;script&#62;`,
		"a template":           "x{{.ticket_code}}{{range .items}}{{template \"x\"}}{{end}}",
		"half a template":      "x{{",
		"a header":             "x\r\nBcc: all@shop.example\r\n\r\nbody",
		"other ends of lines":  "x\u2028Bcc: all\u2029\u0085\v\fy",
		"NUL":                  "x\x00y\x00",
		"escapes":              "x\x1b[31m\x07\x7f",
		"bidi override":        "x\u202Egpj.exe\u202C\u2066y\u2069",
		"no UTF-8":             "x\xff\xfe\xc0\x80",
		"a link that runs":     "xjavascript:alert(1)",
		"a mark":               "x " + stolen.Code + " " + stolen.Address + " " + stolen.HTML,
		"a mark within a mark": "x " + nested + " " + strings.ReplaceAll(nested, stolen.Code, nested),
		"much":                 strings.Repeat("x\" <b>", 170_000),
		"much white space":     "x" + strings.Repeat(" \n", 500_000) + "y",
	} {
		for _, k := range template.Kinds() {
			t.Run("M24 "+name+" in "+string(k), func(t *testing.T) {
				t.Parallel()
				for _, staff := range []bool{true, false} {
					f, plain := hostile(k, staff, text), hostile(k, staff, "x")
					f.Marks, plain.Marks = own, own
					checkHarmless(t, render(t, s, k, "de", f), render(t, s, k, "de", plain), own.Code)
				}
			})
		}
	}
	t.Run("M24 a template says what somebody wrote as they wrote it", func(t *testing.T) {
		t.Parallel()
		f := hostile(template.CustomerMessage, false, "a {{.ticket_code}} & <b>")
		r := render(t, s, template.CustomerMessage, "en", f)
		if !strings.Contains(r.Text, "\n\na {{.ticket_code}} & <b>\n") || !strings.Contains(r.HTML, "a {{.ticket_code}} &amp; &lt;b&gt;") || !strings.HasSuffix(r.Subject, "a {{.ticket_code}} & <b>") {
			t.Errorf("%+v", r)
		}
	})
	t.Run("M24 nobody writes a marker, in a text or in HTML", func(t *testing.T) {
		t.Parallel()
		for _, line := range []string{"##- above -##", "## — above — ##", "###-above-###", "##<b>-</b> above -##", "# ##- x -##"} {
			f := template.Sample(template.CustomerMessage)
			f.Marker, f.History = false, nil
			f.Message = &template.Turn{Text: "hello\n" + line + "\nbye", FromStaff: true}
			r := render(t, s, template.CustomerMessage, "en", f)
			if folds := replytext.Text(r.Text, nil); len(folds) > 0 && strings.Contains(r.Text[folds[0].Start:folds[0].End], "bye") {
				t.Errorf("the text is folded: %q", r.Text[folds[0].Start:folds[0].End])
			}
			f.Message.HTML = "<p>hello</p><p>" + line + "</p><p>bye</p>"
			r = render(t, s, template.CustomerMessage, "en", f)
			text, folds := replytext.HTML(r.HTML, nil)
			if len(folds) > 0 && strings.Contains(text[folds[0].Start:folds[0].End], "bye") {
				t.Errorf("the HTML is folded: %q", text[folds[0].Start:folds[0].End])
			}
		}
	})
}

// FuzzRender has anything be written in every place: no letter has other markup, another line in its subject, or a mark.
func FuzzRender(f *testing.F) {
	s := newSet(f)
	kinds := template.Kinds()
	for i, text := range []string{"", "<script>", "\"'>", "{{.", "a\r\nb", "\u202Ex", "\x00", "##- x -##", "hd-" + strings.Repeat("a", 60), "http://x.example/\"><b>", "<!--", "&lt;", "\xff"} {
		f.Add(uint8(i), i%2 == 0, text)
	}
	f.Fuzz(func(t *testing.T, kind uint8, staff bool, text string) {
		k := kinds[int(kind)%len(kinds)]
		r := render(t, s, k, built[int(kind)/len(kinds)%len(built)], hostile(k, staff, "x"+text+"x"))
		checkHarmless(t, r, render(t, s, k, built[int(kind)/len(kinds)%len(built)], hostile(k, staff, "x")), template.Sample(k).Marks.Code)
	})
}

// FuzzCheck has anything be a template: what passes can be rendered, or is passed over; nothing panics or takes long.
func FuzzCheck(f *testing.F) {
	s := newSet(f)
	for _, source := range []string{"", "{{.ticket_code}}", "{{range .items}}{{.code}}{{end}}", "{{with $x := .order}}{{$x.y}}{{end}}", "<a href='{{.ticket_url}}' onclick=\"f({{.note}})\">", "{{if eq .title `x`}}a{{else if .note}}b{{end}}",
		"{{range $.items}}{{break}}{{end}}", "{{define `x`}}{{end}}", "{{$x := 1}}{{$x = 2}}", "{{truncate 1 (or .note .title)}}", "<style>{{.note}}", "<script>`${ {{.note}} }`</script>", "{{- /* x */ -}}", "{{.ticket_created.full.x}}", "{{(.ticket_created).full}}"} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		facts := template.Sample(template.Digest)
		for _, part := range []template.Source{{Subject: source}, {Text: source}, {HTML: source}} {
			own := template.Stored{Kind: template.Digest, Source: part}
			if s.Check(own, nil) != nil {
				continue
			}
			facts.Fields = nil
			r, err := s.Preview(own, facts)
			if err != nil {
				t.Fatalf("%q passed the check, and fails: %v", source, err)
			}
			if strings.Contains(r.Subject, "<no value>") && !strings.Contains(source, "no value") || strings.ContainsFunc(r.Subject, unicode.IsControl) {
				t.Errorf("%q: %q", source, r.Subject)
			}
		}
	})
}
