package storetest

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var roundTrips = []proof{
	{"every field of a ticket, a message, an event and work comes back", everyField},
	{"empty values come back empty", emptyFields},
	{"a second put replaces the whole", replaced},
	{"times are kept to the microsecond, in UTC, from year 1 to 9999", timesKept},
	{"long and short texts and documents of every form come back", textsKept},
	{"what is given and what is returned belongs to the caller", ownership},
}

// loaded reads a value of the same type and id.
func (e *env) loaded(t testing.TB, like any) any {
	t.Helper()
	var out any
	e.read(t, func(ctx context.Context, r store.Reader) (err error) {
		switch v := like.(type) {
		case *ticket.Ticket:
			out, err = r.Ticket(ctx, v.ID, everything)
		case *ticket.Message:
			out, err = r.Message(ctx, v.ID)
		case *ticket.Event:
			out, err = r.Event(ctx, v.ID)
		case *store.Work:
			out, err = r.Work(ctx, v.ID)
		case *store.Record:
			out, err = r.Record(ctx, v.Kind, v.Key)
		}
		return err
	})
	return out
}

func everyField(t testing.TB, e *env) {
	x := e.fullTicket()
	values := []any{x, e.fullMessage(x), e.fullEvent(x), e.fullWork()}
	before := make([]string, len(values))
	for i, v := range values {
		before[i] = text(v)
	}
	e.put(t, values...)
	for i, v := range values {
		if got := text(e.loaded(t, v)); got != before[i] {
			t.Errorf("%T:\n got %.3000s\nwant %.3000s", v, got, before[i])
		}
	}
}

func emptyFields(t testing.TB, e *env) {
	x := &ticket.Ticket{ID: e.id()}
	for _, v := range []any{
		x, &ticket.Message{ID: e.id(), TicketID: x.ID}, &ticket.Message{ID: e.id(), TicketID: x.ID, Mail: &ticket.Mail{}},
		&ticket.Event{ID: e.id(), TicketID: x.ID}, &ticket.Event{ID: e.id()}, &store.Work{ID: e.id(), State: store.WorkPending},
	} {
		e.put(t, v)
		same(t, "empty value", e.loaded(t, v), v)
	}
	e.put(t, &store.Record{Kind: "kind", Key: ""})
	same(t, "empty record", e.loaded(t, &store.Record{Kind: "kind"}), &store.Record{Kind: "kind", Version: 1})
}

func replaced(t testing.TB, e *env) {
	x := e.fullTicket()
	m, v := e.fullMessage(x), e.fullEvent(x)
	e.put(t, x, m, v)
	plain := []any{&ticket.Ticket{ID: x.ID}, &ticket.Message{ID: m.ID, TicketID: x.ID}, &ticket.Event{ID: v.ID, TicketID: x.ID}}
	e.put(t, plain...)
	for _, p := range plain {
		same(t, "second put", e.loaded(t, p), p)
	}
}

func timesKept(t testing.TB, e *env) {
	vienna := time.FixedZone("CET", 3600)
	for _, at := range []time.Time{
		{}, time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Unix(0, 0), time.Date(2026, 7, 1, 12, 0, 0, 123456789, vienna), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	} {
		x := e.newTicket(func(x *ticket.Ticket) {
			x.CreatedAt, x.UpdatedAt, x.LastReplyAt, x.SolvedAt = at, at, at, &at
		})
		w := e.newWork(func(w *store.Work) { w.Due, w.Created = at, at })
		v := e.newEvent(x, 1)
		v.At = at
		e.put(t, x, w, v)
		gotTicket, gotWork, gotEvent := e.loaded(t, x).(*ticket.Ticket), e.loaded(t, w).(*store.Work), e.loaded(t, v).(*ticket.Event)
		if gotTicket.SolvedAt == nil {
			t.Fatal("SolvedAt is lost")
		}
		for name, got := range map[string]time.Time{
			"CreatedAt": gotTicket.CreatedAt, "UpdatedAt": gotTicket.UpdatedAt, "SolvedAt": *gotTicket.SolvedAt,
			"LastReplyAt": gotTicket.LastReplyAt, "Due": gotWork.Due, "Created": gotWork.Created, "At": gotEvent.At,
		} {
			if want := ticket.Time(at); !got.Equal(want) || got.Location() != time.UTC || got.IsZero() != want.IsZero() {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
	}
}

func textsKept(t testing.TB, e *env) {
	x := e.newTicket()
	e.put(t, x)
	for _, body := range []string{" ", "\n", "'", strings.Repeat("a", 1<<20), strings.Repeat("😀", 1<<18), "{}", "null", "\ufeffx\u200b"} {
		m := e.newMessage(x, 1)
		m.Body = body
		e.put(t, m)
		if got := e.loaded(t, m).(*ticket.Message).Body; got != body {
			t.Errorf("a body of %d bytes came back as %d bytes, %.20q instead of %.20q", len(body), len(got), got, body)
		}
	}
	for i, doc := range []string{`null`, `0`, `""`, `[]`, `{"a":[1,2,{"b":null}],"z":1.50}`, `9007199254740993`, `"` + strings.Repeat("x", 1<<20) + `"`} {
		r := &store.Record{Kind: "doc", Key: string(rune('a' + i)), Doc: json.RawMessage(doc)}
		e.put(t, r)
		if got := e.loaded(t, r).(*store.Record); string(got.Doc) != doc {
			t.Errorf("document %.40s came back as %.40s", doc, got.Doc)
		}
	}
	w := e.newWork(func(w *store.Work) {
		w.OrderKey, w.Seq, w.EventID, w.TicketID = "a/1", math.MinInt64, math.MaxInt64, math.MaxInt64
	})
	e.put(t, w)
	same(t, "work", e.loaded(t, w), w)
}

func ownership(t testing.TB, e *env) {
	x := e.fullTicket()
	m, v, w := e.fullMessage(x), e.fullEvent(x), e.fullWork()
	r := &store.Record{Kind: "kind", Key: "key", Doc: json.RawMessage(`{"a":1}`)}
	values := []any{x, m, v, w, r}
	e.put(t, values...)
	r.Version = 1 // what is stored has the next one
	wants := make([]string, len(values))
	for i, v := range values {
		wants[i] = text(v)
	}
	spoil := func(values []any) {
		for _, v := range values {
			switch v := v.(type) {
			case *ticket.Ticket:
				v.Tags[0], v.Participants[0].Name, v.Related[0].ID, v.Watchers[0] = "spoilt", "spoilt", "spoilt", "spoilt"
				v.Fields["spoilt"], v.Converted.ID, *v.SolvedAt = "spoilt", "spoilt", time.Time{}
			case *ticket.Message:
				v.To[0].Name, v.Files[0].Name, v.Mail.Raw, v.Mail.References[0] = "spoilt", "spoilt", "spoilt", "spoilt"
				v.Mail.Folds[0].Start = 99
			case *ticket.Event:
				v.Changes[0].Old = "spoilt"
			case *store.Work:
				copy(v.Doc, `"spoilt"`)
			case *store.Record:
				copy(v.Doc, `[0,0,0]`)
			}
		}
	}
	spoil(slices.Clone(values))
	for i, v := range values {
		got := e.loaded(t, v)
		if text(got) != wants[i] {
			t.Errorf("%T: changing what was put changed what is stored", v)
		}
		spoil([]any{got})
		if text(e.loaded(t, v)) != wants[i] {
			t.Errorf("%T: changing what was read changed what is stored", v)
		}
	}
}
