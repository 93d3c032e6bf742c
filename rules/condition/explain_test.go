package condition_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func compile(t testing.TB, text string, s *condition.Schema) *condition.Condition {
	t.Helper()
	c, err := condition.Compile(text, s)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return c
}

func TestExplain(t *testing.T) {
	t.Parallel()
	v := condition.NewVars(lamp())
	for text, says := range map[string]string{
		``:                                          `matched: the condition is empty, and always true`,
		`ticket.status == "closed"`:                 `did not match: ticket.status was "in_progress", not "closed"`,
		`"closed" == ticket.status`:                 `did not match: ticket.status was "in_progress", not "closed"`,
		`ticket.status == "in_progress"`:            `matched: ticket.status was "in_progress"`,
		`ticket.status != "in_progress"`:            `did not match: ticket.status was "in_progress"`,
		`hours_since_last_reply > 90`:               `did not match: hours_since_last_reply was 80, not greater than 90`,
		`90 < hours_since_last_reply`:               `did not match: hours_since_last_reply was 80, not greater than 90`,
		`hours_since_last_reply >= 72`:              `matched: hours_since_last_reply was 80, at least 72`,
		`ticket.subject contains "lamp"`:            `matched: ticket.subject was "My Order of lamps", which contains "lamp"`,
		`ticket.subject not contains "lamp"`:        `did not match: ticket.subject was "My Order of lamps", which contains "lamp"`,
		`ticket.subject matches "^lamp"`:            `did not match: ticket.subject was "My Order of lamps", which does not match "^lamp"`,
		`"gold" in ticket.tags`:                     `did not match: ticket.tags was ["problem", "vip"], which has not "gold"`,
		`ticket.priority in ["medium", "high"]`:     `did not match: ticket.priority was "low", none of ["medium", "high"]`,
		`changed(ticket.priority)`:                  `did not match: ticket.priority was "low" before, too`,
		`changed_to(ticket.status, "closed")`:       `did not match: ticket.status was "open" before, and is "in_progress"`,
		`field.rooms < before.field.rooms`:          `did not match: field.rooms was 12.5, not less than before.field.rooms, which was 3`,
		`ticket.solved_at > date("2026-01-01")`:     `did not match: ticket.solved_at was not set, not greater than date("2026-01-01")`,
		`ticket.locked`:                             `did not match: ticket.locked was false`,
		`any(ticket.tags, # == "gold")`:             `did not match: ticket.tags was ["problem", "vip"]: any(ticket.tags, # == "gold") is false`,
		`ticket.status == "x" or ticket.locked`:     `did not match: ticket.status was "in_progress", not "x"; ticket.locked was false`,
		`ticket.priority == "low" and "x" == "y"`:   `did not match: "x" == "y" is false`,
		`ticket.locked ? true : ticket.code == "x"`: `did not match: ticket.code was "LMP-7", not "x"`,
	} {
		t.Run("X04 "+text, func(t *testing.T) {
			t.Parallel()
			if got := compile(t, text, schema()).Explain(v); got.Says != says {
				t.Errorf("says %s", got.Says)
			}
		})
	}
	t.Run("X04 the tree has places, values, and what was not looked at", func(t *testing.T) {
		t.Parallel()
		got := compile(t, "ticket.locked and\n (field.rooms > 3 or not field.gift)", schema()).Explain(v)
		want := &condition.Tree{Text: `ticket.locked and (field.rooms > 3 or not field.gift)`, Line: 1, Column: 1, Outcome: condition.False, Says: "did not match: ticket.locked was false",
			Parts: []*condition.Tree{
				{Text: "ticket.locked", Line: 1, Column: 1, Outcome: condition.False, Says: "ticket.locked was false", Values: []condition.Seen{{Text: "ticket.locked", Value: "false"}}},
				{Text: "field.rooms > 3 or not field.gift", Line: 2, Column: 3, Outcome: condition.True, Skipped: true, Says: "field.rooms was 12.5, greater than 3", Parts: []*condition.Tree{
					{Text: "field.rooms > 3", Line: 2, Column: 3, Outcome: condition.True, Skipped: true, Says: "field.rooms was 12.5, greater than 3", Values: []condition.Seen{{Text: "field.rooms", Value: "12.5"}}},
					{Text: "not field.gift", Line: 2, Column: 22, Outcome: condition.False, Skipped: true, Says: "field.gift was true", Parts: []*condition.Tree{
						{Text: "field.gift", Line: 2, Column: 26, Outcome: condition.True, Skipped: true, Says: "field.gift was true", Values: []condition.Seen{{Text: "field.gift", Value: "true"}}}}}}}}}
		if !reflect.DeepEqual(got, want) {
			text, _ := json.MarshalIndent(got, "", " ")
			t.Errorf("got %s", text)
		}
	})
	t.Run("X04 a text that cannot be read is an error, and is explained as one", func(t *testing.T) {
		t.Parallel()
		s := lamp()
		broken := errors.New("the store is away")
		s.LastMessage = func() (*ticket.Message, error) { return nil, broken }
		v := condition.NewVars(s)
		for text, outcome := range map[string]condition.Outcome{
			`ticket.last_message == "" or field.gift`: condition.Failed, `field.gift or ticket.last_message == ""`: condition.True,
			`ticket.locked and ticket.last_message == ""`: condition.False, `not (ticket.last_message == "")`: condition.Failed,
		} {
			c := compile(t, text, schema())
			ok, err := c.Match(v)
			tree := c.Explain(v)
			if tree.Outcome != outcome || ok != (outcome == condition.True) || (outcome == condition.Failed) != errors.Is(err, broken) {
				t.Errorf("%s: %v, %v, %v", text, tree.Outcome, ok, err)
			}
			if outcome == condition.Failed && !strings.Contains(tree.Error, "the store is away") {
				t.Errorf("%s: %+v", text, tree)
			}
		}
	})
	t.Run("X04 long values are cut off", func(t *testing.T) {
		t.Parallel()
		s := lamp()
		s.Message.Body = strings.Repeat("x", 1<<20)
		got := compile(t, `message.body == ""`, schema()).Explain(condition.NewVars(s))
		if n := len(got.Says); n > 200 {
			t.Errorf("has %d bytes", n)
		}
	})
}

func TestFacts(t *testing.T) {
	t.Parallel()
	clock := schema()
	clock.Clock = true
	for _, c := range []struct {
		text  string
		facts condition.Facts
	}{
		{``, condition.Facts{}},
		{`ticket.status == "open" and changed(ticket.priority)`, condition.Facts{Fields: []string{"ticket.status", "before.priority", "ticket.priority"}, Event: true, Changes: true}},
		{`message.body contains "x" or ticket.last_message == ""`, condition.Facts{Fields: []string{"message.body", "ticket.last_message"}, Message: true, LastMessage: true}},
		{`ticket.requester.group == "x" and event.rule == ""`, condition.Facts{Fields: []string{"ticket.requester.group", "event.rule"}, Group: true, Event: true}},
		{`hours_since_last_reply == 720`, condition.Facts{Fields: []string{"hours_since_last_reply"}, Timestamps: []string{"ticket.last_reply_at"},
			Thresholds: []condition.Threshold{{Timestamp: "ticket.last_reply_at", Hours: 720, Operator: ">="}}}},
		{`72 < hours_since_created and hours_since(ticket.solved_at) <= 3`, condition.Facts{
			Fields: []string{"hours_since_created", "ticket.solved_at"}, Timestamps: []string{"ticket.created_at", "ticket.solved_at"},
			Thresholds: []condition.Threshold{{Timestamp: "ticket.created_at", Hours: 72, Operator: ">"}, {Timestamp: "ticket.solved_at", Hours: 3, Operator: "<="}}}},
		{`hours_since_created / 24 > 3`, condition.Facts{Fields: []string{"hours_since_created"}, Timestamps: []string{"ticket.created_at"}, Drifts: true}},
		{`hour(now) > 8`, condition.Facts{Fields: []string{"now"}, Drifts: true}},
	} {
		t.Run("M59 "+c.text, func(t *testing.T) {
			t.Parallel()
			if got := compile(t, c.text, clock).Facts(); !reflect.DeepEqual(got, c.facts) {
				t.Errorf("got %+v", got)
			}
		})
	}
	t.Run("M59 by the clock, equality with hours means that they have passed", func(t *testing.T) {
		t.Parallel()
		v := condition.NewVars(lamp()) // 80 hours
		for text, want := range map[string]bool{
			`hours_since_last_reply == 79`: true, `79 == hours_since_last_reply`: true, `hours_since_last_reply == 81`: false,
			`hours_since(ticket.last_reply_at) == 79`: true, `hours_since(ticket.solved_at) == 1`: false, `field.rooms == 12`: false,
		} {
			if got, err := compile(t, text, clock).Match(v); got != want || err != nil {
				t.Errorf("%s: %v, %v", text, got, err)
			}
			if tree := compile(t, text, clock).Explain(v); (tree.Outcome == condition.True) != want {
				t.Errorf("%s: %s", text, tree.Says)
			}
		}
		if got, err := compile(t, `hours_since_last_reply == 79`, schema()).Match(v); got || err != nil {
			t.Errorf("without the clock: %v, %v", got, err)
		}
	})
}
