package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/smtpserver"
	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/store"
)

// keep stores letters that came to their end.
func (x *shop) keep(t testing.TB, from, to int64, l notify.Letter) {
	t.Helper()
	done(t, x.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
		for l.ID = from; l.ID < to; l.ID++ {
			doc, err := json.Marshal(l)
			if err != nil {
				return err
			}
			if err := tx.PutRecord(ctx, &store.Record{Kind: "letter", Key: fmt.Sprintf("%019d", l.ID), Parent: "7", Version: store.AnyVersion, Doc: doc}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestPrune(t *testing.T) {
	t.Parallel()
	t.Run("M24 all that is old goes at once, however much it is, and nothing else", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		now := x.Clock.Now()
		x.keep(t, 10_000, 17_000, notify.Letter{Channel: notify.Mail, State: notify.Sent, Created: now})
		x.keep(t, 12_000, 12_001, notify.Letter{Channel: notify.Mail, State: notify.Held, Created: now, Due: now.AddDate(1, 0, 0)})
		x.Clock.Advance(100 * 24 * time.Hour)
		x.keep(t, 11_000, 11_001, notify.Letter{Channel: notify.Mail, State: notify.Sent, Created: x.Clock.Now()}) // of a block that another process has
		x.tick(t)
		same(t, "letters", x.keys(t, "letter"), fmt.Sprintf("%019d", 11_000), fmt.Sprintf("%019d", 12_000))
	})
	t.Run("M24 what was kept of notices and news goes, too, and what cannot be read stops nothing", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		put := func(kind, key, parent, doc string) {
			done(t, x.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
				return tx.PutRecord(ctx, &store.Record{Kind: kind, Key: key, Parent: parent, Doc: []byte(doc)})
			}))
		}
		at := x.Clock.Now().Format(time.RFC3339)
		for i := range 2500 {
			put("noticed", fmt.Sprint(i), "7", `"`+at+`"`)
			doc := `{"at":"` + at + `"}`
			if i == 2 {
				doc = `"odd"`
			}
			put("feed", fmt.Sprintf("1/%019d", i+1), "agent/1", doc)
			if i < 600 {
				put("feed", fmt.Sprintf("2/%019d", i+1), "agent/2", `"odd"`)
			}
		}
		put("feed", fmt.Sprintf("2/%019d", 601), "agent/2", `{"at":"`+at+`"}`)
		put("feed_of", "1", "", `{"last":2500}`)
		put("feed_of", "2", "", `{"last":601}`)
		put("noticed", "odd", "7", "{}")
		x.Clock.Advance(40 * 24 * time.Hour)
		x.tick(t)
		same(t, "notices", x.keys(t, "noticed"), "odd")
		news := x.keys(t, "feed")
		equal(t, "news", len(news), 601) // that cannot be read
		equal(t, "the first", news[0], fmt.Sprintf("1/%019d", 3))
		equal(t, "the last", news[600], fmt.Sprintf("2/%019d", 600))
	})
	t.Run("M75 Check counts what failed and bounced among however many letters", func(t *testing.T) {
		t.Parallel()
		refuse := func(string) error { return refusal(550, 5, 7, 1, "spam") }
		x := newShop(t, setup{server: smtpserver.Options{Recipient: refuse}})
		x.keep(t, 1, 12_000, notify.Letter{Channel: notify.Mail, State: notify.Sent, Created: x.Clock.Now()})
		done(t, x.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
			for { // no letter may have an id that is taken
				if id, err := tx.NewID(ctx, "letter"); err != nil || id > 12_000 {
					return err
				}
			}
		}))
		x.lamp(t)
		x.tick(t)
		if s := x.checked(t); !strings.Contains(s, "3 letters of the last seven days were not taken") {
			t.Error(s)
		}
		x.Clock.Advance(8 * 24 * time.Hour)
		if s := x.checked(t); strings.Contains(s, "letters") {
			t.Error(s)
		}
	})
}
