package gateway_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// results counts what became of mails.
func results(list []gateway.Outcome) map[gateway.Result]int {
	out := map[gateway.Result]int{}
	for _, o := range list {
		out[o.Result]++
	}
	return out
}

func TestR13Parts(t *testing.T) {
	t.Parallel()
	i := newInbox(t, nil)
	i.box.add(letter(ann, "1@example.com", "Lamp", "", "text"))
	i.poll(t)
	for n := range 80 { // more than are leased at once
		i.box.add(letter(ann, fmt.Sprintf("new%d@example.com", n), "Other", "", fmt.Sprint("text ", n)))
	}
	i.box.add(letter(ann, "2@example.com", "Re: Lamp", "In-Reply-To: <1@example.com>\n", "more"))
	i.box.add(letter(ann, "3@example.com", "Re: Other", "In-Reply-To: <new7@example.com>\n", "more"))
	if _, err := i.g.Fetch(t.Context(), i.box); err != nil {
		t.Fatal(err)
	}
	t.Run("R13 replies alone, whatever stands before them", func(t *testing.T) {
		for range 20 { // more often than a mail is tried
			out, err := i.g.ProcessPart(t.Context(), gateway.Replies)
			if err != nil {
				t.Fatal(err)
			}
			if len(out) > 0 && results(out)[gateway.Answered] != 1 {
				t.Errorf("%v", results(out))
			}
		}
		tickets, messages := i.count(t)
		if st, err := i.g.Status(t.Context()); err != nil || tickets != 1 || messages != 2 || st.Waiting != 81 || st.Quarantined != 0 {
			t.Errorf("%d tickets, %d messages, %+v, %v", tickets, messages, st, err)
		}
	})
	t.Run("R13 new tickets alone", func(t *testing.T) {
		out, err := i.g.ProcessPart(t.Context(), gateway.NewTickets)
		if err != nil || len(out) != 80 || results(out)[gateway.Opened] != 80 {
			t.Errorf("%v, %v", results(out), err)
		}
	})
	t.Run("R13 an answer to a mail that was new is a reply once that is a ticket", func(t *testing.T) {
		out, err := i.g.ProcessPart(t.Context(), gateway.Replies)
		if err != nil || results(out)[gateway.Answered] != 1 {
			t.Errorf("%v, %v", results(out), err)
		}
		if st, err := i.g.Status(t.Context()); err != nil || st.Waiting != 0 {
			t.Errorf("%+v, %v", st, err)
		}
	})
	t.Run("R13 steps fetch as well", func(t *testing.T) {
		i.box.add(letter(ann, "4@example.com", "Fourth", "", "text"), letter(ann, "5@example.com", "Re: Lamp", "In-Reply-To: <1@example.com>\n", "again"))
		if out, err := i.g.Do(t.Context(), i.box, gateway.StepReplies); err != nil || out != (gateway.Stepped{Fetched: 2, Done: 1, Waiting: 1}) {
			t.Errorf("%+v, %v", out, err)
		}
		if out, err := i.g.Do(t.Context(), i.box, gateway.StepTickets); err != nil || out != (gateway.Stepped{Done: 1}) {
			t.Errorf("%+v, %v", out, err)
		}
	})
	t.Run("R13 there are no other parts and steps", func(t *testing.T) {
		if _, err := i.g.ProcessPart(t.Context(), "half"); !errors.Is(err, ticket.ErrInvalid) {
			t.Error(err)
		}
		if _, err := i.g.Do(t.Context(), i.box, "half"); !errors.Is(err, ticket.ErrInvalid) {
			t.Error(err)
		}
	})
	t.Run("M42 the last mails, and what became of them", func(t *testing.T) {
		i.box.add(letter(ann, "6@example.com", "Sixth", "", "text"))
		if _, err := i.g.Fetch(t.Context(), i.box); err != nil {
			t.Fatal(err)
		}
		list, err := i.g.Recent(t.Context(), 3)
		if err != nil || len(list) != 3 || list[0].Result != "" || list[1].Result != gateway.Answered || list[1].TicketID == 0 || list[2].Received.IsZero() {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
