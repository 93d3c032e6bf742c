package rules_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// act is something that people do in a year: what to the ticket of that number, at a time that no other act has. Its lot
// says how.
type act struct {
	at   time.Time
	what string
	n    int
	lot  int
}

// acts are what people do to a ticket, and how.
var acts = map[string]func(ctx context.Context, y *year, id int64, a act) error{
	"reply": func(ctx context.Context, y *year, id int64, a act) error {
		return only(y.Reply(y.client(ctx, a.n), id, ticket.ReplyDraft{Body: "Is it done?"}))
	},
	"answer": func(ctx context.Context, y *year, id int64, a act) error {
		return only(y.Reply(byAgent(ctx), id, ticket.ReplyDraft{Body: "We look.", Status: []string{"", "waiting_customer"}[a.lot%2]}))
	},
	"robot": func(ctx context.Context, y *year, id int64, a act) error {
		ctx = ticket.WithActor(ctx, y.actor(a.n).Via(ticket.ChannelEmail))
		return only(y.Reply(ctx, id, ticket.ReplyDraft{Body: "I am away.", Mail: &ticket.Mail{Automatic: true}}))
	},
	"stranger": func(ctx context.Context, y *year, id int64, _ act) error {
		ctx = ticket.WithActor(ctx, ticket.Guest("Carl", "carl@stranger.example").Via(ticket.ChannelEmail))
		return only(y.Reply(ctx, id, ticket.ReplyDraft{Body: "Me too.", Unproven: true}))
	},
	"note": func(ctx context.Context, y *year, id int64, _ act) error {
		return only(y.AddNote(byAgent(ctx), id, ticket.ReplyDraft{Body: "Mind the cable."}))
	},
	"status": func(ctx context.Context, y *year, id int64, a act) error {
		return only(y.SetStatus(byAgent(ctx), id, []string{"open", "in_progress", "waiting_customer", "closed"}[a.lot%4]))
	},
	"priority": func(ctx context.Context, y *year, id int64, a act) error {
		return only(y.SetPriority(byAgent(ctx), id, []string{"low", "medium", "high"}[a.lot%3]))
	},
	"assign": func(ctx context.Context, y *year, id int64, a act) error {
		return only(y.Assign(byAgent(ctx), id, []string{"7", "8", ""}[a.lot%3]))
	},
	"delete": func(ctx context.Context, y *year, id int64, _ act) error { return y.DeleteTicket(byAgent(ctx), id) },
	"restore": func(ctx context.Context, y *year, id int64, _ act) error {
		return only(y.RestoreTicket(byAgent(ctx), id))
	},
	"merge": func(ctx context.Context, y *year, id int64, a act) error {
		into, known := y.ids[a.lot%(a.n+1)]
		if !known || into == id {
			return ticket.ErrNotFound
		}
		return only(y.Merge(byAgent(ctx), into, id))
	},
	"rate": func(ctx context.Context, y *year, id int64, a act) error {
		return only(y.Rate(y.client(ctx, a.n), id, ticket.RatingDraft{Grade: "good"}))
	},
	"convert": func(ctx context.Context, y *year, id int64, a act) error {
		return only(y.UpdateTicket(byAgent(ctx), id, ticket.Patch{Converted: &ticket.Ref{Kind: "rma", ID: fmt.Sprint(a.lot)}}))
	},
	"fire": func(ctx context.Context, y *year, id int64, _ act) error {
		return only(y.Fire(byAgent(ctx), id, "x.parcel"))
	},
	"macro": func(ctx context.Context, y *year, id int64, _ act) error {
		return only(y.Macros().Apply(byAgent(ctx), id, "thanks"))
	},
	"snooze": func(ctx context.Context, y *year, id int64, a act) error {
		return only(y.Snooze(byAgent(ctx), id, a.at.Add(time.Duration(1+a.lot%400)*time.Hour+11*time.Minute)))
	},
	"followup": func(ctx context.Context, y *year, id int64, a act) error {
		f := rules.FollowUp{After: ticket.Duration(time.Duration(1+a.lot%600)*time.Hour + 13*time.Minute), Text: "Call", Remind: rules.Recipients{Owner: true},
			SetPriority: []string{"", "high"}[a.lot%2], CancelOn: []rules.CancelOn{rules.CancelOnNone, rules.CancelOnCustomer, rules.CancelOnAnybody}[a.lot%3]}
		return only(y.FollowUps().Add(byAgent(ctx), id, f))
	},
	"appointment": func(ctx context.Context, y *year, id int64, a act) error {
		at := a.at.Add(time.Duration(2+a.lot%300)*time.Hour + 17*time.Minute)
		return only(y.Appointments().Set(byAgent(ctx), id, rules.Appointment{At: at, Before: ticket.Duration(time.Hour), Remind: rules.Recipients{Customer: true}}))
	},
}

func byAgent(ctx context.Context) context.Context { return ticket.WithActor(ctx, agent) }

func only[T any](_ T, err error) error { return err }

// likely has each act as often as it is drawn.
var likely = slices.Concat(repeated("reply", 10), repeated("answer", 10), repeated("status", 4), repeated("priority", 4), repeated("note", 2), repeated("assign", 2),
	repeated("snooze", 2), repeated("followup", 3), repeated("restore", 2), []string{"robot", "stranger", "delete", "merge", "rate", "convert", "fire", "macro", "macro", "appointment"})

func repeated(s string, n int) []string { return slices.Repeat([]string{s}, n) }

// script draws what happens to so many tickets in that time.
func script(seed uint64, begin time.Time, tickets int, length time.Duration) []act {
	rng := rand.New(rand.NewPCG(seed, 2))
	var opened, out []act
	for range tickets {
		opened = append(opened, act{at: begin.Add(time.Duration(rng.Int64N(int64(length * 9 / 10)))), what: "open", lot: rng.IntN(1000)})
	}
	slices.SortStableFunc(opened, func(a, b act) int { return a.at.Compare(b.at) })
	for n, open := range opened {
		open.n = n
		out = append(out, open)
		for at := open.at; rng.IntN(7) > 0; {
			at = at.Add(time.Duration(rng.ExpFloat64() * float64(3*day)))
			out = append(out, act{at, likely[rng.IntN(len(likely))], n, rng.IntN(1000)})
		}
	}
	out = slices.DeleteFunc(out, func(a act) bool { return a.at.After(begin.Add(length)) })
	slices.SortStableFunc(out, func(a, b act) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.n, b.n)) })
	for i := range out { // so that what is due because of one is due when nothing else is, and not where clocks look
		out[i].at = out[i].at.Truncate(time.Minute).Add(30*time.Second + time.Duration(i)*time.Microsecond)
	}
	return out
}

func (y *year) actor(n int) ticket.Actor {
	c := n % 23
	return ticket.Client(fmt.Sprint(100+c), fmt.Sprint("Customer ", c), fmt.Sprintf("c%d@example.com", c))
}

func (y *year) client(ctx context.Context, n int) context.Context {
	return ticket.WithActor(ctx, y.actor(n))
}

// play has one act happen, or be refused as it is where it comes too late, and notes what it did.
func (y *year) play(t testing.TB, a act) {
	t.Helper()
	if y.file != nil {
		y.file.play(t, y, a)
		return
	}
	err := y.perform(bg, a)
	if err == nil {
		y.happened = append(y.happened, a)
	} else if !tooLate(err) {
		t.Fatalf("%s: ticket %d: %s: %v", a.at, a.n, a.what, err)
	}
}

func (y *year) perform(ctx context.Context, a act) error {
	if a.what == "open" {
		return y.openOne(ctx, a)
	}
	return acts[a.what](ctx, y, y.ids[a.n], a)
}

func tooLate(err error) bool {
	return slices.ContainsFunc([]error{ticket.ErrNotFound, ticket.ErrMerged, ticket.ErrClosed, ticket.ErrInvalid, ticket.ErrConflict, ticket.ErrForbidden, ticket.ErrRefused},
		func(late error) bool { return errors.Is(err, late) })
}

func (y *year) openOne(ctx context.Context, a act) error {
	by := y.actor(a.n)
	if a.lot%5 == 0 {
		by = by.Via(ticket.ChannelEmail)
	}
	x, err := y.CreateTicket(ticket.WithActor(ctx, by), ticket.Draft{Subject: subjects[a.lot%len(subjects)], Body: "It does not shine.", Priority: []string{"", "high"}[a.lot%2]})
	if err == nil {
		y.opened(a.n, x.ID)
	}
	return err
}

// opened notes the id of a ticket of the script.
func (y *year) opened(n int, id int64) {
	delete(y.numbers, y.ids[n]) // of a transaction that was run again
	y.ids[n], y.numbers[id] = id, n
}

var subjects = []string{"Lamp", "Order 17", "urgent: lamp", "Chair", "stop it"}
