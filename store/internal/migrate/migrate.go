// Package migrate reads schema migrations and decides which of them a database still needs. It runs nothing: how a
// schema is locked and changed differs from one database to the next, what must be checked does not.
package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// ErrChanged says that a migration which a database has run is no longer the one that the library knows.
var ErrChanged = errors.New("migration was changed after it ran: restore the library's own file")

// Migration is one step of a schema, forward only.
type Migration struct {
	Version int    // counted from 1
	Name    string // of its file, without number and extension
	SQL     string
	Sum     string // SHA-256 of the file in hexadecimal
}

// Applied is what a database remembers of a migration.
type Applied struct {
	Version int
	Sum     string
}

// Load reads the migrations of a file system: files at its top named "0001_start.sql", numbered without gaps.
func Load(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	slices.Sort(names)
	all := make([]Migration, 0, len(names))
	for i, file := range names {
		b, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, fmt.Errorf("migrate: %w", err)
		}
		number, name, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".sql"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migrate: %s is out of line: number the files 0001, 0002, … without gaps", file)
		}
		sum := sha256.Sum256(b)
		all = append(all, Migration{Version: version, Name: name, SQL: string(b), Sum: hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// Pending returns the migrations of all that a database which has run those of have still needs. ticket.ErrSchema where
// it has run one that is not in all, ErrChanged where one differs.
func Pending(all []Migration, have []Applied) ([]Migration, error) {
	done := 0
	for _, a := range have {
		if a.Version < 1 || a.Version > len(all) {
			return nil, fmt.Errorf("migrate: the database is at version %d and this library at %d: use a newer library: %w",
				a.Version, len(all), ticket.ErrSchema)
		}
		if m := all[a.Version-1]; m.Sum != a.Sum {
			return nil, fmt.Errorf("migrate: %04d_%s: %w: %w", m.Version, m.Name, ErrChanged, ticket.ErrSchema)
		}
		done = max(done, a.Version)
	}
	if len(have) != done {
		return nil, fmt.Errorf("migrate: the database has run %d migrations and is at version %d: %w", len(have), done, ticket.ErrSchema)
	}
	return all[done:], nil
}
