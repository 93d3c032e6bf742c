package helpdesk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestGates(t *testing.T) {
	t.Parallel()
	t.Run("G08 the guards of updates have the last word on a status that a message carries or brings about", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{StatusOnStaff: new("in_progress")}})
		d.Hooks().TicketUpdateGuard.Bind("no", func(_ ctx, in hooks.Committing) error {
			if in.Before.Status != in.After.Status {
				return ticket.Invalid("status", ticket.FaultRefused, "stays")
			}
			return nil
		})
		tk := open(t, d, ann)
		for _, r := range []ticket.ReplyDraft{{Body: "x", Status: "closed"}, {Body: "x"}} {
			_, err := d.Reply(as(bob), tk.ID, r)
			invalid(t, err, "status")
		}
		must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
	})
	t.Run("R06 the gates of notes see the note of a patch", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, ann)
		d.Hooks().TicketNoteValidation.Bind("no", func(_ ctx, in hooks.Replying) error {
			return ticket.Invalid("note", ticket.FaultRefused, "no %s", in.Draft.Body)
		})
		_, err := d.CloseTicket(as(bob), tk.ID, "swearing")
		invalid(t, err, "note")
		_, err = d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Note: "swearing"})
		invalid(t, err, "note")
	})
	t.Run("W10 a form is told at once what the built-in checks and the gates have against it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		asked, refuses := 0, error(ticket.Invalid("service", ticket.FaultRefused, "which order?"))
		d.Hooks().TicketClientCreateValidation.Bind("order", func(ctx, hooks.Creating) error { asked++; return refuses })
		fields := func(err error) string {
			var out []string
			var v *ticket.ValidationError
			if errors.As(err, &v) {
				for _, f := range v.Fields {
					out = append(out, f.Field)
				}
			}
			return strings.Join(out, " ")
		}
		equal(t, "of an empty form", fields(d.CheckTicket(as(ann), ticket.Draft{})), "subject body service")
		equal(t, "of a whole one", fields(d.CheckTicket(as(ann), lamp())), "service")
		_, err := d.CreateTicket(as(ann), ticket.Draft{})
		equal(t, "of a ticket", fields(err), "subject body")
		equal(t, "the gate was asked", asked, 2)
		refuses = errors.New("dial tcp: refused")
		err = d.CheckTicket(as(ann), ticket.Draft{})
		equal(t, "beside a broken gate", fields(err), "subject body")
		is(t, err, ticket.ErrHookFailed)
		is(t, d.CheckTicket(as(ann), lamp()), ticket.ErrHookFailed)
	})
	t.Run("W10 what a form is told is refused where a gate refused, failed where one only failed, and has every field in either case", func(t *testing.T) {
		t.Parallel()
		refusing, breaking := error(ticket.Invalid("service", ticket.FaultRefused, "which order?")), errors.New("dial tcp: refused")
		for name, c := range map[string]struct {
			draft  ticket.Draft
			gates  []error
			code   string
			fields int
		}{
			"built-in checks alone":          {ticket.Draft{}, []error{nil, nil}, "invalid", 2},
			"and a refusal":                  {ticket.Draft{}, []error{refusing, nil}, "refused", 3},
			"and a gate that is broken":      {ticket.Draft{}, []error{nil, breaking}, "hook_failed", 2},
			"and both":                       {ticket.Draft{}, []error{refusing, breaking}, "refused", 3},
			"a refusal alone":                {lamp(), []error{refusing, nil}, "refused", 1},
			"a gate alone that is broken":    {lamp(), []error{nil, breaking}, "hook_failed", 0},
			"a refusal and one that is":      {lamp(), []error{refusing, breaking}, "refused", 1},
			"nothing, that is: nothing else": {lamp(), []error{nil, nil}, "", 0},
		} {
			d := newDesk(t, helpdesk.Config{})
			tk := open(t, d, ann)
			for i, err := range c.gates {
				d.Hooks().TicketCreateValidation.Bind(fmt.Sprint(i), func(ctx, hooks.Creating) error { return err })
				d.Hooks().TicketReplyValidation.Bind(fmt.Sprint(i), func(ctx, hooks.Replying) error { return err })
			}
			reply, ofReply := ticket.ReplyDraft{Body: c.draft.Body}, c.fields
			if c.draft.Body == "" {
				ofReply-- // a reply has no subject
			}
			for verb, err := range map[string]error{"ticket": d.CheckTicket(as(ann), c.draft), "reply": d.CheckReply(as(ann), tk.ID, reply)} {
				want := c.fields
				if verb == "reply" {
					want = ofReply
				}
				var v *ticket.ValidationError
				if errors.As(err, &v); v == nil {
					v = &ticket.ValidationError{}
				}
				equal(t, verb+" with "+name+": code", ticket.ErrorCode(err), c.code)
				equal(t, verb+" with "+name+": fields", len(v.Fields), want)
				equal(t, verb+" with "+name+": failed", errors.Is(err, ticket.ErrHookFailed), c.gates[1] != nil)
			}
		}
	})
	t.Run("W10 a reply form is told at once what Reply would refuse, and nothing is written", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{RequireClosingNote: new(true)}})
		tk := open(t, d, ann)
		d.Hooks().TicketReplyValidation.Bind("polite", func(_ ctx, in hooks.Replying) error {
			if !strings.Contains(in.Draft.Body, "please") {
				return ticket.Invalid("tone", ticket.FaultRefused, "say please")
			}
			return nil
		})
		check := func(a ticket.Actor, r ticket.ReplyDraft) string {
			err := d.CheckReply(as(a), tk.ID, r)
			var v *ticket.ValidationError
			if !errors.As(err, &v) {
				return fmt.Sprint(err)
			}
			var out []string
			for _, f := range v.Fields {
				out = append(out, f.Field+" "+string(f.Fault))
			}
			return strings.Join(out, ", ")
		}
		equal(t, "of an empty form", check(bob, ticket.ReplyDraft{Status: "closed"}), "body required, note required, tone refused")
		equal(t, "of a status that is none", check(bob, ticket.ReplyDraft{Body: "please", Status: "x"}), "status unknown")
		equal(t, "of a whole one", check(bob, ticket.ReplyDraft{Body: "please", Status: "closed"}), "<nil>")
		equal(t, "of a note", check(bob, ticket.ReplyDraft{Kind: ticket.KindNote, Body: "rude"}), "<nil>")
		is(t, d.CheckReply(as(ann), tk.ID, ticket.ReplyDraft{Body: "please", Status: "in_progress"}), ticket.ErrForbidden)
		is(t, d.CheckReply(as(ticket.Client("43", "Eve", "eve@example.com")), tk.ID, ticket.ReplyDraft{Body: "please"}), ticket.ErrNotFound)
		must(d.Lock(as(bob), tk.ID))(t)
		is(t, d.CheckReply(as(ann), tk.ID, ticket.ReplyDraft{Body: "please"}), ticket.ErrLocked)
		equal(t, "messages", must(d.Ticket(as(bob), tk.ID))(t).Seq, 1)
	})
	t.Run("W10 hooks hear whether a form only asks", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		var heard []bool
		d.Hooks().TicketDraft.Bind("filter", func(_ ctx, in *hooks.Creating) error { heard = append(heard, in.Checking); return nil })
		d.Hooks().TicketCreateValidation.Bind("gate", func(_ ctx, in hooks.Creating) error { heard = append(heard, in.Checking); return nil })
		d.Hooks().TicketReplyDraft.Bind("filter", func(_ ctx, in *hooks.Replying) error { heard = append(heard, in.Checking); return nil })
		d.Hooks().TicketReplyValidation.Bind("gate", func(c ctx, in hooks.Replying) error {
			if heard = append(heard, in.Checking); in.Checking {
				must(d.CreateTicket(c, lamp()))(t) // by itself that is no check
			}
			return nil
		})
		ok(t, d.CheckTicket(as(ann), lamp()))
		tk := open(t, d, ann)
		ok(t, d.CheckReply(as(ann), tk.ID, ticket.ReplyDraft{Body: "x"}))
		must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "x"}))(t)
		want := []bool{true, true, false, false, true, true, false, false, false, false}
		if !slices.Equal(heard, want) {
			t.Errorf("heard %v, want %v", heard, want)
		}
	})
	t.Run("W10 a reply that would open a new ticket is checked as that", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{AfterClose: new(ticket.AfterCloseLink)}})
		tk := open(t, d, ann)
		must(d.CloseTicket(as(bob), tk.ID))(t)
		d.Hooks().TicketClientCreateValidation.Bind("no", func(ctx, hooks.Creating) error { return ticket.Invalid("body", ticket.FaultRefused, "no") })
		invalid(t, d.CheckReply(as(ann), tk.ID, ticket.ReplyDraft{Body: "again"}), "body")
	})
	t.Run("X02 gates see what the settings make of a reply, and TicketUpdated tells of it", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{AssignOnReply: new(true), StatusOnStaff: new("in_progress")}})
		tk := open(t, d, ann)
		var seen []string
		see := func(name string, refuse bool) func(ctx, hooks.Updating) error {
			return func(_ ctx, in hooks.Updating) error {
				seen = append(seen, fmt.Sprint(name, " ", in.After.Status, " ", in.After.Assignee))
				if refuse && in.After.Status == "closed" {
					return ticket.Invalid("status", ticket.FaultRefused, "not yet")
				}
				return nil
			}
		}
		d.Hooks().TicketStatusValidation.Bind("test", see("status", true))
		d.Hooks().TicketAssignValidation.Bind("test", see("assign", false))
		d.Hooks().TicketUpdated.Bind("test", func(_ ctx, e hooks.Updated) error {
			seen = append(seen, fmt.Sprint(e.Type, " ", e.Ticket.Status))
			return nil
		})
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hello"}))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hello again"}))(t)
		_, err := d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "bye", Status: "closed"})
		invalid(t, err, "status")
		d.DispatchAll(t)
		equal(t, "seen", strings.Join(seen, ", "), "assign in_progress 7, status in_progress 7, replied in_progress, status closed 7")
	})
}
