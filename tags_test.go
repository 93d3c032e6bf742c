package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// tagged is a ticket with tags.
func tagged(t testing.TB, d *helpdesktest.Desk, tags ...string) *ticket.Ticket {
	t.Helper()
	tk := open(t, d, ann)
	return must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Tags: &tags}))(t)
}

// tagsOf lists the tags with their counts.
func tagsOf(t testing.TB, d *helpdesktest.Desk, a ticket.Actor, prefix string) string {
	t.Helper()
	var out []string
	for _, c := range must(d.Tags().List(as(a), prefix))(t).Tags {
		out = append(out, fmt.Sprint(c.Tag, ":", c.Tickets))
	}
	return strings.Join(out, " ")
}

func TestTags(t *testing.T) {
	t.Parallel()
	t.Run("M79 tags are normalised and counted, under rights", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Departments: twoDepartments, Settings: ticket.SettingsPatch{DefaultRole: new("sales")}, Roles: []ticket.Role{
			{Code: "sales", Name: "S", Grants: []ticket.Grant{{Departments: []string{"sales"}}}}, {Code: "all", Name: "A", Grants: []ticket.Grant{{}}},
		}, Agents: []ticket.Agent{{ID: "7", Name: "Bob", Roles: []string{"all"}}, {ID: "8", Name: "Carol"}}})
		tagged(t, d, " Light  Bulb ", "VIP", "vip")
		one := tagged(t, d, "vip", "lamp")
		must(d.Transfer(as(bob), one.ID, "sales"))(t)
		equal(t, "all", tagsOf(t, d, bob, ""), "lamp:1 light bulb:1 vip:2")
		equal(t, "prefix", tagsOf(t, d, bob, " L"), "lamp:1 light bulb:1")
		equal(t, "prefix of two words", tagsOf(t, d, bob, "Light  "), "light bulb:1")
		equal(t, "of sales", tagsOf(t, d, carol, ""), "lamp:1 vip:1")
		must(d.Watch(as(bob), one.ID, "8"))(t)
		must(d.Transfer(as(bob), one.ID, "support"))(t)
		equal(t, "watched beyond her department", tagsOf(t, d, carol, ""), "")
		is(t, drop(d.Tags().List(as(ann), "")), ticket.ErrForbidden)
		is(t, drop(d.Tags().Rename(as(carol), "vip", "x")), ticket.ErrForbidden)
		is(t, drop(d.Tags().Delete(as(carol), "vip")), ticket.ErrForbidden)
	})
	t.Run("M79 a tag is renamed everywhere, and merged where the other is in use", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b, gone := tagged(t, d, "bug"), tagged(t, d, "bug", "defect"), tagged(t, d, "bug")
		ok(t, d.DeleteTicket(as(bob), gone.ID))
		var told []hooks.Tagged
		d.Hooks().TicketTagsChange.Bind("acme", func(_ ctx, e hooks.Tagged) error { told = append(told, e); return nil })
		before := must(d.Ticket(as(bob), a.ID))(t)
		equal(t, "changed", must(d.Tags().Rename(as(bob), " BUG", "Defect"))(t), 3)
		equal(t, "tags", tagsOf(t, d, bob, ""), "defect:2")
		equal(t, "of the second", strings.Join(must(d.Ticket(as(bob), b.ID))(t).Tags, " "), "defect")
		equal(t, "restored", strings.Join(must(d.RestoreTicket(as(bob), gone.ID))(t).Tags, " "), "defect")
		equal(t, "told", len(told), 3)
		equal(t, "history", changeOf(t, d, a.ID, "tags").New, `["defect"]`)
		equal(t, "place in lists", must(d.Ticket(as(bob), a.ID))(t).UpdatedAt, before.UpdatedAt)
		equal(t, "again", must(d.Tags().Rename(as(bob), "bug", "defect"))(t), 0)
		equal(t, "to itself", must(d.Tags().Rename(as(bob), "defect", "DEFECT"))(t), 0)
		equal(t, "deleted", must(d.Tags().Delete(as(bob), "defect"))(t), 3)
		equal(t, "none left", tagsOf(t, d, bob, ""), "")
		_, err := d.Tags().Rename(as(bob), "x", " ")
		invalid(t, err, "to")
		_, err = d.Tags().Delete(as(bob), "")
		invalid(t, err, "tag")
	})
	t.Run("M79 a rename that broke off goes on when it is called again, and leaves others room to write", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		const tickets = 130
		for range tickets {
			tagged(t, d, "old")
		}
		c, cancel := context.WithCancel(as(bob))
		defer cancel()
		n, meanwhile := 0, 0
		d.Hooks().TicketTagsChange.Bind("stop", func(ctx, hooks.Tagged) error {
			if n++; n == 60 { // in the second batch: inline deliveries come after the commit of the first
				cancel()
			}
			if n%20 == 1 {
				open(t, d, guest)
				meanwhile++
			}
			return nil
		}, hooks.Volatile())
		done, err := d.Tags().Rename(c, "old", "new")
		is(t, err, context.Canceled)
		if done == 0 || done == tickets || meanwhile == 0 {
			t.Errorf("%d tickets were changed before the end, %d opened meanwhile", done, meanwhile)
		}
		equal(t, "so far", tagsOf(t, d, bob, ""), fmt.Sprintf("new:%d old:%d", done, tickets-done))
		rest := must(d.Tags().Rename(as(bob), "old", "new"))(t)
		equal(t, "together", done+rest, tickets)
		equal(t, "tags", tagsOf(t, d, bob, ""), "new:130")
	})
	t.Run("M79 a guard's refusal names the ticket and undoes its batch, and a rename can be part of a transaction", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tagged(t, d, "old")
		locked := tagged(t, d, "old")
		must(d.Lock(as(bob), locked.ID))(t)
		d.Hooks().TicketUpdateGuard.Bind("keeps", func(_ ctx, in hooks.Committing) error {
			if in.After.Locked {
				return errors.New("it is locked")
			}
			return nil
		})
		n, err := d.Tags().Rename(as(bob), "old", "new")
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("ticket %d", locked.ID)) || n != 0 {
			t.Errorf("%d changed, error %v", n, err)
		}
		must(d.Tags().Delete(as(bob), "none"))(t)
		tagged(t, d, "fine")
		undone := d.InTx(as(bob), func(c context.Context) error {
			must(d.Tags().Rename(c, "fine", "better"))(t)
			return errUndo
		})
		is(t, undone, errUndo)
		equal(t, "tags", tagsOf(t, d, bob, ""), "fine:1 old:2")
	})
	t.Run("M79 I11 what was merged has the new name of a tag when the merge is undone, and the target loses what it gained by it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		set := func(id int64, tags ...string) { must(d.UpdateTicket(as(bob), id, ticket.Patch{Tags: &tags}))(t) }
		of := func(tk *ticket.Ticket) string {
			return strings.Join(must(d.Ticket(as(bob), tk.ID))(t).Tags, ",")
		}
		rename := func(old, to string) {
			t.Helper()
			d.Clock.Advance(time.Minute)
			must(d.Tags().Rename(as(bob), old, to))(t)
			d.Clock.Advance(time.Minute)
		}
		target, one, two := tagged(t, d, "mine", "taken"), tagged(t, d, "bug", "old", "gone", "joins"), tagged(t, d, "bug")
		rename("nothing", "bug") // before the merge, and nobody's
		rename("bug", "fault")
		set(one.ID, "bug", "old", "gone", "joins") // the old name again
		must(d.Merge(as(bob), target.ID, one.ID))(t)
		must(d.Merge(as(bob), target.ID, two.ID))(t)
		rename("bug", "defect")
		rename("defect", "flaw")
		rename("old", "new")
		rename("new", "old")
		rename("joins", "taken")
		must(d.Tags().Delete(as(bob), "gone"))(t)
		equal(t, "merged", of(target), "fault,flaw,mine,old,taken")
		must(d.Unmerge(as(bob), one.ID))(t)
		equal(t, "the source", of(one), "flaw,old,taken")
		equal(t, "the target", of(target), "fault,mine,taken")
		must(d.Unmerge(as(bob), two.ID))(t)
		equal(t, "the other source", of(two), "fault")
		equal(t, "the target of none", of(target), "mine,taken")
		must(d.Merge(as(bob), target.ID, one.ID))(t)
		must(d.Merge(as(bob), target.ID, two.ID))(t)
		rename("fault", "flaw")
		must(d.Unmerge(as(bob), one.ID))(t)
		equal(t, "what another one brings, too", of(target), "flaw,mine,taken")
		must(d.Unmerge(as(bob), two.ID))(t)
		equal(t, "and then no more", of(target), "mine,taken")
	})
	t.Run("M79 X12 saved lists select by the new name of a tag, and by a deleted one nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tagged(t, d, "old", "vip")
		put := func(owner string, tags ...string) ticket.View {
			a := bob
			if owner == "8" {
				a = carol
			}
			return must(d.Views().Put(as(a), ticket.View{Name: "x", Owner: owner, Query: ticket.Query{Tags: tags}}))(t)
		}
		shared, hers, other := put("", "vip", "OLD "), put("8", "old", "new"), put("7", "vip")
		must(d.Tags().Rename(as(bob), "old", "new"))(t)
		tagsIn := func(a ticket.Actor, v ticket.View) string {
			v = must(d.Views().Get(as(a), v.ID))(t)
			return fmt.Sprint(v.Query.Tags, v.Version)
		}
		equal(t, "shared", tagsIn(bob, shared), "[new vip] 2")
		equal(t, "Carol's own", tagsIn(carol, hers), "[new] 2")
		equal(t, "another", tagsIn(bob, other), "[vip] 1")
		must(d.Tags().Delete(as(bob), "new"))(t)
		equal(t, "deleted", tagsIn(bob, shared), "[new vip] 2")
		page := must(d.Tickets(as(bob), must(d.Views().Get(as(bob), shared.ID))(t).Query))(t)
		equal(t, "finds", len(page.Tickets), 0)
	})
	t.Run("M79 a hook that puts the old tag back ends a rename, which says so", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, n := open(t, d, ann).ID, 0
		must(d.UpdateTicket(as(bob), a, ticket.Patch{Tags: &[]string{"old"}}))(t)
		d.Hooks().TicketTagsChange.Bind("test", func(c ctx, e hooks.Tagged) error {
			if n++; n > 100 || slices.Contains(e.New, "old") {
				return nil
			}
			return drop(d.UpdateTicket(c, a, ticket.Patch{Tags: &[]string{"old"}}))
		})
		_, err := d.Tags().Rename(as(host), "old", "new")
		is(t, err, ticket.ErrConflict)
	})
	t.Run("M79 a rename reaches a ticket beyond very many that it leaves alone", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := tagged(t, d, "bug")
		ok(t, d.Store.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
			for n := range 9000 { // half of them are live, without the tag, and half merged, with it
				id, err := tx.NewID(ctx, "ticket")
				if err != nil {
					return err
				}
				x := tk.Clone()
				x.ID, x.Code, x.UpdatedAt = id, fmt.Sprint("OLD-", n), tk.UpdatedAt.Add(-time.Hour)
				if x.Tags = nil; n%2 == 0 {
					x.Tags, x.MergedInto = tk.Tags, tk.ID
				}
				if err := tx.PutTicket(ctx, x); err != nil {
					return err
				}
			}
			return nil
		}))
		equal(t, "renamed", must(d.Tags().Rename(as(bob), "bug", "defect"))(t), 1)
		equal(t, "tags", tagsOf(t, d, bob, ""), "defect:1")
	})
}
