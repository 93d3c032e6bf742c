package helpdesk_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestRecordCursors(t *testing.T) {
	t.Parallel()
	// paged are the lists of records, as who sees none of what stands on their first page.
	type paged struct {
		page  func(d *helpdesk.Desk, who ticket.Actor, cursor string) (n int, next string, err error)
		first func(t *testing.T, d *helpdesk.Desk, ticketID int64)
	}
	lists := map[string]paged{
		"I09 time": {func(d *helpdesk.Desk, who ticket.Actor, cursor string) (int, string, error) {
			p, err := d.Time().Entries(as(who), ticket.TimeQuery{Cursor: cursor, Limit: 1})
			return len(p.Entries), p.Next, err
		}, func(t *testing.T, d *helpdesk.Desk, id int64) {
			must(d.Time().Log(as(host), id, ticket.TimeEntry{Agent: "7", Duration: minutes(1)}))(t)
		}},
		"M25 ratings": {func(d *helpdesk.Desk, who ticket.Actor, cursor string) (int, string, error) {
			p, err := d.Ratings().List(as(who), ticket.RatingQuery{Cursor: cursor, Limit: 1})
			return len(p.Ratings), p.Next, err
		}, func(t *testing.T, d *helpdesk.Desk, id int64) {
			must(d.Rate(as(host), id, ticket.RatingDraft{Grade: "good"}))(t)
		}},
	}
	for name, l := range lists {
		t.Run(name+" cursors tell nothing of what is hidden, and are for one query of one person", func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, inPlaces(helpdesk.Config{}))
			set(t, d, ticket.SettingsPatch{RateTickets: new(true), RatingsToStaff: new(true)})
			ok(t, d.Catalog().PutRole(as(host), ticket.Role{Code: "s", Name: "S", Grants: []ticket.Grant{{Departments: []string{"support"}}}}))
			ok(t, d.People().PutAgent(as(host), ticket.Agent{ID: "8", Name: "Carol", Roles: []string{"s"}}))
			hidden, seen := open(t, d, ann).ID, open(t, d, ann).ID
			must(d.Transfer(as(host), hidden, "billing"))(t)
			for _, id := range []int64{hidden, seen} {
				d.Clock.Advance(time.Minute)
				l.first(t, d.Desk, id)
			}
			n, next, err := l.page(d.Desk, carol, "")
			ok(t, err)
			equal(t, "entries of the first page", n, 0)
			bytes, err := base64.RawURLEncoding.DecodeString(next)
			if next == "" || err != nil || len(bytes) < 40 { // a nonce, a tag, and a key of at least 12 bytes
				t.Errorf("the cursor is %q", next)
			}
			n, _, err = l.page(d.Desk, carol, next)
			ok(t, err)
			equal(t, "entries of the second page", n, 1)
			for _, foreign := range []string{"garbage", "0001767603659999999/0000000000000000001"} {
				_, _, err = l.page(d.Desk, carol, foreign)
				invalid(t, err, "cursor")
			}
			_, _, err = l.page(d.Desk, bob, next)
			invalid(t, err, "cursor")
		})
	}
	t.Run("X30 a cursor of mentions is its reader's", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		id := open(t, d, ann).ID
		for range 3 {
			must(d.AddNote(as(host), id, ticket.ReplyDraft{Body: "see", Mentions: []ticket.Mention{{Agent: "7"}}}))(t)
		}
		page := must(d.Mentions().List(as(bob), ticket.MentionQuery{Limit: 2}))(t)
		equal(t, "the second page", len(must(d.Mentions().List(as(bob), ticket.MentionQuery{Limit: 2, Cursor: page.Next}))(t).Mentions), 1)
		_, err := d.Mentions().List(as(carol), ticket.MentionQuery{Cursor: page.Next})
		invalid(t, err, "cursor")
		_, err = d.Mentions().List(as(bob), ticket.MentionQuery{Cursor: "1/2/3"})
		invalid(t, err, "cursor")
	})
	t.Run("X12 a time that no cursor can hold is refused", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		_, err := d.Tickets(as(bob), ticket.Query{CreatedTo: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)})
		invalid(t, err, "query")
	})
}
