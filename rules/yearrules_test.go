package rules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// byClock are the rules of a year that look by the clock, with what their conditions ask: so many hours, at least, since
// the ticket was opened or since its last reply.
var byClock = []struct {
	code, and string
	hours     int
	every     time.Duration
	silence   bool
}{
	{"silent", ` and last_reply_by == "client"`, 72, time.Hour, true},
	{"forgotten", ` and last_reply_by == "client"`, 500, 5 * time.Hour, true},
	{"quiet", ``, 300, day, true},
	{"idle", ` and ticket.status != "closed"`, 200, 7 * time.Hour, true},
	{"aged", ``, 720, day, false},
	{"order_aged", ` and ticket.subject contains "Order"`, 100, 6 * time.Hour, false},
	{"high_aged", ` and ticket.priority == "high"`, 400, 3 * time.Hour, false},
	{"ancient", ``, 3000, 2 * day, false},
}

// yearRules are the thirty rules of a year.
func yearRules() []rules.Rule {
	tag := func(code string, on rules.Trigger, when string) rules.Rule {
		if when != "" {
			when += " and "
		}
		return rules.Rule{Code: code, On: []rules.Trigger{on}, When: when + `not ("` + code + `" in ticket.tags)`, Do: do("add_tags", []string{code})}
	}
	tell := func(code string, on rules.Trigger, when string, to rules.Recipients) rules.Rule {
		return rules.Rule{Code: code, On: []rules.Trigger{on}, When: when, Notify: []rules.Notification{{To: to, Subject: code, Body: "[ticket_subject]"}}}
	}
	call := func(code string, on rules.Trigger, when string) rules.Rule {
		return rules.Rule{Code: code, On: []rules.Trigger{on}, When: when, Do: do("call", rules.Call{Function: "crm"})}
	}
	list := []rules.Rule{
		tag("new", rules.Created, ""),
		{Code: "order", On: []rules.Trigger{rules.Created}, When: `ticket.subject contains "Order"`, Do: []rules.Step{rules.Do("set_department", "sales"), rules.Do("set_owner", "8")}},
		tag("mailed", rules.Created, `ticket.channel == "email"`),
		{Code: "urgent", On: []rules.Trigger{rules.Created}, When: `ticket.subject contains "urgent"`, Do: do("set_priority", "high")},
		{Code: "stop", On: []rules.Trigger{rules.Created}, When: `ticket.subject contains "stop"`, Do: do("add_tags", []string{"stop"}), Stop: true},
		tag("unstopped", rules.Created, ""),
		{Code: "begin", On: []rules.Trigger{rules.StaffReplied}, When: `ticket.status == "open"`, Do: do("set_status", "in_progress")},
		{Code: "back", On: []rules.Trigger{rules.CustomerReplied}, When: `ticket.status == "waiting_customer"`, Do: do("set_status", "open")},
		tag("spoke", rules.CustomerReplied, ""),
		tag("stranger", rules.ThirdPartyReplied, ""),
		tag("noted", rules.Noted, ""),
		tell("yours", rules.Assigned, "", rules.Recipients{Owner: true}),
		tell("high", rules.Changed, `ticket.priority == "high" and before.priority != "high"`, rules.Recipients{Department: true}),
		call("closed", rules.Changed, `ticket.status == "closed" and before.status != "closed"`),
		tag("chained", rules.Changed, `"spoke" in ticket.tags`),
		tag("converted", rules.Converted, ""),
		tag("rated", rules.Rated, ""),
		tell("near", rules.DeadlineNear, "", rules.Recipients{Owner: true}),
		tell("missed", rules.DeadlineMissed, "", rules.Recipients{Owner: true, Addresses: []string{"boss@desk.example"}}),
		tag("overdue", rules.DeadlineMissed, `event.name == "resolution"`),
		tag("parcel", "x.parcel", ""),
		{Code: "asleep", Inactive: true, On: []rules.Trigger{rules.Created}, Do: do("set_status", "closed")},
	}
	for _, c := range byClock {
		what := "created"
		if c.silence {
			what = "last_reply"
		}
		r := call(c.code, rules.ByClock, "hours_since_"+what+" >= "+itoa(c.hours)+c.and)
		r.Every = ticket.Duration(c.every)
		list = append(list, r)
	}
	return list
}

// define gives the desk of a year everything that it has.
func (y *year) define(t testing.TB) {
	t.Helper()
	ok(t, y.Catalog().PutDepartment(host, ticket.Department{Code: "sales", Name: "Sales"}))
	berlin := calendar.Calendar{Code: "berlin", Name: "Berlin", Zone: "Europe/Berlin", Week: calendar.Weekdays("09:00-17:00"), Special: []calendar.Special{{Name: "New Year", From: "2027-01-01"}}}
	late := calendar.Calendar{Code: "late", Name: "Late", Zone: "America/New_York", Week: calendar.Weekdays("22:00-06:00")}
	must(y.Calendars().Save(host, berlin))(t)
	must(y.Calendars().Save(host, late))(t)
	goal := func(h int) sla.Goal {
		return sla.Goal{Within: ticket.Duration(time.Duration(h)*time.Hour + 7*time.Minute), Warn: []sla.Warning{{Percent: 50}, {Before: ticket.Duration(time.Hour)}}}
	}
	pause := sla.Pause{Statuses: []string{"waiting_customer"}}
	for i, p := range []sla.Policy{
		{Code: "orders", For: sla.Match{Departments: []string{"sales"}}, Calendar: "late", FirstResponse: goal(3), Resolution: goal(30)},
		{Code: "high", For: sla.Match{Priorities: []string{"high"}}, FirstResponse: goal(2), NextResponse: goal(5), Resolution: goal(50)},
		{Code: "rest", Calendar: "berlin", FirstResponse: goal(6), NextResponse: goal(12), Resolution: goal(60)},
	} {
		p.Name, p.Sort, p.Pause = p.Code, i, pause
		must(y.Policies().Save(host, p))(t)
	}
	for i, r := range yearRules() {
		r.Name, r.Sort = r.Code, i
		if y.exact && slices.Contains(r.On, rules.ByClock) { // each look is a step of its own there
			r.Every = max(r.Every, ticket.Duration(12*time.Hour))
		}
		if _, _, err := y.Save(host, r); err != nil {
			t.Fatal(err)
		}
		if y.exact { // so that no two look at the same time
			y.Clock.Advance(time.Second)
		}
	}
	p := chasing()
	p.Chasers, p.Every = 2, ticket.Duration(3*day+19*time.Minute)
	p.After, p.CloseAfter = p.After+ticket.Duration(23*time.Minute), p.CloseAfter+ticket.Duration(29*time.Minute)
	must(y.AutoCloses().Save(host, p))(t)
	must(y.Macros().Save(host, rules.Macro{Code: "thanks", Name: "Thanks", Do: []rules.Step{rules.Do("add_tags", []string{"thanked"}), rules.Do("reply", rules.Text{Body: "Thank you.", Status: "closed"})}}))(t)
	daily, twice := weekly(), weekly()
	daily.Code, daily.Rule, daily.CatchUp = "daily", "DTSTART:20260105T120000\nRRULE:FREQ=DAILY", rules.CatchUpAll
	twice.Code, twice.Rule, twice.Zone = "twice", "DTSTART:20260105T021500\nRRULE:FREQ=WEEKLY;BYDAY=SU,TU", "America/New_York"
	must(y.RecurringTickets().Save(host, daily))(t)
	must(y.RecurringTickets().Save(host, twice))(t)
}
