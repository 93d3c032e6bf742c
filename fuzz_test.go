package helpdesk_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// FuzzFileName has any name come in by upload: what is stored never leads out of a folder.
func FuzzFileName(f *testing.F) {
	for _, s := range []string{"", "a.txt", "../../etc/passwd", `..\..\boot.ini`, "/", ".", "..", "a/b\\c", "\x00", "\xff"} {
		f.Add(s)
	}
	d, err := helpdesk.New(context.Background(), memory.New(nil), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string) {
		draft := lamp()
		draft.Files = []ticket.Upload{{Name: name, Content: strings.NewReader("x")}}
		tk, err := d.CreateTicket(as(ann), draft)
		if err != nil {
			is(t, err, ticket.ErrInvalid)
			return
		}
		m := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)[0]
		if got := m.Files[0].Name; got == "" || got == "." || got == ".." || strings.ContainsAny(got, `/\`) {
			t.Errorf("%q is stored as %q", name, got)
		}
	})
}

// FuzzPointName has any name be bound at.
func FuzzPointName(f *testing.F) {
	for _, s := range []string{"", "TicketOpen", "ticketopen", "TicketOpenX", "\xff", strings.Repeat("T", 5000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		r := hooks.New(nil)
		err := r.BindNamed(name, "x", func(context.Context, hooks.Params) (hooks.Result, error) { return hooks.Result{}, nil })
		if _, lookErr := r.Lookup(name); (err == nil) != (lookErr == nil) {
			t.Errorf("%q: bound %v, looked up %v", name, err, lookErr)
		}
		if err != nil && !errors.Is(err, hooks.ErrUnknownPoint) {
			t.Errorf("%q: %v", name, err)
		}
	})
}
