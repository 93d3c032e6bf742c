package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// moody is a mailbox whose server does not give one mail, for a while.
type moody struct {
	*box
	withheld int
	given    []uint32
}

func (m *moody) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	at := gateway.Cursor{Validity: m.validity, UID: from.UID}
	var places []string
	for n := int(at.UID); n < len(m.mails); n++ {
		places = append(places, fmt.Sprintf("%d/%d", m.validity, n+1))
	}
	fresh, err := to.New(ctx, places)
	if err != nil {
		return at, err
	}
	for _, place := range fresh {
		var validity uint32
		if _, err := fmt.Sscanf(place, "%d/%d", &validity, &at.UID); err != nil {
			return at, err
		}
		in := gateway.Incoming{Place: place, Next: at, Raw: m.mails[at.UID-1]}
		if int(at.UID) == m.withheld {
			in.Raw, in.Problem = nil, "the server does not give it"
		}
		m.given = append(m.given, at.UID)
		if err := to.Take(ctx, in); err != nil {
			return at, err
		}
	}
	return at, nil
}

func TestAgain(t *testing.T) {
	t.Parallel()
	t.Run("M38 a mail that the server did not give is asked for again when somebody wants it, and no other", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		for n := range 5 {
			i.box.add(letter(ann, fmt.Sprintf("%d@example.com", n), fmt.Sprint("Lamp ", n), "", "x"))
		}
		m := &moody{box: i.box, withheld: 3}
		poll := func() (out []gateway.Outcome) {
			out, err := i.g.Poll(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		var lost gateway.Outcome
		for _, o := range poll() {
			if o.Result == gateway.Quarantined {
				lost = o
			}
		}
		m.given = nil
		if err := i.g.Requeue(t.Context(), lost.Work); err != nil {
			t.Fatal(err)
		}
		if out := poll(); len(out) != 1 || out[0].Result != gateway.Quarantined || fmt.Sprint(m.given) != "[3]" {
			t.Fatalf("while it is withheld: %+v of %v", out, m.given)
		}
		m.withheld = 0
		list, err := i.g.Quarantine(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := i.g.Requeue(t.Context(), list[0].Work); err != nil {
			t.Fatal(err)
		}
		if out := poll(); len(out) != 1 || out[0].Result != gateway.Opened || out[0].Subject != "Lamp 2" {
			t.Fatalf("%+v", out)
		}
		m.given = nil
		if out := poll(); len(out) != 0 || len(m.given) != 0 {
			t.Errorf("then %+v of %v", out, m.given)
		}
		if list, err := i.g.Quarantine(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("still there: %+v, %v", list, err)
		}
		if err := i.g.Requeue(t.Context(), lost.Work); !errors.Is(err, ticket.ErrConflict) {
			t.Errorf("once more: %v", err)
		}
	})
}
