package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
)

// account is what an operation wrote.
type account struct {
	rows, bytes, commits float64 // per operation
}

func (a account) String() string {
	return fmt.Sprintf("%.2f rows, %.0f bytes, %.2f commits", a.rows, a.bytes, a.commits)
}

// accountOf runs n operations on the file and counts what is in it afterwards and was not before. Commits are counted
// in the write-ahead log itself.
func accountOf(ctx context.Context, path string, n int, op func(n int) error) (account, error) {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return account{}, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return account{}, err
	}
	r0, b0, err := contents(ctx, db, sqliteCatalog, asIs, `helpdesk\_%`)
	if err != nil {
		return account{}, err
	}
	if err := op(n); err != nil {
		return account{}, err
	}
	commits, err := walCommits(path + "-wal")
	if err != nil {
		return account{}, err
	}
	r1, b1, err := contents(ctx, db, sqliteCatalog, asIs, `helpdesk\_%`)
	if err != nil {
		return account{}, err
	}
	per := func(v int64) float64 { return float64(v) / float64(n) }
	return account{per(r1 - r0), per(b1 - b0), per(commits)}, nil
}

// asIs leaves a statement's signs for arguments as they are.
func asIs(text string) string { return text }

// catalog is how a database says what tables it has, those whose names are LIKE something, and their columns, and how it
// says how long a value is.
type catalog struct{ tables, columns, length string }

var sqliteCatalog = catalog{
	tables: `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ? ESCAPE '\'`, columns: "SELECT name FROM pragma_table_info(?)",
	length: "coalesce(length(cast(%s AS BLOB)), 0)",
}

// contents counts rows and the bytes of their values over all tables whose names are like that.
func contents(ctx context.Context, db *sql.DB, in catalog, bind func(string) string, like string) (rows, bytes int64, err error) {
	tables, err := column(ctx, db, bind(in.tables), like)
	if err != nil {
		return 0, 0, err
	}
	for _, t := range tables {
		cols, err := column(ctx, db, bind(in.columns), t)
		if err != nil {
			return 0, 0, err
		}
		sums := make([]string, len(cols))
		for i, c := range cols {
			sums[i] = fmt.Sprintf(in.length, c)
		}
		var r, b int64
		q := fmt.Sprintf("SELECT count(*), coalesce(sum(%s), 0) FROM %s", strings.Join(sums, " + "), t)
		if err := db.QueryRowContext(ctx, q).Scan(&r, &b); err != nil {
			return 0, 0, err
		}
		rows, bytes = rows+r, bytes+b
	}
	return rows, bytes, nil
}

func column(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// walCommits counts the commit frames of a write-ahead log that was truncated before: a frame whose header has a
// database size ends a transaction (https://www.sqlite.org/fileformat2.html, 4.1).
func walCommits(path string) (int64, error) {
	b, err := os.ReadFile(path)
	if err != nil || len(b) < 32 {
		return 0, err
	}
	page := int(binary.BigEndian.Uint32(b[8:]))
	salt := string(b[16:24])
	var n int64
	for off := 32; off+24+page <= len(b); off += 24 + page {
		if string(b[off+8:off+16]) == salt && binary.BigEndian.Uint32(b[off+4:]) != 0 {
			n++
		}
	}
	return n, nil
}
