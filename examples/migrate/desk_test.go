package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// The people of the desk that moves.
func ann(ctx context.Context) context.Context {
	return ticket.WithActor(ctx, ticket.Client("42", "Ann Example", "ann@example.com"))
}

func bob(ctx context.Context) context.Context {
	return ticket.WithActor(ctx, ticket.Staff("bob", "Bob", "bob@desk.example"))
}

// running is a desk on a store, with a gateway and what a CRM has heard.
type running struct {
	*helpdesk.Desk
	g     *gateway.Gateway
	heard []int64 // events

	searches bool // the store has an index
}

// start opens a desk on a store. Nothing happens by itself: the test dispatches, polls and indexes.
func start(t *testing.T, name string) *running {
	t.Helper()
	s, err := open(t.Context(), name, false)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &helpdesk.Config{Dispatch: helpdesk.Manual, Codes: ticket.Codes{ticket.RandomCode{}, ticket.NumberCode{}}}
	desk, err := helpdesk.New(t.Context(), s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{Desk: desk}
	_, r.searches = s.(store.Searcher)
	desk.Hooks().TicketCreated.Bind("acme.crm", func(_ context.Context, e hooks.Created) error {
		r.heard = append(r.heard, e.EventID)
		return nil
	})
	if r.g, err = gateway.New("support", desk.Mail(), s, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.stop(t, s) })
	return r
}

func (r *running) stop(t *testing.T, s store.Store) {
	ctx := context.WithoutCancel(t.Context())
	if err := r.Stop(ctx); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// mails is a mailbox: the mails in it, by their UIDs from 1 on.
type mails []string

func (m mails) Fetch(ctx context.Context, from gateway.Cursor, to gateway.Intake) (gateway.Cursor, error) {
	at := gateway.Cursor{Validity: 1, UID: from.UID}
	for at.UID < uint32(len(m)) {
		raw := []byte(m[at.UID])
		at.UID++
		if err := to.Take(ctx, gateway.Incoming{Place: fmt.Sprint("1/", at.UID), Next: at, Raw: raw, Size: int64(len(raw))}); err != nil {
			return from, err
		}
	}
	return at, nil
}

func letter(id, subject, more, body string) string {
	return fmt.Sprintf("From: Ann Example <ann@example.com>\nTo: support@desk.example\nSubject: %s\nMessage-ID: <%s@example.com>\n"+
		"Date: Mon, 5 Jan 2026 08:00:00 +0000\n%sContent-Type: text/plain; charset=utf-8\n\n%s\n", subject, id, more, body)
}

// past is what of the desk before the move is compared with the desk after it.
type past struct {
	mailed   int64  // a ticket that came by mail
	numbered int64  // a ticket with a number as its code
	file     int64  // a message with a file
	link     string // of a guest
	unheard  int64  // an event that the CRM has not heard of
	box      mails
	counters ticket.Counters
}

// begin does what a desk does before it moves.
func begin(t *testing.T, d *running) (p past) {
	t.Helper()
	ctx := t.Context()
	p.box = mails{letter("one", "Lamp broken", "", "It arrived in two pieces.")}
	outcomes := must[[]gateway.Outcome](t)(d.g.Poll(ctx, p.box))
	p.mailed = outcomes[0].TicketID
	p.link = must[string](t)(d.GuestLinks().New(bob(ctx), p.mailed, nil))
	host := ticket.WithActor(ctx, ticket.System("shop"))
	if err := d.Settings().Update(host, ticket.DeskLayer, ticket.SettingsPatch{CodeFormat: new("number")}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Deliveries().Dispatch(ctx); err != nil {
		t.Fatal(err)
	}
	draft := ticket.Draft{Subject: "Which shade is this?", Body: "See the picture.", Tags: []string{"shade"},
		Files: []ticket.Upload{{Name: "shade.png", Type: "image/png", Content: strings.NewReader(picture)}}}
	numbered := must[*ticket.Ticket](t)(d.CreateTicket(ann(ctx), draft))
	p.numbered = numbered.ID
	if numbered.Code != "TCK-1" {
		t.Fatalf("the code is %s, want TCK-1", numbered.Code)
	}
	p.file = must[[]*ticket.Message](t)(d.Messages(bob(ctx), p.numbered, ticket.MessageQuery{}))[0].ID
	must[ticket.SavedDraft](t)(d.Drafts().Save(bob(ctx), p.numbered, ticket.SavedDraft{Body: "It is the dark one, I th"}))
	for _, e := range must[[]*ticket.Event](t)(d.History(bob(ctx), p.numbered, ticket.EventQuery{})) {
		if e.Type == ticket.EventCreated {
			p.unheard = e.ID
		}
	}
	p.counters = must[ticket.Counters](t)(d.Counters(bob(ctx), ticket.CounterQuery{}))
	return p
}

var picture = "\x89PNG" + strings.Repeat("shade", 200_000) // a megabyte: several chunks

// goOn shows that the desk on the new store is the same, and goes on.
func goOn(t *testing.T, d *running, p past) {
	t.Helper()
	ctx := t.Context()
	if got := must[ticket.Counters](t)(d.Counters(bob(ctx), ticket.CounterQuery{})); fmt.Sprint(got) != fmt.Sprint(p.counters) {
		t.Errorf("the numbers are %+v, were %+v", got, p.counters)
	}
	if problems := must[[]helpdesk.Problem](t)(d.Check(ctx)); len(problems) > 0 {
		t.Errorf("the desk says of itself: %v", problems)
	}
	if got := must[ticket.SavedDraft](t)(d.Drafts().Get(bob(ctx), p.numbered)); got.Body != "It is the dark one, I th" {
		t.Errorf("the draft is %q", got.Body)
	}
	content, file, err := d.Files().Open(ann(ctx), p.file, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if data := must[[]byte](t)(io.ReadAll(content)); string(data) != picture || file.Name != "shade.png" {
		t.Errorf("the file %s has %d bytes, and they are not those that it had", file.Name, len(data))
	}
	goOnTelling(t, d, p)
	goOnThreading(t, d, p)
	if d.searches {
		goOnFinding(t, d)
	}
}

// goOnTelling shows that what was not told before the move is told after it, once.
func goOnTelling(t *testing.T, d *running, p past) {
	t.Helper()
	for n := 1; n > 0; {
		n = must[int](t)(d.Deliveries().Dispatch(t.Context()))
	}
	if !slices.Equal(d.heard, []int64{p.unheard}) {
		t.Errorf("the CRM heard of the events %v, want %d", d.heard, p.unheard)
	}
}

// goOnThreading shows that links, codes and mails lead to the tickets that they led to, and that new codes go on.
func goOnThreading(t *testing.T, d *running, p past) {
	t.Helper()
	ctx := t.Context()
	link, err := d.GuestLinks().Open(ctx, p.link)
	if err != nil || link.Ticket != p.mailed {
		t.Fatalf("the guest's link leads to %d, %v", link.Ticket, err)
	}
	must[*ticket.Message](t)(d.Reply(ticket.WithActor(ctx, link.Actor), link.Ticket, ticket.ReplyDraft{Body: "By the link."}))
	box := append(slices.Clone(p.box), letter("two", "Re: something else", "In-Reply-To: <one@example.com>\n", "By the thread."),
		letter("three", "Re: [#TCK-1] what was it", "", "By the code."), letter("four", "A new lamp, please", "", "By mail."))
	seen := map[string]int64{}
	for _, o := range must[[]gateway.Outcome](t)(d.g.Poll(ctx, box)) {
		seen[string(o.Result)+" "+fmt.Sprint(o.TicketID)]++
	}
	fresh := must[*ticket.Ticket](t)(d.TicketByCode(bob(ctx), "TCK-2"))
	want := map[string]int64{fmt.Sprint("answered ", p.mailed): 1, fmt.Sprint("answered ", p.numbered): 1, fmt.Sprint("opened ", fresh.ID): 1}
	if !maps.Equal(seen, want) {
		t.Errorf("the mails became %v, want %v", seen, want)
	}
	next := must[*ticket.Ticket](t)(d.CreateTicket(ann(ctx), ticket.Draft{Subject: "And another", Body: "Please."}))
	if next.Code != "TCK-3" || next.ID <= fresh.ID || fresh.ID <= p.numbered {
		t.Errorf("the next tickets are %s, with ids %d and %d after %d", next.Code, fresh.ID, next.ID, p.numbered)
	}
}

// goOnFinding shows that the index was made anew.
func goOnFinding(t *testing.T, d *running) {
	t.Helper()
	for n := 1; n > 0; {
		n = must[int](t)(d.Index().Update(t.Context()))
	}
	for _, words := range []string{"pieces", "shade", "TCK-1"} {
		page := must[ticket.SearchPage](t)(d.Search(bob(t.Context()), ticket.Search{Text: words}))
		if len(page.Hits) != 1 {
			t.Errorf("%q finds %d tickets, want 1", words, len(page.Hits))
		}
	}
}

func file(t *testing.T, name string) string { return "sqlite:" + filepath.Join(t.TempDir(), name) }
