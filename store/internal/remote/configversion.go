package remote

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
)

// configAge is how long the number of the configuration is good for: each write, and each list, begins by asking for it,
// and others change the configuration rarely. What this process changes it sees at once. One asks anew when half of that
// has passed, while the others go on with what is known.
const configAge = 100 * time.Millisecond

// configVersion is the name of the number.
const configVersion = "config version"

// configNumber is the number as it was read last.
type configNumber struct {
	mu      sync.Mutex
	value   int64
	read    time.Time
	asked   time.Time // when somebody last found that it is to be read anew
	changed int       // how often this process has changed the configuration
}

// get returns the number, if it is good for the caller, and what put wants to be told.
func (c *configNumber) get() (value int64, good bool, changed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	age := time.Since(c.read)
	switch {
	case c.read.IsZero():
	case age < configAge/2, age < configAge && time.Since(c.asked) < configAge/2:
		return c.value, true, c.changed
	default:
		c.asked = time.Now()
	}
	return c.value, false, c.changed
}

// put takes a number over that was asked for at a time, unless the configuration has been changed since.
func (c *configNumber) put(value int64, asked time.Time, changed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changed == c.changed {
		c.value, c.read = value, asked
	}
}

func (c *configNumber) change() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed++
	c.read = time.Time{}
}

// ConfigVersion changes with every record of configuration. Where a moment has been fixed already it is that moment's
// number, for what is read with it is of that moment, too.
func (r *reader) ConfigVersion(ctx context.Context) (int64, error) {
	if err := r.check(ctx); err != nil {
		return 0, err
	}
	value, good, changed := r.s.config.get()
	switch {
	case r.unit != nil && r.unit.configured, r.unit == nil && r.ses.opened:
		return r.meta(configVersion)
	case good:
		return value, nil
	}
	asked := time.Now()
	value, err := r.meta(configVersion)
	if err == nil && (r.unit == nil || !r.unit.hosted) { // a host's transaction may have been joined, and changed it, before
		r.s.config.put(value, asked, changed)
	}
	return value, err
}

// configures changes the number of the configuration. It is one that no rolled back transaction can have shown either.
func (x *tx) configures(ctx context.Context, kind string) error {
	if !store.ConfigKind(kind) {
		return nil
	}
	x.unit.configured = true
	return x.setMeta(ctx, configVersion, 1+rand.Int64N(1<<62))
}
