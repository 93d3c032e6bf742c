package helpdesk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/storetest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestStoredSubscriptions(t *testing.T) {
	t.Parallel()
	t.Run("X03 a binding is stored by a later write when the transaction that first stored it was rolled back", func(t *testing.T) {
		t.Parallel()
		d := manual(t, nil, helpdesk.Config{})
		told := 0
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { told++; return nil })
		payment := errors.New("payment failed")
		is(t, d.InTx(as(ann), func(c ctx) error { _, err := d.CreateTicket(c, lamp()); return errors.Join(err, payment) }), payment)
		open(t, d, ann)
		d.DispatchAll(t)
		equal(t, "told", told, 1)
	})
	t.Run("X03 a binding is stored by a later write when the commit that should have stored it failed", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("disk full")
		f := storetest.NewFaulty(memory.New(nil))
		d := manual(t, f, helpdesk.Config{})
		told := 0
		d.Hooks().TicketCreated.Bind("acme", func(ctx, hooks.Created) error { told++; return nil })
		for n := 1; ; n++ {
			f.FailAt(n, broken)
			_, err := d.CreateTicket(as(ann), lamp())
			if f.Failed() == "Commit" {
				is(t, err, broken)
				break
			}
			if f.Failed() == "" {
				t.Fatal("no commit was failed")
			}
		}
		f.FailAt(0, nil)
		open(t, d, ann)
		d.DispatchAll(t)
		equal(t, "told", told, 1)
	})
	t.Run("X03 a desk is not made inside a transaction", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		d := manual(t, s, helpdesk.Config{})
		ok(t, d.InTx(as(ann), func(c ctx) error {
			_, err := helpdesk.New(c, s, nil)
			is(t, err, ticket.ErrInvalid)
			return nil
		}))
	})
}

func TestPayloadOwnership(t *testing.T) {
	t.Parallel()
	t.Run("X02 what a guard changes in its payload is not written, nor seen by the next guard or by the caller", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		spoil := func(_ ctx, in hooks.Committing) error {
			in.Event.Actor.ID = "forged"
			in.After.Subject = "forged"
			if in.Before != nil {
				in.Before.Subject = "forged"
			}
			if in.Message != nil {
				in.Message.Body = "forged"
			}
			return nil
		}
		see := func(_ ctx, in hooks.Committing) error {
			if in.Event.Actor.ID == "forged" || in.After.Subject == "forged" || (in.Message != nil && in.Message.Body == "forged") {
				t.Errorf("the next guard saw %+v", in)
			}
			return nil
		}
		for _, g := range []*hooks.Guard[hooks.Committing]{&d.Hooks().TicketCreateGuard, &d.Hooks().TicketMessageGuard, &d.Hooks().TicketDeleteGuard} {
			g.Bind("spoil", spoil)
			g.Bind("see", see)
		}
		tk := open(t, d, ann)
		equal(t, "body", must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t).Body, "hi")
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		for _, e := range history(t, d, tk.ID) {
			if e.Actor.ID == "forged" || strings.Contains(e.Subject, "forged") {
				t.Errorf("journal has %+v", e)
			}
		}
	})
	t.Run("X02 what a gate changes in its payload is not written, nor kept from the next gate", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		h, files := d.Hooks(), 0
		h.TicketAttachmentValidation.Bind("count", func(ctx, hooks.Attaching) error { files++; return nil })
		h.TicketCreateValidation.Bind("spoil", func(_ ctx, in hooks.Creating) error { in.Draft.Files, in.Draft.Subject = nil, "forged"; return nil })
		h.TicketCreateValidation.Bind("see", func(_ ctx, in hooks.Creating) error { equal(t, "subject", in.Draft.Subject, "Lamp broken"); return nil })
		h.TicketReplyValidation.Bind("spoil", func(_ ctx, in hooks.Replying) error { in.Draft.Files, in.Draft.To[0].Email = nil, "forged"; return nil })
		h.TicketUpdateValidation.Bind("spoil", func(_ ctx, in hooks.Updating) error {
			*in.Patch.Subject, (*in.Patch.Tags)[0], *in.Patch.Fields["x"], in.After.Subject = "forged", "forged", "forged", "forged"
			return nil
		})
		draft := lamp()
		draft.Files = []ticket.Upload{{Name: "a", Content: strings.NewReader("x")}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		equal(t, "subject", tk.Subject, "Lamp broken")
		reply := ticket.ReplyDraft{Body: "x", To: []ticket.Person{{Email: "ann@example.com"}}, Files: []ticket.Upload{{Name: "a", Content: strings.NewReader("x")}}}
		equal(t, "to", must(d.Reply(as(bob), tk.ID, reply))(t).To[0].Email, "ann@example.com")
		equal(t, "files shown", files, 2)
		subject, tags, value := "Lamp", []string{"a"}, "y"
		tk = must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Subject: &subject, Tags: &tags, Fields: map[string]*string{"x": &value}}))(t)
		equal(t, "written", tk.Subject+tk.Tags[0]+tk.Fields["x"], "Lampay")
		equal(t, "the caller's", subject+tags[0]+value, "Lampay")
	})
	t.Run("X02 a filter changes what is written and not the caller's values, and a failing one that is FailOpen changes nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		h, no := d.Hooks(), errors.New("no")
		h.TicketDraft.Bind("fails", func(_ ctx, in *hooks.Creating) error { in.Draft.Subject = "half"; in.Draft.Tags[0] = "half"; return no }, hooks.FailOpen())
		h.TicketDraft.Bind("gone", func(_ ctx, in *hooks.Creating) error { in.Draft = nil; return no }, hooks.FailOpen())
		h.TicketReplyDraft.Bind("fails", func(_ ctx, in *hooks.Replying) error { in.Draft.Body = "half"; return no }, hooks.FailOpen())
		h.TicketReplyDraft.Bind("works", func(_ ctx, in *hooks.Replying) error { in.Draft.To[0].Name = "Ann"; return nil })
		h.TicketPatch.Bind("fails", func(_ ctx, in *hooks.Updating) error { *in.Patch.Subject = "half"; return no }, hooks.FailOpen())
		h.TicketPatch.Bind("works", func(_ ctx, in *hooks.Updating) error { *in.Patch.Subject += "!"; return nil })
		draft := lamp()
		draft.Tags = []string{"a"}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		tk = must(d.Ticket(as(bob), tk.ID))(t)
		equal(t, "written", tk.Subject+tk.Tags[0]+draft.Tags[0], "Lamp brokenaa")
		reply := ticket.ReplyDraft{Body: "x", To: []ticket.Person{{Email: "ann@example.com"}}}
		m := must(d.Reply(as(bob), tk.ID, reply))(t)
		equal(t, "written", m.Body+m.To[0].Name+reply.To[0].Name, "xAnn")
		subject := "Lamp"
		equal(t, "written", must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Subject: &subject}))(t).Subject, "Lamp!")
		equal(t, "the caller's", subject, "Lamp")
	})
	t.Run("X03 a volatile handler has the ticket as of its event, and nothing in common with the caller", func(t *testing.T) {
		t.Parallel()
		d := must(helpdesk.New(context.Background(), openStore(t), nil))(t)
		seen := make(chan string, 2)
		held := make(chan struct{})
		d.Hooks().TicketNoteAdded.Bind("v", func(_ ctx, e hooks.Messaged) error {
			<-held
			seen <- e.Ticket.Status + " " + e.Message.Body
			return nil
		}, hooks.Volatile())
		ok(t, d.Start(context.Background()))
		tk := must(d.CreateTicket(as(ann), lamp()))(t)
		after := must(d.SetStatus(as(bob), tk.ID, "closed", "why"))(t)
		m := must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "mine"}))(t)
		after.Status, m.Body = "spoilt", "spoilt"
		close(held)
		ok(t, d.Stop(context.Background()))
		got := []string{<-seen, <-seen}
		slices.Sort(got)
		if !slices.Equal(got, []string{"closed mine", "open why"}) {
			t.Errorf("seen %q", got)
		}
	})
	t.Run("M80 what the catalogue and the settings return belongs to the caller", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{
			Statuses:    []ticket.Status{{Code: "open", Name: "Open", Class: ticket.ClassNew, Labels: ticket.Label{"de": "Offen"}}},
			Departments: []ticket.Department{{Code: "support", Name: "Support", Brands: []string{"default"}}},
			Brands:      []ticket.Brand{{Code: "default", Name: "Default", Locales: []string{"de"}}},
			Settings:    ticket.SettingsPatch{SilentStatuses: &[]string{"open"}},
		})
		for range 2 {
			s, dep := must(d.Catalog().Statuses(as(bob)))(t)[0], must(d.Catalog().Departments(as(bob)))(t)[0]
			b, set := must(d.Catalog().Brands(as(bob)))(t)[0], must(d.Settings().Get(as(bob), "", "", ""))(t)
			equal(t, "values", s.Labels["de"]+dep.Brands[0]+b.Locales[0]+set.SilentStatuses[0], "Offendefaultdeopen")
			s.Labels["de"], dep.Brands[0], b.Locales[0], set.SilentStatuses[0] = "x", "x", "x", "x"
		}
	})
}
