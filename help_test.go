package helpdesk_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// directory is a host's customers by address.
type directory struct {
	helpdesk.Nobody
	people map[string]ticket.Person
}

func (d directory) CustomerByEmail(_ context.Context, brand, email string) (ticket.Customer, error) {
	p, found := d.people[email]
	if !found {
		return ticket.Customer{}, ticket.ErrNotFound
	}
	return ticket.Customer{ID: p.ID, Name: p.Name, Emails: []string{email}, Organisation: brand + "-org"}, nil
}

// verified is a guest whose address the host has proven.
func verified(a ticket.Actor) ticket.Actor {
	a.Verified = true
	return a
}

// invalid fails the test unless err is a ValidationError about the field.
func invalid(t testing.TB, err error, field string) {
	t.Helper()
	var v *ticket.ValidationError
	if !errors.As(err, &v) || !slices.ContainsFunc(v.Fields, func(f ticket.FieldError) bool { return f.Field == field }) {
		t.Errorf("error is %v, want a ValidationError about %q", err, field)
	}
	if !errors.Is(err, ticket.ErrInvalid) {
		t.Errorf("error %v is not ErrInvalid", err)
	}
	if v != nil && slices.ContainsFunc(v.Fields, func(f ticket.FieldError) bool { return f.Fault == "" || f.Message == "" }) {
		t.Errorf("error %v has a field without a fault or a message", err)
	}
}

// is fails the test unless err is the wanted one.
func is(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}

func history(t testing.TB, d *helpdesktest.Desk, id int64) []*ticket.Event {
	t.Helper()
	return must(d.History(as(bob), id, ticket.EventQuery{Limit: ticket.MaxPage}))(t)
}

// changeOf returns the last change of a field.
func changeOf(t testing.TB, d *helpdesktest.Desk, id int64, field string) ticket.Change {
	t.Helper()
	list := history(t, d, id)
	for i := len(list) - 1; i >= 0; i-- {
		if c, found := list[i].Changed(field); found {
			return c
		}
	}
	t.Fatalf("%s of ticket %d never changed", field, id)
	return ticket.Change{}
}

type ctx = context.Context

// gone ends the goroutine.
func gone() { runtime.Goexit() }

// onDisk returns a desk on a SQLite file in dir.
func onDisk(t testing.TB, dir string, cfg helpdesk.Config) (*helpdesktest.Desk, *sqlite.Store) {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(dir, "desk.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: cfg}), s
}
