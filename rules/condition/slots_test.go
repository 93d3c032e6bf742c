package condition_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What a condition sees is read once for all conditions of a schema: whatever was compiled since is to see it too.
func TestSeen(t *testing.T) {
	t.Parallel()
	match := func(t *testing.T, c *condition.Condition, v *condition.Vars) bool {
		t.Helper()
		ok, err := c.Match(v)
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		return ok
	}
	t.Run("M55 a condition that was made later sees what those before it have not asked for", func(t *testing.T) {
		t.Parallel()
		s, v := schema(), condition.NewVars(lamp())
		first := compile(t, `ticket.status == "in_progress"`, s)
		if !match(t, first, v) {
			t.Error("the first does not hold")
		}
		for _, text := range []string{`field.rooms == 12.5 and ticket.department == "sales"`, `field["order-no"] == "A1" and before.field["order-no"] == ""`, `ticket.owner == ticket.assignee and hours_since(ticket.created_at) == hours_since_created`} {
			if !match(t, compile(t, text, s), v) || !match(t, first, v) {
				t.Error(text)
			}
		}
		if tree := compile(t, `changed(ticket.priority)`, s).Explain(v); tree.Outcome != condition.False || len(tree.Values) != 2 {
			t.Errorf("explained as %+v", tree)
		}
	})
	t.Run("M55 conditions of two schemas read one ticket, each as its own custom fields are", func(t *testing.T) {
		t.Parallel()
		src := lamp()
		src.Ticket.Fields = map[string]string{"size": "12"}
		v := condition.NewVars(src)
		numbers := compile(t, `field.size > 9`, &condition.Schema{Fields: []ticket.Field{{Code: "size", Type: ticket.FieldNumber}}})
		texts := compile(t, `ticket.status != "" and field.size startsWith "1"`, &condition.Schema{Fields: []ticket.Field{{Code: "size", Type: ticket.FieldText}}})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					if a, err := numbers.Match(v); !a || err != nil {
						t.Errorf("as a number: %v, %v", a, err)
					}
					if b, err := texts.Match(v); !b || err != nil {
						t.Errorf("as a text: %v, %v", b, err)
					}
				}
			})
		}
		wg.Wait()
	})
	t.Run("M55 whatever the code of a custom field is, it is that field and no other", func(t *testing.T) {
		t.Parallel()
		src := condition.Source{Ticket: &ticket.Ticket{Status: "open", Fields: map[string]string{}}, Now: noon}
		s := &condition.Schema{}
		for _, code := range []string{"status", "v0", "v1", "now", "_lazy", "order-no", "before.status", "größe", `"quoted"`, "$env"} {
			s.Fields = append(s.Fields, ticket.Field{Code: code, Type: ticket.FieldText})
			src.Ticket.Fields[code] = "value of " + code
		}
		v := condition.NewVars(src)
		for _, f := range s.Fields {
			text := "field[" + quoted(f.Code) + `] == ` + quoted("value of "+f.Code) + ` and ticket.status == "open"`
			if !match(t, compile(t, text, s), v) {
				t.Error(text)
			}
		}
	})
	t.Run("X04 a condition may be asked while another reads a text of the same ticket", func(t *testing.T) {
		t.Parallel()
		src, s := lamp(), schema()
		inner := compile(t, `ticket.status == "in_progress"`, s)
		var v *condition.Vars
		src.LastMessage = func() (*ticket.Message, error) {
			if !match(t, inner, v) {
				t.Error("the inner one does not hold")
			}
			return &ticket.Message{Body: "dark"}, nil
		}
		v = condition.NewVars(src)
		if !match(t, compile(t, `ticket.last_message == "dark" and field.rooms == 12.5`, s), v) {
			t.Error("the outer one does not hold")
		}
	})
	t.Run("X04 Vars that NewVars has not made are refused", func(t *testing.T) {
		t.Parallel()
		if ok, err := compile(t, `ticket.status == ""`, schema()).Match(&condition.Vars{}); ok || err == nil || !strings.Contains(err.Error(), "NewVars") {
			t.Errorf("got %v, %v", ok, err)
		}
	})
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
