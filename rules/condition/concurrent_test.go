package condition_test

import (
	"sync"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules/condition"
)

func TestConcurrent(t *testing.T) {
	t.Parallel()
	t.Run("X04 one condition is asked and explained by several at once, about one ticket and several", func(t *testing.T) {
		t.Parallel()
		s := schema()
		var list []*condition.Condition
		for _, text := range []string{`ticket.last_message contains "shine" and field.rooms > 3`, `message.body matches "not" and changed(field.telephone)`, `any(ticket.tags, # == "vip")`} {
			list = append(list, compile(t, text, s))
		}
		shared := condition.NewVars(lamp())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				own := condition.NewVars(lamp())
				for range 100 {
					for _, c := range list {
						for _, v := range []*condition.Vars{shared, own} {
							if ok, err := c.Match(v); !ok || err != nil {
								t.Errorf("%s: %v, %v", c, ok, err)
							}
						}
					}
				}
				for _, c := range list {
					if tree := c.Explain(shared); tree.Outcome != condition.True {
						t.Errorf("%s: %s", c, tree.Says)
					}
					if _, err := condition.Compile(c.Text(), s); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	})
}
