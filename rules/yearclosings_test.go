package rules_test

import (
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// expectClosings is that no ticket closes itself before its customer was reminded twice and had five days after that; and
// since the first time the customer has said nothing, nobody else has given it a status, and it was not away.
func (y *year) expectClosings(t testing.TB) {
	t.Helper()
	closed := 0
	for n, id := range y.numbers {
		var chased []time.Time
		for _, e := range y.journal(t, n) {
			status, moved := e.Changed("status")
			_, counts := e.Changed("last_reply_at") // and no robot's
			switch itself := e.Cause.Rule == "autoclose:waiting"; {
			case itself && e.Type == ticket.EventReplied:
				chased = append(chased, e.At)
			case itself && moved && status.New == "closed":
				closed++
				if len(chased) != 2 || e.At.Sub(chased[1]) < 5*day || chased[1].Sub(chased[0]) < 3*day {
					t.Errorf("ticket %d closed itself at %s, chased at %v, of %s", id, e.At, chased, y.actsOf(id))
				}
				chased = nil
			case counts, moved, e.Type == ticket.EventRestored: // it begins anew
				chased = nil
			}
		}
	}
	if closed == 0 {
		t.Error("no ticket closed itself")
	}
}
