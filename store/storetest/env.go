package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// patience is how long one proof may take before its context ends: a store that hangs fails instead.
const patience = 60 * time.Second

// base is the domain time of the suite.
var base = time.Date(2026, 3, 29, 1, 59, 59, 987654000, time.UTC)

// everything is the scope of somebody who sees all.
var everything = ticket.Scope{All: true}

// errUndo is what closures return to be rolled back.
var errUndo = errors.New("roll this back")

// env is what one proof works with: a store of its own and ids that do not depend on Tx.NewID.
type env struct {
	store.Store
	ctx  context.Context
	opts *Options
	ids  atomic.Int64
}

func newEnv(t testing.TB, open Open, opts *Options) *env {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	e := &env{Store: open(t), ctx: ctx, opts: opts}
	t.Cleanup(func() {
		cancel()
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

func (e *env) id() int64 { return e.ids.Add(1) }

// write commits what fn does, or ends the test.
func (e *env) write(t testing.TB, fn func(ctx context.Context, tx store.Tx) error) {
	t.Helper()
	if err := e.Update(e.ctx, fn); err != nil {
		t.Fatalf("update: %v", err)
	}
}

// read runs fn in a View, or ends the test.
func (e *env) read(t testing.TB, fn func(ctx context.Context, r store.Reader) error) {
	t.Helper()
	if err := e.View(e.ctx, fn); err != nil {
		t.Fatalf("view: %v", err)
	}
}

// refused expects that what fn does fails with want, at once or when it is committed.
func (e *env) refused(t testing.TB, want error, fn func(ctx context.Context, tx store.Tx) error) {
	t.Helper()
	var inner error
	outer := e.Update(e.ctx, func(ctx context.Context, tx store.Tx) error {
		inner = fn(ctx, tx)
		return inner
	})
	if !errors.Is(errors.Join(inner, outer), want) {
		t.Errorf("got %v, want %v", errors.Join(inner, outer), want)
	}
}

// put stores tickets, messages, events, work and records, or ends the test.
func (e *env) put(t testing.TB, values ...any) {
	t.Helper()
	e.write(t, func(ctx context.Context, tx store.Tx) error { return putAll(ctx, tx, values...) })
}

func putAll(ctx context.Context, tx store.Tx, values ...any) error {
	for _, v := range values {
		var err error
		switch v := v.(type) {
		case *ticket.Ticket:
			err = tx.PutTicket(ctx, v)
		case *ticket.Message:
			err = tx.PutMessage(ctx, v)
		case *ticket.Event:
			err = tx.PutEvent(ctx, v)
		case *store.Work:
			err = tx.PutWork(ctx, v)
		case *store.Record:
			err = tx.PutRecord(ctx, v)
		default:
			err = errors.ErrUnsupported
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newTicket is a plain ticket; the changes are applied to it.
func (e *env) newTicket(changes ...func(*ticket.Ticket)) *ticket.Ticket {
	id := e.id()
	at := base.Add(time.Duration(id) * time.Minute)
	t := &ticket.Ticket{
		ID: id, Version: 1, Brand: "main", Department: "support", Subject: "Broken lamp", Status: "open", Class: ticket.ClassNew,
		Priority: "medium", Folder: ticket.Inbox, Requester: ticket.Person{Name: "Ann", Email: "ann@example.com"},
		Channel: ticket.ChannelEmail, CreatedAt: at, UpdatedAt: at, LastReplyAt: at,
	}
	for _, change := range changes {
		change(t)
	}
	return t
}

func (e *env) newMessage(t *ticket.Ticket, seq int64) *ticket.Message {
	return &ticket.Message{
		ID: e.id(), TicketID: t.ID, Seq: seq, Kind: ticket.KindReply, Author: ticket.Guest("Ann", "ann@example.com"),
		Body: "It does not shine.", Format: ticket.Plain, CreatedAt: base,
	}
}

func (e *env) newEvent(t *ticket.Ticket, seq int64) *ticket.Event {
	return &ticket.Event{
		ID: e.id(), Type: ticket.EventUpdated, TicketID: t.ID, Seq: seq, Version: 1, Actor: ticket.System("desk"),
		At: base.Add(time.Duration(seq) * time.Second),
	}
}

// newWork is due work in no lane.
func (e *env) newWork(changes ...func(*store.Work)) *store.Work {
	w := &store.Work{ID: e.id(), Kind: "delivery", Name: "mail", Due: base, State: store.WorkPending, Created: base}
	for _, change := range changes {
		change(w)
	}
	return w
}

// exists reports whether a ticket is committed.
func (e *env) exists(t testing.TB, id int64) bool {
	t.Helper()
	found := true
	e.read(t, func(ctx context.Context, r store.Reader) error {
		_, err := r.Ticket(ctx, id, everything)
		if errors.Is(err, ticket.ErrNotFound) {
			found, err = false, nil
		}
		return err
	})
	return found
}

// usable expects that the store still takes and gives.
func (e *env) usable(t testing.TB) {
	t.Helper()
	x := e.newTicket()
	e.put(t, x)
	if !e.exists(t, x.ID) {
		t.Error("the store lost a ticket that it had committed")
	}
}

// errSilent is what together reports of a call that neither returned nor panicked: it ended its goroutine.
var errSilent = errors.New("the call ended its goroutine")

// together runs fn n times at once and returns what each returned; panics come as errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		errs[i] = errSilent
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					errs[i] = errPanic
				}
			}()
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

var errPanic = errors.New("the call panicked")

// alone runs fn in a goroutine of its own, so that it may panic or end it.
func alone(fn func() error) error { return together(1, func(int) error { return fn() })[0] }

// same expects two values to be equal in everything that a store must keep.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := text(got), text(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// text writes a value so that equal values are written alike: empty lists as missing ones, documents without spaces.
func text(v any) string {
	if isNil(v) {
		return "null"
	}
	switch x := v.(type) {
	case error:
		return x.Error()
	case *store.Work:
		v = plainWork(x)
	case *store.Record:
		c := *x
		c.Doc = orNull(c.Doc)
		v = &c
	case []*store.Work:
		return textList(x)
	case []*store.Record:
		return textList(x)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func plainWork(w *store.Work) *store.Work {
	c := *w
	c.Doc = orNull(c.Doc)
	return &c
}

func orNull(doc json.RawMessage) json.RawMessage {
	if len(doc) == 0 {
		return nil
	}
	return doc
}

func textList[T any](list []T) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = text(v)
	}
	return "[" + strings.Join(parts, ",\n ") + "]"
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return rv.IsNil() || (rv.Kind() != reflect.Pointer && rv.Len() == 0)
	}
	return false
}

// ids lists the ids of tickets, messages, events or works.
func ids[T any](list []*T) []int64 {
	out := make([]int64, len(list))
	for i, v := range list {
		out[i] = reflect.ValueOf(v).Elem().FieldByName("ID").Int()
	}
	return out
}
