package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// AnyVersion as the Version of what is saved has it replace whatever is stored.
const AnyVersion = store.AnyVersion

// heading is what every definition begins with.
type heading struct {
	code, name string
	sort       int
	version    *int64
}

// form is how definitions of one kind are kept: as documents of configuration, which the desk puts.
type form[T any] struct {
	kind string // without "config/"
	head func(*T) heading
}

func (f form[T]) record() string { return "config/" + f.kind }

func (f form[T]) parse(rec *store.Record) (v T, err error) {
	if err := json.Unmarshal(rec.Doc, &v); err != nil {
		return v, fmt.Errorf("stored %s %s: %w", f.kind, rec.Key, err)
	}
	*f.head(&v).version = rec.Version
	return v, nil
}

func (f form[T]) get(ctx context.Context, x store.Reader, code string) (v T, err error) {
	rec, err := x.Record(ctx, f.record(), code)
	if errors.Is(err, ticket.ErrNotFound) {
		return v, fmt.Errorf("%w: there is no %s %q", ticket.ErrNotFound, f.kind, code)
	}
	if err != nil {
		return v, err
	}
	return f.parse(rec)
}

// list has all of them, by Sort and code.
func (f form[T]) list(ctx context.Context, x store.Reader) (out []T, err error) {
	recs, err := x.Records(ctx, store.RecordQuery{Kind: f.record()})
	for _, rec := range recs {
		v, bad := f.parse(rec)
		if bad != nil {
			return nil, bad
		}
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b T) int {
		x, y := f.head(&a), f.head(&b)
		return cmp.Or(cmp.Compare(x.sort, y.sort), cmp.Compare(x.code, y.code))
	})
	return out, err
}

// put stores a definition that was checked, if its version is that of what is stored, and returns it with its new one.
func (f form[T]) put(ctx context.Context, d Desk, v T) (T, error) {
	h := f.head(&v)
	given := *h.version
	*h.version = 0 // the store counts
	doc, err := json.Marshal(v)
	if err != nil {
		return v, err
	}
	*h.version, err = d.PutDefinition(ctx, f.kind, h.code, h.name, doc, given)
	if given == 0 && errors.Is(err, ticket.ErrConflict) {
		err = &standing{fmt.Sprintf("there is a %s %q already: read it, change it and save that, with its Version; a program that saves it at each start gives rules.AnyVersion as the Version, or has it in a file for Import",
			f.kind, h.code), err}
	}
	return v, err
}

// standing is a conflict that is no race: a program that makes something of a code at every start.
type standing struct {
	says string
	error
}

func (s *standing) Error() string { return s.says }
func (s *standing) Unwrap() error { return s.error }

// configuring runs fn in a transaction, for whoever may change the configuration. It may run fn again.
func (r *Rules) configuring(ctx context.Context, fn func(ctx context.Context, tx store.Tx) error) error {
	if err := r.desk.MayConfigure(ctx); err != nil {
		return err
	}
	return r.store.Update(ctx, fn)
}

// reading runs fn over a snapshot, for whoever may change the configuration.
func (r *Rules) reading(ctx context.Context, fn func(ctx context.Context, x store.Reader) error) error {
	if err := r.desk.MayConfigure(ctx); err != nil {
		return err
	}
	return r.store.View(ctx, fn)
}

// codes collects what the catalogue has, for a check of names.
func codes[T any](list []T, code func(T) string) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, code(v))
	}
	return out
}

// checkKnown adds names that the catalogue does not have.
func checkKnown(e *ticket.ValidationError, field, what string, names, known []string) {
	for _, n := range names {
		if !slices.Contains(known, n) {
			e.Add(field, ticket.FaultUnknown, "%q is no %s: put it into the catalogue first", n, what)
		}
	}
}

// brandCodes are those of the catalogue.
func (r *Rules) brandCodes(ctx context.Context) ([]string, error) {
	list, err := r.desk.Brands(ctx)
	return codes(list, func(b ticket.Brand) string { return b.Code }), err
}
