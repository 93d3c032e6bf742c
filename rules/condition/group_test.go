package condition_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules/condition"
)

func TestGroup(t *testing.T) {
	t.Parallel()
	items := func(list ...condition.Item) []condition.Item { return list }
	status := condition.Item{Field: "ticket.status", Operator: condition.IsNot, Values: []string{"closed"}}
	order := condition.Item{Field: "ticket.subject", Operator: condition.Contains, Values: []string{"Order"}}
	for _, c := range []struct {
		name, text string
		group      condition.Group
	}{
		{"nothing", ``, condition.Group{}},
		{"text without case", `lower(ticket.subject) contains "order"`, condition.Group{Conditions: items(order)}},
		{"text with case", `ticket.subject contains "Order"`, condition.Group{Conditions: items(condition.Item{Field: "ticket.subject", Operator: condition.Contains, Values: []string{"Order"}, MatchCase: true})}},
		{"tags", `"problem" in ticket.tags`, condition.Group{Conditions: items(condition.Item{Field: "ticket.tags", Operator: condition.Contains, Values: []string{"Problem"}})}},
		{"all", `hours_since_last_reply == 720 and ticket.status != "closed"`, condition.Group{Mode: condition.All, Is: condition.True,
			Conditions: items(condition.Item{Field: "hours_since_last_reply", Operator: condition.Is, Values: []string{"720"}}, status)}},
		{"any", `ticket.status != "closed" or ticket.locked`, condition.Group{Mode: condition.Any,
			Conditions: items(status, condition.Item{Field: "ticket.locked", Operator: condition.Is, Values: []string{"true"}})}},
		{"all are false", `not (ticket.status != "closed" or lower(ticket.subject) contains "order")`, condition.Group{Is: condition.False, Conditions: items(status, order)}},
		{"one is false", `not (ticket.status != "closed" and lower(ticket.subject) contains "order")`, condition.Group{Mode: condition.Any, Is: condition.False, Conditions: items(status, order)}},
		{"nested", `ticket.status != "closed" and (not ticket.locked or before.priority not in ["low", "high"])`, condition.Group{Conditions: items(status, condition.Item{Group: &condition.Group{
			Mode: condition.Any, Conditions: items(condition.Item{Field: "ticket.locked", Operator: condition.Is, Values: []string{"false"}},
				condition.Item{Field: "ticket.priority", Before: true, Operator: condition.NoneOf, Values: []string{"low", "high"}})}})}},
		{"changes", `changed(field.telephone) and changed_to(ticket.priority, "high")`, condition.Group{Conditions: items(condition.Item{Field: "field.telephone", Operator: condition.Changed},
			condition.Item{Field: "ticket.priority", Operator: condition.ChangedTo, Values: []string{"high"}})}},
		{"patterns", `ticket.subject not matches "(?i)^re:"`, condition.Group{Conditions: items(condition.Item{Field: "ticket.subject", Operator: condition.NotMatches, Values: []string{"^re:"}})}},
	} {
		t.Run("M56 "+c.name, func(t *testing.T) {
			t.Parallel()
			text, err := condition.FromGroup(c.group, schema())
			if err != nil || text != c.text {
				t.Errorf("got %s, %v", text, err)
			}
			back, ok := compile(t, text, schema()).Group()
			again, err := condition.FromGroup(back, schema())
			if !ok || again != text || err != nil {
				t.Errorf("got %+v, %v, and of that %s, %v", back, ok, again, err)
			}
		})
	}
	for text, same := range map[string]string{
		`"open" == ticket.status`: `ticket.status == "open"`, `72 < hours_since_created`: `hours_since_created > 72`, `ticket.locked == true`: `ticket.locked`,
		`ticket.locked != true`: `not ticket.locked`, `false == ticket.locked`: `not ticket.locked`, `ticket.assignee == ""`: `not is_set(ticket.assignee)`,
		`ticket.assignee != ""`: `is_set(ticket.assignee)`, `not (ticket.store in ["a"])`: `ticket.brand not in ["a"]`, `not not ticket.locked`: `not (not ticket.locked)`,
		`(ticket.locked and ticket.merged) and ticket.deleted`: `ticket.locked and ticket.merged and ticket.deleted`,
	} {
		t.Run("M56 other words for the same: "+text, func(t *testing.T) {
			t.Parallel()
			g, ok := compile(t, text, schema()).Group()
			got, err := condition.FromGroup(g, schema())
			if !ok || got != same || err != nil {
				t.Errorf("got %s, %v, %v", got, ok, err)
			}
		})
	}
	for _, text := range []string{`ticket.subject == ticket.code`, `field.rooms + 1 > 3`, `lower(ticket.subject) == "Order"`, `lower(ticket.status) == "open"`, `true`,
		`ticket.locked ? true : false`, `len(ticket.subject) > 3`, `"Vip" in ticket.tags`, `count(ticket.tags, # == "x") > 1`, `hour(now) > 8`} {
		t.Run("M56 no form can say "+text, func(t *testing.T) {
			t.Parallel()
			if g, ok := compile(t, text, schema()).Group(); ok {
				t.Errorf("got %+v", g)
			}
		})
	}
}

func TestGroupErrors(t *testing.T) {
	t.Parallel()
	for message, item := range map[string]condition.Item{
		`conditions[0]: "ticket.statsu" is no field: did you mean ticket.status?`: {Field: "ticket.statsu", Operator: condition.Is, Values: []string{"open"}},
		`conditions[0]: "greater" cannot be asked of ticket.status`:               {Field: "ticket.status", Operator: condition.Greater, Values: []string{"open"}},
		`conditions[0]: is has 0 values, and takes one`:                           {Field: "ticket.status", Operator: condition.Is},
		`conditions[0]: is_set has 1 values, and takes none`:                      {Field: "ticket.status", Operator: condition.IsSet, Values: []string{"x"}},
		`conditions[0]: "many" is no number`:                                      {Field: "field.rooms", Operator: condition.Is, Values: []string{"many"}},
		`conditions[0]: "NaN" is no number`:                                       {Field: "field.rooms", Operator: condition.Is, Values: []string{"NaN"}},
		`conditions[0]: "1" is neither true nor false`:                            {Field: "field.gift", Operator: condition.Is, Values: []string{"1"}},
		`conditions[0]: "soon" is no date`:                                        {Field: "now", Operator: condition.Greater, Values: []string{"soon"}},
		`conditions[0]: a value is empty`:                                         {Field: "ticket.subject", Operator: condition.Is, Values: []string{""}},
		`conditions[0]: message.body was not kept`:                                {Field: "message.body", Before: true, Operator: condition.IsSet},
		`conditions[0]: changed is asked of the field as it is now`:               {Field: "ticket.status", Before: true, Operator: condition.Changed},
		`conditions[0].conditions: is empty`:                                      {Group: &condition.Group{}},
		`conditions[0].mode: "some" is no mode`:                                   {Group: &condition.Group{Mode: "some"}},
		`conditions[0].conditions[0]: "" is no field`:                             {Group: &condition.Group{Conditions: []condition.Item{{}}}},
		`the pattern is not understood`:                                           {Field: "ticket.subject", Operator: condition.Matches, Values: []string{"("}},
	} {
		t.Run("M56 "+message, func(t *testing.T) {
			t.Parallel()
			_, err := condition.FromGroup(condition.Group{Conditions: []condition.Item{item}}, schema())
			var e *condition.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), message) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("M56 a form that holds itself ends", func(t *testing.T) {
		t.Parallel()
		g := condition.Group{Conditions: make([]condition.Item, 1)}
		g.Conditions[0].Group = &g
		if _, err := condition.FromGroup(g, schema()); err == nil {
			t.Error("it was taken")
		}
	})
}

func TestGroupRoundTrip(t *testing.T) {
	t.Parallel()
	s := schema()
	fields := s.List()
	t.Run("M56 a form comes back as it was, by way of its text and of JSON", func(t *testing.T) {
		t.Parallel()
		c := newChance(1)
		for range 2000 {
			g := c.group(fields, 0, "")
			text, err := condition.FromGroup(g, s)
			if err != nil {
				t.Fatalf("%+v: %v", g, err)
			}
			back, ok := compile(t, text, s).Group()
			if !ok || !reflect.DeepEqual(back, g) {
				a, _ := json.Marshal(g)
				b, _ := json.Marshal(back)
				t.Fatalf("%s\n%s, %v\n%s", a, b, ok, text)
			}
			doc, err := json.Marshal(g)
			var read condition.Group
			if err != nil || json.Unmarshal(doc, &read) != nil || !reflect.DeepEqual(read, g) {
				t.Fatalf("%s: %+v, %v", doc, read, err)
			}
		}
	})
	t.Run("M56 a text that is read as a form means what it meant", func(t *testing.T) {
		t.Parallel()
		c := newChance(2)
		for range 300 {
			text, err := condition.FromGroup(c.group(fields, 0, ""), s)
			if err != nil {
				t.Fatal(err)
			}
			text = "not (" + strings.ReplaceAll(text, " and ", " && ") + ")"
			one := compile(t, text, s)
			g, ok := one.Group()
			again, err := condition.FromGroup(g, s)
			if !ok || err != nil {
				t.Fatalf("%s: %v, %v", text, ok, err)
			}
			two := compile(t, again, s)
			for range 20 {
				v := condition.NewVars(c.source(c.ticket()))
				a, errA := one.Match(v)
				b, errB := two.Match(v)
				if a != b || errA != nil || errB != nil {
					t.Fatalf("%s: %v, %v\n%s: %v, %v", text, a, errA, again, b, errB)
				}
			}
		}
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	t.Run("M55 every field has a name, a kind, a text and operators, and can be asked", func(t *testing.T) {
		t.Parallel()
		s := schema()
		list := s.List()
		if len(list) < 60 {
			t.Errorf("there are %d", len(list))
		}
		for _, f := range list {
			if f.Name == "" || f.Kind == "" || f.Doc == "" || len(condition.OperatorsOf(f)) == 0 {
				t.Errorf("got %+v", f)
			}
			for _, before := range []bool{false, true} {
				if before && !f.Before {
					continue
				}
				if _, err := condition.FromGroup(condition.Group{Conditions: []condition.Item{{Field: f.Name, Before: before, Operator: condition.IsSet}}}, s); err != nil {
					t.Error(err)
				}
			}
		}
	})
	t.Run("M48 a custom field is listed with its type and options", func(t *testing.T) {
		t.Parallel()
		for _, f := range schema().List() {
			if f.Name == "field.colour" {
				want := condition.Field{Name: "field.colour", Kind: condition.Text, Doc: "Colour", Options: []string{"red", "blue"}, Before: true}
				f.Options = append([]string(nil), f.Options...)
				if got, _ := json.Marshal(f); string(got) != mustJSON(t, want) {
					t.Errorf("got %s", got)
				}
				return
			}
		}
		t.Error("it is not listed")
	})
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	doc, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}
