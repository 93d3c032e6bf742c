package remote

import (
	"context"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Holder returns who reserved a unique key.
func (r *reader) Holder(ctx context.Context, kind, key string) (id int64, err error) {
	if err := r.check(ctx); err != nil {
		return 0, err
	}
	there, err := r.ses.row("read a key", "SELECT holder FROM {p}keys WHERE kind = ? AND name = ?", []any{&id}, kind, key)
	if err == nil && !there {
		return 0, r.s.missing("holder of "+kind, key)
	}
	return id, err
}

// Reserve takes a unique key for id, or says who has it.
func (x *tx) Reserve(ctx context.Context, kind, key string, id int64) (int64, error) {
	if err := x.check(ctx); err != nil {
		return 0, err
	}
	k := keyName{kind, key}
	if holder, ok := x.unit.reserved[k]; ok {
		return holder, nil
	}
	if x.unit.granted("ticket", id) {
		return id, x.unit.reserve(k, id)
	}
	return x.s.d.Reserve(x.ses.later, x.ses.ask, kind, key, id)
}

type keyName struct{ kind, name string }

// reserve takes a key for something new, and does not ask whether it is free, as it nearly always is: where it is not the
// closure runs again, and asks.
func (u *unit) reserve(k keyName, id int64) error {
	if u.reserved == nil {
		u.reserved = map[keyName]int64{}
	}
	u.reserved[k] = id
	return u.ses.later(Statement{What: "reserve a key", Into: "keys", Anew: true, Text: "INSERT INTO {p}keys (kind, name, holder) VALUES (?, ?, ?)", Args: []any{k.kind, k.name, id}})
}

// Release gives a key up, if id holds it.
func (x *tx) Release(ctx context.Context, kind, key string, id int64) error {
	delete(x.unit.reserved, keyName{kind, key})
	return x.write(ctx, "release a key", "DELETE FROM {p}keys WHERE kind = ? AND name = ? AND holder = ?", kind, key, id)
}

// Linked returns the ids linked to a key, ascending.
func (r *reader) Linked(ctx context.Context, kind, key string) (out []int64, err error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	err = r.ses.each("read links", "SELECT target FROM {p}links WHERE kind = ? AND name = ? ORDER BY target", func(scan Scan) error {
		var id int64
		err := scan(&id)
		out = append(out, id)
		return err
	}, kind, key)
	return out, err
}

// Link ties id to a key.
func (x *tx) Link(ctx context.Context, kind, key string, id int64) error {
	return x.insert(ctx, "link", "links", x.s.put.link, kind, key, id)
}

// Unlink unties id from a key.
func (x *tx) Unlink(ctx context.Context, kind, key string, id int64) error {
	return x.write(ctx, "unlink", "DELETE FROM {p}links WHERE kind = ? AND name = ? AND target = ?", kind, key, id)
}

// Chunk returns chunk n of a blob.
func (r *reader) Chunk(ctx context.Context, blob string, n int) ([]byte, error) {
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	data := []byte{}
	there, err := r.ses.row("read a blob", "SELECT data FROM {p}chunks WHERE content = ? AND n = ?", []any{&data}, blob, n)
	if err == nil && !there {
		return nil, r.s.missing("chunk of blob", blob)
	}
	return data, err
}

// PutChunk stores chunk n of a blob.
func (x *tx) PutChunk(ctx context.Context, blob string, n int, data []byte) error {
	switch {
	case len(data) > store.ChunkSize:
		return x.s.invalid("data", ticket.FaultTooLong, "a chunk has %d bytes: at most %d are taken", len(data), store.ChunkSize)
	case n < 0:
		return x.s.invalid("n", ticket.FaultOutOfRange, "chunks are counted from 0")
	case data == nil:
		data = []byte{}
	}
	// The caller may use its bytes again before they are sent.
	return x.write(ctx, "write a blob", x.s.put.chunk, blob, n, append([]byte{}, data...))
}

// DeleteBlob removes all chunks of a blob.
func (x *tx) DeleteBlob(ctx context.Context, blob string) error {
	return x.write(ctx, "delete a blob", "DELETE FROM {p}chunks WHERE content = ?", blob)
}
