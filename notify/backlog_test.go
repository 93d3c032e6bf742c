package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/store"
)

func TestBacklog(t *testing.T) {
	t.Parallel()
	t.Run("M24 X08 a letter that nothing sends is found at once behind however many that wait", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{manual: true})
		far := x.Clock.Now().AddDate(1, 0, 0)
		done(t, x.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
			id, err := tx.NewID(ctx, "work")
			if err != nil {
				return err
			}
			if err := tx.PutWork(ctx, &store.Work{ID: id, Kind: "letter", Name: "send|0", Due: far, State: store.WorkPending, Created: x.Clock.Now()}); err != nil {
				return err
			}
			for i := range 1700 {
				doc, err := json.Marshal(map[string]int64{"letter": int64(1_000_000 + i), "work": id})
				if err != nil {
					return err
				}
				if err := tx.PutRecord(ctx, &store.Record{Kind: "letter_open", Key: fmt.Sprintf("%019d.%019d", i, i), Doc: doc}); err != nil {
					return err
				}
			}
			return nil
		}))
		tk := x.lamp(t)
		x.DispatchAll(t)
		x.entries(t, store.WorkDead)
		x.Clock.Advance(time.Hour)
		x.tick(t)
		x.tick(t)
		for _, l := range must(x.n.Letters(x.host, tk.ID))(t) {
			if l.State != notify.Sent {
				t.Fatalf("%+v", l)
			}
		}
	})
}
