package sqlite

import (
	"fmt"
	"regexp"
	"runtime"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Durability says what a power failure may take.
type Durability string

// The durabilities of a commit. A killed process loses nothing in either.
const (
	// Full syncs the file with every commit: nothing that Update acknowledged is lost.
	Full Durability = "full"
	// Normal syncs at checkpoints only: a power failure may take the last commits, and leaves the file intact.
	Normal Durability = "normal"
)

// Options configure a store. The zero value is ready to use.
type Options struct {
	// BusyTimeout is how long a caller waits for the database before ticket.ErrBusy; default 5 s.
	BusyTimeout time.Duration
	// Durability of commits; default Full.
	Durability Durability
	// Now is the clock of leases; default time.Now.
	Now func() time.Time
	// TablePrefix starts the name of every table and index: letters, digits and underscores; default "helpdesk_".
	// Stores with different prefixes share a file without seeing each other.
	TablePrefix string
	// SlowAfter is how long a closure of Update may run before it counts as slow: see SlowShare. Default 2 ms.
	SlowAfter time.Duration
	// SlowShare is the part of the writer's time, in percent, that callers with slow closures get while others want to
	// write; default 8, 100 treats all alike.
	SlowShare int
	// Readers is how many Views run at once; default 4 or the number of processors, whatever is more.
	Readers int
	// PollInterval is how often Wake looks for commits of other processes; default 250 ms.
	PollInterval time.Duration
	// SearchOff leaves search out: nothing is noted for it, and searches fail with store.ErrSearchOff. All processes on a
	// file must agree. The first store that is opened without it has everything indexed anew.
	SearchOff bool
}

var prefixForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,39}$`)

// withDefaults returns a copy with every zero field set, or ticket.ErrInvalid.
func (o *Options) withDefaults() (Options, error) {
	var out Options
	if o != nil {
		out = *o
	}
	orDuration(&out.BusyTimeout, 5*time.Second)
	orDuration(&out.SlowAfter, 2*time.Millisecond)
	orDuration(&out.PollInterval, 250*time.Millisecond)
	if out.Durability == "" {
		out.Durability = Full
	}
	if out.Now == nil {
		out.Now = time.Now
	}
	if out.TablePrefix == "" {
		out.TablePrefix = "helpdesk_"
	}
	if out.SlowShare <= 0 || out.SlowShare > 100 {
		out.SlowShare = 8
	}
	if out.Readers <= 0 {
		out.Readers = max(4, runtime.GOMAXPROCS(0))
	}
	if out.Durability != Full && out.Durability != Normal {
		return out, fmt.Errorf("sqlite: %w", ticket.Invalid("durability", ticket.FaultUnknown, "%q is none: use Full or Normal", out.Durability))
	}
	if !prefixForm.MatchString(out.TablePrefix) {
		return out, fmt.Errorf("sqlite: %w", ticket.Invalid("table_prefix", ticket.FaultMalformed, "use at most 40 letters, digits and underscores, no digit first"))
	}
	return out, nil
}

func orDuration(d *time.Duration, def time.Duration) {
	if *d <= 0 {
		*d = def
	}
}
