package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Holder returns who reserved a unique key.
func (r *reader) Holder(ctx context.Context, kind, key string) (int64, error) {
	if err := r.check(ctx); err != nil {
		return 0, err
	}
	id, err := r.ses.number("SELECT id FROM {p}keys WHERE kind = ? AND key = ?", kind, key)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, missing("holder of "+kind, key)
	}
	return id, classify("read a key", err)
}

// Reserve takes a unique key for id, or says who has it.
func (x *tx) Reserve(ctx context.Context, kind, key string, id int64) (int64, error) {
	if err := x.check(ctx); err != nil {
		return 0, err
	}
	n, err := x.ses.exec("INSERT INTO {p}keys (kind, key, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", kind, key, id)
	if err != nil {
		return 0, classify("reserve a key", err)
	}
	if n == 1 {
		return id, nil
	}
	return x.Holder(ctx, kind, key)
}

// Release gives a key up, if id holds it.
func (x *tx) Release(ctx context.Context, kind, key string, id int64) error {
	return x.write(ctx, "release a key", "DELETE FROM {p}keys WHERE kind = ? AND key = ? AND id = ?", kind, key, id)
}

// Linked returns the ids linked to a key, ascending.
func (r *reader) Linked(ctx context.Context, kind, key string) ([]int64, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	var out []int64
	err := r.ses.each(func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	}, "SELECT id FROM {p}links WHERE kind = ? AND key = ? ORDER BY id", kind, key)
	return out, classify("read links", err)
}

// Link ties id to a key.
func (x *tx) Link(ctx context.Context, kind, key string, id int64) error {
	return x.write(ctx, "link", "INSERT INTO {p}links (kind, key, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", kind, key, id)
}

// Unlink unties id from a key.
func (x *tx) Unlink(ctx context.Context, kind, key string, id int64) error {
	return x.write(ctx, "unlink", "DELETE FROM {p}links WHERE kind = ? AND key = ? AND id = ?", kind, key, id)
}

// Chunk returns chunk n of a blob.
func (r *reader) Chunk(ctx context.Context, blob string, n int) ([]byte, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	data := []byte{}
	err := r.ses.row([]any{&data}, "SELECT data FROM {p}chunks WHERE blob = ? AND n = ?", blob, n)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, missing("chunk of blob", blob)
	}
	return data, classify("read a blob", err)
}

// PutChunk stores chunk n of a blob.
func (x *tx) PutChunk(ctx context.Context, blob string, n int, data []byte) error {
	switch {
	case len(data) > store.ChunkSize:
		return invalid("data", ticket.FaultTooLong, "a chunk has %d bytes: at most %d are taken", len(data), store.ChunkSize)
	case n < 0:
		return invalid("n", ticket.FaultOutOfRange, "chunks are counted from 0")
	case data == nil:
		data = []byte{}
	}
	return x.write(ctx, "write a blob", "INSERT INTO {p}chunks (blob, n, data) VALUES (?1, ?2, ?3) ON CONFLICT (blob, n) DO UPDATE SET data = ?3", blob, n, data)
}

// DeleteBlob removes all chunks of a blob.
func (x *tx) DeleteBlob(ctx context.Context, blob string) error {
	return x.write(ctx, "delete a blob", "DELETE FROM {p}chunks WHERE blob = ?", blob)
}

// write checks and runs one statement.
func (x *tx) write(ctx context.Context, what, query string, args ...any) error {
	if err := x.check(ctx); err != nil {
		return err
	}
	_, err := x.ses.exec(query, args...)
	return classify(what, err)
}
