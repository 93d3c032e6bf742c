package hooks_test

import (
	"context"
	"errors"
	"html/template"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann = ticket.Client("42", "Ann", "ann@example.com")
	bob = ticket.Staff("7", "Bob", "bob@desk.example")
)

func creating(a ticket.Actor) hooks.Creating {
	return hooks.Creating{Actor: a, Draft: &ticket.Draft{Subject: "Lamp", Body: "Broken"}}
}

func TestGate(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("X02 all gates run, in order of priority, and their field errors are merged", func(t *testing.T) {
		t.Parallel()
		r := hooks.New(nil)
		var order []string
		refuse := func(id, field string) func(context.Context, hooks.Creating) error {
			return func(context.Context, hooks.Creating) error {
				order = append(order, id)
				return ticket.Invalid(field, ticket.FaultRefused, "no")
			}
		}
		r.TicketCreateValidation.Bind("late", refuse("late", "c"), hooks.Priority(5))
		r.TicketCreateValidation.Bind("first", refuse("first", "a"), hooks.Priority(-5))
		r.TicketClientCreateValidation.Bind("client", refuse("client", "b"))
		r.TicketAdminCreateValidation.Bind("admin", refuse("admin", "x"))
		err := r.TicketCreateValidation.Run(ctx, creating(ann))
		if !slices.Equal(order, []string{"first", "client", "late"}) {
			t.Errorf("order is %v", order)
		}
		var v *ticket.ValidationError
		if !errors.As(err, &v) || len(v.Fields) != 3 || v.Fields[0].Field != "a" || v.Fields[2].Field != "c" {
			t.Errorf("merged: %+v", v)
		}
		var refusal *hooks.Refusal
		if !errors.As(err, &refusal) || !refusal.Final() || !errors.Is(err, ticket.ErrRefused) || errors.Is(err, ticket.ErrHookFailed) || !errors.Is(err, ticket.ErrInvalid) {
			t.Errorf("error is %v", err)
		}
	})
	failures := map[string]func(context.Context, hooks.Creating) error{
		"panics":   func(context.Context, hooks.Creating) error { panic("secret stack") },
		"fails":    func(context.Context, hooks.Creating) error { return errors.New("service is down") },
		"overruns": func(ctx context.Context, _ hooks.Creating) error { <-ctx.Done(); return ctx.Err() },
		"ignores":  func(ctx context.Context, _ hooks.Creating) error { <-ctx.Done(); return nil },
	}
	for name, fn := range failures {
		t.Run("X02 a gate that "+name+" refuses, names itself and shows no stack, unless bound FailOpen", func(t *testing.T) {
			t.Parallel()
			var reports atomic.Int32
			r := hooks.New(&hooks.Config{Timeout: 20 * time.Millisecond, Report: func(hooks.Report) { reports.Add(1) }})
			r.TicketCreateValidation.Bind("acme."+name, fn)
			err := r.TicketCreateValidation.Run(ctx, creating(ann))
			var refusal *hooks.Refusal
			if !errors.As(err, &refusal) || refusal.Final() || errors.Is(err, ticket.ErrRefused) || !errors.Is(err, ticket.ErrHookFailed) {
				t.Fatalf("error is %v", err)
			}
			if !strings.Contains(err.Error(), "acme."+name) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "goroutine") {
				t.Errorf("error is %q", err)
			}
			if reports.Load() == 0 {
				t.Error("nothing was reported")
			}
			open := hooks.New(&hooks.Config{Timeout: 20 * time.Millisecond})
			open.TicketCreateValidation.Bind("acme."+name, fn, hooks.FailOpen())
			if err := open.TicketCreateValidation.Run(ctx, creating(ann)); err != nil {
				t.Errorf("FailOpen: %v", err)
			}
			open.TicketCreateValidation.Bind("means it", func(context.Context, hooks.Creating) error { return ticket.Invalid("x", ticket.FaultRefused, "no") }, hooks.FailOpen())
			if err := open.TicketCreateValidation.Run(ctx, creating(ann)); !errors.Is(err, ticket.ErrInvalid) {
				t.Errorf("a refusal on purpose passed FailOpen: %v", err)
			}
		})
	}
	t.Run("X02 a gate that ignores its deadline blocks only its caller and is reported stuck", func(t *testing.T) {
		t.Parallel()
		stuck := make(chan hooks.Report, 10)
		release := make(chan struct{})
		r := hooks.New(&hooks.Config{Report: func(rep hooks.Report) { stuck <- rep }})
		r.TicketCreateValidation.Bind("acme", func(_ context.Context, in hooks.Creating) error {
			if in.Draft.Subject == "hang" {
				<-release
			}
			return nil
		}, hooks.Timeout(time.Millisecond*50))
		done := make(chan error)
		go func() {
			in := creating(ann)
			in.Draft.Subject = "hang"
			done <- r.TicketCreateValidation.Run(ctx, in)
		}()
		rep := <-stuck
		if !rep.Stuck || rep.Binding != "acme" {
			t.Errorf("report is %+v", rep)
		}
		if err := r.TicketCreateValidation.Run(ctx, creating(ann)); err != nil {
			t.Errorf("another caller: %v", err)
		}
		close(release)
		if err := <-done; !errors.Is(err, hooks.ErrDeadline) {
			t.Errorf("the caller got %v", err)
		}
	})
	t.Run("X02 Goexit ends its own goroutine", func(t *testing.T) {
		t.Parallel()
		r := hooks.New(nil)
		r.TicketCreateGuard.Bind("ends", func(context.Context, hooks.Committing) error { runtime.Goexit(); return nil })
		returned := false
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = r.TicketCreateGuard.Run(ctx, hooks.Committing{Actor: ann})
			returned = true
		})
		wg.Wait()
		if returned {
			t.Error("Run returned")
		}
	})
}

func TestFilter(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("X02 filters change the draft one after the other, and a failing open one leaves it as it was", func(t *testing.T) {
		t.Parallel()
		r := hooks.New(nil)
		r.TransliterateTicketText.Bind("a", func(_ context.Context, in *hooks.Transliterating) error { in.Text += "a"; return nil })
		r.TransliterateTicketText.Bind("fails", func(_ context.Context, in *hooks.Transliterating) error { in.Text = "gone"; panic("x") }, hooks.FailOpen())
		r.TransliterateTicketText.Bind("b", func(_ context.Context, in *hooks.Transliterating) error { in.Text += "b"; return nil })
		in := hooks.Transliterating{Actor: ann, Text: "-"}
		if err := r.TransliterateTicketText.Run(ctx, &in); err != nil || in.Text != "-ab" {
			t.Errorf("%q, %v", in.Text, err)
		}
		r.TransliterateTicketText.Bind("refuses", func(context.Context, *hooks.Transliterating) error { return errors.New("no") })
		if err := r.TransliterateTicketText.Run(ctx, &in); !errors.Is(err, ticket.ErrHookFailed) {
			t.Errorf("error is %v", err)
		}
	})
}

func TestBinding(t *testing.T) {
	t.Parallel()
	fn := func(context.Context, hooks.Created) error { return nil }
	panics := func(t *testing.T, do func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Error("did not panic")
			}
		}()
		do()
	}
	t.Run("X02 an empty or repeated id, or no function, panics at once, the same id at another point does not", func(t *testing.T) {
		t.Parallel()
		r := hooks.New(nil)
		r.TicketCreated.Bind("a", fn)
		r.TicketClientCreated.Bind("a", fn)
		panics(t, func() { r.TicketCreated.Bind("a", fn) })
		panics(t, func() { r.TicketCreated.Bind("", fn) })
		panics(t, func() { r.TicketCreated.Bind("nil", nil) })
		for _, none := range []any{nil, hooks.Func(nil), (func(context.Context, hooks.Created) error)(nil)} {
			if err := r.BindNamed("TicketOpen", "nil", none); err == nil {
				t.Errorf("a nil %T was bound", none)
			}
		}
	})
	t.Run("X02 by name: an unknown name, a wrong function and a wrong option are errors", func(t *testing.T) {
		t.Parallel()
		r := hooks.New(nil)
		err := r.BindNamed("TicketCreat", "a", fn)
		if !errors.Is(err, hooks.ErrUnknownPoint) || !strings.Contains(err.Error(), "TicketCreated") {
			t.Errorf("unknown: %v", err)
		}
		for _, err := range []error{r.BindNamed("TicketStatusChange", "a", fn), r.BindNamed("TicketCreated", "a", nil), r.BindNamed("TicketCreated", "a", fn, hooks.FailOpen()), r.BindNamed("TicketCreated", "", fn)} {
			if err == nil {
				t.Error("no error")
			}
		}
		if err := r.BindNamed("TicketOpen", "a", fn, hooks.After("x"), hooks.Priority(3)); err != nil {
			t.Error(err)
		}
		subs := r.Subscriptions()
		if len(subs) != 1 || subs[0].Point != "TicketClientCreated" || subs[0].After != "x" {
			t.Errorf("bound %+v", subs)
		}
	})
	t.Run("X02 binding while others run is safe", func(t *testing.T) {
		t.Parallel()
		r := hooks.New(nil)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 200 {
					_ = r.TicketCreateValidation.Run(context.Background(), creating(ann))
				}
			})
		}
		for i := range 50 {
			r.TicketCreateValidation.Bind(string(rune('A'+i)), func(context.Context, hooks.Creating) error { return nil })
		}
		wg.Wait()
	})
}

func TestParams(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 1, 22, 30, 0, 0, time.UTC)
	tk := &ticket.Ticket{ID: 5, Code: "C", Department: "sales", Requester: ann.Person(), Status: "in_progress", Class: ticket.ClassOpen, Priority: "high", Subject: "Lamp", Locked: true, Service: "o-1",
		Assignee: "7", AssignedBy: "8", UnreadByStaff: true, CreatedAt: at, LastReplyAt: at, Fields: map[string]string{"color": "red"}}
	m := &ticket.Message{ID: 9, TicketID: 5, Body: "hi", Author: bob, CreatedAt: at}
	capture := func(t *testing.T, name string, o hooks.Occurrence) hooks.Params {
		t.Helper()
		r := hooks.New(nil)
		zone := time.FixedZone("", 2*3600)
		r.SetNames(hooks.Names{Zone: func() *time.Location { return zone }, Rank: func(string) int { return 3 }, Department: func(string) string { return "Sales dept." }})
		var got hooks.Params
		if err := r.BindNamed(name, "x", func(_ context.Context, p hooks.Params) (hooks.Result, error) { got = p; return hooks.Result{}, nil }); err != nil {
			t.Fatal(err)
		}
		p, _ := r.Lookup(name)
		if _, err := r.Deliver(context.Background(), p.Name, "x", o); err != nil {
			t.Fatal(err)
		}
		return got
	}
	expect := func(t *testing.T, got hooks.Params, want hooks.Params) {
		t.Helper()
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s is %#v, want %#v", k, got[k], v)
			}
		}
	}
	created := hooks.Occurrence{Event: &ticket.Event{ID: 1, Type: ticket.EventCreated, TicketID: 5, Actor: ann}, Ticket: tk, Message: m}
	t.Run("W30 a ticket has the source's keys and values", func(t *testing.T) {
		t.Parallel()
		got := capture(t, "TicketClientCreated", created)
		expect(t, got, hooks.Params{"id": int64(5), "did": "sales", "user_id": "42", "status": "process", "locked": 1, "priority": 3, "title": "Lamp", "ctime": "2026-07-02 00:30:00",
			"lastreply": "2026-07-02 00:30:00", "userunread": 1, "adminunread": 0, "service": "o-1", "assigned": "7", "assignedBy": "8", "message": "hi"})
		if got["custom_fields"].(map[string]string)["color"] != "red" {
			t.Errorf("custom fields are %v", got["custom_fields"])
		}
	})
	t.Run("W30 a reply stands beside its ticket, and the message of a ticket on creation only", func(t *testing.T) {
		t.Parallel()
		o := created
		o.Event = &ticket.Event{Type: ticket.EventReplied, TicketID: 5, Actor: bob}
		got := capture(t, "TicketAdminReplied", o)
		expect(t, got["request"].(hooks.Params), hooks.Params{"id": int64(5), "message": nil})
		expect(t, got["reply"].(hooks.Params), hooks.Params{"id": int64(9), "user_id": "7", "owner_id": int64(5), "admin": 1, "name": "Bob", "encrypted": 0, "message": "hi", "ctime": "2026-07-02 00:30:00"})
	})
	t.Run("W30 W32 an encrypted message says so to everybody, and its text to gates only", func(t *testing.T) {
		t.Parallel()
		o := created
		o.Event, o.Message = &ticket.Event{Type: ticket.EventReplied, TicketID: 5, Actor: bob}, m.Clone()
		o.Message.Encrypted, o.Message.HTMLBody = true, "<p>hi</p>"
		expect(t, capture(t, "TicketAdminReplied", o)["reply"].(hooks.Params), hooks.Params{"encrypted": 1, "message": ""})
		if o.Message.Body != "hi" {
			t.Error("the message itself was changed")
		}
		typed := hooks.New(nil)
		typed.TicketReplied.Bind("x", func(_ context.Context, e hooks.Messaged) error {
			if !e.Message.Encrypted || e.Message.Body+e.Message.HTMLBody != "" {
				t.Errorf("told %+v", e.Message)
			}
			return nil
		})
		if _, err := typed.Deliver(context.Background(), "TicketReplied", "x", o); err != nil {
			t.Fatal(err)
		}
		r := hooks.New(nil)
		asked := false
		err := r.BindNamed("TicketAdminReplyValidation", "x", func(_ context.Context, p hooks.Params) (hooks.Result, error) {
			asked = true
			expect(t, p["reply"].(hooks.Params), hooks.Params{"encrypted": 1, "message": "hi"})
			return hooks.Result{}, nil
		})
		if err == nil {
			err = r.TicketReplyValidation.Run(context.Background(), hooks.Replying{Actor: bob, Ticket: tk, Draft: &ticket.ReplyDraft{Body: "hi", Encrypted: true}})
		}
		if err != nil || !asked {
			t.Errorf("asked %t: %v", asked, err)
		}
	})
	t.Run("W29 W30 the keys follow the panel whose name was used, and a shared name has both", func(t *testing.T) {
		t.Parallel()
		got := capture(t, "TicketOpen", created)
		expect(t, got, hooks.Params{"ticketid": int64(5), "userid": "42", "deptid": "sales", "deptname": "Sales dept.", "subject": "Lamp", "message": "hi", "did": nil})
		o := hooks.Occurrence{Event: &ticket.Event{Type: ticket.EventUpdated, TicketID: 5, Actor: bob, Changes: []ticket.Change{{Field: "status", Old: "open", New: "in_progress"}}}, Ticket: tk}
		expect(t, capture(t, "TicketStatusChange", o), hooks.Params{"ticketid": int64(5), "id": int64(5), "adminid": "7", "old": "open", "new": "in_progress"})
	})
	t.Run("W10 a generic gate refuses with error, with fields, and a generic filter sets", func(t *testing.T) {
		t.Parallel()
		r := hooks.New(nil)
		for name, res := range map[string]hooks.Result{"TicketClientCreateValidation": {Error: "write more"}, "TicketOpenValidation": {Fields: map[string]string{"subject": "too short"}}} {
			if err := r.BindNamed(name, name, func(context.Context, hooks.Params) (hooks.Result, error) { return res, nil }); err != nil {
				t.Fatal(err)
			}
		}
		var v *ticket.ValidationError
		if err := r.TicketCreateValidation.Run(context.Background(), creating(ann)); !errors.As(err, &v) || len(v.Fields) != 2 {
			t.Errorf("refusal is %+v", v)
		}
		set := hooks.Result{Set: map[string]string{"title": "New"}}
		if err := r.BindNamed("TicketDraft", "x", func(context.Context, hooks.Params) (hooks.Result, error) { return set, nil }); err != nil {
			t.Fatal(err)
		}
		in := creating(ann)
		if err := r.TicketDraft.Run(context.Background(), &in); err != nil || in.Draft.Subject != "New" {
			t.Errorf("%q, %v", in.Draft.Subject, err)
		}
		set.Set["nonsense"] = "x"
		if err := r.TicketDraft.Run(context.Background(), &in); err == nil {
			t.Error("a key that does not exist was set")
		}
		if err := r.BindNamed("TicketClientAreaViewList", "x", func(context.Context, hooks.Params) (hooks.Result, error) { return hooks.Result{HTML: "<p>"}, nil }); err != nil {
			t.Fatal(err)
		}
		if got := r.TicketClientAreaViewList.Render(context.Background(), hooks.Page{}); got != template.HTML("<p>") {
			t.Errorf("view is %q", got)
		}
	})
}

// BenchmarkEmpty is the promise that a point nobody bound at costs nothing.
func BenchmarkEmpty(b *testing.B) {
	r := hooks.New(nil)
	b.ReportAllocs()
	for b.Loop() {
		if !r.TicketCreated.Empty() {
			b.Fatal("not empty")
		}
	}
}

func TestEmptyAllocatesNothing(t *testing.T) {
	r := hooks.New(nil)
	if n := testing.AllocsPerRun(100, func() { _ = r.TicketCreated.Empty() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
