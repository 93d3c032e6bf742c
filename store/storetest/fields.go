package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var fields = []proof{
	{"a custom field selects by value, by range and by having any", fieldFilters},
	{"several custom fields are joined by and, and with everything else", joinedFields},
	{"a changed or removed value is found no more", changedFields},
}

// fieldCode is awkward too: codes must not run into values, nor into each other.
const fieldCode, otherCode = "size", "size:1"

// fieldValues are in ascending order; those that are equal stand together.
var fieldValues = [][]string{
	{"-10.5"}, {"-2", "-2.0"}, {"0", "-0", "+.0"}, {"0.05"}, {"1", "+1.0", "01", "1\n99"}, {"9"}, {"10", "10\n1"}, {"9007199254740992"}, {"9007199254740993"},
	{"1e5"}, {"2026-02-28"}, {"2026-03-01"}, {strings.Repeat("9", ticket.MaxFieldKey+1)}, {"Blue\nRed", "blue"}, {"red", "RED"},
	{strings.Repeat("x", ticket.MaxFieldKey) + "a", strings.Repeat("x", ticket.MaxFieldKey) + "b"}, {"é"}, {"日本"},
}

var noValues = []string{"", " ", "\n \r\n"}

// valued stores a ticket for each value, and for each way of having none, all of one time, and returns them by value.
func (e *env) valued(t testing.TB, changes ...func(*ticket.Ticket)) map[string]*ticket.Ticket {
	t.Helper()
	out := map[string]*ticket.Ticket{}
	var all []any
	for _, value := range append(slices.Concat(fieldValues...), noValues...) {
		x := e.newTicket(append(changes, func(x *ticket.Ticket) {
			x.Fields = map[string]string{fieldCode: value, otherCode: "other"}
			x.UpdatedAt = base
		})...)
		if value == " " {
			delete(x.Fields, fieldCode)
		}
		out[value] = x
		all = append(all, x)
	}
	e.put(t, all...)
	return out
}

func (e *env) expectValues(t testing.TB, all map[string]*ticket.Ticket, f ticket.FieldFilter, want ...string) {
	t.Helper()
	f.Code = fieldCode
	var tickets []*ticket.Ticket
	for _, value := range want {
		tickets = append(tickets, all[value])
	}
	for _, sort := range []ticket.Sort{"", ticket.OldestCreated, ticket.ByField(fieldCode), ticket.ByFieldDesc(fieldCode), ticket.ByField(otherCode)} {
		e.expectList(t, text(f)+" by "+string(sort), ticket.Query{Fields: []ticket.FieldFilter{f}, Sort: sort}, tickets...)
	}
}

func fieldFilters(t testing.TB, e *env) {
	all := e.valued(t)
	e.put(t, e.newTicket(func(x *ticket.Ticket) { x.Fields = map[string]string{otherCode: "1", "Size": "1", "siz": "e1"} }))
	var every []string
	for _, same := range fieldValues {
		every = append(every, same...)
		for _, value := range same {
			first, _, _ := strings.Cut(value, "\n")
			want := slices.Clone(same)
			switch same[0] {
			case "1":
				want = append(want, "10\n1") // has it too
			case "red":
				want = append(want, "Blue\nRed")
			}
			e.expectValues(t, all, ticket.FieldFilter{Values: []string{first, "none", ""}}, want...)
		}
	}
	e.expectValues(t, all, ticket.FieldFilter{}, every...)
	e.expectValues(t, all, ticket.FieldFilter{Values: []string{"99"}}, "1\n99")
	e.expectValues(t, all, ticket.FieldFilter{Values: []string{"", " "}})
	e.expectValues(t, all, ticket.FieldFilter{Values: []string{"none"}})
	e.expectValues(t, all, ticket.FieldFilter{From: "1", To: "10.0"}, "1", "+1.0", "01", "1\n99", "9", "10", "10\n1")
	e.expectValues(t, all, ticket.FieldFilter{To: "-1"}, "-10.5", "-2", "-2.0")
	e.expectValues(t, all, ticket.FieldFilter{From: "11"}, "9007199254740992", "9007199254740993")
	e.expectValues(t, all, ticket.FieldFilter{From: "2026-03-01", To: "2026-03-31"}, "2026-03-01")
	e.expectValues(t, all, ticket.FieldFilter{To: "2026-02-30"}, "1e5", "2026-02-28")
	e.expectValues(t, all, ticket.FieldFilter{From: "RED", To: "red"}, "red", "RED")
	e.expectValues(t, all, ticket.FieldFilter{From: "é"}, "é", "日本")
	e.expectValues(t, all, ticket.FieldFilter{From: "5", To: "blue"})
	e.expectValues(t, all, ticket.FieldFilter{From: "10", To: "1"})
	e.expectValues(t, all, ticket.FieldFilter{Values: []string{"1", "red"}, From: "5"}, "10\n1")
}

func joinedFields(t testing.TB, e *env) {
	put := func(size, color, status string) *ticket.Ticket {
		x := e.newTicket(func(x *ticket.Ticket) {
			x.Status, x.Tags, x.Fields = status, []string{"tag"}, map[string]string{fieldCode: size, otherCode: color}
		})
		e.put(t, x)
		return x
	}
	a, b, c, d := put("1\n2", "red", "open"), put("2", "blue", "open"), put("1", "", "hold"), put("", "red\nblue", "hold")
	size := func(values ...string) ticket.FieldFilter { return ticket.FieldFilter{Code: fieldCode, Values: values} }
	color := func(values ...string) ticket.FieldFilter { return ticket.FieldFilter{Code: otherCode, Values: values} }
	for _, sort := range []ticket.Sort{"", ticket.OldestCreated, ticket.ByField(fieldCode), ticket.ByFieldDesc(otherCode)} {
		expect := func(what string, q ticket.Query, want ...*ticket.Ticket) {
			q.Sort = sort
			e.expectList(t, what+" by "+string(sort), q, want...)
		}
		expect("either value", ticket.Query{Fields: []ticket.FieldFilter{size("1", "2")}}, a, b, c)
		expect("both values", ticket.Query{Fields: []ticket.FieldFilter{size("1"), size("2")}}, a)
		expect("two fields", ticket.Query{Fields: []ticket.FieldFilter{size("1", "2"), color("blue", "red")}}, a, b)
		expect("with one and without the other", ticket.Query{Fields: []ticket.FieldFilter{size("1"), {Code: otherCode, Empty: true}}}, c)
		expect("without one", ticket.Query{Fields: []ticket.FieldFilter{{Code: fieldCode, Empty: true, Values: []string{"1"}}}}, d)
		expect("without an unknown one", ticket.Query{Fields: []ticket.FieldFilter{{Code: "unknown", Empty: true}}}, a, b, c, d)
		expect("a value and a status", ticket.Query{Fields: []ticket.FieldFilter{size("1")}, Statuses: []string{"hold"}}, c)
		expect("a value and a tag", ticket.Query{Fields: []ticket.FieldFilter{color("red")}, Tags: []string{"tag"}}, a, d)
		expect("a value of another field", ticket.Query{Fields: []ticket.FieldFilter{size("red")}})
	}
}

func changedFields(t testing.TB, e *env) {
	x := e.newTicket()
	q := ticket.Query{Fields: []ticket.FieldFilter{{Code: fieldCode, Values: []string{"1"}}}}
	for i, step := range []struct {
		fields map[string]string
		found  bool
	}{
		{map[string]string{fieldCode: "1"}, true}, {map[string]string{fieldCode: "1", otherCode: "2"}, true}, {map[string]string{otherCode: "1"}, false},
		{map[string]string{fieldCode: "2\n1"}, true}, {map[string]string{fieldCode: "2"}, false}, {nil, false}, {map[string]string{fieldCode: "1.0"}, true},
	} {
		x.Fields = step.fields
		if i%2 == 0 { // else the value alone changes
			x.UpdatedAt = x.UpdatedAt.Add(time.Second)
		}
		e.put(t, x)
		same(t, "fields", e.loadedTicket(t, x.ID).Fields, step.fields)
		var want []*ticket.Ticket
		if step.found {
			want = append(want, x)
		}
		for _, sort := range []ticket.Sort{"", ticket.NewestCreated, ticket.ByField(fieldCode)} {
			q.Sort = sort
			e.expectList(t, "after "+text(step.fields)+" by "+string(sort), q, want...)
		}
		e.expectList(t, "by the field alone", ticket.Query{Sort: ticket.ByFieldDesc(fieldCode)}, x)
	}
	err := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
		x.Fields = nil
		return errors.Join(tx.PutTicket(ctx, x), errUndo)
	})
	if err != nil && !errors.Is(err, errUndo) {
		t.Errorf("update: %v", err)
	}
	if got := e.list(t, q, everything); !slices.Equal(got, []int64{x.ID}) {
		t.Errorf("after a rollback: %v", got)
	}
	e.write(t, func(ctx context.Context, tx store.Tx) error { return tx.DeleteTicket(ctx, x.ID) })
	e.expectList(t, "after removal", q)
	x.Fields = nil
	e.put(t, x)
	e.expectList(t, "come again without fields", q)
}

func (e *env) loadedTicket(t testing.TB, id int64) (out *ticket.Ticket) {
	t.Helper()
	e.read(t, func(ctx context.Context, r store.Reader) (err error) {
		out, err = r.Ticket(ctx, id, everything)
		return err
	})
	return out
}
