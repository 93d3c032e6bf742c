package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify"
	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// What those outside must not be able to do with the desk's mail, and what must not get outside.
func TestOutside(t *testing.T) {
	t.Parallel()
	t.Run("M24 a guest cannot have the desk write to others by a form, until staff have answered", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		var named []ticket.Person
		for i := range 20 {
			named = append(named, ticket.Person{Name: "BUY NOW", Email: fmt.Sprintf("n%d@example.org", i)})
		}
		tk := must(x.CreateTicket(as(gus), ticket.Draft{Subject: "You have won", Body: "Click here.", Participants: named}))(t)
		must(x.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: "Click here, really."}))(t)
		if told := x.told(t); slices.ContainsFunc(told, toNamed) {
			t.Error(told)
		}
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "Thank you all."}))(t)
		equal(t, "named who read staff's answer", countNamed(x.told(t)), 20)
		must(x.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: "Thank you."}))(t)
		equal(t, "named who read what comes after", countNamed(x.told(t)), 20)
	})
	t.Run("M60 staff hear of a ticket that is taken out of the spam", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		tk := must(x.CreateTicket(x.host, ticket.Draft{Subject: "My lamp is dark", Body: "x", Requester: gus.Person(), Folder: ticket.Spam}))(t)
		same(t, "of spam hears", x.told(t))
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Folder: new(ticket.Inbox)}))(t)
		same(t, "of what is none hears", x.told(t), "bob@shop.example: "+subject(tk))
	})
	t.Run("X21 neither an agent nor a copy has the desk write to itself", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.People().PutAgent(x.host, ticket.Agent{ID: bob.ID, Name: bob.Name, Email: "Help@shop.example", Departments: []string{"support"}}))
		x.set(t, ticket.SettingsPatch{MailCopies: &[]string{help, "archive@shop.example"}})
		tk := x.lamp(t)
		about := subject(tk)
		same(t, "hear of a new ticket", x.told(t), "ann@shop.example: "+about, "archive@shop.example: "+about, "archive@shop.example: "+about, "gus@example.com: "+about)
		equal(t, "news of who has no address", len(must(x.n.Feed(as(bob), "", 0))(t).News), 1)
	})
	t.Run("M24 what lets a reader in is in no preview and in no copy", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{change: func(o *notify.Options) {
			o.URL = func(p notify.Page) string { return "https://shop.example/" + string(p.Kind) + "/" + p.Token }
		}})
		x.set(t, ticket.SettingsPatch{MailCopies: &[]string{"archive@shop.example"}, SurveyInMail: new(true)})
		tk := x.mine(t)
		m := must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "It leaves today."}))(t)
		links := []string{"shop.example/guest/", "shop.example/survey/"}
		for _, got := range x.mails(t) {
			for _, link := range links {
				if has := strings.Contains(got.text(t), link); has != (got.to == "gus@example.com") {
					t.Errorf("%s reads %s: %v\n%s", got.to, link, has, got.text(t))
				}
			}
		}
		r := must(x.n.Preview(x.host, template.Stored{Kind: template.CustomerMessage, Source: template.Source{Text: "{{.guest_url}} {{.survey}}"}}, m.ID))(t)
		for _, link := range links {
			if strings.Count(r.Text, link) == 0 || strings.Count(r.Text, link) != strings.Count(r.Text, link+"preview") {
				t.Errorf("%q", r.Text)
			}
		}
	})
	t.Run("W32 files of an encrypted answer do not leave the desk by mail", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{sealed: true})
		tk := x.mine(t)
		file := ticket.Upload{Name: "key.txt", Content: strings.NewReader("under the mat")}
		must(x.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "See the file.", Encrypted: true, Files: []ticket.Upload{file}}))(t)
		mails := x.mails(t)
		equal(t, "mails", len(mails), 1)
		if strings.Contains(mails[0].raw, "Content-Disposition: attachment") {
			t.Error(mails[0].raw)
		}
	})
}

func toNamed(told string) bool { return strings.Contains(told, "@example.org") }

// countNamed counts those whom the form named.
func countNamed(told []string) (n int) {
	for _, s := range told {
		if toNamed(s) {
			n++
		}
	}
	return n
}

func TestFeedSwitches(t *testing.T) {
	t.Parallel()
	news := func(t *testing.T, x *shop, a ticket.Actor) (kinds []template.Kind) {
		for _, n := range must(x.n.Feed(as(a), "", 0))(t).News {
			kinds = append(kinds, n.Kind)
		}
		return kinds
	}
	t.Run("M32 agents who are chosen have new tickets in their feeds, and only what they may see", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.People().PutAgent(x.host, ticket.Agent{ID: "4", Name: "Dan", Email: "dan@shop.example", Departments: []string{"support", "sales"}}))
		x.set(t, ticket.SettingsPatch{FeedNewTickets: &[]string{"4", ann.ID, cem.ID}})
		tk := must(x.CreateTicket(x.host, ticket.Draft{Subject: "My lamp is dark", Body: "x", Requester: gus.Person(), Assignee: ann.ID}))(t)
		for who, want := range map[string]int{ann.ID: 1, bob.ID: 0, cem.ID: 0, "4": 1} {
			equal(t, "news of agent "+who, len(news(t, x, ticket.Staff(who, "", ""))), want)
		}
		if told := x.told(t); slices.Contains(told, "dan@shop.example: "+subject(tk)) || !slices.Contains(told, "ann@shop.example: "+subject(tk)) {
			t.Errorf("who is chosen gets no mail: %v", told)
		}
	})
	t.Run("M32 messages and assignments have switches, and mail does not go by them", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		x.set(t, ticket.SettingsPatch{FeedMessages: new(false), FeedAssignments: new(false)})
		tk := x.mine(t)
		must(x.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: "Hello?"}))(t)
		must(x.UpdateTicket(as(ann), tk.ID, ticket.Patch{Assignee: new(bob.ID)}))(t)
		if got := append(news(t, x, ann), news(t, x, bob)...); slices.Contains(got, template.StaffMessage) || slices.Contains(got, template.Assignment) {
			t.Error(got)
		}
		equal(t, "mails", len(x.told(t)), 2)
		x.set(t, ticket.SettingsPatch{FeedMessages: new(true), FeedAssignments: new(true)})
		must(x.UpdateTicket(as(bob), tk.ID, ticket.Patch{Assignee: new(ann.ID)}))(t)
		must(x.Reply(as(verified(gus)), tk.ID, ticket.ReplyDraft{Body: "Hello?"}))(t)
		if got := news(t, x, ann); !slices.Contains(got, template.StaffMessage) || !slices.Contains(got, template.Assignment) {
			t.Error(got)
		}
	})
	t.Run("M32 a template that is disabled takes nothing out of the feed", func(t *testing.T) {
		t.Parallel()
		x := newShop(t, setup{})
		done(t, x.n.PutTemplate(x.host, template.Stored{Kind: template.StaffTicket, Disabled: true}))
		tk := x.lamp(t)
		same(t, "told", x.told(t), "gus@example.com: "+subject(tk))
		equal(t, "news", len(news(t, x, ann)), 1)
	})
}
