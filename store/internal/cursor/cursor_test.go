package cursor_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store/internal/cursor"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var sorts = []ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestCreated}

var fieldSorts = []ticket.Sort{ticket.ByField("due"), ticket.ByFieldDesc("due"), ticket.ByField("du"), ticket.ByFieldDesc("du"),
	ticket.ByField(strings.Repeat("x", 255))}

func TestCursor(t *testing.T) {
	t.Parallel()
	t.Run("a cursor comes back as it was, for its own sort only", func(t *testing.T) {
		t.Parallel()
		places := []cursor.Position{
			{}, {At: time.Date(2026, 5, 1, 12, 0, 0, 123456000, time.UTC), ID: 7},
			{At: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), ID: math.MaxInt64},
		}
		for _, want := range places {
			for _, sort := range slices.Concat(sorts, fieldSorts) {
				want := want
				if _, _, ok := sort.Field(); ok {
					want = cursor.Position{ID: want.ID, Key: ticket.KeyOf(strings.Repeat("e", int(want.ID%300)))}
				}
				text := cursor.Format(want, sort)
				got, err := cursor.Parse(text, sort)
				if err != nil || !got.At.Equal(want.At) || got.ID != want.ID || got.Key != want.Key {
					t.Errorf("%s of %v: %v, %v", sort, want, got, err)
				}
				for _, other := range slices.Concat(sorts, fieldSorts) {
					if _, err := cursor.Parse(text, other); other != sort && !errors.Is(err, ticket.ErrInvalid) {
						t.Errorf("cursor of %s was taken for %s: %v", sort, other, err)
					}
				}
			}
		}
	})
	t.Run("garbage is refused", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"", "x", "!!!", "AAAA", "_____________________wA", cursor.Format(cursor.Position{}, ticket.NewestUpdate) + "A",
			"BA", "BAAAAAAAAAAAAA", "BAAAAAAAAAAA_2R1ZQ", cursor.Format(cursor.Position{Key: "t\xff"}, fieldSorts[0]),
			cursor.Format(cursor.Position{Key: "t\x00"}, fieldSorts[0])} {
			for _, sort := range slices.Concat(sorts, fieldSorts) {
				if _, err := cursor.Parse(text, sort); !errors.Is(err, ticket.ErrInvalid) {
					t.Errorf("%q for %s: %v", text, sort, err)
				}
			}
		}
	})
	t.Run("an unknown sort is refused, an empty one is the default", func(t *testing.T) {
		t.Parallel()
		for _, sort := range []ticket.Sort{"random", ticket.ByField(""), ticket.ByFieldDesc(""), ticket.ByField(strings.Repeat("x", 256)), "field_asc"} {
			if _, err := cursor.Sort(sort); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%s: %v", sort, err)
			}
		}
		if got, err := cursor.Sort(""); got != ticket.NewestUpdate || err != nil {
			t.Errorf("empty: %q, %v", got, err)
		}
	})
	t.Run("ties are broken by id, in the direction of the sort", func(t *testing.T) {
		t.Parallel()
		early, late := time.Unix(1, 0), time.Unix(2, 0)
		for _, sort := range sorts {
			a, b, c := cursor.Position{At: early, ID: 9}, cursor.Position{At: late, ID: 1}, cursor.Position{At: late, ID: 2}
			if cursor.Descending(sort) {
				a, c = c, a
			}
			if a.Compare(b, sort) >= 0 || b.Compare(c, sort) >= 0 || c.Compare(a, sort) <= 0 || b.Compare(b, sort) != 0 {
				t.Errorf("%s orders wrongly", sort)
			}
		}
	})
}

func TestFieldOrder(t *testing.T) {
	t.Parallel()
	t.Run("M49 tickets without a value come last in either direction", func(t *testing.T) {
		t.Parallel()
		at := func(id int64, value string) cursor.Position {
			return cursor.Of(&ticket.Ticket{ID: id, Fields: map[string]string{"due": value}}, ticket.ByField("due"))
		}
		ascending := []cursor.Position{at(5, "\n9\n1"), at(1, "10"), at(4, "10.0\n2"), at(3, "red"), at(2, ""), at(6, " \n")}
		descending := []cursor.Position{ascending[3], ascending[2], ascending[1], ascending[0], ascending[5], ascending[4]}
		for sort, want := range map[ticket.Sort][]cursor.Position{ticket.ByField("due"): ascending, ticket.ByFieldDesc("due"): descending} {
			got := slices.Clone(ascending)
			slices.SortFunc(got, func(a, b cursor.Position) int { return a.Compare(b, sort) })
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", sort, got, want)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(cursor.Format(cursor.Position{Key: ticket.KeyOf("-1.5"), ID: 7}, ticket.ByFieldDesc("due")))
	f.Add(cursor.Format(cursor.Position{At: time.Unix(5, 6000), ID: 7}, ticket.OldestCreated))
	f.Add("AAAA")
	f.Add("A00\r00000000000000000000")
	f.Fuzz(func(t *testing.T, text string) {
		for _, sort := range slices.Concat(sorts, fieldSorts) {
			if p, err := cursor.Parse(text, sort); err == nil && cursor.Format(p, sort) != text {
				t.Errorf("%q reads as %v and is written otherwise", text, p)
			}
		}
	})
}
