package cursor_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store/internal/cursor"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var sorts = []ticket.Sort{ticket.NewestUpdate, ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestCreated}

func TestCursor(t *testing.T) {
	t.Parallel()
	t.Run("a cursor comes back as it was, for its own sort only", func(t *testing.T) {
		t.Parallel()
		places := []cursor.Position{
			{}, {At: time.Date(2026, 5, 1, 12, 0, 0, 123456000, time.UTC), ID: 7},
			{At: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), ID: math.MaxInt64},
		}
		for _, want := range places {
			for _, sort := range sorts {
				text := cursor.Format(want, sort)
				got, err := cursor.Parse(text, sort)
				if err != nil || !got.At.Equal(want.At) || got.ID != want.ID {
					t.Errorf("%s of %v: %v, %v", sort, want, got, err)
				}
				for _, other := range sorts {
					if _, err := cursor.Parse(text, other); other != sort && !errors.Is(err, ticket.ErrInvalid) {
						t.Errorf("cursor of %s was taken for %s: %v", sort, other, err)
					}
				}
			}
		}
	})
	t.Run("garbage is refused", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"", "x", "!!!", "AAAA", "_____________________wA", cursor.Format(cursor.Position{}, ticket.NewestUpdate) + "A"} {
			if _, err := cursor.Parse(text, ticket.NewestUpdate); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
	t.Run("an unknown sort is refused, an empty one is the default", func(t *testing.T) {
		t.Parallel()
		if _, err := cursor.Sort("random"); !errors.Is(err, ticket.ErrInvalid) {
			t.Errorf("random: %v", err)
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

func FuzzParse(f *testing.F) {
	f.Add(cursor.Format(cursor.Position{At: time.Unix(5, 6000), ID: 7}, ticket.OldestCreated))
	f.Add("AAAA")
	f.Add("A00\r00000000000000000000")
	f.Fuzz(func(t *testing.T, text string) {
		for _, sort := range sorts {
			if p, err := cursor.Parse(text, sort); err == nil && cursor.Format(p, sort) != text {
				t.Errorf("%q reads as %v and is written otherwise", text, p)
			}
		}
	})
}
