package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestNoticeFiles(t *testing.T) {
	t.Parallel()
	t.Run("M58 files of what is not public go to agents only", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		list := func(to ...rules.Recipients) (out []rules.Notification) {
			for _, to := range to {
				out = append(out, rules.Notification{To: to, Subject: "News", Files: true})
			}
			return out
		}
		agents := rules.Recipients{Owner: true, Watchers: true, Department: true, Agents: []string{"7"}}
		w.save(rules.Rule{Code: "r", On: []rules.Trigger{rules.Noted, rules.StaffReplied, rules.Changed},
			Notify: list(rules.Recipients{Customer: true}, rules.Recipients{Owner: true, Customer: true}, rules.Recipients{Addresses: []string{"x@example.com"}}, agents)})
		x := w.open("Lamp")
		for _, c := range []struct {
			kind ticket.MessageKind
			with string // the status that it sets
			all  bool   // everybody gets its files
		}{
			{ticket.KindNote, "", false}, {ticket.KindReply, "", true},
			{ticket.KindConfided, "in_progress", false}, {ticket.KindThirdParty, "open", true},
		} {
			w.notices = nil
			d := ticket.ReplyDraft{Body: "Look.", Kind: c.kind, Status: c.with}
			if c.kind.Public() || c.kind == ticket.KindConfided {
				d.To = []ticket.Person{{Email: "shop@example.com"}}
				must(w.Reply(as(agent), x.ID, d))(t)
			} else {
				must(w.AddNote(as(agent), x.ID, d))(t)
			}
			w.settle()
			if len(w.notices) < 4 {
				t.Fatalf("%s: %d notices", c.kind, len(w.notices))
			}
			for _, n := range w.notices {
				if got, want := n.Message != 0, c.all || slices.Equal(n.To.Agents, agents.Agents); got != want {
					t.Errorf("%s: files for %+v: %v", c.kind, n.To, got)
				}
			}
		}
	})
	t.Run("M58 files that never go with a notice are warned of", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for _, c := range []struct {
			to   rules.Recipients
			on   []rules.Trigger
			want bool
		}{
			{rules.Recipients{Customer: true}, []rules.Trigger{rules.Noted}, true},
			{rules.Recipients{Addresses: []string{"x@example.com"}}, []rules.Trigger{rules.Noted}, true},
			{rules.Recipients{Owner: true}, []rules.Trigger{rules.Noted}, false},
			{rules.Recipients{Customer: true}, []rules.Trigger{rules.Noted, rules.StaffReplied}, false},
		} {
			_, warnings, err := w.rules.Save(as(agent), rules.Rule{Code: "r", Name: "R", On: c.on, Version: rules.AnyVersion, Notify: []rules.Notification{{To: c.to, Subject: "News", Files: true}}})
			warned := slices.ContainsFunc(warnings, func(w rules.Warning) bool { return strings.Contains(w.Message, "files") })
			if err != nil || warned != c.want {
				t.Errorf("%+v on %v: %v, %v", c.to, c.on, warnings, err)
			}
		}
	})
}
