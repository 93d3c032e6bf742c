package rules_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var update = flag.Bool("update", false, "write docs/RULES.md anew")

const (
	rulesDoc     = "../docs/RULES.md"
	cookbookFile = "../examples/rules/cookbook.yaml"
)

// made is a part of the document that is made from the code.
var made = regexp.MustCompile(`(?s)(<!-- made from the code: ([a-z ]+) -->\n).*?(<!-- end -->)`)

func TestRulesDoc(t *testing.T) {
	t.Parallel()
	t.Run("docs/RULES.md lists what rules can name", func(t *testing.T) {
		t.Parallel()
		parts := docParts(t)
		doc := readFile(t, rulesDoc)
		for _, m := range made.FindAllStringSubmatch(doc, -1) {
			if parts[m[2]] == "" {
				t.Errorf("nothing is known of the part %q", m[2])
			}
		}
		for name := range parts {
			if n := strings.Count(doc, "<!-- made from the code: "+name+" -->"); n != 1 {
				t.Errorf("the part %q stands in it %d times", name, n)
			}
		}
		want := made.ReplaceAllStringFunc(doc, func(s string) string {
			m := made.FindStringSubmatch(s)
			return m[1] + "\n" + parts[m[2]] + "\n" + m[3]
		})
		if *update {
			if err := os.WriteFile(rulesDoc, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if doc != want {
			t.Error("docs/RULES.md is not what the code says: run go test ./rules -run TestRulesDoc -update")
		}
	})
	t.Run("M59 the cookbook has every example rule of the field's best known manual, and nothing to warn of", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		put(w, ticket.Department{Code: "sales", Name: "Sales"})
		if err := w.Catalog().PutStatus(as(agent), ticket.Status{Code: "waiting_customer", Name: "Waiting for Customer", Class: ticket.ClassPending}); err != nil {
			t.Fatal(err)
		}
		f := must(rules.ParseFile([]byte(readFile(t, cookbookFile))))(t)
		if warnings, err := w.rules.Import(as(agent), f, true); err != nil || len(warnings) > 0 {
			t.Fatalf("%v %v", warnings, err)
		}
		equal(t, "rules", codesOf(must(w.rules.List(as(agent)))(t)),
			[]string{"closing_soon", "in_progress", "new_owner", "no_answer", "problem", "unanswered", "order_questions", "mail_to_support"})
	})
	t.Run("M52 what is shown as a file is one", func(t *testing.T) {
		t.Parallel()
		blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readFile(t, rulesDoc), -1)
		for _, m := range blocks {
			text := m[1]
			if strings.HasPrefix(text, "match:") {
				text = "rules:\n- code: a\n  name: A\n  on: [created]\n  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ")
			}
			w := newWorld(t, nil)
			put(w, ticket.Department{Code: "sales", Name: "Sales"})
			if f, err := rules.ParseFile([]byte(text)); err != nil {
				t.Errorf("%v\n%s", err, text)
			} else if len(f.Rules) == 0 {
				notRules(t, w, text)
			} else if err := w.rules.CheckRule(as(agent), f.Rules[0]); err != nil {
				t.Errorf("%v\n%s", err, text)
			}
		}
		if len(blocks) < 3 {
			t.Errorf("%d files are shown", len(blocks))
		}
	})
	t.Run("M52 the first program of it is the package's Example, and can be started twice", func(t *testing.T) {
		t.Parallel()
		_, rest, _ := strings.Cut(readFile(t, rulesDoc), "```go\n")
		snippet, _, _ := strings.Cut(rest, "```")
		_, example, _ := strings.Cut(readFile(t, "example_rules_test.go"), "func Example() {")
		for l := range strings.Lines(snippet) {
			if !strings.Contains(example, strings.TrimSpace(l)) {
				t.Errorf("the Example has no %s", l)
			}
		}
		if !strings.Contains(snippet, "rules.AnyVersion") {
			t.Errorf("it is refused at its second start:\n%s", snippet)
		}
	})
	t.Run("M57 every action that a desk has is shown with a configuration that it takes", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, &rules.Options{Functions: map[string]rules.Function{"refund": nil}})
		if err := w.Catalog().PutField(as(agent), ticket.Field{Code: "order", Name: "Order", Type: ticket.FieldText}); err != nil {
			t.Fatal(err)
		}
		for _, a := range w.rules.Actions() {
			text := fmt.Sprintf("rules: [{code: a, name: A, on: [created], do: [%s]}]", actionExamples[a.Name])
			f, err := rules.ParseFile([]byte(text))
			if err != nil || len(f.Rules[0].Do) != 1 || f.Rules[0].Do[0].Action != a.Name {
				t.Errorf("%s is shown as %q: %v", a.Name, actionExamples[a.Name], err)
			} else if err := w.rules.CheckRule(as(agent), f.Rules[0]); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("M55 every operator that is shown is one", func(t *testing.T) {
		t.Parallel()
		for _, o := range operators {
			if c, err := condition.Compile(o.example, nil); err != nil || len(c.Warnings()) > 0 {
				t.Errorf("%s: %v %v", o.example, err, c)
			}
		}
	})
}

// notRules stores what is shown as a file without rules, and looks at what comes of it.
func notRules(t *testing.T, w *world, text string) {
	t.Helper()
	f, warnings, err := w.rules.ImportFile(as(agent), []byte(text), true)
	if err != nil || len(warnings) > 0 || len(f.Calendars) != 1 || len(f.Policies) != 1 || len(f.AutoClose) != 1 || len(f.Recurring) != 1 {
		t.Fatalf("%v %v\n%s", err, warnings, text)
	}
	hours := must(calendar.Compile(f.Calendars[0]))(t)
	for day, open := range map[string]bool{"2026-12-23T10:00:00Z": true, "2030-12-24T10:00:00Z": false, "2031-12-26T10:00:00Z": false, "2027-02-01T10:00:00Z": false, "2027-02-01T14:00:00Z": true} {
		if is := hours.OpenAt(must(time.Parse(time.RFC3339, day))(t)); is != open {
			t.Errorf("at %s it is open: %v", day, is)
		}
	}
	if next := must(w.rules.RecurringTickets().Next(f.Recurring[0], 1))(t); len(next) != 1 || next[0].Weekday() != time.Friday {
		t.Errorf("the next ticket comes at %v", next)
	}
}

func codesOf(list []rules.Rule) (out []string) {
	for _, r := range list {
		out = append(out, r.Code)
	}
	return out
}

// actionExamples are actions as a file has them.
var actionExamples = map[string]string{
	"set_status":     `{set_status: closed}`,
	"set_priority":   `{set_priority: high}`,
	"set_department": `{set_department: support}`,
	"set_brand":      `{set_brand: default}`,
	"set_owner":      `{set_owner: "7"}`,
	"add_tags":       `{add_tags: [urgent, lamp]}`,
	"remove_tags":    `{remove_tags: [urgent]}`,
	"archive":        `{archive: null}`,
	"spam":           `{spam: null}`,
	"restore":        `{restore: null}`,
	"set_fields":     `{set_fields: {order: "1042"}}`,
	"add_note":       `{add_note: {body: "For [ticket_assignee]."}}`,
	"reply":          `{reply: {body: "Dear [ticket_customer_name], …", format: markdown, status: closed}}`,
	"call":           `{call: {function: refund, args: {percent: "50"}}}`,
	"follow_up":      `{follow_up: {after: 48h, working_time: true, text: "Call them", remind: {owner: true}}}`,
	"snooze":         `{snooze: {for: 48h}}`,
	"auto_assign":    `{auto_assign: {by: least_loaded, capacity: 20}}`,
}

var operators = []struct{ how, example string }{
	{"is, and is not: texts with their case", `ticket.status == "open"`},
	{"", `ticket.status != "open"`},
	{"numbers and times in their order", `hours_since_created >= 24`},
	{"", `ticket.created_at < date("2026-12-31")`},
	{"a text has another in it, begins, or ends with it", `ticket.subject contains "Order"`},
	{"", `lower(ticket.subject) startsWith "re:"`},
	{"", `ticket.requester.email endsWith "@example.com"`},
	{"a pattern of [RE2](https://github.com/google/re2/wiki/Syntax)", `ticket.subject matches "(?i)order \\d+"`},
	{"an entry of a list", `"vip" in ticket.tags`},
	{"one of several", `ticket.priority in ["high", "urgent"]`},
	{"both, one of both, not", `not ticket.locked and (ticket.folder == "inbox" or ticket.messages > 3)`},
	{"one or the other", `weekday(now) == "sunday" ? hours_since_created > 48 : hours_since_created > 24`},
	{"what a function gives, reckoned with", `hours_since(ticket.solved_at) / 24 > 7`},
}

func docParts(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"triggers": triggerTable(), "variables": variableTable(), "operators": operatorTable(), "functions": functionTable(), "form operators": formTable(),
		"actions": actionTable(newWorld(t, nil).rules), "cookbook": "```yaml\n" + readFile(t, cookbookFile) + "```\n",
		"rule": fieldTable[rules.Rule](t, "rule.go"), "notification": fieldTable[rules.Notification](t, "notices.go"), "recipients": fieldTable[rules.Recipients](t, "../ticket/notice.go"),
		"assignment": fieldTable[rules.Assignment](t, "assign.go"), "macro": fieldTable[rules.Macro](t, "macros.go"),
		"follow up": fieldTable[rules.FollowUp](t, "followups.go"), "appointment": fieldTable[rules.Appointment](t, "appointments.go"),
		"auto close": fieldTable[rules.AutoClose](t, "autoclose.go"), "recurring": fieldTable[rules.Recurring](t, "recurring.go"),
		"calendar": fieldTable[calendar.Calendar](t, "calendar/calendar.go"), "special": fieldTable[calendar.Special](t, "calendar/calendar.go"),
		"policy": fieldTable[sla.Policy](t, "sla/policy.go"), "goal": fieldTable[sla.Goal](t, "sla/policy.go"),
	}
}

// forPeople is what of a comment is for those who work on the code.
var forPeople = regexp.MustCompile(` \([A-Z]\d\d\)`)

// table writes one of Markdown.
func table(head string, rows [][]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", head, strings.Repeat("---|", strings.Count(head, "|")+1))
	for _, row := range rows {
		for _, cell := range row {
			fmt.Fprintf(&b, "| %s ", strings.ReplaceAll(strings.Join(strings.Fields(cell), " "), "|", `\|`))
		}
		b.WriteString("|\n")
	}
	return b.String()
}

func code(s string) string { return "`" + s + "`" }

func triggerTable() string {
	var rows [][]string
	for _, tr := range rules.Triggers() {
		rows = append(rows, []string{code(string(tr)), tr.Doc()})
	}
	return table("trigger | comes when", rows)
}

func variableTable() string {
	var rows [][]string
	for _, f := range (&condition.Schema{}).List() {
		about, before := f.Doc, ""
		if len(f.Options) > 0 && len(f.Options) <= 12 {
			about += ": " + code(strings.Join(f.Options, "`, `"))
		}
		if f.Before {
			before = "yes"
		}
		rows = append(rows, []string{code(f.Name), string(f.Kind), about, before})
	}
	return table("variable | kind | what it is | before", rows)
}

func operatorTable() string {
	var rows [][]string
	for _, o := range operators {
		rows = append(rows, []string{code(o.example), o.how})
	}
	return table("as in | asks", rows)
}

func functionTable() string {
	var rows [][]string
	for _, f := range condition.Functions() {
		rows = append(rows, []string{code(f.Usage), string(f.Result), f.Doc})
	}
	return table("function | gives | what it says", rows)
}

// formTable lists the operators of forms, with the kinds of fields that have them.
func formTable() string {
	var order []condition.Operator
	kinds := map[condition.Operator][]string{}
	for _, kind := range []condition.Kind{condition.Text, condition.Number, condition.Bool, condition.Time, condition.List} {
		for _, o := range condition.OperatorsOf(condition.Field{Name: "ticket.x", Kind: kind, Before: true}) {
			if !slices.Contains(order, o) {
				order = append(order, o)
			}
			kinds[o] = append(kinds[o], string(kind))
		}
	}
	var rows [][]string
	for _, o := range order {
		takes := []string{"none", "one"}[min(o.Takes(), 1)]
		if o.Takes() > 1 {
			takes = fmt.Sprintf("up to %d", o.Takes())
		}
		rows = append(rows, []string{code(string(o)), o.Doc(), takes, strings.Join(kinds[o], ", ")})
	}
	return table("operator | asks whether the field | values | kinds", rows)
}

func actionTable(r *rules.Rules) string {
	var rows [][]string
	for _, a := range r.Actions() {
		rows = append(rows, []string{code(strings.Trim(actionExamples[a.Name], "{}") + strings.Repeat("}", strings.Count(actionExamples[a.Name], "{")-1)), a.Doc})
	}
	return table("action | what it does", rows)
}

// fieldTable lists the fields of a struct as JSON and YAML name them, with what the source says of them.
func fieldTable[T any](t *testing.T, file string) string {
	t.Helper()
	of := reflect.TypeFor[T]()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, isType := n.(*ast.TypeSpec)
		if !isType || spec.Name.Name != of.Name() {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			about := forPeople.ReplaceAllString(strings.TrimPrefix(f.Doc.Text(), f.Names[0].Name+" is ")+" "+f.Comment.Text(), "")
			field, _ := of.FieldByName(f.Names[0].Name)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			rows = append(rows, []string{code(name), about})
		}
		return false
	})
	if len(rows) == 0 {
		t.Fatalf("%s has no %s", file, of.Name())
	}
	return table("field | what it says", rows)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	return strings.ReplaceAll(string(must(os.ReadFile(name))(t)), "\r\n", "\n")
}
