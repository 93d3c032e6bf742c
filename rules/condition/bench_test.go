package condition_test

import (
	"fmt"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/helpdeskgo/helpdesk/rules/condition"
)

// A condition, and the same as expr runs it over the same structure, on one machine that is kept.
func BenchmarkMatch(b *testing.B) {
	v := condition.NewVars(lamp())
	for name, text := range map[string]string{
		"simple": `ticket.status == "in_progress" and hours_since_last_reply > 72`,
		"middle": `ticket.department in ["sales", "support"] and ticket.priority != "high" and "vip" in ticket.tags and ticket.subject contains "Order"`,
	} {
		c, err := condition.Compile(text, schema())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/ours", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if ok, err := c.Match(v); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
		p, err := expr.Compile(text, expr.Env(condition.Vars{}))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/raw", func(b *testing.B) {
			b.ReportAllocs()
			m := vm.VM{}
			for b.Loop() {
				if out, err := m.Run(p, v); out != true || err != nil {
					b.Fatal(out, err)
				}
			}
		})
	}
	b.Run("custom field", func(b *testing.B) {
		c, err := condition.Compile(`field.telephone == "456" and field.rooms > 12`, schema())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if ok, err := c.Match(v); !ok || err != nil {
				b.Fatal(ok, err)
			}
		}
	})
}

func BenchmarkNewVars(b *testing.B) {
	s := lamp()
	b.ReportAllocs()
	for b.Loop() {
		condition.NewVars(s)
	}
}

func BenchmarkCompile(b *testing.B) {
	s := schema()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := condition.Compile(`ticket.status == "open" and hours_since_last_reply > 72`, s); err != nil {
			b.Fatal(err)
		}
	}
}

// A thousand conditions over one ticket, against the loop of one machine over the same thousand programs.
func BenchmarkThousand(b *testing.B) {
	v, s := condition.NewVars(lamp()), schema()
	var ours []*condition.Condition
	var raw []*vm.Program
	for i := range 1000 {
		text := fmt.Sprintf(`ticket.department == "sales" and hours_since_last_reply > %d.5 and ticket.priority != "high"`, i)
		c, err := condition.Compile(text, s)
		if err != nil {
			b.Fatal(err)
		}
		p, err := expr.Compile(text, expr.Env(condition.Vars{}))
		if err != nil {
			b.Fatal(err)
		}
		ours, raw = append(ours, c), append(raw, p)
	}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			for _, c := range ours {
				if _, err := c.Match(v); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("raw", func(b *testing.B) {
		m := vm.VM{}
		for b.Loop() {
			for _, p := range raw {
				if _, err := m.Run(p, v); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
