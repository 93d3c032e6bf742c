package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const selectRecord = "SELECT kind, key, parent, version, doc FROM {p}records"

func scanRecord(scan func(...any) error) (*store.Record, error) {
	r := new(store.Record)
	err := scan(&r.Kind, &r.Key, &r.Parent, &r.Version, (*[]byte)(&r.Doc))
	return r, err
}

// Record returns a record by kind and key.
func (r *reader) Record(ctx context.Context, kind, key string) (*store.Record, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	return one(r.ses, scanRecord, "record", kind+" "+key, selectRecord+" WHERE kind = ? AND key = ?", kind, key)
}

// LockRecord returns the record: nobody else writes until the transaction ends.
func (x *tx) LockRecord(ctx context.Context, kind, key string) (*store.Record, error) {
	return x.Record(ctx, kind, key)
}

// Records lists records of a kind by key.
func (r *reader) Records(ctx context.Context, q store.RecordQuery) ([]*store.Record, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	text, args := selectRecords(q)
	return several(r.ses, scanRecord, "records", text, args...)
}

func selectRecords(q store.RecordQuery) (text string, args []any) {
	text, args = selectRecord+" WHERE kind = ?", []any{q.Kind}
	if q.Parent != "" {
		text, args = text+" AND parent = ? AND parent <> ''", append(args, q.Parent)
	}
	if q.After != "" {
		text, args = text+" AND key > ?", append(args, q.After)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = -1 // all
	}
	return text + " ORDER BY key LIMIT ?+0", append(args, limit)
}

// ConfigVersion reads the counter of configuration changes.
func (r *reader) ConfigVersion(ctx context.Context) (int64, error) {
	if err := r.check(ctx); err != nil {
		return 0, err
	}
	n, err := r.ses.number("SELECT value FROM {p}meta WHERE key = 'config'")
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, classify("read the version of the configuration", err)
}

// PutRecord stores a record if its Version is the stored one.
func (x *tx) PutRecord(ctx context.Context, r *store.Record) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if r == nil || r.Kind == "" {
		return invalid("kind", ticket.FaultRequired, "a record needs a kind")
	}
	stored, err := x.ses.number("SELECT version FROM {p}records WHERE kind = ? AND key = ?", r.Kind, r.Key)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return classify("read a record", err)
	}
	if r.Version != stored && r.Version != store.AnyVersion {
		return fmt.Errorf("sqlite: record %s %s has version %d, not %d: %w", r.Kind, r.Key, stored, r.Version, ticket.ErrConflict)
	}
	_, err = x.ses.exec(`INSERT INTO {p}records (kind, key, parent, version, doc) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (kind, key) DO UPDATE SET parent = ?3, version = ?4, doc = ?5`, r.Kind, r.Key, r.Parent, stored+1, nullable(r.Doc))
	if err != nil {
		return classify("write a record", err)
	}
	return x.countConfig(r.Kind)
}

// DeleteRecord removes a record.
func (x *tx) DeleteRecord(ctx context.Context, kind, key string) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	if _, err := x.ses.exec("DELETE FROM {p}records WHERE kind = ? AND key = ?", kind, key); err != nil {
		return classify("delete a record", err)
	}
	return x.countConfig(kind)
}

// countConfig notes a change of the configuration. The numbers come from a sequence, so that one which a transaction
// saw in vain does not come again as something else.
func (x *tx) countConfig(kind string) error {
	if !store.ConfigKind(kind) {
		return nil
	}
	n, err := x.unit.ids.next(x.ses, configSequence)
	if err == nil {
		_, err = x.ses.exec("INSERT INTO {p}meta (key, value) VALUES ('config', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1", n)
	}
	return classify("count a change of the configuration", err)
}
