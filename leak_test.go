package helpdesk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The property: whatever people, grants, tickets and moves there are, nothing that an actor reads shows a ticket that
// they may not see, and Explain says what happens. What they may see is worked out here anew, from the sentences of the
// documentation and not from the code.

var (
	brandCodes = []string{"default", "outlet"}
	depCodes   = []string{"support", "billing", "sales", vault}
	leakOrgs   = []string{"", "acme", "umbrella"}
)

// vault is a department that customers hear nothing of.
const vault = "vault-of-fraud"

// leaks is one random desk, and what the test knows of it.
type leaks struct {
	*helpdesktest.Desk
	*rand.Rand
	t       testing.TB
	agents  map[string]ticket.Agent
	roles   map[string]ticket.Role
	clients map[string]ticket.Customer
	marks   map[string]int64 // texts that stand in one ticket only
	// mentions are the departments that a note in each ticket is for.
	mentions map[int64]string
	ids      []int64
	count    struct{ reads, shown, hidden, explained, named int }
	faults   []string
}

func newLeaks(t testing.TB, seed uint64, cfg helpdesk.Config) *leaks {
	l := &leaks{Rand: rand.New(rand.NewPCG(seed, 7)), t: t, agents: map[string]ticket.Agent{}, roles: map[string]ticket.Role{}, clients: map[string]ticket.Customer{}, marks: map[string]int64{}, mentions: map[int64]string{}}
	for _, b := range brandCodes {
		cfg.Brands = append(cfg.Brands, ticket.Brand{Code: b, Name: b})
	}
	for _, d := range depCodes {
		cfg.Departments = append(cfg.Departments, ticket.Department{Code: d, Name: d, Internal: d == vault})
	}
	cfg.Settings.CustomerDepartment = new(seed%3 > 0)
	cfg.Settings.RateTickets, cfg.Settings.RatingsToCustomers = new(true), new(seed%2 == 0)
	cfg.Settings.CustomerEdit = new(oneOf(l.Rand, ticket.EditNever, ticket.EditUntilReply, ticket.EditWhileOpen))
	l.Desk = newDesk(t, cfg)
	for _, o := range leakOrgs[1:] {
		must(l.People().PutOrganisation(as(host), ticket.Organisation{ID: o, Name: o}))(t)
	}
	for i := range 3 {
		l.putClient(strconv.Itoa(40 + i))
	}
	for i := range 4 {
		l.hire(strconv.Itoa(7 + i))
	}
	return l
}

func oneOf[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// some returns a part of a list, often none of it.
func some[T any](r *rand.Rand, list []T) []T {
	if r.IntN(3) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list), func(T) bool { return r.IntN(2) == 0 })
}

func (l *leaks) putClient(id string) {
	c := ticket.Customer{ID: id, Name: "C" + id, Emails: []string{"c" + id + "@example.com", "c" + id + "@work.example"}, Organisation: oneOf(l.Rand, leakOrgs...), SeesOrganisation: l.IntN(3) == 0}
	l.clients[id] = must(l.People().PutCustomer(as(host), c))(l.t)
}

func (l *leaks) hire(id string) {
	r := ticket.Role{Code: "r" + id, Name: "R"}
	for range l.IntN(3) {
		r.Grants = append(r.Grants, ticket.Grant{Departments: some(l.Rand, depCodes), Brands: some(l.Rand, brandCodes), Rights: some(l.Rand, ticket.Rights()),
			Sight: oneOf(l.Rand, "", ticket.SightMine, ticket.SightDepartment, ticket.SightAll)})
	}
	ok(l.t, l.Catalog().PutRole(as(host), r))
	a := ticket.Agent{ID: id, Name: "A" + id, Roles: []string{r.Code}, Departments: some(l.Rand, depCodes), Inactive: l.IntN(12) == 0}
	ok(l.t, l.People().PutAgent(as(host), a))
	l.roles[r.Code], l.agents[id] = r, a
}

// actor returns somebody: an agent, a customer, a guest with or without a link to one ticket.
func (l *leaks) actor() ticket.Actor {
	switch l.IntN(5) {
	case 0, 1:
		id := strconv.Itoa(7 + l.IntN(4))
		return ticket.Staff(id, "A"+id, "a"+id+"@desk.example")
	case 2, 3:
		id := strconv.Itoa(40 + l.IntN(3))
		return ticket.Client(id, "C"+id, "c"+id+"@example.com")
	}
	a := ticket.Guest("G", oneOf(l.Rand, "g1@example.com", "g2@example.com", "c40@work.example"))
	a.Verified = l.IntN(3) > 0
	if l.IntN(3) == 0 && len(l.ids) > 0 {
		a.Ticket = oneOf(l.Rand, l.ids...)
	}
	return a
}

func (l *leaks) mark(id int64, what string) string {
	m := fmt.Sprintf("%s%016x", what, l.Uint64())
	l.marks[m] = id
	return m
}

// open makes a ticket that is full of texts of its own.
func (l *leaks) open() {
	var texts []string
	text := func(what string) string {
		texts = append(texts, l.mark(0, what))
		return texts[len(texts)-1]
	}
	draft := ticket.Draft{
		Subject: text("subject"), Body: text("body"), Brand: oneOf(l.Rand, brandCodes...), Department: oneOf(l.Rand, depCodes...),
		Requester:    ticket.Person{Name: text("name"), Email: oneOf(l.Rand, "g1@example.com", "g2@example.com")},
		Organisation: oneOf(l.Rand, leakOrgs...), Tags: []string{text("tag")}, External: text("external"), Service: text("service"), Phone: text("phone"),
		Related: []ticket.Ref{{Kind: "order", ID: text("ref")}}, Fields: map[string]string{"f": text("field")},
		Files: []ticket.Upload{{Name: text("file") + ".txt", Content: strings.NewReader(text("content"))}},
	}
	if l.IntN(2) == 0 {
		id := strconv.Itoa(40 + l.IntN(3))
		draft.Requester.ID, draft.Requester.Email = id, "c"+id+"@example.com"
	}
	if l.IntN(3) == 0 {
		draft.Participants = []ticket.Person{{Email: oneOf(l.Rand, "g2@example.com", "c41@work.example")}}
	}
	if l.IntN(3) == 0 && len(l.ids) > 0 {
		draft.LinkedTo = oneOf(l.Rand, l.ids...)
	}
	tk := must(l.CreateTicket(as(host), draft))(l.t)
	l.ids = append(l.ids, tk.ID)
	for _, m := range append(texts, tk.Code) {
		l.marks[m] = tk.ID
	}
	l.mentions[tk.ID] = oneOf(l.Rand, depCodes...)
	must(l.AddNote(as(host), tk.ID, ticket.ReplyDraft{Body: l.mark(tk.ID, "note"), Mentions: []ticket.Mention{{Department: l.mentions[tk.ID]}}}))(l.t)
	writer := host
	writer.UserAgent = l.mark(tk.ID, "unshown")
	must(l.Reply(as(writer), tk.ID, ticket.ReplyDraft{Body: l.mark(tk.ID, "reply"), Bcc: []ticket.Person{{Email: l.mark(tk.ID, "unshown") + "@example.com"}}}))(l.t)
	must(l.Time().Log(as(host), tk.ID, ticket.TimeEntry{Agent: "7", Duration: minutes(1), Billable: true, Note: l.mark(tk.ID, "time")}))(l.t)
	must(l.Rate(as(host), tk.ID, ticket.RatingDraft{Grade: "good", Comment: new(l.mark(tk.ID, "comment"))}))(l.t)
}

// move changes something, so that what was visible is no longer, and the other way round.
func (l *leaks) move() {
	id := oneOf(l.Rand, l.ids...)
	agent := strconv.Itoa(7 + l.IntN(4))
	var err error
	switch l.IntN(11) {
	case 0:
		l.hire(agent)
	case 1:
		_, err = l.UpdateTicket(as(host), id, ticket.Patch{Department: new(oneOf(l.Rand, depCodes...)), Brand: new(oneOf(l.Rand, brandCodes...))})
	case 2:
		if !l.agents[agent].Inactive {
			_, err = l.UpdateTicket(as(host), id, ticket.Patch{Watchers: &[]string{agent}})
		}
	case 3:
		_, err = l.UpdateTicket(as(host), id, ticket.Patch{Participants: &[]ticket.Person{{Email: oneOf(l.Rand, "g1@example.com", "c42@example.com")}}})
	case 4:
		_, err = l.UpdateTicket(as(host), id, ticket.Patch{Organisation: new(oneOf(l.Rand, leakOrgs...)), Subject: new(l.mark(id, "subject"))})
	case 5:
		err = l.DeleteTicket(as(host), id)
	case 6:
		_, err = l.RestoreTicket(as(host), id)
	case 7:
		l.putClient(strconv.Itoa(40 + l.IntN(3)))
	case 8:
		_, err = l.Reply(as(ticket.Client("40", "C40", "c40@example.com").Via(ticket.ChannelEmail)), id, ticket.ReplyDraft{Body: l.mark(id, "reply")})
	case 9:
		if !l.agents[agent].Inactive {
			_, err = l.Assign(as(host), id, agent)
		}
	case 10:
		err = l.Settings().Update(as(host), ticket.DeskLayer, ticket.SettingsPatch{LoginRequired: new(l.IntN(3) == 0)})
	}
	if err != nil && !errors.Is(err, ticket.ErrNotFound) && !errors.Is(err, ticket.ErrForbidden) && !unseenBy(err) {
		l.t.Fatal(err)
	}
}

// unseenBy reports whether a ticket was not given to somebody, or not watched by them, because they would not see it.
func unseenBy(err error) bool {
	var v *ticket.ValidationError
	return errors.As(err, &v) && (v.Fields[0].Field == "assignee" || v.Fields[0].Field == "watchers") && v.Fields[0].Fault == ticket.FaultNotAllowed
}

// sees says, from the documentation, whether an actor may see a ticket.
func (l *leaks) sees(a ticket.Actor, t *ticket.Ticket) bool {
	switch a.Kind {
	case ticket.ActorStaff:
		return l.granted(a, ticket.RightSee, t)
	case ticket.ActorClient:
		c := l.clients[a.ID]
		emails := append([]string{a.Email}, c.Emails...)
		mine := t.Requester.ID == a.ID || (t.Requester.ID == "" && slices.Contains(emails, t.Requester.Email)) || takesPart(t, emails...)
		return t.DeletedAt == nil && (mine || (c.SeesOrganisation && c.Organisation != "" && t.Organisation == c.Organisation))
	}
	if a.Ticket == 0 && must(l.Settings().Get(as(host), "", "", ""))(l.t).LoginRequired {
		return false
	}
	if a.Ticket == 0 && !a.Verified {
		return false
	}
	own := (t.Requester.ID == "" && t.Requester.Email == a.Email) || takesPart(t, a.Email)
	return t.DeletedAt == nil && own && (a.Ticket == 0 || a.Ticket == t.ID)
}

func takesPart(t *ticket.Ticket, emails ...string) bool {
	return slices.ContainsFunc(t.Participants, func(p ticket.Person) bool { return slices.Contains(emails, p.Email) })
}

func (l *leaks) granted(a ticket.Actor, right ticket.Right, t *ticket.Ticket) bool {
	agent := l.agents[a.ID]
	for _, g := range l.roles[agent.Roles[0]].Grants {
		in := (len(g.Departments) == 0 || slices.Contains(g.Departments, t.Department)) && (len(g.Brands) == 0 || slices.Contains(g.Brands, t.Brand))
		gives := len(g.Rights) == 0 || slices.Contains(g.Rights, right)
		near := t.Assignee == a.ID || slices.Contains(t.Watchers, a.ID)
		switch g.Sight {
		case "", ticket.SightAll:
			near = true
		case ticket.SightDepartment:
			near = near || slices.Contains(agent.Departments, t.Department)
		}
		if in && gives && near && !agent.Inactive {
			return true
		}
	}
	return false
}

// check has an actor read everything that there is, by every verb, and looks at all that came out.
func (l *leaks) check(a ticket.Actor) {
	visible, all := map[int64]bool{}, map[int64]*ticket.Ticket{}
	for _, id := range l.ids {
		all[id] = must(l.Ticket(as(host), id))(l.t)
		visible[id] = l.sees(a, all[id])
	}
	var out strings.Builder
	say := func(v any, err error) {
		l.count.reads++
		if err != nil {
			out.WriteString(err.Error() + "\n")
		}
		doc, _ := json.Marshal(v)
		out.Write(append(doc, '\n'))
	}
	links := say
	say = func(v any, err error) {
		if tk, isTicket := v.(*ticket.Ticket); isTicket && tk != nil && tk.LinkedTo != 0 && !visible[tk.LinkedTo] {
			l.fault("%s %s%s reads the number of ticket %d", a.Kind, a.ID, a.Email, tk.LinkedTo)
		}
		links(v, err)
	}
	l.readEach(a, all, visible, say)
	l.readPlaces(a, say)
	l.readLists(a, all, visible, say)
	l.readCounts(a, all, visible)
	l.readMentions(a, visible, say)
	l.searches(a, all, visible, say)
	text := out.String()
	if a.IsCustomer() && strings.Contains(text, vault) {
		l.fault("%s %s%s reads of the department %s", a.Kind, a.ID, a.Email, vault)
	}
	for m, id := range l.marks {
		if !visible[id] && strings.Contains(text, m) {
			l.fault("%s %s%s reads %q of ticket %d", a.Kind, a.ID, a.Email, m, id)
		}
		if a.IsCustomer() && forStaff(m) && strings.Contains(text, m) {
			l.fault("%s %s%s reads %q, which is for staff", a.Kind, a.ID, a.Email, m)
		}
	}
}

// forStaff reports whether a text stands where no customer may read it, whoever's the ticket is: in a note, a tag, an
// entry of working time, as the address of a blind copy, or as what a message was written with.
func forStaff(m string) bool {
	return slices.ContainsFunc([]string{"note", "tag", "time", "unshown"}, func(what string) bool { return strings.HasPrefix(m, what) })
}

func (l *leaks) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// readEach reads every ticket by itself.
func (l *leaks) readEach(a ticket.Actor, all map[int64]*ticket.Ticket, visible map[int64]bool, say func(any, error)) {
	c := as(a)
	for id, tk := range all {
		got, err := l.Ticket(c, id)
		say(got, err)
		if (err == nil) != visible[id] || (err != nil && !errors.Is(err, ticket.ErrNotFound)) {
			l.fault("%s %s%s reads ticket %d: %v; they may see it: %v", a.Kind, a.ID, a.Email, id, err, visible[id])
		}
		if visible[id] {
			l.count.shown++
		} else {
			l.count.hidden++
		}
		l.byKey(say, tk.Code, func(code string) (*ticket.Ticket, error) { return l.TicketByCode(c, code) })
		l.byKey(say, tk.External, func(id string) (*ticket.Ticket, error) { return l.TicketByExternal(c, id) })
		say(drop2(l.History(c, id, ticket.EventQuery{})))
		say(drop2(l.Objects(c, id)))
		l.readTime(c, a, id, visible[id], say)
		say(drop2(l.People().Responsible(c, id)))
		prev, next, err := l.Neighbours(c, ticket.Query{Sort: oneOf(l.Rand, ticket.NewestUpdate, ticket.MostUrgent, ticket.OldestReply, ticket.ByField("f"))}, id)
		say(prev, err)
		say(next, nil)
		say(drop2(l.Messages(c, id, ticket.MessageQuery{})))
		say(drop2(l.Rights().May(c, helpdesk.ActReply, id)))
		say(drop2(l.Rights().Explain(c, a, helpdesk.ActSee, id)))
		say(nil, l.CheckTicket(c, ticket.Draft{Subject: "x", Body: "x", LinkedTo: id}))
		err = l.CheckReply(c, id, ticket.ReplyDraft{Body: "x"})
		say(nil, err)
		if !visible[id] && !errors.Is(err, ticket.ErrNotFound) {
			l.fault("%s %s%s is told of ticket %d: %v", a.Kind, a.ID, a.Email, id, err)
		}
		for _, m := range must(l.Messages(as(host), id, ticket.MessageQuery{}))(l.t) {
			say(drop2(l.Message(c, m.ID)))
			say(drop2(l.Revisions(c, m.ID)))
			if r, f, err := l.Files().Open(c, m.ID, 0); err == nil {
				content, err := io.ReadAll(r)
				say(string(content)+f.Name, errors.Join(err, r.Close()))
			} else {
				say(f, err)
			}
		}
	}
	say(drop2(l.Ticket(c, 1<<40)))
}

// readPlaces reads what there is to choose, and asks about a department that customers hear nothing of as about one that
// nobody has: the answers are the same.
func (l *leaks) readPlaces(a ticket.Actor, say func(any, error)) {
	c := as(a)
	say(drop2(l.Catalog().Departments(c)))
	say(drop2(l.Catalog().DepartmentsFor(c, "", "")))
	say(drop2(l.Catalog().Fields(c)))
	say(drop2(l.Catalog().Brands(c)))
	if !a.IsCustomer() {
		return
	}
	asked := func(department string) string {
		draft := ticket.Draft{Subject: "x", Body: "x", Department: department}
		page, err1 := l.Tickets(c, ticket.Query{Departments: []string{department}})
		count, err2 := l.CountTickets(c, ticket.Query{Departments: []string{department}})
		sums, err3 := l.Counters(c, ticket.CounterQuery{Departments: []string{department}})
		words, err4 := l.Search(c, ticket.Search{Text: "department:" + department})
		under, err5 := l.Search(c, ticket.Search{Filter: ticket.Query{Departments: []string{department}}})
		doc := must(json.Marshal([]any{page.Tickets, count, sums, words.Hits, under.Hits}))(l.t)
		_, err6 := l.Catalog().FieldsFor(c, "", department)
		said := fmt.Sprint(string(doc), err1, err2, err3, err4, err5, err6, l.CheckTicket(c, draft))
		return strings.ReplaceAll(said, department, "…")
	}
	if got, want := asked(vault), asked("nowhere-at-all"); got != want {
		l.fault("%s %s%s is told of %s\n%s\nand not\n%s", a.Kind, a.ID, a.Email, vault, got, want)
	}
	_, err := l.CreateTicket(c, ticket.Draft{Subject: "x", Body: "x", Department: vault})
	if err == nil {
		l.fault("%s %s%s opens a ticket in %s", a.Kind, a.ID, a.Email, vault)
	}
}

// byKey reads by a key that the reader has guessed: what they are told must be what they are told of one that nobody has.
func (l *leaks) byKey(say func(any, error), key string, read func(string) (*ticket.Ticket, error)) {
	tk, err := read(key)
	if err == nil {
		say(tk, nil)
		return
	}
	const none = "NONE-0"
	_, other := read(none)
	if other == nil || strings.ReplaceAll(err.Error(), key, "") != strings.ReplaceAll(other.Error(), none, "") {
		l.fault("%q is told apart from an unknown key: %v and %v", key, err, other)
	}
}

func drop2[T any](v T, err error) (any, error) { return v, err }

// readLists asks for every list by every filter that a stranger could guess, and compares the plain ones with what is
// visible.
func (l *leaks) readLists(a ticket.Actor, all map[int64]*ticket.Ticket, visible map[int64]bool, say func(any, error)) {
	c := as(a)
	queries := []ticket.Query{{}, {Sort: ticket.OldestCreated}, {Sort: ticket.ByField("f")}, {Sort: ticket.LeastUrgent}, {Deleted: true}, {Unassigned: true}, {UnreadByStaff: true}, {UnreadByClient: true}}
	for _, v := range depCodes {
		queries = append(queries, ticket.Query{Departments: []string{v}})
	}
	for _, v := range brandCodes {
		queries = append(queries, ticket.Query{Brands: []string{v}})
	}
	for id := range l.agents {
		queries = append(queries, ticket.Query{Assignee: id}, ticket.Query{Watcher: id})
	}
	for id := range l.clients {
		queries = append(queries, ticket.Query{Requester: id})
	}
	for _, o := range leakOrgs[1:] {
		queries = append(queries, ticket.Query{Organisation: o})
	}
	for _, e := range []string{"g1@example.com", "g2@example.com", "c40@example.com"} {
		queries = append(queries, ticket.Query{Email: e}, ticket.Query{Participant: e})
	}
	for _, tk := range all {
		queries = append(queries, ticket.Query{Service: tk.Service}, ticket.Query{External: tk.External}, ticket.Query{Tags: tk.Tags}, ticket.Query{Related: tk.Related[0]},
			ticket.Query{Fields: []ticket.FieldFilter{{Code: "f", Values: []string{tk.Fields["f"]}}}})
	}
	for i, q := range queries {
		q.Limit = 1 + l.IntN(5)
		listed := map[int64]bool{}
		for tk, err := range l.AllTickets(c, q) {
			say(tk, err)
			if tk != nil {
				listed[tk.ID] = true
			}
		}
		if i >= 4 {
			continue
		}
		for id, tk := range all {
			if want := visible[id] && tk.DeletedAt == nil; want != listed[id] {
				l.fault("%s %s%s lists ticket %d by %+v: %v, may see it: %v", a.Kind, a.ID, a.Email, id, q, listed[id], want)
			}
		}
	}
}

var errUndo = errors.New("undone")

// agree does what Explain was asked about, undone at once, and compares.
func (l *leaks) agree(a ticket.Actor) {
	id := oneOf(l.Rand, l.ids...)
	tk := must(l.Ticket(as(host), id))(l.t)
	if tk.DeletedAt != nil {
		return // a deleted ticket takes nothing, whoever may
	}
	own := int64(0)
	for _, m := range must(l.Messages(as(host), id, ticket.MessageQuery{}))(l.t) {
		if m.Kind == ticket.KindReply && (!a.IsCustomer() || m.Author.Person().Is(a.Person())) {
			own = m.ID
		}
	}
	for act, do := range map[helpdesk.Action]func(ctx) error{
		helpdesk.ActSee:    func(c ctx) error { return second(l.Ticket(c, id)) },
		helpdesk.ActReply:  func(c ctx) error { return second(l.Reply(c, id, ticket.ReplyDraft{Body: "x"})) },
		helpdesk.ActNote:   func(c ctx) error { return second(l.AddNote(c, id, ticket.ReplyDraft{Body: "x"})) },
		helpdesk.ActUpdate: func(c ctx) error { return second(l.UpdateTicket(c, id, ticket.Patch{Subject: new("x")})) },
		helpdesk.ActStatus: func(c ctx) error { return second(l.CloseTicket(c, id)) },
		helpdesk.ActAssign: func(c ctx) error { return second(l.Assign(c, id, "")) },
		helpdesk.ActEdit: func(c ctx) error {
			if own == 0 {
				return nil
			}
			return second(l.EditMessage(c, own, "x"))
		},
		helpdesk.ActDelete:  func(c ctx) error { return l.DeleteTicket(c, id) },
		helpdesk.ActPurge:   func(c ctx) error { return second(l.Redact(c, id, "no such text")) },
		helpdesk.ActHistory: func(c ctx) error { return second(l.History(c, id, ticket.EventQuery{})) },
	} {
		if act == helpdesk.ActEdit && own == 0 {
			continue
		}
		l.compare(a, act, id, do)
	}
	for act, do := range map[helpdesk.Action]func(ctx) error{
		helpdesk.ActCreate:    func(c ctx) error { return second(l.CreateTicket(c, lamp())) },
		helpdesk.ActConfigure: func(c ctx) error { return l.Catalog().PutPriority(c, ticket.Priority{Code: "x", Name: "X"}) },
		helpdesk.ActPeople: func(c ctx) error {
			return second(l.People().PutOrganisation(c, ticket.Organisation{ID: "x", Name: "X"}))
		},
		helpdesk.ActHistory: func(c ctx) error { return second(l.Journal(c, ticket.EventQuery{})) },
		helpdesk.ActSee:     func(c ctx) error { return second(l.People().Agents(c)) },
	} {
		l.compare(a, act, 0, do)
	}
}

func second[T any](_ T, err error) error { return err }

func (l *leaks) compare(a ticket.Actor, act helpdesk.Action, id int64, do func(ctx) error) {
	l.count.explained++
	e := must(l.Rights().Explain(as(host), a, act, id))(l.t)
	var err error
	undone := l.InTx(context.Background(), func(c context.Context) error {
		err = do(ticket.WithActor(c, a))
		return errUndo
	})
	if !errors.Is(undone, errUndo) {
		l.t.Fatal(undone)
	}
	refused := errors.Is(err, ticket.ErrForbidden) || errors.Is(err, ticket.ErrNotFound)
	if refused == e.Allowed {
		l.fault("%s %s%s, %s on %d: the verb said %v\n%s", a.Kind, a.ID, a.Email, act, id, err, e)
	}
	if !e.Allowed && e.Sees.Reason+e.Right.Reason == "" {
		l.fault("no reason for %s", e)
	}
}

// run plays one random desk.
func (l *leaks) run(moves int) {
	for range 4 {
		l.open()
	}
	for i := range moves {
		if i%6 == 5 {
			l.open()
		}
		l.move()
		if i%4 == 3 {
			a := l.actor()
			l.check(a)
			l.agree(a)
		}
		if len(l.faults) > 0 {
			return
		}
	}
	l.tangle()
	for range 4 {
		l.checkNumbers(l.actor())
	}
}

func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	seeds, named := 20, 50
	switch name := os.Getenv("HELPDESK_TEST_STORE"); {
	case testing.Short(), name == "postgres", name == "mysql": // minutes; what is random here is as random in memory
		seeds, named = 8, 10
	}
	if s := os.Getenv("HELPDESK_LEAK_SEEDS"); s != "" {
		seeds, _ = strconv.Atoi(s)
	}
	t.Run("M51 X10 no sequence of reads shows a ticket that the actor may not see, and Explain agrees with what happens", func(t *testing.T) {
		t.Parallel()
		var total struct{ reads, shown, hidden, explained, named int }
		for seed := range seeds {
			l := newLeaks(t, uint64(seed), helpdesk.Config{})
			l.run(60)
			for _, f := range l.faults {
				t.Errorf("seed %d: %s", seed, f)
			}
			total.reads, total.shown, total.hidden, total.explained = total.reads+l.count.reads, total.shown+l.count.shown, total.hidden+l.count.hidden, total.explained+l.count.explained
			total.named += l.count.named
			if t.Failed() {
				return
			}
		}
		t.Logf("%d desks: %d reads, of which tickets %d times shown and %d times hidden, %d tickets named by others, and %d explanations", seeds, total.reads, total.shown, total.hidden, total.named, total.explained)
		if total.shown < 50 || total.hidden < 50 || total.explained < 100 || total.named < named {
			t.Error("too little happened to prove anything")
		}
	})
	for name, broken := range map[string]helpdesk.Authorizer{"lists show all": wideScope{}, "verbs allow all": wideVerbs{}, "mine means all": blindSight{}} {
		t.Run("the property notices an authorizer by which "+name, func(t *testing.T) {
			t.Parallel()
			for seed := range 20 {
				l := newLeaks(t, uint64(seed), helpdesk.Config{Authorizer: broken})
				if l.run(60); len(l.faults) > 0 {
					return
				}
			}
			t.Error("it did not notice")
		})
	}
}

// wideScope shows agents everything in lists.
type wideScope struct{ helpdesk.DefaultAuthorizer }

func (w wideScope) Scope(c context.Context, r helpdesk.Request) (ticket.Scope, error) {
	if r.Actor.Kind == ticket.ActorStaff {
		return ticket.Scope{All: true, Internal: true}, nil
	}
	return w.DefaultAuthorizer.Scope(c, r)
}

// wideVerbs lets agents see every ticket by its id, and one department too many in lists.
type wideVerbs struct{ helpdesk.DefaultAuthorizer }

func (w wideVerbs) Authorize(c context.Context, r helpdesk.Request) (helpdesk.Decision, error) {
	if r.Action == helpdesk.ActSee && r.Ticket != nil && r.Actor.Kind == ticket.ActorStaff {
		return helpdesk.Allow("broken"), nil
	}
	return w.DefaultAuthorizer.Authorize(c, r)
}

func (w wideVerbs) Scope(c context.Context, r helpdesk.Request) (ticket.Scope, error) {
	s, err := w.DefaultAuthorizer.Scope(c, r)
	if r.Actor.Kind == ticket.ActorStaff {
		s.Places = append(s.Places, ticket.Place{Department: "sales"})
	}
	return s, err
}

// blindSight takes every grant for one that sees all.
type blindSight struct{ helpdesk.DefaultAuthorizer }

func (b blindSight) Scope(c context.Context, r helpdesk.Request) (ticket.Scope, error) {
	s, err := b.DefaultAuthorizer.Scope(c, r)
	s.Places = append(s.Places, s.AgentPlaces...)
	return s, err
}

// searches looks for every text that stands in one ticket only, in the ways in which people would, and expects that it is
// found by those who may see the ticket and nobody else: of notes, tags and fields by staff alone.
func (l *leaks) searches(a ticket.Actor, all map[int64]*ticket.Ticket, visible map[int64]bool, say func(any, error)) {
	c := as(a)
	must(l.Index().Update(c))(l.t)
	look := func(s ticket.Search) (found []int64) {
		for s.Limit = 1 + l.IntN(4); ; {
			page, err := l.Search(c, s)
			say(page, err)
			for _, h := range page.Hits {
				found = append(found, h.Ticket.ID)
			}
			if s.Cursor = page.Next; err != nil || s.Cursor == "" {
				return found
			}
		}
	}
	order := oneOf(l.Rand, ticket.NewestFirst, ticket.Ranked)
	for m, id := range l.marks {
		if l.IntN(12) > 0 || strings.HasPrefix(m, "comment") || strings.HasPrefix(m, "time") || strings.HasPrefix(m, "unshown") { // which are not searched
			continue
		}
		text := oneOf(l.Rand, m, strings.ToUpper(m), m[:len(m)-3]+"*", m+" -nothing", "nothing OR "+m)
		if m == all[id].Code { // whose parts are too short to begin words
			text = m
		}
		tk := all[id]
		got := look(ticket.Search{Text: text, Order: order})
		found, internal := l.stands(m, tk)
		want := visible[id] && tk.DeletedAt == nil && found && (a.Kind == ticket.ActorStaff || !internal)
		if (len(got) > 0) != want || len(got) > 1 {
			l.fault("%s %s%s finds %v by %q of ticket %d, may see it: %v", a.Kind, a.ID, a.Email, got, text, id, visible[id])
		}
	}
	for _, text := range []string{"-nothing", "", "desk OR example OR body*", "is:new", "department:support"} {
		for _, id := range look(ticket.Search{Text: text, Order: order}) {
			if !visible[id] {
				l.fault("%s %s%s finds ticket %d by %q", a.Kind, a.ID, a.Email, id, text)
			}
		}
	}
	tk := all[oneOf(l.Rand, l.ids...)]
	look(ticket.Search{Text: "tag:" + tk.Tags[0]})
	look(ticket.Search{Text: "from:" + tk.Requester.Email + " " + tk.Code})
}

// stands reports whether a text stands where a search looks, and whether there alone where customers do not.
func (l *leaks) stands(m string, tk *ticket.Ticket) (found, internal bool) {
	switch strings.TrimRight(m, "0123456789abcdef") {
	case "subject":
		return tk.Subject == m, false
	case "content":
		return false, false
	case "not", "tag", "fiel": // of note and field, whose last letters are digits to those who count in sixteens
		return true, true
	case "reply":
		for _, x := range must(l.Messages(as(host), tk.ID, ticket.MessageQuery{}))(l.t) {
			if x.Body == m {
				found, internal = true, !x.Kind.Public()
			}
		}
		return found, internal
	}
	return true, false
}
