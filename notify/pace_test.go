package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// works are all entries of letters that there have been.
func (x *shop) works(t testing.TB) (out []*store.Work) {
	t.Helper()
	done(t, x.Store.View(context.Background(), func(ctx context.Context, r store.Reader) (err error) {
		out, err = r.Works(ctx, store.WorkQuery{Kind: "letter", Limit: 1000})
		return err
	}))
	return out
}

func TestPace(t *testing.T) {
	t.Parallel()
	t.Run("M24 no more goes to a domain in a minute than Pace says, and what waits costs nothing", func(t *testing.T) {
		t.Parallel()
		const letters, perMinute = 60, 5
		away, written := &away{back: true}, 0
		x := newShop(t, setup{mailer: away, change: func(o *notify.Options) {
			o.Pace = perMinute
			o.URL = func(notify.Page) string { written++; return "" }
		}})
		done(t, x.Catalog().PutDepartment(x.host, ticket.Department{Code: "support", Name: "Support", Silent: true})) // nobody else hears
		var all []*ticket.Ticket
		for range letters {
			all = append(all, x.lamp(t))
		}
		x.tick(t)
		perLetter := written / perMinute
		for minute := 1; ; minute++ {
			if len(away.sent) != perMinute*minute || written != perLetter*len(away.sent) {
				t.Fatalf("in minute %d %d were sent, and %d addresses of pages asked for", minute, len(away.sent), written)
			}
			if len(away.sent) == letters {
				break
			}
			l := must(x.n.Letters(x.host, all[letters-1].ID))(t)[0]
			if l.Attempts != 0 || l.Error != "" || !l.Due.Equal(l.Created) {
				t.Fatalf("%+v", l)
			}
			x.Clock.Advance(time.Minute)
			x.tick(t)
		}
		works := x.works(t)
		equal(t, "entries", len(works), letters)
		leases := 0
		for _, w := range works {
			leases += int(w.Epoch)
		}
		if leases > 2*letters { // once in vain, and once when there was room
			t.Errorf("%d letters were taken up %d times", letters, leases)
		}
		if s := x.checked(t); strings.Contains(s, "letters") {
			t.Error(s)
		}
	})
}
