package helpdesk_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// twoSided reports which links of tickets, as they are stored, are missed on the other side.
func twoSided(t *testing.T, d *helpdesktest.Desk, ids ...int64) string {
	t.Helper()
	var all []string
	for _, id := range ids {
		for _, l := range links(t, d, host, id) {
			all = append(all, fmt.Sprint(id, l.Kind, l.Ticket))
			if !slices.Contains(links(t, d, host, l.Ticket), ticket.Link{Kind: l.Kind.Opposite(), Ticket: id}) {
				t.Errorf("ticket %d has %s to %d, which has no link back", id, l.Kind, l.Ticket)
			}
		}
	}
	return strings.Join(all, ", ")
}

func TestMergedLinks(t *testing.T) {
	t.Parallel()
	related := func(id int64) ticket.Link { return ticket.Link{Kind: ticket.LinkRelated, Ticket: id} }
	setUp := func(t *testing.T) (d *helpdesktest.Desk, source, target, x int64) {
		d = newDesk(t, helpdesk.Config{})
		source, target, x = open(t, d, ann).ID, open(t, d, ann).ID, open(t, d, ann).ID
		must(d.LinkTicket(as(bob), source, related(x)))(t)
		return d, source, target, x
	}
	for name, cut := range map[string]func(d *helpdesktest.Desk, target, x int64) error{
		"from the target":     func(d *helpdesktest.Desk, target, x int64) error { return drop(d.UnlinkTicket(as(bob), target, x)) },
		"from the other side": func(d *helpdesktest.Desk, target, x int64) error { return drop(d.UnlinkTicket(as(bob), x, target)) },
	} {
		t.Run("X12 I11 a link of a merged ticket that is cut "+name+" stays cut when the merge is undone", func(t *testing.T) {
			t.Parallel()
			d, source, target, x := setUp(t)
			must(d.Merge(as(bob), target, source))(t)
			ok(t, cut(d, target, x))
			must(d.Unmerge(as(bob), source))(t)
			equal(t, "links", twoSided(t, d, source, target, x), "")
		})
	}
	t.Run("X12 I11 the same where both sides are merged, whatever is undone first", func(t *testing.T) {
		t.Parallel()
		for _, first := range []bool{true, false} {
			d, source, target, x := setUp(t)
			y := open(t, d, ann).ID
			must(d.Merge(as(bob), target, source))(t)
			must(d.Merge(as(bob), y, x))(t)
			ok(t, drop(d.UnlinkTicket(as(bob), target, y)))
			undo := []int64{source, x}
			if first {
				slices.Reverse(undo)
			}
			for _, id := range undo {
				must(d.Unmerge(as(bob), id))(t)
				equal(t, "links", twoSided(t, d, source, target, x, y), "")
			}
		}
	})
	t.Run("X12 I11 a link that was not cut is there again on both sides, and nowhere else", func(t *testing.T) {
		t.Parallel()
		d, source, target, x := setUp(t)
		must(d.Merge(as(bob), target, source))(t)
		must(d.Unmerge(as(bob), source))(t)
		equal(t, "links", twoSided(t, d, source, target, x), fmt.Sprint(source, ticket.LinkRelated, x)+", "+fmt.Sprint(x, ticket.LinkRelated, source))
	})
	t.Run("X12 I11 what the target was linked to itself meanwhile stays, on both sides", func(t *testing.T) {
		t.Parallel()
		for _, cut := range []bool{true, false} {
			d, source, target, x := setUp(t)
			must(d.Merge(as(bob), target, source))(t)
			want := []string{}
			if cut {
				must(d.UnlinkTicket(as(bob), target, x))(t)
			} else {
				want = append(want, fmt.Sprint(source, ticket.LinkRelated, x))
			}
			must(d.LinkTicket(as(bob), target, related(x)))(t)
			must(d.Unmerge(as(bob), source))(t)
			want = append(want, fmt.Sprint(target, ticket.LinkRelated, x))
			equal(t, "links", twoSided(t, d, source, target), strings.Join(want, ", "))
		}
	})
	t.Run("X12 I11 a link between a ticket and what was merged into it is its own", func(t *testing.T) {
		t.Parallel()
		d, source, target, x := setUp(t)
		must(d.LinkTicket(as(bob), source, related(target)))(t)
		must(d.Merge(as(bob), target, source))(t)
		must(d.UnlinkTicket(as(bob), target, x))(t)
		must(d.Unmerge(as(bob), source))(t)
		equal(t, "links", twoSided(t, d, source, target), fmt.Sprint(source, ticket.LinkRelated, target)+", "+fmt.Sprint(target, ticket.LinkRelated, source))
	})
	t.Run("X12 I11 whatever is merged, linked, cut and taken apart again, every link has two sides in the end", func(t *testing.T) {
		t.Parallel()
		for seed := range uint64(60) {
			r := rand.New(rand.NewPCG(seed, 4))
			d := newDesk(t, helpdesk.Config{})
			ids, into := make([]int64, 5), merged{}
			for i := range ids {
				ids[i] = open(t, d, ann).ID
			}
			for range 30 {
				d.Clock.Advance(time.Minute)
				a, b := oneOf(r, ids...), oneOf(r, ids...)
				if a == b || into[a] != 0 || into[b] != 0 {
					continue
				}
				switch r.IntN(6) {
				case 0:
					must(d.Merge(as(host), a, b))(t)
					into[b] = a
				case 1:
					if len(into) > 0 {
						into.undo(t, r, d)
					}
				case 2, 3:
					must(d.UnlinkTicket(as(host), a, b))(t)
				default:
					must(d.LinkTicket(as(host), a, ticket.Link{Kind: oneOf(r, ticket.LinkRelated, ticket.LinkParent), Ticket: b}))(t)
				}
			}
			for len(into) > 0 {
				into.undo(t, r, d)
			}
			if twoSided(t, d, ids...); t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	})
}
