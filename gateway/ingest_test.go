package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// box is a mailbox in memory.
type box struct {
	validity uint32
	mails    [][]byte
}

func (b *box) add(mails ...string) {
	for _, m := range mails {
		b.mails = append(b.mails, []byte(strings.ReplaceAll(m, "\n", "\r\n")))
	}
}

func (b *box) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	at := gateway.Cursor{Validity: b.validity}
	if from.Validity == b.validity {
		at = from
	}
	for int(at.UID) < len(b.mails) {
		at.UID++
		in := gateway.Incoming{Place: fmt.Sprintf("%d/%d", b.validity, at.UID), Next: at, Raw: b.mails[at.UID-1]}
		if err := to.Take(ctx, in); err != nil {
			return at, err
		}
	}
	return at, nil
}

var bob = ticket.Staff("7", "Bob", "bob@desk.example")

func staff() context.Context { return ticket.WithActor(context.Background(), bob) }

// inbox is a desk with a gateway and a mailbox.
type inbox struct {
	*helpdesktest.Desk
	g   *gateway.Gateway
	box *box
}

// joined is a desk for a gateway that writes several mails in one transaction, though the hooks of the test's desk, which
// only count, would have it write each by itself.
type joined struct{ helpdesk.Mail }

func (joined) Joinable() bool { return true }

func newInbox(t *testing.T, o *helpdesktest.Options) *inbox {
	t.Helper()
	d := helpdesktest.New(t, o)
	g, err := gateway.New("support", joined{d.Mail()}, d.Store, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &inbox{d, g, &box{validity: 1}}
}

func (i *inbox) poll(t *testing.T) []gateway.Outcome {
	t.Helper()
	out, err := i.g.Poll(context.Background(), i.box)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (i *inbox) count(t *testing.T) (tickets, messages int) {
	t.Helper()
	for tk, err := range i.AllTickets(staff(), ticket.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		tickets++
		messages += int(tk.Seq)
	}
	return tickets, messages
}

func TestCorpusBecomesTickets(t *testing.T) {
	t.Parallel()
	root := os.Getenv("HELPDESK_MAILCORPUS")
	if root == "" {
		root = "../../shared/mailcorpus"
	}
	if _, err := os.Stat(root); err != nil {
		t.Skipf("no mail corpus at %s: set HELPDESK_MAILCORPUS to its folder", root)
	}
	i := newInbox(t, nil)
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || (ext != ".eml" && ext != ".raw") {
			return err
		}
		raw, err := os.ReadFile(path)
		i.box.mails = append(i.box.mails, raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	results := map[gateway.Result]int{}
	for _, o := range i.poll(t) {
		results[o.Result]++
	}
	known := len(i.box.mails) - results[gateway.Opened] - results[gateway.Answered] - results[gateway.Noted]
	_, messages := i.count(t)
	t.Logf("%d files = %d messages + %d exact duplicates; %v", len(i.box.mails), messages, known, results)
	if messages+known != len(i.box.mails) || results[gateway.Quarantined]+results[gateway.Rejected] != 0 {
		t.Error("the sum does not match, or mails were refused")
	}
	if again := i.poll(t); len(again) != 0 {
		t.Errorf("the second time: %v", again)
	}
}

// TestFaults fails every call to the store in turn. Whatever fails, each mail is one message in the end, and each event
// has its ticket.
func TestFaults(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	calls := 0
	for n := 1; n < 2000; n++ {
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		f := storetest.NewFaulty(memory.New(&memory.Options{Now: clock.Now}))
		i := newInbox(t, &helpdesktest.Options{Store: f, Clock: clock})
		i.Hooks().TicketCreated.Bind("acme", func(context.Context, hooks.Created) error { return nil })
		i.box.add(letter(ann, "one@example.com", "Lamp", "", "x"), letter(ann, "two@example.com", "Lamp", "In-Reply-To: <one@example.com>\n", "y"))
		if err := i.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		f.FailAt(n, broken)
		_, _ = i.g.Poll(context.Background(), i.box)
		name := f.Failed()
		f.FailAt(0, nil)
		for range 4 {
			i.Clock.Advance(10 * time.Minute)
			i.poll(t)
			i.DispatchAll(t)
		}
		tickets, messages := i.count(t)
		if tickets != 1 || messages != 2 {
			t.Fatalf("call %d (%s) failed: %d tickets, %d messages", n, name, tickets, messages)
		}
		checkJournal(t, i)
		if name == "" {
			break
		}
		calls = n
	}
	t.Logf("%d calls failed, one at a time", calls)
	if calls < 50 {
		t.Errorf("only %d calls were failed", calls)
	}
}

// checkJournal holds the journal against the tickets: an event for every version, a delivery for the creation.
func checkJournal(t *testing.T, i *inbox) {
	t.Helper()
	for tk, err := range i.AllTickets(staff(), ticket.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		events, err := i.History(staff(), tk.ID, ticket.EventQuery{})
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(events)) != tk.EventSeq || tk.Version != tk.EventSeq {
			t.Errorf("ticket %d: %d events, event sequence %d, version %d", tk.ID, len(events), tk.EventSeq, tk.Version)
		}
		list, err := i.Deliveries().List(staff(), helpdesk.DeliveryQuery{TicketID: tk.ID})
		if err != nil || len(list) != 1 || list[0].State != store.WorkDone {
			t.Errorf("ticket %d: deliveries are %+v, %v", tk.ID, list, err)
		}
	}
}
