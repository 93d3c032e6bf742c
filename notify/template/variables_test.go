package template_test

import (
	"os"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// TestSeed has every variable of the help desk that this one follows stand for something here.
func TestSeed(t *testing.T) {
	t.Parallel()
	s := newSet(t)
	fields := []ticket.Field{{Code: "test_field", Type: ticket.FieldSelect, Options: []ticket.Option{{Value: "v", Name: "A value"}}}, {Code: "custom_reason", Type: ticket.FieldText}}
	for theirs, c := range map[string]struct{ ours, want string }{
		"customer.name":                              {"{{.customer_name}}", "Ann Example"},
		"customer.email":                             {"{{.customer_email}}", "ann@shop.example"},
		"customer.getName()":                         {"{{.customer_name}}", "Ann Example"},
		"customer.getEmail()":                        {"{{.customer_email}}", "ann@shop.example"},
		"customer, its properties":                   {"{{.customer_id}} {{.customer_phone}} {{.customer_group}} {{.customer_organisation}} {{.customer_locale}} {{.customer_zone}}", "7 +44 20 7946 0000 retail 12 en-GB Europe/London"},
		"ticket.code":                                {"{{.ticket_code}}", "VEP-728-96190"},
		"ticket.name":                                {"{{.ticket_subject}}", "Lamp arrived broken"},
		"ticket.department":                          {"{{.ticket_department}}", "Support"},
		"ticket.status":                              {"{{.ticket_status}}", "Open"},
		"ticket.priority":                            {"{{.ticket_priority}}", "High"},
		"ticket.getCode()":                           {"{{.ticket_code}}", "VEP-728-96190"},
		"ticket.getName()":                           {"{{.ticket_subject}}", "Lamp arrived broken"},
		"ticket.getCustomerEmail()":                  {"{{.ticket_customer_email}}", "ann@shop.example"},
		"ticket.getCustomerName()":                   {"{{.ticket_customer_name}}", "Ann Example"},
		"ticket.getChannel()":                        {"{{.ticket_channel}}", "email"},
		"ticket.getUserName()":                       {"{{.owner_name}}", "Bob Agent"},
		"ticket.getCreatedAtFormated('none')":        {"{{.ticket_created.none}}", "2026-11-21 10:30"},
		"ticket.getCreatedAtFormated('full')":        {"{{.ticket_created.full}}", "Saturday, 21 November 2026 at 10:30 CET"},
		"ticket.getCreatedAtFormated('long')":        {"{{.ticket_created.long}}", "21 November 2026 at 10:30"},
		"ticket.getCreatedAtFormated('medium')":      {"{{.ticket_created.medium}}", "21 Nov 2026, 10:30"},
		"ticket.getCreatedAtFormated('short')":       {"{{.ticket_created.short}}", "21/11/2026 10:30"},
		"ticket.getCreatedAtFormated('traditional')": {"{{.ticket_created.traditional}}", "Saturday, 21 November 2026 at 10:30 CET"},
		"ticket.getCreatedAtFormated('gregorian')":   {"{{.ticket_created.gregorian}}", "21 November 2026 at 10:30"},
		"ticket.getUpdatedAtFormated($format)":       {"{{.ticket_updated.long}}", "22 November 2026 at 12:30"},
		"ticket.getLastMessageHtmlText()":            {"{{.last_message}}", "we are sorry about the lamp."},
		"ticket.getLastMessagePlainText()":           {"{{.last_message_text}}", "we are sorry about the lamp."},
		"block History":                              {"{{.history}}", "the lamp of my order arrived broken."},
		"ticket.getExternalUrl()":                    {"{{.ticket_url}}", "https://shop.example/guest/token"},
		"ticket.getBackendUrl()":                     {"{{.backend_url}}", ""}, // for staff alone: see below
		"ticket.getHiddenCodeHtml()":                 {"{{.hidden_code}}", "hd-sample"},
		"ticket.getLastReplyName()":                  {"{{.last_reply_name}}", "Bob Agent"},
		"ticket.getFrontendLastReplyName()":          {"{{.last_reply_name_signed}}", "Bob from Support"},
		"ticket.getOrder(), in depend":               {"{{with .order}}{{.increment_id}}{{end}}", "1001"},
		"ticket.getOrder().getIncrementId()":         {"{{.order.increment_id}}", "1001"},
		"ticket.f_test_field":                        {"{{.f_test_field}}", "v"},
		"ticket.f_test_field_label":                  {"{{.f_test_field_label}}", "A value"},
		"ticket.getCustomReason()":                   {"{{.f_custom_reason}}", "because"},
		"store.getFrontendName()":                    {"{{.store_name}}", "Example Shop"},
		"logo_alt":                                   {"{{.logo_alt}}", "Example Shop"},
		"user.firstname":                             {"{{.owner_firstname}}", "Bob"},
		"user.lastname":                              {"{{.owner_lastname}}", "Agent"},
		"user.email":                                 {"{{.owner_email}}", "bob@shop.example"},
		"department.name":                            {"{{.ticket_department}}", "Support"},
		"department.getName()":                       {"{{.ticket_department}}", "Support"},
		"department.getSenderEmail()":                {"{{.store_email}}", "help@shop.example"},
		"[time_left_to_open]":                        {"{{.time_left}}", "13 hours"},
		"[ticket_customer_name] of quick responses":  {"{{.ticket_customer_name}}", "Ann Example"},
		"[user_firstname] of quick responses":        {"{{.user_firstname}}", "Bob"},
		"[user_lastname] of quick responses":         {"{{.user_lastname}}", "Agent"},
		"[user_email] of quick responses":            {"{{.user_email}}", "bob@shop.example"},
	} {
		t.Run("M68 "+theirs, func(t *testing.T) {
			t.Parallel()
			f := template.Sample(template.CustomerMessage)
			f.Fields, f.Ticket.Fields = fields, map[string]string{"test_field": "v", "custom_reason": "because"}
			f.Department.Sender, f.TimeLeft = "help@shop.example", "13 hours"
			own := template.Stored{Kind: template.CustomerMessage, Source: template.Source{Text: "<<" + c.ours + ">>", HTML: "<p>(((" + c.ours + ")))</p>"}}
			if err := s.Check(own, fields); err != nil {
				t.Fatal(err)
			}
			r, err := s.Preview(own, f)
			if err != nil {
				t.Fatal(err)
			}
			_, text, _ := strings.Cut(r.Text, "<<")
			text, _, _ = strings.Cut(text, ">>")
			_, html, _ := strings.Cut(r.HTML, "(((")
			html, _, _ = strings.Cut(html, ")))")
			if !strings.Contains(text, c.want) || !strings.Contains(html, strings.ReplaceAll(c.want, "+", "&#43;")) || (c.want == "") != (text == "") {
				t.Errorf("%s is %q and %q, want %q", c.ours, text, html, c.want)
			}
		})
	}
	t.Run("M68 every variable says something in one kind at least, and is told in the list", func(t *testing.T) {
		t.Parallel()
		for _, v := range template.Variables() {
			if strings.Contains(v.Name, "<") || strings.HasPrefix(v.Meaning, "in a layout") {
				continue
			}
			said := false
			for _, k := range template.Kinds() {
				f := template.Sample(k)
				f.Brand.Logo = "https://shop.example/logo.png"
				if f.Message != nil && v.Name == "unproven" {
					f.Message.Unproven = true
				}
				source := "{{if ." + v.Name + "}}it says something{{end}}"
				r, err := s.Preview(template.Stored{Kind: k, Source: template.Source{Text: source}}, f)
				if err != nil {
					t.Fatalf("%s: %v", v.Name, err)
				}
				tells := strings.Contains(r.Text, "it says something")
				said = said || tells
			}
			if !said {
				t.Errorf("%s says nothing anywhere", v.Name)
			}
		}
	})
}

// TestVariablesDoc holds the table in docs/NOTIFY.md against the code.
func TestVariablesDoc(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../docs/NOTIFY.md", "<!-- variables: written by go test ./notify/template -run TestVariablesDoc -update -->\n", "<!-- end of variables -->"
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(doc), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the variables: it is between %q and %q", file, begin, end)
	}
	var b strings.Builder
	b.WriteString("| variable | stands for | only in |\n|---|---|---|\n")
	for _, v := range template.Variables() {
		meaning := v.Meaning
		if len(v.Fields) > 0 {
			meaning += "; has `." + strings.Join(v.Fields, "` `.") + "`"
		}
		var kinds []string
		for _, k := range v.Kinds {
			kinds = append(kinds, "`"+string(k)+"`")
		}
		b.WriteString("| `{{." + v.Name + "}}` | " + meaning + " | " + strings.Join(kinds, " ") + " |\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+b.String()+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != b.String() {
		t.Errorf("%s is not what the code says: run go test ./notify/template -run TestVariablesDoc -update", file)
	}
}
