package setup_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/setup"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// shop has two brands, a department that serves one of them, one that is internal and one that is no longer active.
func shop() *setup.Setup {
	return &setup.Setup{
		Statuses: []ticket.Status{{Code: "open", Class: ticket.ClassOpen}, {Code: "solved", Class: ticket.ClassSolved}, {Code: "closed", Class: ticket.ClassClosed}},
		Brands:   []ticket.Brand{{Code: "tea"}, {Code: "coffee"}, {Code: "gone", Inactive: true}},
		Departments: []ticket.Department{
			{Code: "support"}, {Code: "roasting", Brands: []string{"coffee"}}, {Code: "legal", Internal: true}, {Code: "old", Inactive: true}, {Code: "quiet", Silent: true},
		},
		Priorities: []ticket.Priority{{Code: "low"}, {Code: "high"}},
		Roles:      []ticket.Role{{Code: "agent"}, {Code: "lead"}},
		Fields: []ticket.Field{
			{Code: "serial", Name: "Serial number", Type: ticket.FieldText, Visible: true, Editable: true, Required: true, Departments: []string{"support"}},
			{Code: "weight", Name: "Weight", Type: ticket.FieldNumber, Departments: []string{"roasting"}},
		},
		Layers: map[ticket.Layer]ticket.SettingsPatch{
			ticket.DeskLayer:               {DefaultBrand: new("tea"), DefaultDepartment: new("support"), DefaultPriority: new("low"), DefaultRole: new("agent"), FileRetention: new(ticket.Duration(40 * 24 * time.Hour))},
			ticket.BrandLayer("coffee"):    {DefaultDepartment: new("roasting"), FileRetention: new(ticket.Duration(30 * 24 * time.Hour))},
			ticket.GatewayLayer("contact"): {CustomerDepartment: new(false)},
		},
	}
}

// faults lists what is wrong, as field and fault.
func faults(e *ticket.ValidationError) string {
	var out []string
	for _, f := range e.Fields {
		out = append(out, f.Field+" "+string(f.Fault))
	}
	return strings.Join(out, ", ")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := shop()
	for _, c := range []struct{ brand, department, form, wantBrand, wantDepartment string }{
		{"", "", "", "tea", "support"},
		{"coffee", "", "", "coffee", "roasting"},
		{"coffee", "support", "", "coffee", "support"},
		{"made up", "", "made up", "made up", "support"},
	} {
		for range 2 { // resolved, and from what was kept
			if brand, department := s.PlaceFor(c.brand, c.department, c.form); brand != c.wantBrand || department != c.wantDepartment {
				t.Errorf("%+v: %s, %s", c, brand, department)
			}
		}
	}
	if got := s.ShortestRetention(); got != 30*24*time.Hour {
		t.Errorf("shortest retention: %v", got)
	}
	if got := (&setup.Setup{}).ShortestRetention(); got != 0 {
		t.Errorf("of none: %v", got)
	}
	mail := &ticket.Draft{Form: "contact", Mail: &ticket.Mail{Gateway: "box"}}
	if got := setup.FormOf(mail); got != "box" {
		t.Errorf("the settings of a mail are those of %q", got)
	}
	if !s.Solved(ticket.Settings{}, "closed") || s.Solved(ticket.Settings{}, "open") || !s.Solved(ticket.Settings{SolvedStatuses: []string{"open"}}, "open") {
		t.Error("solved is by the settings, or else by the class")
	}
	if _, err := (&setup.Setup{}).Closing(ticket.ClassClosed); ticket.ErrorCode(err) != "invalid" {
		t.Errorf("closing without a status: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	s := shop()
	for _, c := range []struct{ brand, department, want string }{
		{"tea", "support", ""},
		{"tea", "roasting", "department conflicting"},
		{"coffee", "roasting", ""},
		{"gone", "support", "brand inactive"},
		{"tee", "old", "brand unknown, department inactive"},
		{"tea", "nowhere", "department unknown"},
		{"tea", "legal", ""}, // for staff
	} {
		e := &ticket.ValidationError{}
		if s.CheckPlace(e, c.brand, c.department); faults(e) != c.want {
			t.Errorf("%s, %s: %s, want %s", c.brand, c.department, faults(e), c.want)
		}
	}
}

// TestOffered shows that an internal, an inactive and a made-up department are the same to customers, to the letter.
func TestOffered(t *testing.T) {
	t.Parallel()
	s := shop()
	said := map[string]bool{}
	for _, department := range []string{"legal", "old", "made-up"} {
		e := &ticket.ValidationError{}
		s.CheckOffered(e, "tea", department, "")
		said[strings.ReplaceAll(e.Error(), department, "X")] = true
	}
	if len(said) != 1 {
		t.Errorf("customers can tell departments apart that they are not to hear of: %v", slices.Collect(maps.Keys(said)))
	}
	for said := range said {
		if !strings.Contains(said, "support") || strings.Contains(said, "legal") || strings.Contains(said, "old") {
			t.Errorf("what they are told: %s", said)
		}
	}
	e := &ticket.ValidationError{}
	if s.CheckOffered(e, "tea", "quiet", "contact"); faults(e) != "department not_allowed" {
		t.Errorf("on a form that offers none: %s", faults(e))
	}
	e = &ticket.ValidationError{}
	if s.CheckOffered(e, "tea", "support", "contact"); faults(e) != "" {
		t.Errorf("the default on a form that offers none: %s", faults(e))
	}
	client := ticket.Client("1", "", "")
	if !s.KeepsFrom(client, "legal") || s.KeepsFrom(client, "support") || s.KeepsFrom(ticket.Staff("1", "", ""), "legal") {
		t.Error("internal departments are kept from customers, and from them alone")
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	s, client, staff := shop(), ticket.Client("1", "", ""), ticket.Staff("1", "", "")
	for _, c := range []struct {
		who        ticket.Actor
		department string
		values     map[string]string
		want       string
	}{
		{client, "support", nil, "fields.serial required"},
		{client, "support", map[string]string{"serial": "7"}, ""},
		{client, "roasting", nil, ""},
		{client, "support", map[string]string{"serial": "7", "weight": "1"}, "fields.weight not_allowed"},
		{client, "support", map[string]string{"serial": "7", "none": "1"}, "fields.none not_allowed"},
		{staff, "support", map[string]string{"weight": "1"}, "fields.weight not_allowed"},
		{staff, "roasting", map[string]string{"weight": "much"}, "fields.weight malformed"},
		{staff, "support", map[string]string{"none": "1"}, "fields.none unknown"},
		{staff, "support", nil, ""},
	} {
		e := &ticket.ValidationError{}
		values := maps.Clone(c.values)
		s.CheckValues(e, c.who, values, nil)
		if e.Err() == nil {
			s.CheckServed(e, c.who, "coffee", c.department, values, nil)
			s.CheckRequired(e, c.who, "coffee", c.department, values)
		}
		if faults(e) != c.want {
			t.Errorf("%s in %s, %v: %s, want %s", c.who.Kind, c.department, c.values, faults(e), c.want)
		}
	}
	old := map[string]string{"weight": "12", "serial": "7"}
	if got := s.Served(old, "coffee", "support"); len(got) != 1 || got["serial"] != "7" {
		t.Errorf("what goes along: %v", got)
	}
	e := &ticket.ValidationError{}
	if s.CheckServed(e, staff, "coffee", "support", map[string]string{"weight": "12"}, old); faults(e) != "" {
		t.Errorf("a value that a ticket has from before: %s", faults(e))
	}
	e = &ticket.ValidationError{}
	for _, who := range []ticket.Actor{client, client.Via(ticket.ChannelEmail), staff.Via(ticket.ChannelEmail)} {
		values := map[string]string{"serial": "7"}
		if s.CheckServed(e, who, "coffee", "roasting", values, nil); faults(e) != "" || len(values) != 0 {
			t.Errorf("what a %s brings through %s and nobody asks for: %s, %v", who.Kind, who.Channel, faults(e), values)
		}
	}
	if got := s.ShownFields(client, s.Fields); len(got) != 1 || got[0].Code != "serial" {
		t.Errorf("fields of customers: %+v", got)
	}
}

func TestCheckField(t *testing.T) {
	t.Parallel()
	s := shop()
	for _, c := range []struct {
		field ticket.Field
		want  string
	}{
		{ticket.Field{Code: "a", Type: ticket.FieldText}, ""},
		{ticket.Field{Code: "a", Type: "colour"}, "type unknown"},
		{ticket.Field{Code: "a", Type: ticket.FieldText, Options: []ticket.Option{{Value: "x"}}}, "options conflicting"},
		{ticket.Field{Code: "a", Type: ticket.FieldSelect}, "options required"},
		{ticket.Field{Code: "a", Type: ticket.FieldSelect, Options: []ticket.Option{{Value: "x"}, {Value: "x"}, {Value: " y"}}}, "options duplicate, options malformed"},
		{ticket.Field{Code: "a", Type: ticket.FieldText, Editable: true}, "editable conflicting"},
		{ticket.Field{Code: "a", Type: ticket.FieldText, Required: true}, "required conflicting"},
		{ticket.Field{Code: "a", Type: ticket.FieldText, Departments: []string{"nowhere"}}, "departments unknown"},
		{ticket.Field{Code: "a", Type: ticket.FieldText, When: &ticket.FieldCondition{Field: "a"}}, "when conflicting"},
		{ticket.Field{Code: "a", Type: ticket.FieldText, When: &ticket.FieldCondition{Field: "none"}}, "when unknown"},
	} {
		e := &ticket.ValidationError{}
		if s.CheckField(e, c.field); faults(e) != c.want {
			t.Errorf("%+v: %s, want %s", c.field, faults(e), c.want)
		}
	}
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	s := shop()
	for _, c := range []struct {
		patch ticket.SettingsPatch
		want  string
	}{
		{ticket.SettingsPatch{DefaultStatus: new("open"), DefaultBrand: new("tea"), DefaultDepartment: new("support"), DefaultPriority: new("high"), DefaultRole: new("lead"), CodeFormat: new("short")}, ""},
		{ticket.SettingsPatch{DefaultStatus: new("none"), DefaultBrand: new("none"), DefaultDepartment: new("none"), DefaultPriority: new("none"), DefaultRole: new("none"), CodeFormat: new("none")},
			"default_status unknown, priority unknown, default_department unknown, default_brand unknown, code_format unknown, default_role unknown"},
		{ticket.SettingsPatch{ReopenStatus: new("closed")}, "reopen_status conflicting"},
		{ticket.SettingsPatch{Transitions: &[]ticket.Transition{{To: []string{"open"}}}}, "transitions required"},
		{ticket.SettingsPatch{RatingGrades: &[]string{"good"}}, "rating_grades out_of_range"},
		{ticket.SettingsPatch{FileTypes: &[]string{".exe"}}, "file_types malformed"},
		{ticket.SettingsPatch{DeliveryAttempts: new(0)}, "delivery_attempts out_of_range"},
	} {
		e := &ticket.ValidationError{}
		if s.CheckSettings(e, c.patch, func(name string) bool { return name == "short" }); faults(e) != c.want {
			t.Errorf("%v: %s, want %s", c.patch.Names(), faults(e), c.want)
		}
	}
	for layer, want := range map[ticket.Layer]bool{ticket.DeskLayer: true, ticket.BrandLayer("tea"): true, ticket.BrandLayer("none"): false, ticket.DepartmentLayer("legal"): true,
		ticket.DepartmentLayer("none"): false, ticket.GatewayLayer("any"): true, ticket.GatewayLayer(""): false, "else/x": false} {
		if s.HasLayer(layer) != want {
			t.Errorf("layer %q: %v", layer, !want)
		}
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	s := shop()
	if got := s.RolesOf(ticket.Agent{}); len(got) != 1 || got[0].Code != "agent" {
		t.Errorf("roles of who has none: %+v", got)
	}
	if got := s.RolesOf(ticket.Agent{Roles: []string{"lead", "none"}}); len(got) != 1 || got[0].Code != "lead" {
		t.Errorf("roles: %+v", got)
	}
	anna := ticket.Agent{ID: "anna", Departments: []string{"support", "quiet"}}
	for _, c := range []struct {
		t    ticket.Ticket
		want bool
	}{
		{ticket.Ticket{Department: "support"}, true},
		{ticket.Ticket{Department: "roasting"}, false},
		{ticket.Ticket{Department: "quiet"}, false},
		{ticket.Ticket{Department: "support", Assignee: "ben"}, false},
		{ticket.Ticket{Department: "roasting", Assignee: "anna"}, true},
	} {
		if got := s.Concerns(anna, &c.t); got != c.want {
			t.Errorf("%+v concerns her: %v", c.t, got)
		}
	}
}
