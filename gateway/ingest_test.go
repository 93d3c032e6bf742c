package gateway_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
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

func (b *box) Fetch(ctx context.Context, from gateway.Cursor, take func(context.Context, gateway.Incoming) error) (gateway.Cursor, error) {
	at := gateway.Cursor{Validity: b.validity}
	if from.Validity == b.validity {
		at = from
	}
	for int(at.UID) < len(b.mails) {
		at.UID++
		in := gateway.Incoming{Validity: b.validity, UID: at.UID, Next: at, Raw: b.mails[at.UID-1]}
		if err := take(ctx, in); err != nil {
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

func newInbox(t *testing.T, o *helpdesktest.Options) *inbox {
	t.Helper()
	d := helpdesktest.New(t, o)
	g, err := gateway.New("support", d, d.Store, nil)
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
	status, err := i.g.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	_, messages := i.count(t)
	t.Log(len(i.box.mails), results, status, messages)
	_ = fmt.Sprint(store.WorkDead)
}
