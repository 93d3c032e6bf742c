package rights_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/rights"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func bob(grants ...ticket.Grant) rights.Staff {
	return rights.Staff{ID: "7", Agent: ticket.Agent{ID: "7", Departments: []string{"sales"}}, Roles: []ticket.Role{{Code: "clerk", Grants: grants}}}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	sales, support := &ticket.Ticket{Brand: "acme", Department: "sales"}, &ticket.Ticket{Brand: "acme", Department: "support", Watchers: []string{"7"}}
	for name, c := range map[string]struct {
		grant ticket.Grant
		right ticket.Right
		on    *ticket.Ticket
		lacks string // part of what it lacks; empty where it gives the right
	}{
		"the zero grant gives everything":        {ticket.Grant{}, ticket.RightPurge, sales, ""},
		"also on the whole desk":                 {ticket.Grant{}, ticket.RightConfigure, nil, ""},
		"a right that is not named":              {ticket.Grant{Rights: []ticket.Right{ticket.RightSee}}, ticket.RightReply, sales, `the right "reply"`},
		"another department":                     {ticket.Grant{Departments: []string{"sales"}}, ticket.RightSee, support, `is for department sales, and the ticket lies in brand "acme", department "support"`},
		"another brand":                          {ticket.Grant{Brands: []string{"other"}, Departments: []string{"sales"}}, ticket.RightSee, sales, "brand other; department sales"},
		"a member sees the department":           {ticket.Grant{Sight: ticket.SightDepartment}, ticket.RightSee, sales, ""},
		"who is none sees what they watch":       {ticket.Grant{Sight: ticket.SightDepartment}, ticket.RightSee, support, ""},
		"their own alone":                        {ticket.Grant{Sight: ticket.SightMine}, ticket.RightSee, sales, "neither assigned"},
		"no member":                              {ticket.Grant{Sight: ticket.SightDepartment}, ticket.RightSee, &ticket.Ticket{Department: "support"}, `no member of department "support"`},
		"a new ticket is nobody's yet":           {ticket.Grant{Sight: ticket.SightMine}, ticket.RightCreate, sales, ""},
		"an unknown sight sees nothing":          {ticket.Grant{Sight: "far"}, ticket.RightSee, support, "reaches"},
		"a part of the desk configures nothing":  {ticket.Grant{Brands: []string{"acme"}, Rights: []ticket.Right{ticket.RightConfigure}}, ticket.RightConfigure, nil, "a part of the desk"},
		"every right is not that to configure":   {ticket.Grant{Sight: ticket.SightMine}, ticket.RightConfigure, nil, "name it"},
		"but where it is named":                  {ticket.Grant{Sight: ticket.SightMine, Rights: []ticket.Right{ticket.RightConfigure}}, ticket.RightConfigure, nil, ""},
		"the whole journal tells of all tickets": {ticket.Grant{Sight: ticket.SightDepartment, Rights: []ticket.Right{ticket.RightHistory}}, ticket.RightHistory, nil, "every ticket"},
		"the directory is for whoever sees":      {ticket.Grant{Sight: ticket.SightMine, Brands: []string{"acme"}}, ticket.RightSee, nil, ""},
	} {
		t.Run("M51 X10 "+name, func(t *testing.T) {
			t.Parallel()
			got := bob(c.grant).May(c.right, c.on)
			if got.Given != (c.lacks == "") {
				t.Errorf("given: %v", got.Given)
			}
			if said := strings.Join(got.Tried, "\n"); !strings.Contains(said, c.lacks) {
				t.Errorf("it says %q, and not %q", said, c.lacks)
			}
		})
	}
	t.Run("X10 which grant of which role gives it", func(t *testing.T) {
		t.Parallel()
		s := bob(ticket.Grant{Rights: []ticket.Right{ticket.RightNote}})
		s.Roles = append(s.Roles, ticket.Role{Code: "boss", Grants: []ticket.Grant{{Departments: []string{"x"}}, {}}})
		if got := s.May(ticket.RightReply, sales); !got.Given || got.Role != "boss" || got.Grant != 2 || got.Tried != nil {
			t.Errorf("%+v", got)
		}
	})
	for want, c := range map[string]struct {
		grant ticket.Grant
		on    *ticket.Ticket
	}{
		"":                                    {ticket.Grant{}, support},
		"they are a member of its department": {ticket.Grant{Sight: ticket.SightDepartment}, sales},
		"they watch the ticket":               {ticket.Grant{Sight: ticket.SightDepartment}, support},
		"the ticket is assigned to them":      {ticket.Grant{Sight: ticket.SightMine}, &ticket.Ticket{Department: "sales", Assignee: "7", Watchers: []string{"7"}}},
	} {
		t.Run("X10 what a grant goes by: "+want, func(t *testing.T) {
			t.Parallel()
			if got := bob(c.grant).May(ticket.RightSee, c.on); !got.Given || got.Why != want {
				t.Errorf("%+v", got)
			}
		})
	}
	for want, s := range map[string]rights.Staff{
		"is inactive":    {ID: "7", Agent: ticket.Agent{Inactive: true}},
		"has no role":    {ID: "7"},
		"has no grants":  {ID: "7", Roles: []ticket.Role{{Code: "empty"}}},
		`role "empty" h`: {ID: "7", Roles: []ticket.Role{{Code: "empty"}}},
	} {
		t.Run("X10 an agent who "+want, func(t *testing.T) {
			t.Parallel()
			if got := s.May(ticket.RightSee, sales); got.Given || len(got.Tried) != 1 || !strings.Contains(got.Tried[0], want) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestSeesDepartment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		staff rights.Staff
		sees  bool
	}{
		"everything":          {bob(ticket.Grant{}), true},
		"as a member":         {bob(ticket.Grant{Sight: ticket.SightDepartment}), true},
		"their own":           {bob(ticket.Grant{Sight: ticket.SightMine}), false},
		"another one":         {bob(ticket.Grant{Departments: []string{"support"}}), false},
		"without the right":   {bob(ticket.Grant{Rights: []ticket.Right{ticket.RightReply}}), false},
		"by the second grant": {bob(ticket.Grant{Sight: ticket.SightMine}, ticket.Grant{Brands: []string{"acme"}}), true},
		"inactive":            {rights.Staff{Agent: ticket.Agent{Inactive: true}, Roles: []ticket.Role{{Grants: []ticket.Grant{{}}}}}, false},
	} {
		t.Run("M51 "+name, func(t *testing.T) {
			t.Parallel()
			if got := c.staff.SeesDepartment("sales"); got != c.sees {
				t.Errorf("%v", got)
			}
		})
	}
	t.Run("M51 only the widest grant gives everything", func(t *testing.T) {
		t.Parallel()
		for i, g := range []ticket.Grant{{}, {Sight: ticket.SightAll}, {Sight: ticket.SightMine}, {Brands: []string{"a"}}, {Departments: []string{"a"}}, {Rights: ticket.Rights()}} {
			if got := rights.Everything(g); got != (i < 2) {
				t.Errorf("%+v: %v", g, got)
			}
		}
	})
}

// TestBothAnswersAgree holds what is said of single tickets against the scopes of lists, for random people and tickets.
func TestBothAnswersAgree(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	some := func(list ...string) []string {
		return slices.DeleteFunc(list, func(string) bool { return r.IntN(3) > 0 })
	}
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	for range 20_000 {
		tk := &ticket.Ticket{Brand: one("a", "b"), Department: one("x", "y", "z"), Assignee: one("", "7", "8"), Watchers: some("7", "8"), Organisation: one("", "o"),
			Requester: ticket.Person{ID: one("", "42", "43"), Email: one("", "ann@example.com", "gus@example.com")}}
		if r.IntN(2) == 0 {
			tk.Participants = []ticket.Person{{Email: one("ann@example.com", "eve@example.com")}}
		}
		staff := rights.Staff{ID: one("", "7"), Agent: ticket.Agent{Departments: some("x", "y")}}
		for range r.IntN(3) {
			g := ticket.Grant{Departments: some("x", "y", "z"), Brands: some("a", "b"), Sight: ticket.Sight(one("", "mine", "department", "all", "far"))}
			if r.IntN(3) == 0 {
				g.Rights = []ticket.Right{ticket.Right(one("see", "reply"))}
			}
			staff.Roles = append(staff.Roles, ticket.Role{Code: "r", Grants: []ticket.Grant{g}})
		}
		if may, sees := staff.May(ticket.RightSee, tk).Given, staff.Scope().Sees(tk); may != sees {
			t.Fatalf("M51 %+v\n%+v: a grant gives it: %v, the list shows it: %v", staff, tk, may, sees)
		}
		c := rights.Customer{Actor: ticket.Actor{Kind: ticket.ActorKind(one("client", "guest")), ID: one("", "42"), Email: one("", "ann@example.com"), Verified: r.IntN(2) == 0},
			Account: ticket.Customer{ID: one("", "43"), Emails: some("gus@example.com"), Organisation: one("", "o"), SeesOrganisation: r.IntN(2) == 0}}
		if may, sees := c.Concerns(tk), c.Scope().Sees(tk); may != sees {
			t.Fatalf("%+v\n%+v: it concerns them: %v, the list shows it: %v", c, tk, may, sees)
		}
		if c.Requested(tk) && !c.Concerns(tk) {
			t.Fatalf("%+v\n%+v: requested, and none of their concern", c, tk)
		}
	}
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	ann, gus := ticket.Person{ID: "42", Email: "ann@example.com"}, ticket.Person{Email: "gus@example.com"}
	client, typed := ticket.Client("42", "Ann", "ann@example.com"), ticket.Guest("Gus", "gus@example.com")
	proven := typed
	proven.Verified = true
	linked := typed
	linked.Ticket = 9
	company := ticket.Customer{ID: "42", Emails: []string{"a@work.example"}, Organisation: "org", SeesOrganisation: true}
	for name, c := range map[string]struct {
		who                 rights.Customer
		on                  ticket.Ticket
		concerns, requested bool
	}{
		"their own":                     {rights.Customer{Actor: client}, ticket.Ticket{Requester: ann}, true, true},
		"where they take part":          {rights.Customer{Actor: client}, ticket.Ticket{Requester: gus, Participants: []ticket.Person{ann}}, true, false},
		"somebody else's":               {rights.Customer{Actor: client}, ticket.Ticket{Requester: gus}, false, false},
		"another address of theirs":     {rights.Customer{Actor: client, Account: company}, ticket.Ticket{Requester: ticket.Person{Email: "a@work.example"}}, true, true},
		"a colleague's":                 {rights.Customer{Actor: client, Account: company}, ticket.Ticket{Requester: gus, Organisation: "org"}, true, false},
		"a typed address":               {rights.Customer{Actor: typed}, ticket.Ticket{Requester: gus}, false, false},
		"a proven one":                  {rights.Customer{Actor: proven}, ticket.Ticket{Requester: gus}, true, true},
		"a proven one opens no account": {rights.Customer{Actor: proven, Account: company}, ticket.Ticket{Organisation: "org", Requester: ann}, false, false},
		"a guest link":                  {rights.Customer{Actor: linked}, ticket.Ticket{Requester: gus}, true, true},
		"who writes a mail may answer what they do not see": {rights.Customer{Actor: typed.Via(ticket.ChannelEmail)}, ticket.Ticket{Requester: ticket.Person{ID: "x", Email: "gus@example.com"}}, true, false},
		"the address of somebody else's id":                 {rights.Customer{Actor: client}, ticket.Ticket{Requester: ticket.Person{ID: "x", Email: "ann@example.com"}}, false, false},
	} {
		t.Run("R03 "+name, func(t *testing.T) {
			t.Parallel()
			if got := c.who.Concerns(&c.on); got != c.concerns {
				t.Errorf("concerns: %v", got)
			}
			if got := c.who.Requested(&c.on); got != c.requested {
				t.Errorf("requested: %v", got)
			}
		})
	}
}
