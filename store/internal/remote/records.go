package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

type recordKey struct{ kind, key string }

// held is a record as the transaction knows it: its version, 0 where there is none. Nobody else changes it if it is
// locked, as one that this transaction has put is.
type held struct {
	version int64
	locked  bool
}

const selectRecord = "SELECT kind, name, parent, version, doc FROM {p}records WHERE kind = ?"

func scanRecord(scan Scan) (*store.Record, error) {
	var rec store.Record
	var doc []byte
	err := scan(&rec.Kind, &rec.Key, &rec.Parent, &rec.Version, &doc)
	rec.Doc = json.RawMessage(doc)
	return &rec, err
}

// known notes what the transaction has read of a record.
func (u *unit) known(k recordKey, h held) {
	if u == nil {
		return
	}
	if u.read == nil {
		u.read = map[recordKey]held{}
	}
	if !h.locked && u.read[k].locked {
		return
	}
	u.read[k] = h
}

func (r *reader) record(ctx context.Context, kind, key, lock string) (rec *store.Record, err error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	err = r.ses.each("read a record", selectRecord+" AND name = ?"+lock, func(scan Scan) (err error) {
		rec, err = scanRecord(scan)
		return err
	}, kind, key)
	if err != nil {
		return nil, err
	}
	k := recordKey{kind, key}
	if rec == nil {
		r.unit.known(k, held{})
		return nil, r.s.missing(kind, key)
	}
	r.unit.known(k, held{rec.Version, lock != ""})
	return rec, nil
}

// Record returns one record.
func (r *reader) Record(ctx context.Context, kind, key string) (*store.Record, error) {
	return r.record(ctx, kind, key, "")
}

// LockRecord returns one record, which nobody else changes until the transaction ends.
func (x *tx) LockRecord(ctx context.Context, kind, key string) (*store.Record, error) {
	return x.record(ctx, kind, key, " FOR UPDATE")
}

// Records lists records of one kind by key.
func (r *reader) Records(ctx context.Context, q store.RecordQuery) ([]*store.Record, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	text, args := selectRecord, []any{q.Kind}
	if q.Parent != "" {
		text, args = text+" AND parent = ?", append(args, q.Parent)
	}
	if q.After != "" {
		text, args = text+" AND name > ?", append(args, q.After)
	}
	text += " ORDER BY name"
	if q.Limit > 0 {
		text, args = text+" LIMIT ?", append(args, q.Limit)
	}
	list, err := several(r, "records", scanRecord, text, args...)
	for _, rec := range list {
		r.unit.known(recordKey{rec.Kind, rec.Key}, held{version: rec.Version})
	}
	return list, err
}

// PutRecord stores a record if its version is the stored one. Nobody who has read the version here can be told of a
// conflict: the closure runs again where another commit came between.
func (x *tx) PutRecord(ctx context.Context, rec *store.Record) error {
	if rec == nil {
		return x.s.invalid("record", ticket.FaultRequired, "is missing")
	}
	if err := x.check(ctx); err != nil {
		return err
	}
	k := recordKey{rec.Kind, rec.Key}
	if rec.Version == store.AnyVersion {
		delete(x.unit.read, k)
		if err := x.putAnyVersion(ctx, rec); err != nil {
			return err
		}
		return x.configures(ctx, rec.Kind)
	}
	stored, err := x.stored(ctx, k)
	if err != nil {
		return err
	}
	if before, ok := x.unit.read[k]; stored.version != rec.Version {
		if ok && !before.locked && before.version == rec.Version {
			return x.tooLate("put a record")
		}
		return fmt.Errorf("%s: %s %s has version %d, not %d: %w", x.s.d.Name, rec.Kind, rec.Key, stored.version, rec.Version, ticket.ErrConflict)
	}
	if err := x.putRecord(rec, stored); err != nil {
		return err
	}
	x.unit.known(k, held{rec.Version + 1, true})
	return x.configures(ctx, rec.Kind)
}

// stored returns a record's version, and locks it.
func (x *tx) stored(ctx context.Context, k recordKey) (held, error) {
	if h := x.unit.read[k]; h.locked {
		return h, nil
	}
	h := held{}
	there, err := x.ses.row("read a record", "SELECT version FROM {p}records WHERE kind = ? AND name = ? FOR UPDATE", []any{&h.version}, k.kind, k.key)
	h.locked = there
	return h, err
}

func (x *tx) putRecord(rec *store.Record, stored held) error {
	if !stored.locked || stored.version == 0 {
		return x.ses.later(Statement{What: "put a record", Anew: true, Text: "INSERT INTO {p}records (kind, name, parent, version, doc) VALUES (?, ?, ?, ?, ?)",
			Args: []any{rec.Kind, rec.Key, rec.Parent, 1, nullable(rec.Doc)}})
	}
	return x.ses.later(Statement{What: "put a record", Text: "UPDATE {p}records SET parent = ?, version = ?, doc = ? WHERE kind = ? AND name = ?",
		Args: []any{rec.Parent, rec.Version + 1, nullable(rec.Doc), rec.Kind, rec.Key}})
}

func (x *tx) putAnyVersion(ctx context.Context, rec *store.Record) error {
	return x.write(ctx, "put a record", x.s.put.record, rec.Kind, rec.Key, rec.Parent, nullable(rec.Doc))
}

// tooLate has the closure run again.
func (x *tx) tooLate(what string) error {
	return x.ses.fail(Statement{What: what, Anew: true}, errOvertaken)
}

var errOvertaken = errors.New("somebody else was faster")

// DeleteRecord removes a record; one that is not there is no error.
func (x *tx) DeleteRecord(ctx context.Context, kind, key string) error {
	if err := x.write(ctx, "delete a record", "DELETE FROM {p}records WHERE kind = ? AND name = ?", kind, key); err != nil {
		return err
	}
	delete(x.unit.read, recordKey{kind, key})
	return x.configures(ctx, kind)
}

func (r *reader) meta(name string) (n int64, err error) {
	_, err = r.ses.row("read a number", "SELECT value FROM {p}meta WHERE name = ?", []any{&n}, name)
	return n, err
}

func (x *tx) setMeta(ctx context.Context, name string, value int64) error {
	return x.write(ctx, "note a number", x.s.put.meta, name, value)
}

// nullable is how a raw document stands in a column.
func nullable(doc json.RawMessage) any {
	if doc == nil {
		return nil
	}
	return string(doc)
}
