package merging_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/merging"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func at(n int) time.Time { return time.Unix(int64(n), 0).UTC() }

// thread makes messages of pairs of an id and a time.
func thread(pairs ...int) (out []*ticket.Message) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, &ticket.Message{ID: int64(pairs[i]), CreatedAt: at(pairs[i+1])})
	}
	return out
}

func TestWeave(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		order []int64
		a, b  []*ticket.Message
		want  []int64
	}{
		"nothing":                          {nil, nil, nil, []int64{}},
		"one alone":                        {nil, thread(1, 1, 2, 2), nil, []int64{1, 2}},
		"by time":                          {nil, thread(1, 1, 3, 3), thread(2, 2, 4, 4), []int64{1, 2, 3, 4}},
		"at the same time by id":           {nil, thread(4, 1), thread(3, 1), []int64{3, 4}},
		"a thread out of time stays so":    {nil, thread(1, 9, 2, 1), thread(3, 5), []int64{3, 1, 2}},
		"an order of old comes back":       {[]int64{5, 1, 3}, thread(1, 1, 3, 3), thread(5, 9), []int64{5, 1, 3}},
		"what came since goes by time":     {[]int64{1, 2}, thread(2, 2, 7, 5), thread(1, 4), []int64{1, 2, 7}},
		"messages of old that are no more": {[]int64{9, 2, 1}, thread(1, 1), thread(2, 2), []int64{2, 1}},
	} {
		t.Run("I11 "+name, func(t *testing.T) {
			t.Parallel()
			if got := merging.IDs(merging.Weave(c.order, c.a, c.b)); !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
	t.Run("I11 no message is lost, and no thread loses its order", func(t *testing.T) {
		t.Parallel()
		r := rand.New(rand.NewPCG(3, 4))
		for range 3000 {
			a, b, ids := []*ticket.Message(nil), []*ticket.Message(nil), r.Perm(12)
			for i, id := range ids[:r.IntN(12)] {
				m := &ticket.Message{ID: int64(id), CreatedAt: at(r.IntN(5))}
				if i%2 == 0 {
					a = append(a, m)
				} else {
					b = append(b, m)
				}
			}
			var order []int64
			for _, id := range r.Perm(12)[:r.IntN(4)] {
				order = append(order, int64(id))
			}
			wasA, wasB := merging.IDs(a), merging.IDs(b)
			got := merging.IDs(merging.Weave(order, a, b))
			if len(got) != len(a)+len(b) || !slices.Equal(merging.IDs(a), wasA) || !slices.Equal(merging.IDs(b), wasB) {
				t.Fatalf("%v and %v made %v", wasA, wasB, got)
			}
			known := func(id int64) bool { return slices.Contains(order, id) }
			for _, part := range [][]int64{slices.DeleteFunc(wasA, known), slices.DeleteFunc(wasB, known),
				slices.DeleteFunc(slices.Clone(order), func(id int64) bool { return !slices.Contains(got, id) })} {
				if in := slices.DeleteFunc(slices.Clone(got), func(id int64) bool { return !slices.Contains(part, id) }); !slices.Equal(in, part) {
					t.Fatalf("%v is not in the order %v", got, part)
				}
			}
		}
	})
}

func TestLastPublic(t *testing.T) {
	t.Parallel()
	list := []*ticket.Message{{ID: 1, Kind: ticket.KindReply}, {ID: 2, Kind: ticket.KindThirdParty}, {ID: 3, Kind: ticket.KindNote}}
	if got := merging.LastPublic(list); got == nil || got.ID != 2 {
		t.Errorf("%+v", got)
	}
	if got := merging.LastPublic(list[2:]); got != nil {
		t.Errorf("%+v", got)
	}
}

func TestPart(t *testing.T) {
	t.Parallel()
	mail := func(id string, answers ...string) *ticket.Mail {
		return &ticket.Mail{MessageID: id, References: answers}
	}
	all := []*ticket.Message{
		{ID: 1, Mail: mail("mine")}, {ID: 2, Mail: mail("theirs")}, {ID: 3}, // before the merge, and since:
		{ID: 4, Mail: mail("a", "mine")}, {ID: 5, Mail: mail("b", "mine", "theirs")}, {ID: 6, Mail: mail("c", "theirs", "mine")},
		{ID: 7, Mail: mail("d", "b")}, {ID: 8, Via: 20}, {ID: 9, Via: 21}, {ID: 10, Via: 10, Mail: mail("e", "theirs")}, {ID: 11, Mail: mail("f", "nobody", "theirs", "unknown")},
		{ID: 12, Mail: &ticket.Mail{MessageID: "g", References: []string{"mine"}, InReplyTo: []string{"theirs"}}},
	}
	set := func(ids ...int64) map[int64]bool {
		out := map[int64]bool{}
		for _, id := range ids {
			out[id] = true
		}
		return out
	}
	got := merging.Part(all, set(2), set(1, 3), []int64{20, 21})
	want := map[int64]merging.Side{2: merging.Back, 5: merging.Along, 7: merging.Along, 8: merging.Along, 9: merging.Along, 11: merging.Along, 12: merging.Along}
	for i, m := range all {
		t.Run(fmt.Sprintf("I11 message %d", m.ID), func(t *testing.T) {
			t.Parallel()
			if got[i] != want[m.ID] {
				t.Errorf("%v, want %v", got[i], want[m.ID])
			}
		})
	}
	t.Run("I11 a mail that came to both tickets counts as the source's", func(t *testing.T) {
		t.Parallel()
		both := []*ticket.Message{{ID: 1, Mail: mail("both")}, {ID: 2, Mail: mail("both")}, {ID: 3, Mail: mail("x", "both")}}
		if got := merging.Part(both, set(2), set(1), nil); !slices.Equal(got, []merging.Side{merging.Mine, merging.Back, merging.Along}) {
			t.Errorf("%v", got)
		}
	})
}

// gained is the event of a merge that changed a list.
func gained[T any](t *testing.T, field string, was, is []T) *ticket.Event {
	t.Helper()
	text := func(list []T) string {
		if len(list) == 0 {
			return ""
		}
		doc, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		return string(doc)
	}
	return &ticket.Event{At: at(5), Changes: []ticket.Change{{Field: field, Old: text(was), New: text(is)}, {Field: "unread_by_staff", Old: "false", New: "true"}}}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	same := func(id string) string { return id }
	tags := func(list ...string) *ticket.Ticket { return &ticket.Ticket{ID: 30, Tags: list, UnreadByStaff: true} }
	for name, c := range map[string]struct {
		undo  merging.Undo
		want  []string
		kept  []int64
		marks bool // of what is to be read, afterwards
	}{
		"what was gained goes":                  {merging.Undo{Source: tags()}, []string{"own", "since"}, nil, true},
		"the marks, where nobody spoke since":   {merging.Undo{Source: tags(), Marks: true}, []string{"own", "since"}, nil, false},
		"what a later one brings stays":         {merging.Undo{Source: tags(), Others: []merging.Other{{At: at(6), Shell: tags("b")}}}, []string{"b", "own", "since"}, []int64{30}, true},
		"what an earlier one brought was gone":  {merging.Undo{Source: tags(), Others: []merging.Other{{At: at(4), Shell: tags("a")}}}, []string{"own", "since"}, nil, true},
		"a mark stays for a later one":          {merging.Undo{Source: tags(), Marks: true, Others: []merging.Other{{At: at(6), Shell: tags()}}}, []string{"own", "since"}, []int64{30}, true},
		"inherited: what it brings itself goes": {merging.Undo{Source: tags("a"), Inherited: true}, []string{"b", "own", "since"}, nil, true},
	} {
		t.Run("I11 "+name, func(t *testing.T) {
			t.Parallel()
			c.undo.Event, c.undo.Canonical = gained(t, "tags", []string{"own"}, []string{"a", "b", "own"}), same
			target := tags("a", "b", "own", "since")
			before := target.Tags
			kept := c.undo.Take(target)
			if !slices.Equal(target.Tags, c.want) || target.UnreadByStaff != c.marks {
				t.Errorf("%v, unread %v", target.Tags, target.UnreadByStaff)
			}
			if len(kept) != len(c.kept) || len(kept) > 0 && !kept[c.kept[0]] {
				t.Errorf("kept for %v", kept)
			}
			if !slices.Equal(before, []string{"a", "b", "own", "since"}) {
				t.Error("a list was changed in place")
			}
		})
	}
	t.Run("I11 X13 a participant goes under the account that they have now, unless another ticket is theirs", func(t *testing.T) {
		t.Parallel()
		old := []ticket.Person{{ID: "1", Name: "Ann"}, {Email: "gus@example.com"}}
		undo := merging.Undo{Event: gained(t, "participants", nil, old), Source: tags(), Canonical: func(id string) string { return map[string]string{"1": "2"}[id] },
			Others: []merging.Other{{At: at(9), Shell: &ticket.Ticket{ID: 31, Requester: ticket.Person{ID: "2"}}}}}
		target := &ticket.Ticket{Participants: []ticket.Person{{ID: "1", Name: "Ann"}, {Email: "gus@example.com", Name: "Gus"}, {ID: "9"}}}
		kept := undo.Take(target)
		if want := []ticket.Person{{ID: "1", Name: "Ann"}, {ID: "9"}}; !reflect.DeepEqual(target.Participants, want) || !kept[31] {
			t.Errorf("%+v, kept for %v", target.Participants, kept)
		}
	})
	t.Run("I11 related objects, links and watchers likewise, and an empty list is none", func(t *testing.T) {
		t.Parallel()
		target := &ticket.Ticket{Related: []ticket.Ref{{Kind: "order", ID: "5"}}, Links: []ticket.Link{{Ticket: 4}}, Watchers: []string{"7"}}
		for _, e := range []*ticket.Event{gained(t, "related", nil, target.Related), gained(t, "links", nil, target.Links), gained(t, "watchers", nil, target.Watchers)} {
			merging.Undo{Event: e, Source: tags(), Canonical: same, Others: []merging.Other{{At: at(9), Shell: &ticket.Ticket{Related: []ticket.Ref{{Kind: "order", ID: "6"}}}}}}.Take(target)
		}
		if !reflect.DeepEqual(target, &ticket.Ticket{}) {
			t.Errorf("%+v", target)
		}
	})
}
