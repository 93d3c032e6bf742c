package storetest

import (
	"context"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

type faultyReader struct {
	reader store.Reader
	faults *Faulty
}

type faultyTx struct {
	faultyReader
	tx store.Tx
}

var _ store.Tx = faultyTx{}

func (x faultyTx) OnCommit(fn func()) { x.tx.OnCommit(fn) }

func (x faultyTx) Hosted() bool { return x.tx.Hosted() }

func (x faultyReader) Ticket(ctx context.Context, id int64, scope ticket.Scope) (*ticket.Ticket, error) {
	return faulty(x.faults, "Ticket", func() (*ticket.Ticket, error) { return x.reader.Ticket(ctx, id, scope) })
}

func (x faultyReader) Tickets(ctx context.Context, q ticket.Query, scope ticket.Scope) (ticket.Page, error) {
	return faulty(x.faults, "Tickets", func() (ticket.Page, error) { return x.reader.Tickets(ctx, q, scope) })
}

func (x faultyReader) CountTickets(ctx context.Context, q ticket.Query, scope ticket.Scope, limit int) (ticket.Count, error) {
	return faulty(x.faults, "CountTickets", func() (ticket.Count, error) { return x.reader.CountTickets(ctx, q, scope, limit) })
}

func (x faultyReader) Tallies(ctx context.Context, q store.TallyQuery, scope ticket.Scope) (store.Tallies, error) {
	return faulty(x.faults, "Tallies", func() (store.Tallies, error) { return x.reader.Tallies(ctx, q, scope) })
}

func (x faultyReader) Message(ctx context.Context, id int64) (*ticket.Message, error) {
	return faulty(x.faults, "Message", func() (*ticket.Message, error) { return x.reader.Message(ctx, id) })
}

func (x faultyReader) Messages(ctx context.Context, q ticket.MessageQuery) ([]*ticket.Message, error) {
	return faulty(x.faults, "Messages", func() ([]*ticket.Message, error) { return x.reader.Messages(ctx, q) })
}

func (x faultyReader) Event(ctx context.Context, id int64) (*ticket.Event, error) {
	return faulty(x.faults, "Event", func() (*ticket.Event, error) { return x.reader.Event(ctx, id) })
}

func (x faultyReader) Events(ctx context.Context, q ticket.EventQuery) ([]*ticket.Event, error) {
	return faulty(x.faults, "Events", func() ([]*ticket.Event, error) { return x.reader.Events(ctx, q) })
}

func (x faultyReader) Work(ctx context.Context, id int64) (*store.Work, error) {
	return faulty(x.faults, "Work", func() (*store.Work, error) { return x.reader.Work(ctx, id) })
}

func (x faultyReader) Works(ctx context.Context, q store.WorkQuery) ([]*store.Work, error) {
	return faulty(x.faults, "Works", func() ([]*store.Work, error) { return x.reader.Works(ctx, q) })
}

func (x faultyReader) CountWork(ctx context.Context, q store.WorkQuery) (map[store.WorkState]int, error) {
	return faulty(x.faults, "CountWork", func() (map[store.WorkState]int, error) { return x.reader.CountWork(ctx, q) })
}

func (x faultyReader) Due(ctx context.Context, r store.LeaseRequest) (bool, error) {
	return faulty(x.faults, "Due", func() (bool, error) { return x.reader.Due(ctx, r) })
}

func (x faultyReader) Record(ctx context.Context, kind, key string) (*store.Record, error) {
	return faulty(x.faults, "Record", func() (*store.Record, error) { return x.reader.Record(ctx, kind, key) })
}

func (x faultyReader) Records(ctx context.Context, q store.RecordQuery) ([]*store.Record, error) {
	return faulty(x.faults, "Records", func() ([]*store.Record, error) { return x.reader.Records(ctx, q) })
}

func (x faultyReader) ConfigVersion(ctx context.Context) (int64, error) {
	return faulty(x.faults, "ConfigVersion", func() (int64, error) { return x.reader.ConfigVersion(ctx) })
}

func (x faultyReader) Holder(ctx context.Context, kind, key string) (int64, error) {
	return faulty(x.faults, "Holder", func() (int64, error) { return x.reader.Holder(ctx, kind, key) })
}

func (x faultyReader) Linked(ctx context.Context, kind, key string) ([]int64, error) {
	return faulty(x.faults, "Linked", func() ([]int64, error) { return x.reader.Linked(ctx, kind, key) })
}

func (x faultyReader) Chunk(ctx context.Context, blob string, n int) ([]byte, error) {
	return faulty(x.faults, "Chunk", func() ([]byte, error) { return x.reader.Chunk(ctx, blob, n) })
}

func (x faultyTx) NewID(ctx context.Context, sequence string) (int64, error) {
	return faulty(x.faults, "NewID", func() (int64, error) { return x.tx.NewID(ctx, sequence) })
}

func (x faultyTx) LockTicket(ctx context.Context, id int64) (*ticket.Ticket, error) {
	return faulty(x.faults, "LockTicket", func() (*ticket.Ticket, error) { return x.tx.LockTicket(ctx, id) })
}

func (x faultyTx) PutTicket(ctx context.Context, t *ticket.Ticket) error {
	return x.faults.do("PutTicket", func() error { return x.tx.PutTicket(ctx, t) })
}

func (x faultyTx) DeleteTicket(ctx context.Context, id int64) error {
	return x.faults.do("DeleteTicket", func() error { return x.tx.DeleteTicket(ctx, id) })
}

func (x faultyTx) PutMessage(ctx context.Context, m *ticket.Message) error {
	return x.faults.do("PutMessage", func() error { return x.tx.PutMessage(ctx, m) })
}

func (x faultyTx) PutEvent(ctx context.Context, v *ticket.Event) error {
	return x.faults.do("PutEvent", func() error { return x.tx.PutEvent(ctx, v) })
}

func (x faultyTx) PutWork(ctx context.Context, w *store.Work) error {
	return x.faults.do("PutWork", func() error { return x.tx.PutWork(ctx, w) })
}

func (x faultyTx) Lease(ctx context.Context, r store.LeaseRequest) ([]*store.Work, error) {
	return faulty(x.faults, "Lease", func() ([]*store.Work, error) { return x.tx.Lease(ctx, r) })
}

func (x faultyTx) Finish(ctx context.Context, w *store.Work) error {
	return x.faults.do("Finish", func() error { return x.tx.Finish(ctx, w) })
}

func (x faultyTx) MarkEffect(ctx context.Context, w *store.Work) error {
	return x.faults.do("MarkEffect", func() error { return x.tx.MarkEffect(ctx, w) })
}

func (x faultyTx) SetWork(ctx context.Context, id int64, from, to store.WorkState, at time.Time) error {
	return x.faults.do("SetWork", func() error { return x.tx.SetWork(ctx, id, from, to, at) })
}

func (x faultyTx) PruneWork(ctx context.Context, kind string, t time.Time, limit int) (int, error) {
	return faulty(x.faults, "PruneWork", func() (int, error) { return x.tx.PruneWork(ctx, kind, t, limit) })
}

func (x faultyTx) LockRecord(ctx context.Context, kind, key string) (*store.Record, error) {
	return faulty(x.faults, "LockRecord", func() (*store.Record, error) { return x.tx.LockRecord(ctx, kind, key) })
}

func (x faultyTx) PutRecord(ctx context.Context, r *store.Record) error {
	return x.faults.do("PutRecord", func() error { return x.tx.PutRecord(ctx, r) })
}

func (x faultyTx) DeleteRecord(ctx context.Context, kind, key string) error {
	return x.faults.do("DeleteRecord", func() error { return x.tx.DeleteRecord(ctx, kind, key) })
}

func (x faultyTx) Reserve(ctx context.Context, kind, key string, id int64) (int64, error) {
	return faulty(x.faults, "Reserve", func() (int64, error) { return x.tx.Reserve(ctx, kind, key, id) })
}

func (x faultyTx) Release(ctx context.Context, kind, key string, id int64) error {
	return x.faults.do("Release", func() error { return x.tx.Release(ctx, kind, key, id) })
}

func (x faultyTx) Link(ctx context.Context, kind, key string, id int64) error {
	return x.faults.do("Link", func() error { return x.tx.Link(ctx, kind, key, id) })
}

func (x faultyTx) Unlink(ctx context.Context, kind, key string, id int64) error {
	return x.faults.do("Unlink", func() error { return x.tx.Unlink(ctx, kind, key, id) })
}

func (x faultyTx) PutChunk(ctx context.Context, blob string, n int, data []byte) error {
	return x.faults.do("PutChunk", func() error { return x.tx.PutChunk(ctx, blob, n, data) })
}

func (x faultyTx) DeleteBlob(ctx context.Context, blob string) error {
	return x.faults.do("DeleteBlob", func() error { return x.tx.DeleteBlob(ctx, blob) })
}
