package helpdesk_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// linkTo makes a link as the host does.
func linkTo(t testing.TB, d *helpdesktest.Desk, id int64) string {
	t.Helper()
	return must(d.GuestLinks().New(as(host), id, nil))(t)
}

// opens says what became of a link.
func opens(d *helpdesktest.Desk, text string) error {
	return drop(d.GuestLinks().Open(context.Background(), text))
}

func TestLinks(t *testing.T) {
	t.Parallel()
	t.Run("M12 a link opens its ticket for a guest, who acts as themselves and there only", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, guest)
		l := must(d.GuestLinks().Open(context.Background(), linkTo(t, d, tk.ID)))(t)
		equal(t, "ticket", l.Ticket, tk.ID)
		equal(t, "actor", l.Actor, ticket.Actor{Kind: ticket.ActorGuest, Name: "Gus", Email: "gus@example.com", Channel: ticket.ChannelLink, Ticket: tk.ID})
		equal(t, "expires", l.Expires, d.Now().Add(90*24*time.Hour))
		must(d.Ticket(as(l.Actor), tk.ID))(t)
	})
	t.Run("M12 a customer with an id is a client by a link, and a participant is themselves", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		draft := lamp()
		draft.Participants = []ticket.Person{{Email: "Gus@Example.com"}}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		l := must(d.GuestLinks().Open(context.Background(), linkTo(t, d, tk.ID)))(t)
		equal(t, "kind", l.Actor.Kind, ticket.ActorClient)
		equal(t, "id", l.Actor.ID, "42")
		text := must(d.GuestLinks().New(as(bob), tk.ID, &helpdesk.GuestLinkOptions{Person: ticket.Person{Email: "gus@example.com"}}))(t)
		equal(t, "participant", must(d.GuestLinks().Open(context.Background(), text))(t).Actor.Email, "gus@example.com")
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Participants: &[]ticket.Person{}}))(t)
		is(t, opens(d, text), ticket.ErrTokenRevoked)
	})
	t.Run("M12 a permalink names a public message of the ticket", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk, other := open(t, d, guest), open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		note := must(d.AddNote(as(bob), tk.ID, ticket.ReplyDraft{Body: "hm"}))(t)
		elsewhere := must(d.Reply(as(bob), other.ID, ticket.ReplyDraft{Body: "hi"}))(t)
		text := must(d.GuestLinks().New(as(bob), tk.ID, &helpdesk.GuestLinkOptions{Message: m.ID}))(t)
		l := must(d.GuestLinks().Open(context.Background(), text))(t)
		equal(t, "message", l.Message, m.ID)
		equal(t, "body", must(d.Message(as(l.Actor), l.Message))(t).Body, "hi")
		for _, id := range []int64{note.ID, elsewhere.ID, 9999} {
			_, err := d.GuestLinks().New(as(bob), tk.ID, &helpdesk.GuestLinkOptions{Message: id})
			invalid(t, err, "person")
		}
	})
	t.Run("M12 staff, the host and the customer for themselves make links, and nobody else", func(t *testing.T) {
		t.Parallel()
		may := map[helpdesk.Action]bool{helpdesk.ActSee: true, helpdesk.ActNote: true}
		d := newDesk(t, helpdesk.Config{Authorizer: deputy{may: may}})
		draft := lamp()
		draft.Participants = []ticket.Person{guest.Person()}
		tk := must(d.CreateTicket(as(ann), draft))(t)
		mine := must(d.GuestLinks().New(as(guest), tk.ID, nil))(t)
		l := must(d.GuestLinks().Open(context.Background(), mine))(t)
		equal(t, "for", l.Actor.Email, guest.Email)
		refused := map[string]struct {
			a    ticket.Actor
			o    *helpdesk.GuestLinkOptions
			want error
		}{
			"without the right to reply":  {bob, nil, ticket.ErrForbidden},
			"for somebody else":           {guest, &helpdesk.GuestLinkOptions{Person: ann.Person()}, ticket.ErrForbidden},
			"by a link":                   {l.Actor, nil, ticket.ErrForbidden},
			"a stranger":                  {ticket.Guest("X", "x@example.com"), nil, ticket.ErrNotFound},
			"longer than the desk grants": {guest, &helpdesk.GuestLinkOptions{Expires: d.Now().Add(100 * 24 * time.Hour)}, ticket.ErrInvalid},
			"for no one of the ticket":    {carol, &helpdesk.GuestLinkOptions{Person: ticket.Person{ID: "7"}}, ticket.ErrInvalid},
			"that is over":                {carol, &helpdesk.GuestLinkOptions{Expires: d.Now()}, ticket.ErrInvalid},
		}
		for name, c := range refused {
			if _, err := d.GuestLinks().New(as(c.a), tk.ID, c.o); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		is(t, d.GuestLinks().Revoke(as(bob), tk.ID), ticket.ErrForbidden)
		is(t, d.GuestLinks().Revoke(as(ann), tk.ID), ticket.ErrForbidden)
		is(t, d.GuestLinks().RotateKey(as(ann)), ticket.ErrForbidden)
	})
}

func TestBadLinks(t *testing.T) {
	t.Parallel()
	t.Run("M12 a damaged, expired or revoked link, and one of another ticket, each say so and are not allowed", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk, other := open(t, d, guest), open(t, d, guest)
		text := linkTo(t, d, tk.ID)
		for i := range text {
			b := []byte(text)
			b[i] ^= 1
			is(t, opens(d, string(b)), ticket.ErrTokenInvalid)
		}
		for _, x := range []string{"", "x", text[1:], text + "AAAA", strings.Repeat("A", len(text)), "\x00" + text[1:]} {
			is(t, opens(d, x), ticket.ErrTokenInvalid)
		}
		is(t, drop(d.GuestLinks().OpenFor(context.Background(), text, other.ID)), ticket.ErrTokenElsewhere)
		must(d.GuestLinks().OpenFor(context.Background(), text, tk.ID))(t)
		ok(t, d.GuestLinks().Revoke(as(bob), tk.ID))
		is(t, opens(d, text), ticket.ErrTokenRevoked)
		again := linkTo(t, d, tk.ID)
		ok(t, opens(d, again))
		d.Clock.Advance(90*24*time.Hour - time.Microsecond)
		ok(t, opens(d, again))
		d.Clock.Advance(time.Microsecond)
		is(t, opens(d, again), ticket.ErrTokenExpired)
		for _, err := range []error{ticket.ErrTokenInvalid, ticket.ErrTokenExpired, ticket.ErrTokenRevoked, ticket.ErrTokenElsewhere} {
			if !errors.Is(err, ticket.ErrToken) || !errors.Is(err, ticket.ErrForbidden) {
				t.Errorf("%v is no kind of ErrForbidden", err)
			}
		}
	})
	t.Run("M12 what is said of a forged link does not depend on the ticket that it names", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, guest)
		raw := must(base64.RawURLEncoding.DecodeString(linkTo(t, d, tk.ID)))(t)
		said := map[string]bool{}
		for id := range byte(3) { // the ticket's last byte: none, this one, none
			raw[11] = id
			raw[len(raw)-1] ^= 1
			_, err := d.GuestLinks().OpenFor(context.Background(), base64.RawURLEncoding.EncodeToString(raw), tk.ID)
			said[fmt.Sprint(err)] = true
			raw[len(raw)-1] ^= 1
		}
		equal(t, "answers", len(said), 1)
	})
	t.Run("M12 the link of a deleted or purged ticket finds nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, guest)
		ok(t, d.GuestLinks().Revoke(as(bob), tk.ID))
		text := linkTo(t, d, tk.ID)
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		is(t, opens(d, text), ticket.ErrNotFound)
		must(d.RestoreTicket(as(bob), tk.ID))(t)
		ok(t, opens(d, text))
		ok(t, d.DeleteTicket(as(bob), tk.ID))
		ok(t, d.Purge(as(bob), tk.ID))
		is(t, opens(d, text), ticket.ErrNotFound)
		equal(t, "records left", len(recordsOf(t, d, "guest_links")), 0)
	})
	t.Run("M12 a link ends with the address that it was made for", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := open(t, d, guest)
		text := linkTo(t, d, tk.ID)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Requester: &ticket.Person{ID: "9", Email: "gus@example.com"}}))(t)
		equal(t, "kind, once the host knows them", must(d.GuestLinks().Open(context.Background(), text))(t).Actor.Kind, ticket.ActorClient)
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Requester: new(ann.Person())}))(t)
		is(t, opens(d, text), ticket.ErrTokenRevoked)
	})
	t.Run("M12 a link of one tenant is no link of another", func(t *testing.T) {
		t.Parallel()
		a, b := newDesk(t, helpdesk.Config{}), newDesk(t, helpdesk.Config{})
		ta, tb := open(t, a, guest), open(t, b, guest)
		equal(t, "same id", ta.ID, tb.ID)
		linkTo(t, b, tb.ID)
		is(t, opens(b, linkTo(t, a, ta.ID)), ticket.ErrTokenInvalid)
	})
}

func TestLinkKeys(t *testing.T) {
	t.Parallel()
	t.Run("M12 two desks on one store share keys, and each notices the other's rotation", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Clock: clock})
		other := helpdesktest.New(t, &helpdesktest.Options{Store: s, Clock: clock})
		tk := open(t, d, guest)
		first := linkTo(t, d, tk.ID)
		ok(t, opens(other, first))
		ok(t, other.GuestLinks().RotateKey(as(bob)))
		ok(t, opens(d, first))
		second := linkTo(t, d, tk.ID)
		if second == first {
			t.Error("the old key still signs")
		}
		ok(t, d.GuestLinks().RotateKey(as(bob)))
		is(t, opens(other, first), ticket.ErrTokenInvalid)
		ok(t, opens(other, second))
		ok(t, d.GuestLinks().DropOldKey(as(bob)))
		is(t, opens(other, second), ticket.ErrTokenInvalid)
		ok(t, opens(other, linkTo(t, d, tk.ID)))
	})
	t.Run("M12 no journal, hook, log or error shows a key", func(t *testing.T) {
		t.Parallel()
		var out strings.Builder
		d := newDesk(t, helpdesk.Config{Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		d.Hooks().CatalogChanged.Bind("acme", func(_ ctx, e hooks.Configured) error { fmt.Fprintf(&out, "%+v\n", e); return nil })
		ok(t, d.Hooks().BindNamed("CatalogChanged", "named", func(_ context.Context, p hooks.Params) (hooks.Result, error) {
			fmt.Fprintf(&out, "%+v\n", p)
			return hooks.Result{}, errors.New("make it a log line")
		}))
		tk := open(t, d, guest)
		text := linkTo(t, d, tk.ID)
		ok(t, d.GuestLinks().RotateKey(as(bob)))
		ok(t, d.GuestLinks().DropOldKey(as(bob)))
		ok(t, d.GuestLinks().Revoke(as(bob), tk.ID))
		fmt.Fprintln(&out, opens(d, text))
		var what []string
		for _, e := range must(d.Journal(as(bob), ticket.EventQuery{}))(t) {
			fmt.Fprintf(&out, "%+v\n", e)
			what = append(what, string(e.Type)+" "+e.Subject+" "+e.Detail)
		}
		equal(t, "journal", strings.Join(what[1:], "; "), "catalog_changed key/links rotated; catalog_changed key/links old key dropped; links_revoked  ")
		rec := recordsOf(t, d, "config/key")
		equal(t, "records, those of cursors and of mail too", len(rec), 4)
		for _, r := range rec {
			secret := strings.Trim(string(r.Doc), `[]"`)
			raw := must(base64.StdEncoding.DecodeString(secret))(t)
			for _, s := range []string{secret, string(raw[4:]), fmt.Sprintf("%x", raw[4:]), strings.Trim(fmt.Sprintf("%d", raw[4:]), "[]")} {
				if strings.Contains(out.String(), s) {
					t.Errorf("a key shows in\n%s", out.String())
				}
			}
		}
	})
}

func recordsOf(t testing.TB, d *helpdesktest.Desk, kind string) (out []*store.Record) {
	t.Helper()
	ok(t, d.Store.View(context.Background(), func(c ctx, r store.Reader) (err error) {
		out, err = r.Records(c, store.RecordQuery{Kind: kind})
		return err
	}))
	return out
}

func TestGuestOfALink(t *testing.T) {
	t.Parallel()
	d := newDesk(t, helpdesk.Config{})
	tk, own, foreign := open(t, d, guest), open(t, d, guest), open(t, d, ann) // own: the same person's, and still not the link's
	ownMessage := must(d.Reply(as(bob), own.ID, ticket.ReplyDraft{Body: "about the other one"}))(t)
	draft := lamp()
	draft.External, draft.LinkedTo = "shop-7", tk.ID
	linked := must(d.CreateTicket(as(guest), draft))(t)
	a := must(d.GuestLinks().Open(context.Background(), linkTo(t, d, tk.ID)))(t).Actor
	t.Run("M12 they read, reply, attach and close", func(t *testing.T) {
		file := []ticket.Upload{{Name: "a.txt", Content: strings.NewReader("broken")}}
		m := must(d.Reply(as(a), tk.ID, ticket.ReplyDraft{Body: "see here", Files: file}))(t)
		equal(t, "came by", m.Author.Ticket, tk.ID)
		_, f, err := d.Files().Open(as(a), m.ID, 0)
		ok(t, err)
		equal(t, "file", f.Name, "a.txt")
		must(d.MarkRead(as(a), tk.ID))(t)
		equal(t, "messages", len(must(d.Messages(as(a), tk.ID, ticket.MessageQuery{}))(t)), 2)
		must(d.CloseTicket(as(a), tk.ID))(t)
		must(d.ReopenTicket(as(a), tk.ID))(t)
		must(d.TicketByCode(as(a), tk.Code))(t)
		equal(t, "listed", len(must(d.Tickets(as(a), ticket.Query{}))(t).Tickets), 1)
	})
	t.Run("M12 no verb shows them anything else", func(t *testing.T) {
		for _, other := range []*ticket.Ticket{own, foreign, linked} {
			is(t, drop(d.Ticket(as(a), other.ID)), ticket.ErrNotFound)
			is(t, drop(d.TicketByCode(as(a), other.Code)), ticket.ErrNotFound)
			is(t, drop(d.Messages(as(a), other.ID, ticket.MessageQuery{})), ticket.ErrNotFound)
			is(t, drop(d.Reply(as(a), other.ID, ticket.ReplyDraft{Body: "x"})), ticket.ErrNotFound)
			is(t, drop(d.CloseTicket(as(a), other.ID)), ticket.ErrNotFound)
			is(t, drop(d.MarkRead(as(a), other.ID)), ticket.ErrNotFound)
			is(t, drop(d.History(as(a), other.ID, ticket.EventQuery{})), ticket.ErrNotFound)
			is(t, drop(d.GuestLinks().New(as(a), other.ID, nil)), ticket.ErrNotFound)
		}
		is(t, drop(d.TicketByExternal(as(a), "shop-7")), ticket.ErrNotFound)
		is(t, drop(d.Message(as(a), ownMessage.ID)), ticket.ErrNotFound)
		is(t, drop(d.Files().OpenRaw(as(a), ownMessage.ID)), ticket.ErrNotFound)
		for _, q := range []ticket.Query{{}, {Email: guest.Email}, {External: "shop-7"}, {Deleted: true}, {Folders: []ticket.Folder{ticket.Inbox}}} {
			for _, seen := range must(d.Tickets(as(a), q))(t).Tickets {
				equal(t, "listed", seen.ID, tk.ID)
			}
		}
		is(t, drop(d.CreateTicket(as(a), lamp())), ticket.ErrForbidden)
		is(t, drop(d.Journal(as(a), ticket.EventQuery{})), ticket.ErrForbidden)
		is(t, drop(d.History(as(a), tk.ID, ticket.EventQuery{})), ticket.ErrForbidden)
		is(t, drop(d.UpdateTicket(as(a), tk.ID, ticket.Patch{Subject: new("x")})), ticket.ErrForbidden)
		is(t, drop(d.Deliveries().List(as(a), helpdesk.DeliveryQuery{})), ticket.ErrForbidden)
	})
	t.Run("M12 M26 R04 they need no login, and no customer section", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		byGuest, byClient := open(t, d, guest), open(t, d, ann)
		set(t, d, ticket.SettingsPatch{LoginRequired: new(true), CustomerSection: new(false), AfterClose: new(ticket.AfterCloseLink)})
		is(t, drop(d.Ticket(as(guest), byGuest.ID)), ticket.ErrNotFound)
		is(t, drop(d.Ticket(as(ann), byClient.ID)), ticket.ErrNotFound)
		for _, tk := range []*ticket.Ticket{byGuest, byClient} {
			a := must(d.GuestLinks().Open(context.Background(), linkTo(t, d, tk.ID)))(t).Actor
			must(d.Reply(as(a), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t)
			must(d.CloseTicket(as(a), tk.ID))(t)
			m := must(d.Reply(as(a), tk.ID, ticket.ReplyDraft{Body: "again"}))(t)
			equal(t, "goes on", must(d.Ticket(as(bob), m.TicketID))(t).LinkedTo, tk.ID)
			is(t, drop(d.CreateTicket(as(a), lamp())), ticket.ErrForbidden)
		}
	})
	t.Run("M12 R07 what they write after the end goes on in a new ticket where the settings say so", func(t *testing.T) {
		set(t, d, ticket.SettingsPatch{AfterClose: new(ticket.AfterCloseLink)})
		must(d.CloseTicket(as(bob), tk.ID))(t)
		m := must(d.Reply(as(a), tk.ID, ticket.ReplyDraft{Body: "it broke again"}))(t)
		next := must(d.Ticket(as(bob), m.TicketID))(t)
		equal(t, "linked to", next.LinkedTo, tk.ID)
		equal(t, "requester", next.Requester.Email, guest.Email)
		is(t, drop(d.Ticket(as(a), next.ID)), ticket.ErrNotFound)
	})
}
