package helpdesk_test

import (
	"encoding/json"
	"fmt"
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
