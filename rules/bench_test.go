package rules_test

import (
	"fmt"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules"
)

// BenchmarkSave saves one rule of a thousand anew. Those that answer changes could all set each other off.
func BenchmarkSave(b *testing.B) {
	for _, on := range []rules.Trigger{rules.Created, rules.Changed} {
		b.Run(string(on), func(b *testing.B) {
			s := newShop(b, shopOptions{})
			var f rules.File
			for i := range 1000 {
				when := fmt.Sprintf(`ticket.subject contains "Order %d" and ticket.priority == "low"`, i)
				f.Rules = append(f.Rules, rules.Rule{Code: fmt.Sprintf("r%d", i), Name: "r", On: []rules.Trigger{on}, When: when, Do: []rules.Step{rules.Do("set_priority", "high"), rules.Do("add_tags", []string{"a"})}})
			}
			must(s.Import(host, f, false))(b)
			rule := must(s.Rule(host, "r999"))(b)
			for i := 0; b.Loop(); i++ {
				rule.Notes = fmt.Sprint(i)
				var err error
				rule, _, err = s.Save(host, rule)
				ok(b, err)
			}
		})
	}
}
