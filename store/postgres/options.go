package postgres

import (
	"cmp"
	"database/sql"
	"fmt"
	"regexp"
	"time"

	"github.com/helpdeskgo/helpdesk/store/internal/lists"
	"github.com/helpdeskgo/helpdesk/store/internal/remote"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Options configure a store. The zero value is ready to use.
type Options struct {
	// BusyTimeout is how long a caller waits for a connection, for a lock, and for a server that is away, before
	// ticket.ErrBusy; default 5 s.
	BusyTimeout time.Duration
	// IdleTimeout is how long a transaction that has begun to write may do nothing at all, before the server ends it and frees
	// what it has locked: a process that stands still must not hold up the others. Default 30 s; hooks that wait for
	// something else within a transaction must be done by then.
	IdleTimeout time.Duration
	// PollInterval is how often Wake looks by itself whether others have put work, beside being told; default 1 s.
	PollInterval time.Duration
	// Schema is where the tables are; default the connection's own (current_schema). It must exist.
	Schema string
	// TablePrefix starts the name of every table and index: letters, digits and underscores; default "helpdesk_".
	// Stores with different prefixes, or schemas, share a database without seeing each other.
	TablePrefix string
	// Connections is how many Open makes at most; default 16, or pool_max_conns of the DSN. A few more come beside them, for moments, when
	// those are busy.
	Connections int
	// Beside are the connections for what a transaction needs beside its own, as ids: see the function Beside. Use makes
	// some for each store; the stores of many tenants over one pool should share them.
	Beside *sql.DB
	// SearchOff leaves search out: nothing is noted for it, and searches fail with store.ErrSearchOff. All processes on a
	// database must agree. The first store that is opened without it has everything indexed anew.
	SearchOff bool

	reach lists.Reach // of lists; the zero value is the usual one
}

var prefixForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,29}$`)

// withDefaults returns a copy with every zero field set, or ticket.ErrInvalid.
func (o *Options) withDefaults() (Options, error) {
	var out Options
	if o != nil {
		out = *o
	}
	out.BusyTimeout = orDefault(out.BusyTimeout, 5*time.Second)
	out.IdleTimeout = orDefault(out.IdleTimeout, 30*time.Second)
	out.PollInterval = orDefault(out.PollInterval, time.Second)
	out.TablePrefix = cmp.Or(out.TablePrefix, "helpdesk_")
	if out.Connections < 0 {
		return out, fmt.Errorf("postgres: %w", ticket.Invalid("connections", ticket.FaultOutOfRange, "are below 0: leave it out, or give how many there may be"))
	}
	if !prefixForm.MatchString(out.TablePrefix) {
		return out, fmt.Errorf("postgres: %w", ticket.Invalid("table_prefix", ticket.FaultMalformed, "use at most 30 letters, digits and underscores, no digit first"))
	}
	return out, nil
}

func orDefault(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

func (o Options) settings() remote.Settings {
	return remote.Settings{BusyTimeout: o.BusyTimeout, PollInterval: o.PollInterval, TablePrefix: o.TablePrefix, SearchOff: o.SearchOff, Reach: o.reach}
}
