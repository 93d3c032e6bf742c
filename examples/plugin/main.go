// Command plugin runs a desk with somebody's plugin in it: see package crm. The CRM is a fake one that fails twice
// before it takes a record.
//
//	go run ./examples/plugin
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/examples/plugin/crm"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// fakeCRM fails twice, and then tells what it got.
type fakeCRM struct {
	out      io.Writer
	failures int
	got      chan struct{}
}

func (f *fakeCRM) Record(_ context.Context, key, customer, what string) error {
	if f.failures < 2 {
		f.failures++
		fmt.Fprintf(f.out, "CRM: attempt %d fails\n", f.failures)
		return errors.New("CRM answers 503")
	}
	fmt.Fprintf(f.out, "CRM: recorded %s of %s under %s\n", what, customer, key)
	close(f.got)
	return nil
}

func (f *fakeCRM) Note(context.Context, string) (string, error) {
	return "buys lamps, <b>often</b>", nil
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "plugin:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{PollInterval: 100 * time.Millisecond})
	if err != nil {
		return err
	}
	fake := &fakeCRM{out: out, got: make(chan struct{})}
	crm.Plugin{CRM: fake}.Register(desk.Hooks())
	if err := desk.Start(ctx); err != nil {
		return err
	}
	defer desk.Stop(ctx)

	ctx = ticket.WithActor(ctx, ticket.Client("42", "Ann Example", "ann@example.com"))
	_, err = desk.CreateTicket(ctx, ticket.Draft{Subject: "Delivery", Body: "Where is it?"})
	fmt.Fprintf(out, "gate: %v\n", err)
	t, err := desk.CreateTicket(ctx, ticket.Draft{Subject: "Delivery", Body: "Where is it?", Service: "order 12345"})
	if err != nil {
		return err
	}
	select {
	case <-fake.got:
	case <-time.After(30 * time.Second):
		return errors.New("the CRM heard nothing within 30 s")
	}
	page := hooks.Page{Actor: ticket.Staff("7", "Bob", "bob@shop.example"), Ticket: t}
	fmt.Fprintf(out, "view: %s\n", desk.Hooks().TicketAdminAreaViewDetailSidebar.Render(ctx, page))
	return nil
}
