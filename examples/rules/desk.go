package main

import (
	"context"
	"fmt"
	"os"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// host is the program itself, which may do everything.
var host = ticket.System("rules")

// desk is a desk with its rules.
type desk struct {
	*helpdesk.Desk
	rules *rules.Rules
	store store.Store
}

// open opens the desk in a file, which must be there, or makes one in memory.
func open(ctx context.Context, file string) (*desk, error) {
	if file == "" {
		return inMemory(ctx, nil, nil)
	}
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("there is no desk at %s: go run ./examples/quickstart -db %[1]s makes one", file)
	}
	s, err := sqlite.Open(ctx, file, nil)
	if err != nil {
		return nil, err
	}
	return newDesk(ctx, s, nil, nil)
}

// inMemory makes a desk that the rules of the cookbook fit.
func inMemory(ctx context.Context, c *helpdesk.Config, o *rules.Options) (*desk, error) {
	if c == nil {
		c = &helpdesk.Config{}
	}
	c.Statuses = ticket.StatusPreset(ticket.PresetShop)
	d, err := newDesk(ctx, memory.New(&memory.Options{Now: c.Now}), c, o)
	if err != nil {
		return nil, err
	}
	return d, d.Catalog().PutDepartment(ticket.WithActor(ctx, host), ticket.Department{Code: "sales", Name: "Sales"})
}

func newDesk(ctx context.Context, s store.Store, c *helpdesk.Config, o *rules.Options) (*desk, error) {
	d, err := helpdesk.New(ctx, s, c)
	if err != nil {
		s.Close()
		return nil, err
	}
	out := &desk{Desk: d, store: s}
	if out.rules, err = rules.New(d.Automation(), s, o); err != nil {
		out.close(ctx)
		return nil, err
	}
	return out, nil
}

func (d *desk) close(ctx context.Context) {
	d.Stop(context.WithoutCancel(ctx))
	d.store.Close()
}
