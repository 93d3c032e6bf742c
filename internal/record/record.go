// Package record keeps Go values as the documents of a store's records.
package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// ID is an id as a key or a parent.
func ID(id int64) string { return strconv.FormatInt(id, 10) }

// Ordered is a number, not below 0, as a key that is in order among others of its kind.
func Ordered(n int64) string { return fmt.Sprintf("%019d", n) }

// Read reads the document of a record. Errors: ticket.ErrNotFound, and nothing more about it; the store's own.
func Read[T any](ctx context.Context, r store.Reader, kind, key string) (v T, err error) {
	rec, err := r.Record(ctx, kind, key)
	if errors.Is(err, ticket.ErrNotFound) {
		return v, ticket.ErrNotFound
	}
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(rec.Doc, &v)
}

// ReadAll appends to out the documents of all records of a kind, or of those with a parent, in the order of their keys.
func ReadAll[T any](ctx context.Context, r store.Reader, kind, parent string, out *[]T) error {
	recs, err := r.Records(ctx, store.RecordQuery{Kind: kind, Parent: parent})
	if err != nil {
		return err
	}
	for _, rec := range recs {
		var v T
		if err := json.Unmarshal(rec.Doc, &v); err != nil {
			return err
		}
		*out = append(*out, v)
	}
	return nil
}

// Put stores a document, whatever is there.
func Put(ctx context.Context, tx store.Tx, kind, key, parent string, v any) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.PutRecord(ctx, &store.Record{Kind: kind, Key: key, Parent: parent, Version: store.AnyVersion, Doc: doc})
}

// Move gives a record that was read another parent, and changes its document for that.
func Move[T any](ctx context.Context, tx store.Tx, rec *store.Record, parent string, change func(*T)) error {
	var v T
	if err := json.Unmarshal(rec.Doc, &v); err != nil {
		return err
	}
	change(&v)
	return Put(ctx, tx, rec.Kind, rec.Key, parent, v)
}
