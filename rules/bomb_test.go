package rules_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// dearest are conditions that cost as much as is taken, or nearly.
func dearest() []string {
	or := func(part string, n int) string { return strings.Repeat(part+" or ", n-1) + part }
	return []string{
		or(`lower(message.body) == "x"`, 23),
		or(`upper(message.body) == lower(ticket.last_message)`, 11),
		or(`upper(lower(upper(lower(upper(lower(message.body)))))) == "X"`, 3),
		or(`message.body contains ticket.subject`, 45),
		or(`message.body contains "`+strings.Repeat("a", 100)+`b"`, 45),
		or(`any(ticket.tags, upper(lower(#)) contains "AAAAAAAAB")`, 15),
		or(`any(ticket.participants, lower(#) == "b")`, 35),
		`message.body matches "(a|aa)+(a|aa)+(a?){20}b$"`,
		or(`any(ticket.tags, # matches "(a|aa)+(a?){10}b$")`, 3),
		or(`message.body matches "(a+a+)+b"`, 10),
		or(`message.body matches "(?i)(.*)(.*)(.*)[a-z]$x"`, 8),
		or(`count(message.file_names, upper(#) endsWith "B") > 90`, 20),
	}
}

// broken are actions that do not do what they should, each in its own way.
func broken(w *world) []string {
	var names []string
	for name, do := range map[string]func(ctx context.Context) error{
		"panics":     func(context.Context) error { panic("no") },
		"fails":      func(context.Context) error { return errors.New("not today") },
		"oversleeps": func(ctx context.Context) error { <-ctx.Done(); return nil },
	} {
		rules.AddAction(w.rules, rules.Action[struct{}]{Name: name, Doc: name, Do: func(ctx context.Context, _ *rules.Acting, _ struct{}) error { return do(ctx) }})
		names = append(names, name)
	}
	return names
}

// bombed is a desk with rules for replies of customers in this order: one of the dearest, one that tags, …, and between
// them those that are broken. It returns what is to run, as world.ran tells it.
func bombed(t *testing.T) (w *world, want []string) {
	w = &world{Desk: helpdesktest.New(t, &helpdesktest.Options{Manual: true}), t: t}
	w.rules = must(rules.New(w.Automation(), w.Store, &rules.Options{ActionTimeout: 20 * time.Millisecond}))(t)
	add := func(code, when, outcome string, step rules.Step) {
		w.save(rules.Rule{Code: code, Sort: len(want), On: []rules.Trigger{rules.CustomerReplied}, When: when, Do: []rules.Step{step}})
		want = append(want, "customer_replied: "+code+" "+outcome)
	}
	for i, text := range dearest() {
		add(fmt.Sprintf("bomb%d", i), text+` or ticket.code != ""`, "matched", rules.Do("set_priority", []string{"low", "high"}[i%2]))
		add(fmt.Sprintf("plain%d", i), `ticket.subject startsWith "a" and ticket.priority == "`+[]string{"low", "high"}[i%2]+`"`, "matched", rules.Do("add_tags", []string{fmt.Sprint("plain", i)}))
	}
	for _, name := range broken(w) {
		add(name, "", "failed", rules.Do(name, nil))
		add("after_"+name, "", "matched", rules.Do("add_tags", []string{"after_" + name}))
	}
	return w, want
}

// stuffed is a ticket with as much text as a desk takes, and a reply of its customer.
func stuffed(w *world) (*ticket.Ticket, ticket.ReplyDraft) {
	w.t.Helper()
	limits := ticket.Limits{}.WithDefaults()
	x := must(w.CreateTicket(as(customer), ticket.Draft{Subject: strings.Repeat("a", limits.Subject), Body: "It is broken."}))(w.t)
	var tags []string
	var people []ticket.Person
	for i := range 80 {
		tags = append(tags, fmt.Sprint(strings.Repeat("a", 390), i))
		people = append(people, ticket.Person{Email: fmt.Sprintf("%s%d@example.com", strings.Repeat("a", 50), i)})
	}
	x = must(w.UpdateTicket(as(agent), x.ID, ticket.Patch{Tags: &tags, Participants: &people}))(w.t)
	w.settle()
	d := ticket.ReplyDraft{Body: "<p>" + strings.Repeat("a", limits.Body-7) + "</p>", Format: ticket.HTML}
	return x, d
}

// TestBombs is not parallel: it measures.
func TestBombs(t *testing.T) {
	t.Run("X04 the dearest conditions and broken actions leave the rules beside them as they are, within bounds", func(t *testing.T) {
		w, want := bombed(t)
		for _, text := range dearest() {
			twice := rules.Rule{Code: "twice", Name: "Twice", On: []rules.Trigger{rules.CustomerReplied}, When: text + " or " + text}
			if err := w.rules.CheckRule(as(agent), twice); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("%.60s… is not the dearest: twice of it gives %v", text, err)
			}
		}
		const memory, each = 64 << 20, 50 * time.Millisecond
		x, reply := stuffed(w)
		most, measured := time.Duration(len(dearest()))*each, !testing.Short() // as under the race detector
		least, runs := time.Hour, 0
		var before, after runtime.MemStats
		for runs < 1 || (runs < 10 && least > most && measured) { // the machine may be busy
			runs++
			must(w.Reply(as(customer), x.ID, reply))(t)
			runtime.ReadMemStats(&before)
			began := time.Now()
			w.settle()
			least = min(least, time.Since(began))
			runtime.ReadMemStats(&after)
			bytes := after.TotalAlloc - before.TotalAlloc
			t.Logf("%v, %d KiB", least, bytes>>10)
			if bytes > memory && measured {
				t.Errorf("took %d KiB for all rules", bytes>>10)
			}
		}
		if least > most && measured {
			t.Errorf("took %v, and at most %v are allowed", least, most)
		}
		equal(t, "runs", w.ran(x.ID), slices.Repeat(want, runs))
		tags := must(w.Ticket(as(agent), x.ID))(t).Tags
		for _, line := range want {
			rule, outcome, _ := strings.Cut(strings.TrimPrefix(line, "customer_replied: "), " ")
			if tagged := slices.Contains(tags, rule); tagged != (outcome == "matched" && !strings.HasPrefix(rule, "bomb")) {
				t.Errorf("%s %s, and its tag: %v", rule, outcome, tagged)
			}
		}
	})
	t.Run("X04 a text that cannot be read when a condition asks for it keeps no other rule from running, in their order and once", func(t *testing.T) {
		for n := 1; ; n++ {
			f := newFaulting(t)
			for i, when := range []string{"", `ticket.last_message contains "broken"`, `ticket.last_message contains "whole"`, `ticket.subject == "Lamp"`} {
				f.save(rules.Rule{Code: fmt.Sprint("rule", i), Sort: i, On: []rules.Trigger{rules.Created}, When: when, Do: do("add_note", rules.Text{Body: fmt.Sprint("of ", i)})})
			}
			id := must(f.CreateTicket(as(customer), ticket.Draft{Subject: "Lamp", Body: "It is broken."}))(t).ID
			f.store.FailAt(n, errKilled)
			_, _ = f.Deliveries().Dispatch(bg)
			where := f.store.Failed()
			if where != "Messages" && where != "" {
				continue
			}
			if where == "Messages" {
				equal(t, "runs while it cannot be read", f.ran(id), nil)
			}
			f.recover()
			equal(t, "runs", f.ran(id), []string{"created: rule0 matched", "created: rule1 matched", "created: rule3 matched"})
			var notes []string
			for _, m := range must(f.Messages(as(agent), id, ticket.MessageQuery{Kinds: []ticket.MessageKind{ticket.KindNote}}))(t) {
				notes = append(notes, m.Body)
			}
			equal(t, "notes", notes, []string{"of 0", "of 1", "of 3"})
			if where == "" {
				t.Fatal("nothing failed where the text is read")
			}
			return
		}
	})
}
