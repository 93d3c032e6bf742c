package hooks

import "time"

// options are what a binding was bound with.
type options struct {
	priority    int
	timeout     time.Duration
	failOpen    bool
	volatile    bool
	after       string
	since       time.Time
	holdOnDead  bool
	maxAttempts int
}

// Option is any of the options, for BindNamed, which refuses what does not fit the kind of the point.
type Option interface{ apply(*options) }

// FilterOption is an option of Filter.Bind: Priority, Timeout, FailOpen.
type FilterOption interface {
	Option
	filter()
}

// GateOption is an option of Gate.Bind: Priority, Timeout, FailOpen.
type GateOption interface {
	Option
	gate()
}

// GuardOption is an option of Guard.Bind: Priority, Timeout.
type GuardOption interface {
	Option
	guard()
}

// EventOption is an option of Event.Bind: Priority, Timeout, Volatile, After, Since, HoldOnDead, MaxAttempts.
type EventOption interface {
	Option
	event()
}

// ViewOption is an option of View.Bind: Priority, Timeout.
type ViewOption interface {
	Option
	view()
}

// common fits every kind of hook.
type common func(*options)

func (f common) apply(o *options) { f(o) }
func (common) filter()            {}
func (common) gate()              {}
func (common) guard()             {}
func (common) event()             {}
func (common) view()              {}

// refusing fits the kinds whose failure refuses an operation outside the transaction.
type refusing func(*options)

func (f refusing) apply(o *options) { f(o) }
func (refusing) filter()            {}
func (refusing) gate()              {}

// durable fits events only.
type durable func(*options)

func (f durable) apply(o *options) { f(o) }
func (durable) event()             {}

// Priority orders the bindings of a point: ascending, 0 if not given, ties in the order of binding. It fits every kind
// of hook.
func Priority(n int) common { return func(o *options) { o.priority = n } }

// Timeout is the deadline of the handler's context. Default: see Config. It fits every kind of hook.
func Timeout(d time.Duration) common { return func(o *options) { o.timeout = d } }

// FailOpen lets the operation go on when the hook fails (an error that is no ValidationError, a panic, the deadline).
// The failure is reported all the same. It fits filters and gates.
func FailOpen() refusing { return func(o *options) { o.failOpen = true } }

// Volatile makes an event binding a plain function call after the commit: nothing is stored for it, and what a crash or
// an error loses is lost. It fits events.
func Volatile() durable { return func(o *options) { o.volatile = true } }

// After makes each delivery wait until the binding named id is done with the same event, and with the earlier ones of
// that ticket. It fits events. Events that belong to no ticket (of the catalogue, the settings, refused mail, purges,
// dead deliveries) do not wait.
func After(id string) durable { return func(o *options) { o.after = id } }

// Since makes a new binding also receive the journal's events from t on. Without it a binding starts with the events
// after it was bound. A binding that is stored already goes on where it was. It fits events.
func Since(t time.Time) durable { return func(o *options) { o.since = t } }

// HoldOnDead makes a dead letter hold the later events of its ticket back until somebody retries or discards it. It
// fits events.
func HoldOnDead() durable { return func(o *options) { o.holdOnDead = true } }

// MaxAttempts is how often a delivery is tried before it is dead. Default: Settings.DeliveryAttempts. It fits events.
func MaxAttempts(n int) durable { return func(o *options) { o.maxAttempts = n } }
