package condition_test

import (
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func holds(t *testing.T, text string, s *condition.Schema, src condition.Source) bool {
	t.Helper()
	ok, err := compile(t, text, s).Match(condition.NewVars(src))
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestVars(t *testing.T) {
	t.Parallel()
	t.Run("M55 nothing but a ticket is needed, and nothing has changed then", func(t *testing.T) {
		t.Parallel()
		src := condition.Source{Ticket: &ticket.Ticket{Status: "open", Fields: map[string]string{"rooms": "3"}}, Now: noon}
		for _, text := range []string{`before.status == "open" and not changed(ticket.status)`, `not changed(field.rooms) and before.field.rooms == 3`, `message.body == "" and ticket.last_message == ""`,
			`event.name == "" and not is_set(event.changed)`, `not (hours_since_last_reply > 0) and not (hours_since_last_reply < 0) and not is_set(hours_since_last_reply)`,
			`not is_set(ticket.solved_at) and last_reply_by == ""`} {
			if !holds(t, text, schema(), src) {
				t.Error(text)
			}
		}
	})
	t.Run("M55 the last public message is that of the event, or is read once when it is asked for", func(t *testing.T) {
		t.Parallel()
		src := lamp()
		src.Message.Kind = ticket.KindNote
		if !holds(t, `ticket.last_message == ""`, schema(), src) {
			t.Error("a note was taken for it")
		}
		read := 0
		src.LastMessage = func() (*ticket.Message, error) {
			read++
			return &ticket.Message{Body: "It is dark."}, nil
		}
		if !holds(t, `ticket.status == "in_progress" or ticket.last_message == "x"`, schema(), src) || read != 0 {
			t.Errorf("it was read %d times", read)
		}
		if !holds(t, `ticket.last_message contains "dark" and ticket.last_message endsWith "."`, schema(), src) || read != 1 {
			t.Errorf("it was read %d times", read)
		}
	})
	t.Run("M55 a body in HTML is its text, and what a mail quotes is left out", func(t *testing.T) {
		t.Parallel()
		src := lamp()
		src.Message = &ticket.Message{Kind: ticket.KindReply, Format: ticket.HTML, Body: "<p class='order'>Tom &amp; Ann</p>"}
		if !holds(t, `message.body == "Tom & Ann"`, schema(), src) {
			t.Error("got something else")
		}
		text := "New.\n> Old order"
		src.Message = &ticket.Message{Kind: ticket.KindReply, Body: text, Mail: &ticket.Mail{Automatic: true, Folds: []ticket.Fold{{Kind: ticket.FoldQuoted, Start: 5, End: len(text)}}}}
		if !holds(t, `message.body == "New." and message.automatic`, schema(), src) {
			t.Error("got what it quotes")
		}
	})
	t.Run("X04 of long values the beginning is seen", func(t *testing.T) {
		t.Parallel()
		src := lamp()
		src.Ticket.Subject = strings.Repeat("ä", condition.MaxLine)
		src.Ticket.Tags = make([]string, 500)
		src.Message.Body = strings.Repeat("x", condition.MaxText) + "end"
		if !holds(t, `len(ticket.subject) == 2048 and len(ticket.tags) == 100 and message.body not contains "end"`, schema(), src) {
			t.Error("all of it was seen")
		}
		if len(src.Ticket.Tags) != 500 {
			t.Error("the ticket was changed")
		}
	})
	t.Run("M55 hours and days are those of the zone", func(t *testing.T) {
		t.Parallel()
		zone, err := time.LoadLocation("Pacific/Auckland")
		if err != nil {
			t.Fatal(err)
		}
		s := schema()
		s.Zone = zone
		if !holds(t, `hour(now) == 0 and weekday(now) == "thursday" and day(now) == 18 and now == date("2026-06-18")`, s, lamp()) {
			t.Error("they are not")
		}
		if tree := compile(t, `now < date("2026-01-01")`, s).Explain(condition.NewVars(lamp())); !strings.Contains(tree.Says, "2026-06-18T00:00:00+12:00") {
			t.Errorf("says %s", tree.Says)
		}
	})
	t.Run("M49 values that are not of their type are not set", func(t *testing.T) {
		t.Parallel()
		src := condition.Source{Ticket: &ticket.Ticket{Fields: map[string]string{"rooms": "many", "gift": "maybe"}}, Now: noon}
		if !holds(t, `not is_set(field.rooms) and not (field.rooms < 1) and not field.gift`, schema(), src) {
			t.Error("they are")
		}
	})
}
