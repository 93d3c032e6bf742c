package gateway_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestTogether(t *testing.T) {
	t.Parallel()
	t.Run("X05 mails become the same by themselves and several in a transaction", func(t *testing.T) {
		t.Parallel()
		var mails [][]byte
		root := "../../shared/mailcorpus"
		if dir := os.Getenv("HELPDESK_MAILCORPUS"); dir != "" {
			root = dir
		}
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if ext := filepath.Ext(path); err != nil || (ext != ".eml" && ext != ".raw") {
				return err
			}
			raw, err := os.ReadFile(path)
			mails = append(mails, raw)
			return err
		})
		if err != nil {
			t.Skipf("no mail corpus at %s: set HELPDESK_MAILCORPUS to its folder", root)
		}
		for n := range 40 { // conversations, repeated mails, and copies
			mails = append(mails, []byte(letter(ann, fmt.Sprintf("%d@example.com", n), "Lamp", fmt.Sprintf("In-Reply-To: <%d@example.com>\n", n-n%3), "x")), []byte(letter(ann, fmt.Sprintf("%d@example.com", n), "Lamp", "", "x")))
		}
		brought := func(desk func(d *helpdesktest.Desk) gateway.Desk) (all []string) {
			s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "desk.db"), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			d := helpdesktest.New(t, &helpdesktest.Options{Store: s})
			defer d.Stop(context.Background())
			g, err := gateway.New("support", desk(d), d.Store, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range (&inbox{d, g, &box{validity: 1, mails: mails}}).pollAll(t) {
				all = append(all, fmt.Sprintf("%d %s ticket %d message %d: %s", o.Work, o.Result, o.TicketID, o.MessageID, o.Reason))
			}
			return all
		}
		apart := brought(func(d *helpdesktest.Desk) gateway.Desk { return d.Mail() })
		together := brought(func(d *helpdesktest.Desk) gateway.Desk { return joined{d.Mail()} })
		if len(apart) < 300 || len(apart) != len(together) {
			t.Fatalf("%d outcomes, and %d together", len(apart), len(together))
		}
		for i := range apart {
			if apart[i] != together[i] {
				t.Errorf("by itself:  %s\ntogether:   %s", apart[i], together[i])
			}
		}
	})
	t.Run("X05 one that fails takes no other along", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.Hooks().TicketCreateGuard.Bind("test.bad", func(_ context.Context, in hooks.Committing) error {
			switch in.After.Subject {
			case "refuse":
				return ticket.Invalid("subject", ticket.FaultRefused, "is not wanted")
			case "panic":
				panic("no")
			}
			return nil
		})
		for n, subject := range []string{"a", "b", "refuse", "c", "panic", "d"} {
			i.box.add(letter(ann, fmt.Sprintf("%d@example.com", n), subject, "", "x"))
		}
		results := map[gateway.Result]int{}
		for _, o := range i.pollAll(t) {
			results[o.Result]++
		}
		if results[gateway.Opened] != 4 || results[gateway.Rejected] != 1 {
			t.Errorf("%v, want 4 opened, and one rejected; one waits", results)
		}
		if tickets, _ := i.count(t); tickets != 4 {
			t.Errorf("%d tickets", tickets)
		}
		i.Failed()
	})
	t.Run("X05 a host's code that a write waits for has its time: each mail is by itself", func(t *testing.T) {
		t.Parallel()
		s := newInbox(t, nil).Store
		d, err := helpdesk.New(t.Context(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Stop(context.Background())
		if !d.Mail().Joinable() {
			t.Error("nothing is bound, and yet mails do not share a transaction")
		}
		d.Hooks().TicketCreated.Bind("test.event", func(context.Context, hooks.Created) error { return nil })
		if !d.Mail().Joinable() {
			t.Error("no mail waits for an event's handler")
		}
		d.Hooks().TicketMailValidation.Bind("test.gate", func(context.Context, hooks.Mailing) error { return nil })
		if d.Mail().Joinable() {
			t.Error("a gate would be asked within the transaction")
		}
	})
}
