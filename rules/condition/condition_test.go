package condition_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var noon = time.Date(2026, 6, 17, 12, 0, 0, 0, time.UTC) // a Wednesday

// schema is that of a small desk.
func schema() *condition.Schema {
	return &condition.Schema{
		Statuses: []string{"open", "in_progress", "waiting_customer", "closed"}, Priorities: []string{"low", "medium", "high"},
		Departments: []string{"sales", "support"}, Brands: []string{"lamps", "chairs"}, Complete: true,
		Fields: []ticket.Field{
			{Code: "telephone", Name: "Telephone", Type: ticket.FieldText}, {Code: "rooms", Name: "Rooms", Type: ticket.FieldNumber},
			{Code: "gift", Name: "Gift", Type: ticket.FieldCheckbox}, {Code: "due", Name: "Due", Type: ticket.FieldDate},
			{Code: "colour", Name: "Colour", Type: ticket.FieldSelect, Options: []ticket.Option{{Value: "red"}, {Value: "blue"}}},
			{Code: "extras", Name: "Extras", Type: ticket.FieldMulti, Options: []ticket.Option{{Value: "bulb"}, {Value: "plug"}}},
			{Code: "order-no", Name: "Order", Type: ticket.FieldText},
		},
	}
}

// lamp is a ticket before and after a change, and what happened.
func lamp() condition.Source {
	before := &ticket.Ticket{ID: 7, Code: "LMP-7", Subject: "My Order of lamps", Status: "open", Class: ticket.ClassNew, Priority: "low", Brand: "lamps",
		Department: "sales", Folder: ticket.Inbox, Channel: ticket.ChannelEmail, Gateway: "shop", Seq: 2, Service: "1001",
		Requester: ticket.Person{ID: "42", Name: "Ann", Email: "Ann@example.com"}, Organisation: "acme", LastReplyBy: ticket.ActorGuest,
		Participants: []ticket.Person{{Email: "bob@example.com"}},
		CreatedAt:    noon.Add(-100 * time.Hour), UpdatedAt: noon.Add(-30 * time.Hour), LastReplyAt: noon.Add(-80 * time.Hour),
		Fields: map[string]string{"telephone": "123", "rooms": "3", "colour": "red"}}
	after := before.Clone()
	after.Status, after.Class, after.Assignee, after.Tags = "in_progress", ticket.ClassOpen, "bob", []string{"problem", "vip"}
	after.Fields = map[string]string{"telephone": "456", "rooms": "12.5", "gift": "1", "due": "2026-07-01", "colour": "red", "extras": "bulb\nplug", "order-no": "A1"}
	return condition.Source{Ticket: after, Before: before, Now: noon, Name: "ticket_updated", Group: "wholesale",
		Event: &ticket.Event{Type: ticket.EventUpdated, Actor: ticket.Staff("bob", "Bob", "bob@shop.example"), Cause: ticket.Cause{Rule: "first"},
			Changes: ticket.Diff(before, after)},
		Message: &ticket.Message{Kind: ticket.KindReply, Author: ticket.Client("42", "Ann", "ann@example.com"), Body: "It does <not> shine.",
			Files: []ticket.File{{Name: "Lamp.png"}}}}
}

// matches are conditions that hold, and with "not" those that do not.
func TestMatch(t *testing.T) {
	t.Parallel()
	s, v := schema(), condition.NewVars(lamp())
	for text, want := range map[string]bool{
		"":                                    true,
		" ":                                   true,
		`M55 ticket.subject contains "Order"`: true,
		`M55 ticket.subject contains "order"`: false,
		`M55 lower(ticket.subject) contains "order"`:                             true,
		`M55 message.body contains "shine"`:                                      true,
		`M55 ticket.last_message == "It does <not> shine."`:                      true,
		`M55 ticket.created_at < date("2026-06-14")`:                             true,
		`M55 ticket.updated_at >= date("2026-06-17")`:                            false,
		`B02 ticket.store == "lamps" and ticket.brand == ticket.store`:           true,
		`B02 before.store != "chairs"`:                                           true,
		`M55 ticket.status == "in_progress" and before.status == "open"`:         true,
		`M55 changed(ticket.status) and not changed(ticket.priority)`:            true,
		`M55 changed_to(ticket.status, "in_progress")`:                           true,
		`M55 changed_to(ticket.status, "open")`:                                  false,
		`M55 changed_from(ticket.status, "open")`:                                true,
		`M55 changed_from(ticket.priority, "low")`:                               false,
		`M55 changed(ticket.tags)`:                                               true,
		`M55 ticket.owner == "bob" and not is_set(before.owner)`:                 true,
		`M55 ticket.department in ["sales", "support"]`:                          true,
		`M55 ticket.department not in ["sales", "support"]`:                      false,
		`M55 hours_since_created == 100 and hours_since_changed == 30`:           true,
		`M55 hours_since_last_reply > 72 and last_reply_by == "client"`:          true,
		`M55 ticket.last_reply_by == "guest"`:                                    true,
		`M55 "problem" in ticket.tags and "x" not in ticket.tags`:                true,
		`M55 any(ticket.tags, # startsWith "prob")`:                              true,
		`M55 all(ticket.tags, len(#) == 3)`:                                      false,
		`M55 count(ticket.tags, # matches "^.{3}$") == 1`:                        true,
		`M55 ticket.channel == "email" and ticket.folder == "inbox"`:             true,
		`M55 ticket.requester.group == "wholesale"`:                              true,
		`M55 ticket.requester.email endsWith "@example.com"`:                     true,
		`M55 "bob@example.com" in ticket.participants`:                           true,
		`M49 field.telephone == "456" and before.field.telephone == "123"`:       true,
		`M49 changed(field.telephone) and not changed(field.colour)`:             true,
		`M49 field.rooms > 12 and before.field.rooms + 0.5 == 3.5`:               true,
		`M49 field.gift and not before.field.gift`:                               true,
		`M49 field.due > "2026-06-30" and not is_set(before.field.due)`:          true,
		`M49 "2026-06-30" < field.due and field.due >= before.field.due`:         true,
		`M49 "plug" in field.extras and len(before.field.extras) == 0`:           true,
		`M49 field["order-no"] == "A1" and changed_to(field["order-no"], "A1")`:  true,
		`M49 changed_to(field.rooms, 12.5) and changed_from(field.rooms, 3)`:     true,
		`event.name == "ticket_updated" and event.actor.kind == "staff"`:         true,
		`"status" in event.changed and "field.telephone" in event.changed`:       true,
		`event.rule == "first" and message.files == 1`:                           true,
		`message.author.email == "ann@example.com" and message.kind == "reply"`:  true,
		`any(message.file_names, lower(#) endsWith ".png")`:                      true,
		`hour(now) == 12 and weekday(now) == "wednesday" and month(now) == 6`:    true,
		`year(now) == 2026 and day(now) == 17 and hours_since(now) == 0`:         true,
		`hour(ticket.solved_at) < 24 or is_set(ticket.solved_at)`:                false,
		`(ticket.locked ? 1 : 2) * 3 - -4 / 2 == 8`:                              true,
		`ticket.subject matches "(?i)ORDER\\s+of"`:                               true,
		"ticket.subject not matches `^x` && !ticket.locked || false":             true,
		`trim(upper(" x ")) == "X"`:                                              true,
		`ticket.messages == 2 and ticket.id == 7 and ticket.code == "LMP-7"`:     true,
		`ticket.service == "1001" and ticket.organisation == "acme"`:             true,
		`is_set(ticket.tags) and is_set(field.rooms) and is_set(ticket.subject)`: true,
		`before.field.gift == false and (ticket.unread_by_staff == false)`:       true,
		`1 < 2 == true`: true,
	} {
		name, body := text, text
		if id, rest, ok := strings.Cut(text, " "); ok && len(id) == 3 && id[0] <= 'Z' {
			name, body = id+" "+rest, rest
		}
		t.Run(name, func(t *testing.T) {
			c, err := condition.Compile(body, s)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Match(v); got != want || err != nil {
				t.Errorf("got %v, %v", got, err)
			}
			if tree := c.Explain(v); (tree.Outcome == condition.True) != want || tree.Outcome == condition.Failed {
				t.Errorf("is explained as %s: %s", tree.Outcome, tree.Says)
			}
			again, err := condition.Compile(c.String(), s)
			if err != nil {
				t.Fatalf("%s: %v", c, err)
			}
			if got, err := again.Match(v); got != want || err != nil || again.String() != c.String() {
				t.Errorf("written as %s: got %v, %v", c, got, err)
			}
		})
	}
}

func TestCompile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, message, suggestion, at string }{
		{"X04 an unknown name", "true and\n ticket.statsu == \"open\"", "ticket.statsu is not known", "ticket.status", "2:2"},
		{"M49 an unknown custom field", `field.telefone == "1"`, "field.telefone is not known", "field.telephone", "1:1"},
		{"M49 an unknown custom field of before", `before.field.telefone == "1"`, "is not known", "before.field.telephone", "1:1"},
		{"M49 a number is no text", `field.rooms == "3"`, "field.rooms is a number, and is compared with \"3\", a text", "3", "1:1"},
		{"M49 a text is no number", `field.telephone == 3`, "field.telephone is a text, and is compared with 3, a number", `"3"`, "1:1"},
		{"X04 texts have no order", `true and ticket.priority > "low"`, "ticket.priority is a text, and texts have no order", `ticket.priority in ["medium", "high"]`, "1:10"},
		{"X04 texts have no order the other way round", `"medium" >= ticket.priority`, "ticket.priority is a text, and texts have no order", `ticket.priority in ["low", "medium"]`, "1:1"},
		{"X04 texts have no order, and no value is beyond the last", `ticket.priority > "high"`, "texts have no order", "", "1:1"},
		{"X04 texts of people have no order", `ticket.subject <= "m"`, "ticket.subject is a text, and texts have no order", "", "1:1"},
		{"X04 what a function gives has no order", `lower(ticket.status) < weekday(now)`, "texts have no order", "", "1:1"},
		{"X04 constant texts have no order", `"10" < "9"`, "texts have no order", "", "1:1"},
		{"X04 entries have no order", `any(ticket.tags, # > "m")`, "texts have no order", "", "1:18"},
		{"M49 texts have no order, numbers in them neither", `field.telephone > 3`, "field.telephone is a text, and texts have no order: numbers have one, times, and custom fields of the types number and date", "", "1:1"},
		{"M49 options have no order", `field.colour < "blue"`, "texts have no order", `field.colour in ["red"]`, "1:1"},
		{"M49 a day is not compared with what is none", `field.due > ticket.subject`, "texts have no order", "", "1:1"},
		{"M49 a number is not compared with a text", `field.rooms > "3"`, "is compared with \"3\", a text", "3", "1:1"},
		{"M49 a checkbox is no text", `field.gift == "1"`, "field.gift is a bool", "", "1:1"},
		{"X04 not before a comparison", `not ticket.status == "open"`, `ticket.status is a text, and not goes before the text alone: put brackets around`, "", "1:5"},
		{"X04 ! before a comparison", `!ticket.status == "open"`, `put brackets around`, "", "1:2"},
		{"X04 a condition that # has cut", `ticket.locked and any(ticket.tags,`, "put it in single quotes", "", "1:34"},
		{"X04 a month has a number", `month(now) == "June"`, "month(now) is a number", "6", "1:1"},
		{"X04 a text that is no number is not offered as one", `hours_since_created > "a day"`, "is a number, and is compared with \"a day\"", "", "1:1"},
		{"X04 a day of the week has a name", `weekday(now) == 1`, "weekday(now) is a text", `"monday"`, "1:1"},
		{"M49 a list is no text", `field.extras == "bulb"`, "a list", `"bulb" in field.extras`, "1:1"},
		{"X04 a list contains nothing", `ticket.tags contains "vip"`, "a list", `"vip" in ticket.tags`, "1:1"},
		{"X04 a time is no text", `ticket.created_at > "2026-01-01"`, "a time", `date("2026-12-31")`, "1:1"},
		{"X04 no answer", `ticket.subject`, "neither yes nor no", "", "1:1"},
		{"X04 an unknown function", `lowr(ticket.subject) == "x"`, "lowr is no function", "lower", "1:1"},
		{"X04 a missing operand", `ticket.subject ==`, "is incomplete", "", "1:17"},
		{"X04 words that are none", `ticket.locked locked`, "locked joins nothing", "", "1:15"},
		{"X04 one equals sign", `ticket.status = "open"`, "write ==", "", "1:15"},
		{"X04 an arrow", `hours_since_created => 3`, "write >=", "", "1:21"},
		{"X04 an arrow backwards", `hours_since_created =< 3`, "write <=", "", "1:21"},
		{"X04 three equals signs", `ticket.status === "open"`, "write ==", "", "1:17"},
		{"X04 as in SQL", `ticket.status <> "open"`, "write !=", "", "1:16"},
		{"X04 a list without brackets", `ticket.status in "open", "closed"`, "brackets", "", "1:24"},
		{"X04 two values", `ticket.status == "open" "closed"`, "brackets", "", "1:25"},
		{"X04 a bracket too many", `ticket.locked)`, "no other half", "", "1:14"},
		{"X04 a quotation mark too few", `ticket.status == "open`, "quotation mark is missing", "", "1:23"},
		{"X04 quotation marks of a letter", `ticket.status == “open”`, "no quotation mark", "", "1:18"},
		{"X04 a text without quotes", `ticket.status == open`, "open is not known", `"open"`, "1:18"},
		{"X04 a field without its group", `status == "open"`, "status is not known", "ticket.status", "1:1"},
		{"M49 a custom field without its group", `telephone == "1"`, "telephone is not known", "field.telephone", "1:1"},
		{"X04 nothing at all", `ticket.assignee == null`, "is_set", "", "1:20"},
		{"X04 a misspelt word", `hours_since_craeted > 3`, "is not known", "hours_since_created", "1:1"},
		{"X04 hours with a unit", `hours_since_last_reply > 72h`, "72h is no number", "", "1:28"},
		{"X04 an operator as a function", `contains(ticket.subject, "a")`, "contains stands between", "", "1:1"},
		{"X04 another language's operator", `ticket.subject like "a"`, "like joins nothing", "", "1:16"},
		{"X04 an end that is missing", `ticket.locked &&`, "is incomplete", "", "1:16"},
		{"X04 text added to text", `ticket.subject + "x" == "x"`, "+ wants a number", "", "1:1"},
		{"X04 a date that is none", `now > date("31.12.2026")`, "is no date", `date("2026-12-31")`, "1:12"},
		{"X04 a broken pattern", `ticket.subject matches "a("`, "missing closing", "", "1:24"},
		{"X04 what was not before", `before.message.body == ""`, "before.message.body is not known", "", "1:1"},
		{"X04 columns count characters", `"ä" == "ö" and ticket.x`, "ticket.x is not known", "", "1:16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := condition.Compile(c.text, schema())
			var e *condition.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(e.Message, c.message) || (c.suggestion != "" && e.Suggestion != c.suggestion) || at(e) != c.at {
				t.Errorf("got %v (%s)", e, e.Suggestion)
			}
		})
	}
}

func at(e *condition.Error) string { return fmt.Sprintf("%d:%d", e.Line, e.Column) }
