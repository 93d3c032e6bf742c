package helpdesk_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// writingDesk has two brands, an agent with names, and two custom fields.
func writingDesk(t testing.TB) *helpdesktest.Desk {
	t.Helper()
	d := newDesk(t, helpdesk.Config{
		Brands: []ticket.Brand{
			{Code: "default", Name: "Lamps & Co", Sender: "hello@lamps.example", Zone: "Asia/Tokyo", Locales: []string{"de-AT", "en"}},
			{Code: "outlet", Name: "Outlet", Sort: 1},
		},
		Departments: []ticket.Department{{Code: "support", Name: "Support", Labels: ticket.Label{"de": "Hilfe"}}, {Code: "sales", Name: "Sales", Sender: "sales@lamps.example"}},
	})
	ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "7", Name: "Bob B.", FirstName: "Robert", LastName: "Burns", Email: "bob@desk.example"}))
	ok(t, d.Catalog().PutField(as(host), ticket.Field{Code: "color", Name: "Color", Type: ticket.FieldMulti,
		Options: []ticket.Option{{Value: "r", Name: "Red", Labels: ticket.Label{"de": "Rot"}}, {Value: "g", Name: "Green"}}}))
	ok(t, d.Catalog().PutField(as(host), ticket.Field{Code: "order", Name: "Order", Type: ticket.FieldText}))
	return d
}

func fullTicket(t testing.TB, d *helpdesktest.Desk) *ticket.Ticket {
	t.Helper()
	draft := lamp()
	draft.Requester, draft.Phone, draft.Service, draft.Assignee = ann.Person(), "+43 1", "order-9", "7"
	draft.Fields = map[string]string{"color": "r\ng", "order": "O-1"}
	return must(d.CreateTicket(as(host), draft))(t)
}

func TestVariables(t *testing.T) {
	t.Parallel()
	d := writingDesk(t)
	tk := fullTicket(t, d)
	want := map[string]string{
		"ticket_customer_name": "Ann", "ticket_customer_email": "ann@example.com", "ticket_code": tk.Code, "ticket_subject": "Lamp broken",
		"ticket_department": "Hilfe", "ticket_status": "Open", "ticket_priority": "Medium", "ticket_service": "order-9", "ticket_phone": "+43 1",
		"ticket_created": "2026-01-05", "ticket_assignee": "Bob B.", "store_name": "Lamps & Co", "store_email": "hello@lamps.example",
		"user_name": "Bob B.", "user_firstname": "Robert", "user_lastname": "Burns", "user_email": "bob@desk.example",
		"f_color": "r, g", "f_color_label": "Rot, Green", "f_order": "O-1", "f_order_label": "O-1",
	}
	for name, value := range want {
		t.Run("M47 ["+name+"] is what the list says", func(t *testing.T) {
			t.Parallel()
			equal(t, name, must(d.Texts().Expand(as(bob), tk.ID, "["+name+"]", ""))(t), value)
		})
	}
	t.Run("M47 the seven names of the source are among them, and every name is tested", func(t *testing.T) {
		t.Parallel()
		listed := map[string]bool{}
		for _, v := range helpdesk.Variables() {
			listed[v.Name] = true
			if _, tested := want[strings.ReplaceAll(v.Name, "<code>", "color")]; !tested {
				t.Errorf("%s is not tested", v.Name)
			}
		}
		for _, name := range strings.Fields("ticket_customer_name ticket_customer_email ticket_code store_name user_firstname user_lastname user_email") {
			equal(t, name, listed[name], true)
		}
	})
	t.Run("M47 docs/VARIABLES.md says so", func(t *testing.T) {
		t.Parallel()
		doc := variablesDoc()
		if *update {
			ok(t, os.WriteFile("docs/VARIABLES.md", []byte(doc), 0o644))
		}
		if read(t, "docs/VARIABLES.md") != doc {
			t.Error("docs/VARIABLES.md is not what the code says: run go test -run TestVariables . -update")
		}
	})
}

func variablesDoc() string {
	var b strings.Builder
	b.WriteString(`# Variables of quick responses and signatures

Generated from the code by ` + "`go test -run TestVariables . -update`" + `; a test fails when it is out of date.

| variable | stands for |
|---|---|
`)
	for _, v := range helpdesk.Variables() {
		fmt.Fprintf(&b, "| `[%s]` | %s |\n", v.Name, v.Meaning)
	}
	b.WriteString(`
- A variable is one word in square brackets: it begins with a letter, holds an underscore, and otherwise letters, digits, underscores,
  dots and hyphens. Case does not matter. Whatever else stands in brackets is text: ` + "`[sic]`, `[1]`, `[see below]`" + `.
- A word of that shape that is no variable is an error when the text is saved, with its line and column and the nearest name.
- A backslash makes text of a variable: ` + "`\\[ticket_code]`" + ` comes out as ` + "`[ticket_code]`" + `. Two are one backslash before a variable. Elsewhere a
  backslash is itself.
- A value is never a variable, whatever it holds. In HTML it is made safe for the place where it stands, by html/template; a place where
  that cannot be done is an error when the text is saved. HTML with variables loses its comments. In Markdown a value means itself, on one line.
- A text may have 1,000 variables, and is no longer than ` + "`Limits.Body`" + ` with their values.
`)
	return b.String()
}

func TestExpand(t *testing.T) {
	t.Parallel()
	t.Run("M47 an unknown variable is named with its place and the nearest name", func(t *testing.T) {
		t.Parallel()
		d := writingDesk(t)
		tk := fullTicket(t, d)
		_, err := d.Texts().Expand(as(bob), tk.ID, "Dear [sic]\n  [ticket_cod] and [f_colour]", "")
		invalid(t, err, "text")
		for _, part := range []string{"line 2, column 3", "[ticket_code]", "line 2, column 20", "[f_color]"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%v lacks %s", err, part)
			}
		}
		_, err = d.Texts().Expand(as(bob), tk.ID, strings.Repeat("[no_such]", 100_000), "")
		invalid(t, err, "text")
		equal(t, "errors", strings.Count(err.Error(), "is no variable"), 10)
	})
	t.Run("M47 what a customer writes into a value is text and nothing else", func(t *testing.T) {
		t.Parallel()
		d := writingDesk(t)
		draft := lamp()
		draft.Subject = "<b>[user_email]</b> *x*"
		tk := must(d.CreateTicket(as(ticket.Guest("[store_name]", "g@example.com")), draft))(t)
		for f, want := range map[ticket.Format]string{
			ticket.Plain:    "[store_name]: <b>[user_email]</b> *x*",
			ticket.Markdown: `\[store\_name\]: \<b\>\[user\_email\]\</b\> \*x\*`,
			ticket.HTML:     "[store_name]: &lt;b&gt;[user_email]&lt;/b&gt; *x*",
		} {
			equal(t, string(f), must(d.Texts().Expand(as(bob), tk.ID, "[ticket_customer_name]: [ticket_subject]", f))(t), want)
		}
	})
	t.Run("M47 it is for staff who may write, and reads no ticket that they may not see", func(t *testing.T) {
		t.Parallel()
		may := map[helpdesk.Action]bool{helpdesk.ActSee: true}
		d := newDesk(t, helpdesk.Config{Authorizer: deputy{may: may}})
		tk := open(t, d, ann)
		for _, a := range []ticket.Actor{ann, bob} {
			is(t, drop(d.Texts().Expand(as(a), tk.ID, "x", "")), ticket.ErrForbidden)
			is(t, drop(d.Texts().QuickResponses(as(a), tk.ID)), ticket.ErrForbidden)
			is(t, drop(d.Texts().Signature(as(a), tk.ID)), ticket.ErrForbidden)
		}
		is(t, drop(d.Texts().Expand(as(guest), tk.ID, "x", "")), ticket.ErrNotFound)
		is(t, drop(d.Catalog().QuickResponses(as(ann))), ticket.ErrForbidden)
		equal(t, "without a directory", must(d.Texts().Expand(as(ticket.Staff("9", "Carla van Dyke", "")), tk.ID, "[user_firstname]|[user_lastname]|[ticket_assignee]", ""))(t), "Carla|van Dyke|")
	})
	t.Run("M47 a text is held to the limit before and after, and a format to the three", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Limits: ticket.Limits{Body: 100}})
		draft := lamp()
		draft.Subject = strings.Repeat("x", 60)
		tk := must(d.CreateTicket(as(ann), draft))(t)
		for _, text := range []string{strings.Repeat("x", 101), "[ticket_subject][ticket_subject]", "a\x00", "a\xff"} {
			invalid(t, drop(d.Texts().Expand(as(bob), tk.ID, text, "")), "text")
		}
		invalid(t, drop(d.Texts().Expand(as(bob), tk.ID, "x", "rtf")), "format")
	})
}

func TestQuickResponses(t *testing.T) {
	t.Parallel()
	t.Run("M47 those of the ticket's brand and department are offered, if they are active", func(t *testing.T) {
		t.Parallel()
		d := writingDesk(t)
		tk := fullTicket(t, d)
		c := d.Catalog()
		for _, q := range []ticket.QuickResponse{
			{Code: "thanks", Name: "Thanks", Body: "Dear [ticket_customer_name]", Sort: 2},
			{Code: "hello", Name: "Hello", HTML: "<p>[ticket_customer_name]</p>", Brands: []string{"default"}, Departments: []string{"support", "sales"}, Sort: 1},
			{Code: "outlet", Name: "Outlet", Body: "x", Brands: []string{"outlet"}},
			{Code: "sales", Name: "Sales", Body: "x", Departments: []string{"sales"}},
			{Code: "old", Name: "Old", Body: "x", Inactive: true},
		} {
			ok(t, c.PutQuickResponse(as(bob), q))
		}
		offered := func() (s string) {
			for _, q := range must(d.Texts().QuickResponses(as(bob), tk.ID))(t) {
				s += q.Code + " "
			}
			return s
		}
		equal(t, "offered", offered(), "hello thanks ")
		equal(t, "all", len(must(c.QuickResponses(as(bob)))(t)), 5)
		must(d.Transfer(as(bob), tk.ID, "sales"))(t)
		equal(t, "offered", offered(), "sales hello thanks ")
		ok(t, c.DeleteQuickResponse(as(bob), "hello"))
		equal(t, "offered", offered(), "sales thanks ")
		is(t, c.DeleteQuickResponse(as(bob), "hello"), ticket.ErrNotFound)
	})
	t.Run("M47 each change is journalled, and the same again is no change", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		q := ticket.QuickResponse{Code: "thanks", Name: "Thanks", Body: "x"}
		ok(t, d.Catalog().PutQuickResponse(as(bob), q))
		ok(t, d.Catalog().PutQuickResponse(as(bob), q))
		q.Body = "y"
		ok(t, d.Catalog().PutQuickResponse(as(bob), q))
		ok(t, d.Catalog().DeleteQuickResponse(as(bob), "thanks"))
		equal(t, "journal", journalled(t, d), 3)
		equal(t, "fired", d.Fired()["CatalogChanged"], 3)
	})
	t.Run("M47 what is wrong with one is said field by field when it is put", func(t *testing.T) {
		t.Parallel()
		d := writingDesk(t)
		before := journalled(t, d)
		for field, q := range map[string]ticket.QuickResponse{
			"code":        {Code: "X Y", Name: "x", Body: "x"},
			"name":        {Code: "x", Body: "x"},
			"body":        {Code: "x", Name: "x", Body: "[user_surname]"},
			"html":        {Code: "x", Name: "x", HTML: "<p [ticket_code]"},
			"departments": {Code: "x", Name: "x", Body: "x", Departments: []string{"none"}},
			"brands":      {Code: "x", Name: "x", Body: "x", Brands: []string{"none"}},
		} {
			invalid(t, d.Catalog().PutQuickResponse(as(bob), q), field)
		}
		invalid(t, d.Catalog().PutQuickResponse(as(bob), ticket.QuickResponse{Code: "x", Name: "x", Body: " "}), "body")
		is(t, d.Catalog().PutQuickResponse(as(ann), ticket.QuickResponse{Code: "x", Name: "x", Body: "x"}), ticket.ErrForbidden)
		equal(t, "journal", journalled(t, d), before)
	})
	t.Run("M47 M78 a brand or a department that a text is for cannot be deleted", func(t *testing.T) {
		t.Parallel()
		d := writingDesk(t)
		c := d.Catalog()
		ok(t, c.PutQuickResponse(as(bob), ticket.QuickResponse{Code: "x", Name: "x", Body: "x", Brands: []string{"outlet"}, Departments: []string{"sales"}}))
		invalid(t, c.DeleteBrand(as(bob), "outlet"), "code")
		invalid(t, c.DeleteDepartment(as(bob), "sales"), "code")
		ok(t, c.DeleteQuickResponse(as(bob), "x"))
		ok(t, c.PutDepartment(as(bob), ticket.Department{Code: "sales", Name: "Sales", Signatures: []ticket.Signature{{Brand: "outlet", Text: "x"}}}))
		invalid(t, c.DeleteBrand(as(bob), "outlet"), "code")
		ok(t, c.DeleteDepartment(as(bob), "sales"))
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "8", Name: "Carol", Signatures: []ticket.Signature{{Brand: "outlet", Text: "x"}}}))
		invalid(t, c.DeleteBrand(as(bob), "outlet"), "code")
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "8", Name: "Carol"}))
		ok(t, c.DeleteBrand(as(bob), "outlet"))
	})
	t.Run("M47 M78 a custom field that a text has as a variable cannot be deleted", func(t *testing.T) {
		t.Parallel()
		d := writingDesk(t)
		c := d.Catalog()
		ok(t, c.PutQuickResponse(as(bob), ticket.QuickResponse{Code: "x", Name: "x", HTML: "<p>[f_order]</p>"}))
		invalid(t, c.DeleteField(as(bob), "order"), "code")
		ok(t, c.PutQuickResponse(as(bob), ticket.QuickResponse{Code: "x", Name: "x", Body: `\[f_order]`}))
		dep := ticket.Department{Code: "sales", Name: "Sales", Signatures: []ticket.Signature{{Text: "[F_order_label]"}}}
		ok(t, c.PutDepartment(as(bob), dep))
		invalid(t, c.DeleteField(as(bob), "order"), "code")
		dep.Signatures = nil
		ok(t, c.PutDepartment(as(bob), dep))
		agent := ticket.Agent{ID: "8", Name: "Carol", Signatures: []ticket.Signature{{HTML: "[f_order]"}}}
		ok(t, d.People().PutAgent(as(bob), agent))
		invalid(t, c.DeleteField(as(bob), "order"), "code")
		agent.Signatures = nil
		ok(t, d.People().PutAgent(as(bob), agent))
		ok(t, c.DeleteField(as(bob), "order"))
	})
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	t.Run("M78 the agent's own for the brand goes before their general one, and theirs before the department's", func(t *testing.T) {
		t.Parallel()
		d := writingDesk(t)
		tk := fullTicket(t, d)
		sign := func(a ticket.Actor, want string) {
			t.Helper()
			equal(t, "signature", must(d.Texts().Signature(as(a), tk.ID))(t).Text, want)
		}
		sign(bob, "")
		dep := ticket.Department{Code: "support", Name: "Support", Signatures: []ticket.Signature{{Text: "general"}}}
		ok(t, d.Catalog().PutDepartment(as(host), dep))
		sign(bob, "general")
		dep.Signatures = append(dep.Signatures, ticket.Signature{Brand: "default", Text: "[store_name]", HTML: "<b>[store_name]</b>"})
		ok(t, d.Catalog().PutDepartment(as(host), dep))
		sign(bob, "Lamps & Co")
		equal(t, "HTML", must(d.Texts().Signature(as(bob), tk.ID))(t).HTML, "<b>Lamps &amp; Co</b>")
		agent := ticket.Agent{ID: "7", Name: "Bob", Signatures: []ticket.Signature{{Brand: "outlet", Text: "no"}, {Text: "[user_name]"}}}
		ok(t, d.People().PutAgent(as(host), agent))
		sign(bob, "Bob")
		agent.Signatures = append(agent.Signatures, ticket.Signature{Brand: "default", Text: "[user_name] of [store_name]"})
		ok(t, d.People().PutAgent(as(host), agent))
		sign(bob, "Bob of Lamps & Co")
		ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: carol.ID, Name: "Carol"}))
		sign(carol, "Lamps & Co")
		sign(host, "Lamps & Co") // the ticket is Bob's, and yet he did not write
	})
	t.Run("M78 variables, brands and doubles are looked at when a department is put, and in a seed", func(t *testing.T) {
		t.Parallel()
		d := writingDesk(t)
		for _, list := range [][]ticket.Signature{{{Text: "[user_nmae]"}}, {{HTML: "<p [user_name]"}}, {{Brand: "none"}}, {{Text: "a"}, {Text: "b"}}, {{Text: "\x00"}}} {
			dep := ticket.Department{Code: "support", Name: "Support", Signatures: list}
			invalid(t, d.Catalog().PutDepartment(as(host), dep), "signatures")
			_, err := helpdesk.New(as(host), openStore(t), &helpdesk.Config{Departments: []ticket.Department{dep}})
			is(t, err, ticket.ErrInvalid)
		}
	})
	t.Run("M78 the signatures of an agent are looked at when the agent is put", func(t *testing.T) {
		t.Parallel()
		d := writingDesk(t)
		for _, list := range [][]ticket.Signature{{{Text: "[user_nmae]"}}, {{Brand: "none"}}, {{Text: "a"}, {Text: "b"}}} {
			invalid(t, d.People().PutAgent(as(host), ticket.Agent{ID: "7", Name: "Bob", Signatures: list}), "signatures")
		}
	})
	t.Run("M78 a variable that is gone is left out, so that nobody is kept from answering", func(t *testing.T) {
		t.Parallel()
		dir := hostAgents{agents: map[string]ticket.Agent{"7": {ID: "7", Name: "Bob", Signatures: []ticket.Signature{{Text: "[user_name] [f_gone]."}}}}} // whose texts nobody looks at
		d := newDesk(t, helpdesk.Config{Directory: dir})
		tk := open(t, d, ann)
		equal(t, "signature", must(d.Texts().Signature(as(bob), tk.ID))(t).Text, "Bob .")
	})
}

// hostAgents is a host's directory of agents.
type hostAgents struct {
	helpdesk.Nobody
	agents map[string]ticket.Agent
}

func (h hostAgents) Agent(_ ctx, id string) (ticket.Agent, error) {
	a, ok := h.agents[id]
	if !ok {
		return a, ticket.ErrNotFound
	}
	return a, nil
}
