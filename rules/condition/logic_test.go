package condition_test

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules/condition"
)

func TestNever(t *testing.T) {
	t.Parallel()
	clock := schema()
	clock.Clock = true
	for text, reason := range map[string]string{
		`false`: `false stands there`,
		`ticket.status == "open" and ticket.status == "closed"`:                                            `contradicts what else is asked of ticket.status`,
		`ticket.status == "open" and ticket.status != "open"`:                                              `contradicts`,
		`ticket.status in ["open", "closed"] and ticket.status not in ["open", "closed"]`:                  `contradicts`,
		`hours_since_created > 5 and hours_since_created < 3`:                                              `contradicts`,
		`hours_since_created > 5 and hours_since_created <= 5`:                                             `contradicts`,
		`hours_since_created > 5 and not (hours_since_created > 5)`:                                        `contradicts`,
		`hours_since_created == 5 and hours_since_created < 5`:                                             `contradicts`,
		`field.rooms in [1, 2] and field.rooms > 2`:                                                        `contradicts`,
		`not is_set(field.rooms) and field.rooms < 2`:                                                      `contradicts`,
		`ticket.status == "done"`:                                                                          `never holds`,
		`lower(ticket.subject) == "Order"`:                                                                 `never holds`,
		`"Vip" in ticket.tags`:                                                                             `never holds`,
		`"vip" in ticket.tags and "vip" not in ticket.tags`:                                                `contradicts`,
		`ticket.locked and not ticket.locked`:                                                              `contradicts`,
		`ticket.subject contains "a" and ticket.subject not contains "a"`:                                  `contradicts`,
		`ticket.created_at > date("2026-02-01") and ticket.created_at < date("2026-01-01")`:                `contradicts`,
		`(ticket.status == "open" or ticket.status == "closed") and ticket.status == "in_progress"`:        `contradicts`,
		`not (ticket.locked or not ticket.locked)`:                                                         `contradicts`,
		`changed_to(ticket.status, "open") and ticket.status == "closed"`:                                  `contradicts`,
		`is_set(ticket.assignee) and ticket.assignee == ""`:                                                `contradicts`,
		`ticket.folder == "inbox" and ticket.folder == "spam" or ticket.locked and ticket.locked == false`: `contradicts`,
	} {
		t.Run("X04 never: "+text, func(t *testing.T) {
			t.Parallel()
			c := compile(t, text, clock)
			if got, never := c.Never(); !never || !strings.Contains(got, reason) || len(c.Warnings()) == 0 {
				t.Errorf("got %s, %v, %v", got, never, c.Warnings())
			}
			if c := compile(t, "not ("+text+")", clock); !c.Always() {
				t.Error("its opposite is not always true")
			}
		})
	}
	for _, text := range []string{``, `ticket.status == "open"`, `hours_since_created > 5 and hours_since_created < 7`, `not (hours_since_created > 5) and not (hours_since_created <= 5)`,
		`hours_since_created == 5 and hours_since_created == 6`, // by the clock: both have passed
		`changed_from(ticket.status, "open") and ticket.status == "closed"`, `ticket.status == "open" or ticket.status == "closed"`,
		`not is_set(field.rooms) and not (field.rooms > 2)`, `"vip" in ticket.tags and "x" not in ticket.tags`} {
		t.Run("X04 sometimes: "+text, func(t *testing.T) {
			t.Parallel()
			c := compile(t, text, clock)
			if reason, never := c.Never(); never || (text != "" && c.Always()) || len(c.Warnings()) > 0 {
				t.Errorf("%s, %v, %v", reason, c.Always(), c.Warnings())
			}
		})
	}
	t.Run("X04 no ticket is as Never denies, nor other than Always says, nor against Implies", func(t *testing.T) {
		t.Parallel()
		c, s := newChance(3), schema()
		fields := s.List()
		found := 0
		for range rounds(1500) {
			a, b := randomCondition(t, c, s, fields), randomCondition(t, c, s, fields)
			both := compile(t, "("+a.String()+") and ("+b.String()+")", s)
			_, never := both.Never()
			implies := a.Implies(b)
			for range 15 {
				v := condition.NewVars(c.source(c.ticket()))
				okA, _ := a.Match(v)
				okB, _ := b.Match(v)
				if never && okA && okB {
					t.Fatalf("holds: %s", both)
				}
				if implies && okA && !okB {
					t.Fatalf("%s does not imply %s", a, b)
				}
				if a.Always() && !okA {
					t.Fatalf("does not hold: %s", a)
				}
			}
			if never || implies {
				found++
			}
		}
		if found < rounds(20) {
			t.Errorf("it has found something %d times, which proves little", found)
		}
	})
}

// randomCondition is about few fields, so that its parts meet.
func randomCondition(t *testing.T, c chance, s *condition.Schema, fields []condition.Field) *condition.Condition {
	t.Helper()
	age := pick(c, "hours_since_created", "hours_since_changed", "hours_since_last_reply")
	some := []condition.Field{pick(c, fields...), pick(c, fields...)}
	for _, f := range fields {
		if f.Name == "ticket.status" || f.Name == "field.rooms" || f.Name == "ticket.tags" || f.Name == age {
			some = append(some, f)
		}
	}
	text, err := condition.FromGroup(c.group(some, 0, ""), s)
	if err != nil {
		t.Fatal(err)
	}
	switch c.IntN(5) {
	case 0:
		text = "(" + text + ") and " + beyondForms(c)
	case 1:
		text = "not (" + text + " or " + beyondForms(c) + ")"
	case 2:
		text = beyondForms(c) + " ? " + text + " : " + beyondForms(c)
	case 3:
		text = beyondForms(c) + " and not (" + beyondForms(c) + " and (" + text + "))"
	}
	return compile(t, text, s)
}

// beyondForms is what a form does not say, or not so.
func beyondForms(c chance) string {
	return pick(c, `72 < hours_since_created`, `"open" == ticket.status`, `hours_since_created / 2 > 30`, `hours_since(ticket.created_at) < 100`, `hours_since(before.created_at) < 100`,
		`hours_since(ticket.solved_at) >= 50`, `ticket.created_at < ticket.last_reply_at`, `weekday(now) == "monday"`, `len(ticket.tags) > 1`, `true`, `false`, `ticket.status == before.status`,
		`field.rooms == before.field.rooms`, `date("2026-06-10") >= ticket.updated_at`, `100 != hours_since_created`, `200 == hours_since_last_reply`, `not (hours_since_last_reply >= 300)`,
		`not (field.rooms < 4)`, `(ticket.locked ? ticket.status : before.status) == "open"`, `-hours_since_changed < -50`, `ticket.subject contains "rder"`, `hours_since_changed in [1, 50]`,
		`not (ticket.status not in ["open", "closed"])`, `not ("vip" in ticket.tags)`, `ticket.locked == (ticket.status == "open")`, `not changed_to(ticket.status, "open")`)
}

func TestImplies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`ticket.status == "open" and ticket.locked`, `ticket.status == "open"`, true},
		{`ticket.status == "open"`, `ticket.status in ["open", "closed"]`, true},
		{`hours_since_created > 72`, `hours_since_created > 24`, true},
		{`hours_since_created > 24`, `hours_since_created > 72`, false},
		{`ticket.status == "open"`, ``, true},
		{``, `ticket.status == "open"`, false},
		{``, `ticket.locked or not ticket.locked`, true},
		{`ticket.status == "open"`, `ticket.status != "closed"`, true},
		{`ticket.subject contains "a"`, `ticket.subject contains "a" or ticket.locked`, true},
		{`ticket.status == "open"`, `ticket.status == "open" and ticket.locked`, false},
	} {
		t.Run("X04 "+c.a+" implies "+c.b, func(t *testing.T) {
			t.Parallel()
			if got := compile(t, c.a, schema()).Implies(compile(t, c.b, schema())); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`ticket.status == "clsed"`:                             `line 1, column 18: ticket.status is never "clsed": the desk has no such value: did you mean "closed"?`,
		"true and\n ticket.priority in [\"low\", \"hihg\"]":    `line 2, column 29: ticket.priority is never "hihg": the desk has no such value: did you mean "high"?`,
		`B02 ticket.store == "lamp"`:                           `line 1, column 17: ticket.brand is never "lamp": the desk has no such value: did you mean "lamps"?`,
		`M49 field.colour == "rde"`:                            `line 1, column 17: field.colour is never "rde": the desk has no such value: did you mean "red"?`,
		`M49 "blub" in field.extras`:                           `line 1, column 1: field.extras is never "blub": the desk has no such value: did you mean "bulb"?`,
		`changed_to(ticket.class, "slved")`:                    `line 1, column 26: ticket.class is never "slved": the desk has no such value: did you mean "solved"?`,
		`"Problem" in ticket.tags`:                             `line 1, column 1: ticket.tags is in lower case, and so never "Problem": did you mean "problem"?`,
		`lower(ticket.subject) == "Order"`:                     `line 1, column 26: lower(ticket.subject) is in lower case, and so never "Order": did you mean "order"?`,
		`hours_since_created == 5`:                             `line 1, column 1: hours_since_created is hardly ever exactly a number: ask whether it is greater`,
		`ticket.locked and not ticket.locked`:                  `line 1, column 1: can never be true: not ticket.locked contradicts what else is asked of ticket.locked`,
		`ticket.locked or not ticket.locked`:                   `line 1, column 1: is always true, whatever the ticket is: leave it empty`,
		`ticket.channel == "fax" or "new" in ticket.tags`:      ``, // hosts have others
		`ticket.assignee == "" and ticket.status == "open"`:    ``,
		`M55 last_reply_by == "client" and ticket.locked`:      ``,
		`last_reply_by == "customer"`:                          `line 1, column 18: last_reply_by is never "customer": the desk has no such value: did you mean "client"?`,
		`event.actor.kind == "agent"`:                          `line 1, column 21: event.actor.kind is never "agent": the desk has no such value: did you mean "staff"?`,
		`last_reply_by == "robot"`:                             `line 1, column 18: last_reply_by is never "robot": there are "client", "staff" and "system"`,
		`ticket.class == "begun"`:                              `line 1, column 17: ticket.class is never "begun": there are "new", "open", "pending", "solved" and "closed"`,
		`ticket.folder == "trash"`:                             `line 1, column 18: ticket.folder is never "trash": there are "inbox", "archive" and "spam"`,
		`ticket.channel == "mail"`:                             `line 1, column 19: ticket.channel is never "mail", unless the host has named one so: did you mean "email"?`,
		`message.channel in ["api", "Email"]`:                  `line 1, column 28: message.channel is never "Email", unless the host has named one so: did you mean "email"?`,
		`weekday(now) == "Sunday"`:                             `line 1, column 17: weekday(now) is never "Sunday": the desk has no such value: did you mean "sunday"?`,
		`weekday(now) in ["so", "sun"]`:                        `line 1, column 18: weekday(now) is never "so": there are "sunday", "monday", "tuesday", "wednesday", "thursday", "friday" and "saturday"line 1, column 24: weekday(now) is never "sun": the desk has no such value: did you mean "sunday"?`,
		`hour(now) > 23`:                                       `line 1, column 1: hour(now) is from 0 to 23, so this never holds`,
		`hour(now) >= 23 and 1 > month(now)`:                   `line 1, column 25: month(now) is from 1 to 12, so this never holds`,
		`day(now) in [0, 32, 1.5]`:                             `line 1, column 1: day(now) is from 1 to 31, so this never holds`,
		`day(now) in [0, 31] and month(now) != 13`:             ``,
		`lower(ticket.subject) contains "Lamp"`:                `line 1, column 32: lower(ticket.subject) is in lower case, and so never has "Lamp" in it: did you mean "lamp"?`,
		`trim(upper(ticket.subject)) startsWith "Re"`:          `line 1, column 40: trim(upper(ticket.subject)) is in upper case, and so never has "Re" in it: did you mean "RE"?`,
		`ticket.requester.email endsWith "@Example.com"`:       `line 1, column 33: ticket.requester.email is in lower case, and so never has "@Example.com" in it: did you mean "@example.com"?`,
		`"statsu" in event.changed`:                            `line 1, column 1: event.changed is never "statsu": the desk has no such value: did you mean "status"?`,
		`"ticket.status" in event.changed`:                     `line 1, column 1: event.changed is never "ticket.status": the desk has no such value: did you mean "status"?`,
		`"field.colour" in event.changed`:                      ``,
		`M55 hours_since_last_reply > 72 and "a" in ["a","b"]`: ``,
	} {
		name, body := "X04 "+text, text
		if id, rest, ok := strings.Cut(text, " "); ok && len(id) == 3 && id[0] <= 'Z' && id[0] >= 'A' {
			name, body = text, rest
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, w := range compile(t, body, schema()).Warnings() {
				got += w.Error()
			}
			if got != want {
				t.Errorf("got %s", got)
			}
		})
	}
}
