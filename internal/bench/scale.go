package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// builderVersion stands in the name of a scaled file: raise it when the builder writes something else.
const builderVersion = 1

// scaled returns the path of a desk's file with e.scale tickets and four times as many messages, which is built unless it
// is there: the same one for the same scale. It stays for the next run. Its name says the scale and the schema.
func (e *env) scaled(ctx context.Context) (string, error) {
	if e.scale <= 0 {
		return "", errors.New("needs a desk of some size: say -scale, as in -scale 100000")
	}
	schema, err := schemaSum()
	if err != nil {
		return "", err
	}
	path := filepath.Join(e.cache, fmt.Sprintf("desk-%d-%s-%d.db", e.scale, schema, builderVersion))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(e.cache, 0o755); err != nil {
		return "", err
	}
	part := path + ".part"
	for _, old := range []string{part, part + "-wal", part + "-shm"} {
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if err := build(ctx, part, e.scale); err != nil {
		return "", fmt.Errorf("build a desk of %d tickets: %w", e.scale, err)
	}
	return path, os.Rename(part, path)
}

// schemaSum names the schema that this program writes.
func schemaSum() (string, error) {
	files, err := sqlite.Migrations()
	if err != nil {
		return "", err
	}
	return sumOf(files)
}

// sumOf names the files of a schema.
func sumOf(files fs.FS) (string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		sum.Write(b)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:4]), nil
}

// What the scaled desk is made of. Eight of its departments have nearly all tickets.
var (
	departments = numbered("department", 24)
	brands      = numbered("brand", 3)
	tags        = numbered("tag", 50)
	statuses    = []ticket.Status{
		{Code: "new", Name: "New", Class: ticket.ClassNew, Sort: 1}, {Code: "open", Name: "Open", Class: ticket.ClassOpen, Sort: 2},
		{Code: "waiting", Name: "Waiting", Class: ticket.ClassPending, Sort: 3}, {Code: "solved", Name: "Solved", Class: ticket.ClassSolved, Sort: 4},
		{Code: "closed", Name: "Closed", Class: ticket.ClassClosed, Sort: 5},
	}
)

const agents, bigDepartments = 40, 8

func numbered(what string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = what + strconv.Itoa(i+1)
	}
	return out
}

// scaledConfig seeds the catalogue of the scaled desk: a chief who sees all, and agents of the big departments.
func scaledConfig() *helpdesk.Config {
	c := &helpdesk.Config{Dispatch: helpdesk.Manual, Statuses: statuses, Settings: ticket.SettingsPatch{}}
	for _, d := range departments {
		c.Departments = append(c.Departments, ticket.Department{Code: d, Name: d})
	}
	for _, b := range brands {
		c.Brands = append(c.Brands, ticket.Brand{Code: b, Name: b})
	}
	c.Fields = []ticket.Field{{Code: "size", Name: "Size", Type: ticket.FieldNumber}}
	c.Roles = []ticket.Role{
		{Code: "chief", Name: "Chief", Grants: []ticket.Grant{{}}},
		{Code: "agent", Name: "Agent", Grants: []ticket.Grant{{Departments: departments[:bigDepartments]}}},
		{Code: "wide", Name: "Wide", Grants: []ticket.Grant{{Departments: departments[:20]}}},
		{Code: "member", Name: "Member", Grants: []ticket.Grant{{Sight: ticket.SightDepartment}}},
		{Code: "narrow", Name: "Narrow", Grants: []ticket.Grant{{Departments: departments[22:], Brands: brands[2:]}}},
	}
	c.Agents = []ticket.Agent{{ID: "chief", Name: "Chief", Roles: []string{"chief"}}, {ID: "wide", Name: "Wide", Roles: []string{"wide"}}, {ID: "narrow", Name: "Narrow", Roles: []string{"narrow"}}}
	for n := range agents {
		role := []string{"agent", "member"}[n%2]
		c.Agents = append(c.Agents, ticket.Agent{ID: agentID(n), Name: "Agent " + strconv.Itoa(n), Roles: []string{role}, Departments: []string{departments[n%bigDepartments]}})
	}
	return c
}

func agentID(n int) string { return "agent" + strconv.Itoa(n) }

// build makes the file.
func build(ctx context.Context, path string, n int) error {
	s, err := sqlite.Open(ctx, path, &sqlite.Options{Durability: sqlite.Normal})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := fill(ctx, s, n, func() error { return nil }); err != nil {
		return err
	}
	_, err = s.DB().ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// fill makes a desk of n tickets in an empty store, several a transaction, and calls between after each.
func fill(ctx context.Context, s store.Store, n int, between func() error) error {
	desk, err := helpdesk.New(ctx, s, scaledConfig())
	if err != nil {
		return err
	}
	defer desk.Stop(ctx)
	b := newBuilder(n)
	start, said := time.Now(), time.Now()
	for b.made < n {
		size := min(2000, n-b.made)
		err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error { return b.batch(ctx, tx, size) })
		if err == nil {
			err = between()
		}
		if err != nil {
			return err
		}
		b.made += size
		if time.Since(said) > 2*time.Second || b.made == n {
			said = time.Now()
			fmt.Printf("building: %d of %d tickets, %.0f a second\n", b.made, n, float64(b.made)/time.Since(start).Seconds())
		}
	}
	return nil
}
