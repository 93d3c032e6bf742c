package cursor_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store/cursor"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var sorts = []ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestCreated, ticket.NewestReply, ticket.OldestReply}

var urgencies = []ticket.Sort{ticket.MostUrgent, ticket.LeastUrgent}

var fieldSorts = []ticket.Sort{ticket.ByField("due"), ticket.ByFieldDesc("due"), ticket.ByField("du"), ticket.ByFieldDesc("du"),
	ticket.ByField(strings.Repeat("x", 255))}

var allSorts = slices.Concat(sorts, urgencies, fieldSorts)

// orderOf is the order of a list by sort, with two priorities.
func orderOf(t testing.TB, sort ticket.Sort) cursor.Order {
	t.Helper()
	o, err := cursor.OrderOf(ticket.Query{Sort: sort, Ranks: []string{"low", "high", "low", ""}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestCursor(t *testing.T) {
	t.Parallel()
	t.Run("M61 a cursor comes back as it was, for its own sort only", func(t *testing.T) {
		t.Parallel()
		places := []cursor.Cursor{
			{}, {Position: cursor.Position{At: time.Date(2026, 5, 1, 12, 0, 0, 123456000, time.UTC), ID: 7}, Before: true},
			{Position: cursor.Position{At: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), ID: math.MaxInt64}, Back: true},
			{Position: cursor.Position{At: time.Unix(0, 0), ID: 8}, Before: true, Back: true},
		}
		for _, want := range places {
			for _, sort := range allSorts {
				want := want
				if _, _, ok := sort.Field(); ok {
					want.At, want.Key = time.Time{}, ticket.KeyOf(strings.Repeat("e", int(want.ID%300)))
				}
				if cursor.ByPriority(sort) {
					want.Priority = strings.Repeat("high", int(want.ID%3))
				}
				text := cursor.Format(want, sort)
				got, err := cursor.Parse(text, sort)
				if !got.At.Equal(want.At) {
					t.Errorf("%s of %v: %v", sort, want, got)
				}
				if got.At = want.At; err != nil || got != want {
					t.Errorf("%s of %v: %v, %v", sort, want, got, err)
				}
				for _, other := range allSorts {
					if _, err := cursor.Parse(text, other); other != sort && !errors.Is(err, ticket.ErrInvalid) {
						t.Errorf("cursor of %s was taken for %s: %v", sort, other, err)
					}
				}
			}
		}
	})
	t.Run("garbage is refused", func(t *testing.T) {
		t.Parallel()
		key := func(k ticket.FieldKey) string {
			return cursor.Format(cursor.Cursor{Position: cursor.Position{Key: k}}, fieldSorts[0])
		}
		for _, text := range []string{"", "x", "!!!", "AAAA", "_____________________wA", cursor.Format(cursor.Cursor{}, ticket.NewestUpdate) + "A",
			"BA", "BAAAAAAAAAAAAA", "CAAAAAAAAAAA_2R1ZQ", key("t\xff"), key("t\x00"),
			cursor.Format(cursor.Cursor{Position: cursor.Position{Priority: "\x00"}}, ticket.MostUrgent)} {
			for _, sort := range allSorts {
				if _, err := cursor.Parse(text, sort); !errors.Is(err, ticket.ErrInvalid) {
					t.Errorf("%q for %s: %v", text, sort, err)
				}
			}
		}
	})
	t.Run("an unknown sort is refused, an empty one is the default", func(t *testing.T) {
		t.Parallel()
		for _, sort := range []ticket.Sort{"random", ticket.ByField(""), ticket.ByFieldDesc(""), ticket.ByField(strings.Repeat("x", 256)), "field_asc"} {
			if _, err := cursor.OrderOf(ticket.Query{Sort: sort}); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v", sort, err)
			}
		}
		if got, err := cursor.OrderOf(ticket.Query{}); got.Sort != ticket.NewestUpdate || err != nil {
			t.Errorf("empty: %q, %v", got.Sort, err)
		}
	})
	t.Run("ties are broken by id, in the direction of the sort", func(t *testing.T) {
		t.Parallel()
		early, late := time.Unix(1, 0), time.Unix(2, 0)
		for _, sort := range sorts {
			o := orderOf(t, sort)
			a, b, c := cursor.Position{At: early, ID: 9}, cursor.Position{At: late, ID: 1}, cursor.Position{At: late, ID: 2}
			if o.Descending() {
				a, c = c, a
			}
			if o.Compare(a, b) >= 0 || o.Compare(b, c) >= 0 || o.Compare(c, a) <= 0 || o.Compare(b, b) != 0 {
				t.Errorf("%s orders wrongly", sort)
			}
		}
	})
	t.Run("M61 by priority the ranks come first, then the newest update, and what has no rank comes last", func(t *testing.T) {
		t.Parallel()
		at := func(id int64, priority string, minute int64) *ticket.Ticket {
			return &ticket.Ticket{ID: id, Priority: priority, UpdatedAt: time.Unix(minute*60, 0)}
		}
		list := []*ticket.Ticket{at(1, "low", 5), at(2, "low", 6), at(3, "high", 1), at(4, "high", 1), at(5, "gone", 9), at(6, "", 8)}
		for sort, want := range map[ticket.Sort][]int64{ticket.MostUrgent: {4, 3, 2, 1, 5, 6}, ticket.LeastUrgent: {2, 1, 4, 3, 5, 6}} {
			o := orderOf(t, sort)
			slices.SortFunc(list, func(a, b *ticket.Ticket) int { return o.Compare(o.Of(a), o.Of(b)) })
			var got []int64
			for _, x := range list {
				got = append(got, x.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", sort, got, want)
			}
		}
	})
}

// TestSides looks at the four cursors at one place: what of its neighbours and of the place itself each leads to.
func TestSides(t *testing.T) {
	t.Parallel()
	for _, sort := range allSorts {
		o := orderOf(t, sort)
		at := func(n int64) cursor.Position {
			p := cursor.Position{At: time.Unix(n, 0), ID: n, Priority: "low"}
			if _, _, ok := sort.Field(); ok {
				p = cursor.Position{Key: ticket.FieldKey([]string{"", "ta", "tb", "tc"}[n]), ID: n}
			}
			return p
		}
		list := []cursor.Position{at(1), at(2), at(3)}
		if o.Descending() {
			slices.Reverse(list)
		}
		for _, c := range []struct {
			cursor cursor.Cursor
			want   []bool
		}{
			{cursor.Cursor{}, []bool{false, false, true}}, {cursor.Cursor{Before: true}, []bool{false, true, true}},
			{cursor.Cursor{Back: true}, []bool{true, true, false}}, {cursor.Cursor{Before: true, Back: true}, []bool{true, false, false}},
		} {
			c.cursor.Position = list[1]
			for i, p := range list {
				if got := c.cursor.Admits(p, o); got != c.want[i] {
					t.Errorf("%s: %+v admits %d of 3: %t", sort, c.cursor, i+1, got)
				}
				if turned := c.cursor.Turned(); turned.Admits(p, o) == c.want[i] {
					t.Errorf("%s: %+v turned still leads to %d of 3", sort, c.cursor, i+1)
				}
			}
		}
	}
}

func TestFieldOrder(t *testing.T) {
	t.Parallel()
	t.Run("M49 tickets without a value come last in either direction", func(t *testing.T) {
		t.Parallel()
		at := func(id int64, value string) cursor.Position {
			return orderOf(t, ticket.ByField("due")).Of(&ticket.Ticket{ID: id, Fields: map[string]string{"due": value}})
		}
		ascending := []cursor.Position{at(5, "\n9\n1"), at(1, "10"), at(4, "10.0\n2"), at(3, "red"), at(2, ""), at(6, " \n")}
		descending := []cursor.Position{ascending[3], ascending[2], ascending[1], ascending[0], ascending[5], ascending[4]}
		for sort, want := range map[ticket.Sort][]cursor.Position{ticket.ByField("due"): ascending, ticket.ByFieldDesc("due"): descending} {
			got := slices.Clone(ascending)
			slices.SortFunc(got, func(a, b cursor.Position) int { return orderOf(t, sort).Compare(a, b) })
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", sort, got, want)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(cursor.Format(cursor.Cursor{Position: cursor.Position{Key: ticket.KeyOf("-1.5"), ID: 7}, Back: true}, ticket.ByFieldDesc("due")))
	f.Add(cursor.Format(cursor.Cursor{Position: cursor.Position{At: time.Unix(5, 6000), ID: 7}}, ticket.OldestCreated))
	f.Add(cursor.Format(cursor.Cursor{Position: cursor.Position{At: time.Unix(5, 6000), ID: 7, Priority: "high"}, Before: true}, ticket.MostUrgent))
	f.Add("AAAA")
	f.Add("A00\r00000000000000000000")
	f.Fuzz(func(t *testing.T, text string) {
		for _, sort := range allSorts {
			if c, err := cursor.Parse(text, sort); err == nil && cursor.Format(c, sort) != text {
				t.Errorf("%q reads as %v and is written otherwise", text, c)
			}
		}
	})
}
