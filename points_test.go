package helpdesk_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var update = flag.Bool("update", false, "write docs/HOOKS.md anew")

// verb is one public verb with the points that it fires, in order: what docs/HOOKS.md says of it.
type verb struct {
	name string
	do   func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket)
}

// verbs runs each on a fresh ticket of Ann's.
var verbs = []verb{
	{"CreateTicket by a client, with a file", func(t *testing.T, d *helpdesktest.Desk, _ *ticket.Ticket) {
		draft := lamp()
		draft.Files = []ticket.Upload{{Name: "lamp.txt", Content: strings.NewReader("x")}}
		must(d.CreateTicket(as(ann), draft))(t)
	}},
	{"CreateTicket by staff", func(t *testing.T, d *helpdesktest.Desk, _ *ticket.Ticket) { open(t, d, bob) }},
	{"CreateTicket by the host, closed at once", func(t *testing.T, d *helpdesktest.Desk, _ *ticket.Ticket) {
		draft := lamp()
		draft.Close, draft.Requester = true, ann.Person()
		must(d.CreateTicket(as(host), draft))(t)
	}},
	{"CheckReply, of one that sets a status", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		ok(t, d.CheckReply(as(bob), tk.ID, ticket.ReplyDraft{Body: "x", Status: "closed"}))
	}},
	{"CheckTicket", func(t *testing.T, d *helpdesktest.Desk, _ *ticket.Ticket) { ok(t, d.CheckTicket(as(ann), lamp())) }},
	{"Reply by a client", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
	}},
	{"Reply by staff", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
	}},
	{"Reply by staff, with a status of class closed", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi", Status: "closed"}))(t)
	}},
	{"AddNote", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
	}},
	{"UpdateTicket, of subject, tags, brand and service", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Subject: new("x"), Tags: &[]string{"a"}, Brand: new("outlet"), Service: new("o-1"), Converted: &ticket.Ref{Kind: "rma", ID: "1"}}))(t)
	}},
	{"SetStatus, with a note", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.SetStatus(as(bob), tk.ID, "in_progress", "why"))(t)
	}},
	{"Solve", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) { must(d.Solve(as(bob), tk.ID))(t) }},
	{"CloseTicket by the client", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) { must(d.CloseTicket(as(ann), tk.ID))(t) }},
	{"CloseTicket, then ReopenTicket", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.CloseTicket(as(bob), tk.ID))(t)
		must(d.ReopenTicket(as(bob), tk.ID))(t)
	}},
	{"SetPriority", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.SetPriority(as(bob), tk.ID, "high"))(t)
	}},
	{"Assign", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) { must(d.Assign(as(bob), tk.ID, "8"))(t) }},
	{"Claim", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) { must(d.Claim(as(bob), tk.ID))(t) }},
	{"Transfer", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Transfer(as(bob), tk.ID, "sales"))(t)
	}},
	{"Lock", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) { must(d.Lock(as(bob), tk.ID))(t) }},
	{"SetService", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.SetService(as(bob), tk.ID, "o-2"))(t)
	}},
	{"MoveTo", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.MoveTo(as(bob), tk.ID, ticket.Spam))(t)
	}},
	{"Watch", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) { must(d.Watch(as(bob), tk.ID, "8"))(t) }},
	{"MarkRead", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) { must(d.MarkRead(as(bob), tk.ID))(t) }},
	{"EditMessage", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		must(d.EditMessage(as(bob), m.ID, "x"))(t)
	}},
	{"DeleteMessage", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		must(d.DeleteMessage(as(bob), m.ID))(t)
	}},
	{"DeleteTicket", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) { ok(t, d.DeleteTicket(as(bob), tk.ID)) }},
	{"DeleteTicket, then RestoreTicket", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		must(d.RestoreTicket(as(bob), tk.ID))(t)
	}},
	{"DeleteTicket, then Purge", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		ok(t, d.Purge(as(bob), tk.ID))
	}},
	{"Merge", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Merge(as(bob), tk.ID, other(t, d)))(t)
	}},
	{"Merge, then Unmerge", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		source := other(t, d)
		must(d.Merge(as(bob), tk.ID, source))(t)
		must(d.Unmerge(as(bob), source))(t)
	}},
	{"Split", func(t *testing.T, d *helpdesktest.Desk, _ *ticket.Ticket) {
		m := must(d.Messages(as(bob), other(t, d), ticket.MessageQuery{}))(t)[1]
		must(d.Split(as(bob), m.TicketID, ticket.Split{Messages: []int64{m.ID}}))(t)
	}},
	{"Split, then Unsplit", func(t *testing.T, d *helpdesktest.Desk, _ *ticket.Ticket) {
		m := must(d.Messages(as(bob), other(t, d), ticket.MessageQuery{}))(t)[1]
		part := must(d.Split(as(bob), m.TicketID, ticket.Split{Messages: []int64{m.ID}}))(t)
		must(d.Unsplit(as(bob), part.ID))(t)
	}},
	{"Redact", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Redact(as(bob), tk.ID, "pieces"))(t)
	}},
	{"CheckMail", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		ok(t, d.Mail().CheckMail(as(guest), hooks.Mailing{Subject: "x"}))
	}},
	{"RejectMail", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		ok(t, d.Mail().RejectMail(as(guest), ticket.Rejection{Gateway: "support", Mail: 7, Subject: "x", Reason: "because"}))
	}},
	{"MarkUndelivered", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		m := must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)[0]
		ok(t, d.Mail().MarkUndelivered(as(host), m.ID, ticket.Undelivered{Recipient: "ann@example.com", Status: "5.1.1", Permanent: true, Proven: true}))
	}},
	{"SuggestAnswers", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Texts().Suggest(as(guest), "", "en", "x", "y"))(t)
	}},
	{"Catalog().PutPriority", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		ok(t, d.Catalog().PutPriority(as(bob), ticket.Priority{Code: "urgent", Name: "Urgent"}))
	}},
	{"CreateTicket by a guest", func(t *testing.T, d *helpdesktest.Desk, _ *ticket.Ticket) { open(t, d, guest) }},
	{"UpdateTicket, of custom fields", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Fields: map[string]*string{"color": new("red")}}))(t)
	}},
	{"People().PutCustomer", func(t *testing.T, d *helpdesktest.Desk, _ *ticket.Ticket) {
		must(d.People().PutCustomer(as(bob), ticket.Customer{ID: "42", Name: "Ann"}))(t)
	}},
	{"Time().Log", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Duration: minutes(1)}))(t)
	}},
	{"Time().Invoice", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Time().Log(as(bob), tk.ID, ticket.TimeEntry{Duration: minutes(1), Billable: true}))(t)
		must(d.Time().Invoice(as(bob), tk.ID))(t)
	}},
	{"Time().VoidInvoice", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		must(d.Time().VoidInvoice(as(bob), unbilled(t, d, tk.ID).ID))(t)
	}},
	{"Settings().Update, Reply by staff, and Rate by the client", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		ok(t, d.Settings().Update(as(bob), ticket.DeskLayer, ticket.SettingsPatch{SurveyOnPage: new(true)}))
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		must(d.Rate(as(ann), tk.ID, ticket.RatingDraft{MessageID: m.ID, Grade: "good"}))(t)
	}},
	{"Tags().Delete", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		draft := lamp()
		draft.Tags, draft.Requester = []string{"old"}, ann.Person()
		must(d.CreateTicket(as(host), draft))(t)
		must(d.Tags().Delete(as(bob), "old"))(t)
	}},
	{"Settings().Update", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		set(t, d, ticket.SettingsPatch{AssignOnReply: new(true)})
	}},
	{"Dispatch, of a delivery at its last attempt", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		d.Hooks().TicketLockChange.Bind("fails", func(ctx, hooks.Changed) error { return errors.New("no") }, hooks.MaxAttempts(1))
		must(d.Lock(as(bob), tk.ID))(t)
	}},
	{"Hooks().TicketAdminAreaViewDetail.Render, and the other views", func(t *testing.T, d *helpdesktest.Desk, tk *ticket.Ticket) {
		for _, p := range d.Hooks().Points() {
			if p.Kind == hooks.KindView {
				must(d.Hooks().Render(context.Background(), p.Name, hooks.Page{Actor: bob, Ticket: tk}))(t)
			}
		}
	}},
}

// other is the id of a second ticket of Ann's, with two messages, that is there before any point is bound.
func other(t *testing.T, d *helpdesktest.Desk) int64 {
	t.Helper()
	return must(d.TicketByExternal(as(bob), "other"))(t).ID
}

// keys are what Params had, by the name under which a hook was bound.
type keys map[string]map[string]bool

func (k keys) add(name string, in hooks.Params) {
	if k[name] == nil {
		k[name] = map[string]bool{}
	}
	for key := range in {
		k[name][key] = true
	}
}

// fires runs a verb and lists the points that fired, in order.
func fires(t *testing.T, v verb, seen keys) []string {
	t.Helper()
	var order []string
	d := newDeskOnce(t, helpdesk.Config{Invoicer: &books{}, Departments: []ticket.Department{{Code: "support", Name: "S"}, {Code: "sales", Name: "S"}}, Brands: []ticket.Brand{{Code: "default", Name: "D"}, {Code: "outlet", Name: "O"}}})
	tk := open(t, d, ann)
	second := lamp()
	second.External = "other"
	must(d.Reply(as(bob), must(d.CreateTicket(as(ann), second))(t).ID, ticket.ReplyDraft{Body: "hi"}))(t)
	for _, p := range d.Hooks().Points() {
		var opts []hooks.Option
		if p.Kind == hooks.KindEvent {
			opts = append(opts, hooks.Volatile())
		}
		ok(t, d.Hooks().BindNamed(p.Name, "order", func(_ context.Context, in hooks.Params) (hooks.Result, error) {
			order = append(order, p.Name)
			seen.add(p.Name, in)
			return hooks.Result{}, nil
		}, opts...))
		for _, alias := range p.Aliases {
			ok(t, d.Hooks().BindNamed(alias, "alias "+alias, func(_ context.Context, in hooks.Params) (hooks.Result, error) {
				seen.add(alias, in)
				return hooks.Result{}, nil
			}, opts...))
		}
	}
	v.do(t, d, tk)
	return order
}

func TestPoints(t *testing.T) {
	t.Parallel()
	points := hooks.New(nil).Points()
	byVerb := map[string][]string{}
	fired, seen := map[string]bool{}, keys{}
	for _, v := range verbs {
		byVerb[v.name] = fires(t, v, seen)
		for _, p := range byVerb[v.name] {
			fired[p] = true
		}
	}
	t.Run("X02 every point fires through a public verb, or says what it waits for", func(t *testing.T) {
		for _, p := range points {
			if !fired[p.Name] && p.Waits == "" {
				t.Errorf("%s never fired", p.Name)
			}
			if fired[p.Name] && p.Waits != "" {
				t.Errorf("%s fires, and yet waits for %s", p.Name, p.Waits)
			}
		}
	})
	t.Run("X02 docs/HOOKS.md lists every point, and verb by verb what fires in which order", func(t *testing.T) {
		doc := hooksDoc(points, byVerb, seen)
		if *update {
			ok(t, os.WriteFile("docs/HOOKS.md", []byte(doc), 0o644))
		}
		have, err := os.ReadFile("docs/HOOKS.md")
		if err != nil || string(have) != doc {
			t.Errorf("docs/HOOKS.md is not what the code says (%v): run go test -run TestPoints . -update", err)
		}
	})
	for i, name := range strings.Fields(sourceNames) {
		t.Run(fmt.Sprintf("W%02d %s exists under this name, and fires", i+1, name), func(t *testing.T) {
			p := must(hooks.New(nil).Lookup(name))(t)
			if p.Name != name || !fired[name] {
				t.Errorf("%s is %s, fired: %t", name, p.Name, fired[name])
			}
		})
	}
	t.Run("W29 the names of the other panel exist", func(t *testing.T) {
		r := hooks.New(nil)
		for _, name := range strings.Fields(aliasNames) {
			if _, err := r.Lookup(name); err != nil {
				t.Error(err)
			}
		}
		equal(t, "names of the source", len(strings.Fields(sourceNames)), 28)
	})
}

const sourceNames = `
TicketAdminAreaViewDetail TicketAdminAreaViewDetailSidebar TicketAdminAreaViewCreate TicketAdminAreaViewCreateSidebar TicketAdminAreaViewList
TicketClientAreaViewDetailTop TicketClientAreaViewDetail TicketClientAreaViewCreate TicketClientAreaViewList
TicketClientCreateValidation TicketAdminCreateValidation TicketClientReplyValidation TicketAdminReplyValidation
TicketClientCreated TicketAdminCreated TicketClientReplied TicketAdminReplied TicketAdminUpdated TicketDeleted TicketReplyModified TicketReplyDeleted TicketSolved
TicketLockChange TicketDepartmentChange TicketPriorityChange TicketStatusChange TicketAssignedChange TicketServiceChange
`

const aliasNames = `
TicketOpen TicketOpenAdmin TicketOpenValidation TicketUserReply TicketAdminReply TicketAddNote TicketClose TicketDelete TicketDeleteReply TicketDepartmentChange TicketFlagged
TicketMerge TicketSplit TicketPiping TicketPriorityChange TicketStatusChange TicketSubjectChange TransliterateTicketText SubmitTicketAnswerSuggestions AdminAreaViewTicketPage
AdminAreaViewTicketPageSidebar AdminSupportTicketPagePreTickets ClientAreaPageSubmitTicket ClientAreaPageSupportTickets ClientAreaPageViewTicket
`

// payloads gives the generator the types whose fields it lists.
var payloads = []any{hooks.Creating{}, hooks.Replying{}, hooks.Updating{}, hooks.Deleting{}, hooks.Merging{}, hooks.Splitting{}, hooks.Editing{}, hooks.Attaching{}, hooks.Scanning{}, hooks.Mailing{}, hooks.Committing{}, hooks.Suggesting{},
	hooks.Account{}, hooks.Transliterating{}, hooks.Page{}, hooks.Meta{}, hooks.Created{}, hooks.Messaged{}, hooks.Updated{}, hooks.Changed{}, hooks.Tagged{}, hooks.Fielded{}, hooks.Removed{}, hooks.Moved{},
	hooks.Rated{}, hooks.Timed{}, hooks.Invoiced{}, hooks.Voided{}, hooks.Rejected{}, hooks.Dead{}, hooks.Configured{}}

func hooksDoc(points []hooks.Point, byVerb map[string][]string, seen keys) string {
	var b strings.Builder
	b.WriteString(`# Hook points

Generated from the code by ` + "`go test -run TestPoints . -update`" + `; a test fails when it is out of date. What the five kinds promise stands in the documentation of
package hooks.

`)
	for _, kind := range []hooks.Kind{hooks.KindFilter, hooks.KindGate, hooks.KindGuard, hooks.KindEvent, hooks.KindView} {
		fmt.Fprintf(&b, "## %ss\n\n| point | payload | when | also known as |\n|---|---|---|---|\n", strings.ToUpper(string(kind[:1]))+string(kind[1:]))
		for _, p := range points {
			if p.Kind != kind {
				continue
			}
			doc := p.Doc
			if p.Of != "" {
				doc += "; a filtered view of " + p.Of
			}
			if p.Waits != "" {
				doc += "; not fired yet: waits for " + p.Waits
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", p.Name, p.Payload, doc, strings.Join(p.Aliases, ", "))
		}
		b.WriteString("\n")
	}
	b.WriteString("## Payloads\n\nEvents have the fields of hooks.Meta besides their own.\n\n| type | fields |\n|---|---|\n")
	for _, v := range payloads {
		typ := reflect.TypeOf(v)
		var fields []string
		for i := range typ.NumField() {
			if f := typ.Field(i); !f.Anonymous && f.IsExported() {
				fields = append(fields, f.Name+" "+f.Type.String())
			}
		}
		fmt.Fprintf(&b, "| %s | %s |\n", typ, strings.Join(fields, ", "))
	}
	b.WriteString("\n## Params by name\n\nThe keys that a hook bound with BindNamed and a generic function gets, as they were seen under each name. A reply has its ticket under request and itself under reply.\n\n| name | keys |\n|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		fmt.Fprintf(&b, "| %s | %s |\n", name, strings.Join(slices.Sorted(maps.Keys(seen[name])), ", "))
	}
	b.WriteString("\n## Verb by verb\n\nThe points that a verb fires, in this order, if something is bound at them.\n\n| verb | points |\n|---|---|\n")
	for _, v := range verbs {
		list := byVerb[v.name]
		if len(list) == 0 {
			list = []string{"none"}
		}
		fmt.Fprintf(&b, "| %s | %s |\n", v.name, strings.Join(list, ", "))
	}
	return b.String()
}

func TestPayloadsAreListed(t *testing.T) {
	t.Parallel()
	var names []string
	for _, v := range payloads {
		names = append(names, reflect.TypeOf(v).String())
	}
	for _, p := range hooks.New(nil).Points() {
		if !slices.Contains(names, p.Payload) {
			t.Errorf("%s has the payload %s, which docs/HOOKS.md would not list", p.Name, p.Payload)
		}
	}
}

func TestViews(t *testing.T) {
	t.Parallel()
	t.Run("W01-W09 a view adds HTML, a failing one adds nothing and is reported, and templates call them by name", func(t *testing.T) {
		t.Parallel()
		var reports []hooks.Report
		d := newDesk(t, helpdesk.Config{Observer: helpdesk.Observer{Hook: func(r hooks.Report) { reports = append(reports, r) }}})
		v := &d.Hooks().TicketAdminAreaViewDetail
		v.Bind("a", func(_ ctx, p hooks.Page) (template.HTML, error) {
			return template.HTML("<b>" + template.HTMLEscapeString(p.Ticket.Subject) + "</b>"), nil
		})
		v.Bind("fails", func(ctx, hooks.Page) (template.HTML, error) { return "half", errors.New("no") })
		v.Bind("panics", func(ctx, hooks.Page) (template.HTML, error) { panic("no") })
		page := hooks.Page{Actor: bob, Ticket: &ticket.Ticket{Subject: "<i>"}}
		equal(t, "html", v.Render(context.Background(), page), template.HTML("<b>&lt;i&gt;</b>"))
		equal(t, "reports", len(reports), 2)
		tmpl := template.Must(template.New("").Funcs(d.Hooks().FuncMap(context.Background())).Parse(`[{{hook "AdminAreaViewTicketPage" .}}]`))
		var b strings.Builder
		ok(t, tmpl.Execute(&b, page))
		equal(t, "page", b.String(), "[<b>&lt;i&gt;</b>]")
		_, err := d.Hooks().Render(context.Background(), "TicketAdminAreaViewDetial", page)
		is(t, err, hooks.ErrUnknownPoint)
		if !strings.Contains(err.Error(), `"TicketAdminAreaViewDetail"`) {
			t.Errorf("%v does not name the nearest", err)
		}
	})
}
