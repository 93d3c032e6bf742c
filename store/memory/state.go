package memory

import (
	"cmp"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// state is everything that a store holds. Values in it are never changed, only replaced, so that a copy of the struct
// is a snapshot.
type state struct {
	tickets  tree[int64, *ticket.Ticket]
	messages tree[int64, *ticket.Message]
	events   tree[int64, *ticket.Event]
	threads  tree[place, int64]  // messages by ticket and Seq
	journals tree[place, int64]  // events by ticket and Seq
	journal  tree[moment, int64] // events by time

	works    tree[int64, *store.Work]
	lanes    tree[lanePlace, int64] // works that are not done, by OrderKey, Seq and id
	unique   tree[workName, int64]  // works with an OrderKey
	due      tree[moment, int64]    // pending and leased works, by Due
	finished tree[finish, int64]    // works that are done

	records tree[name, *store.Record]
	config  int64

	keys   tree[name, int64]
	links  tree[link, struct{}]
	chunks tree[chunk, []byte]

	stale     tree[int64, store.Stale]
	documents tree[int64, *store.Document]
	sweep     store.Stale // Ticket is the last that Reindex has still to do
}

// place is where an entry stands in a ticket.
type place struct{ ticket, seq, id int64 }

// lanePlace is where work stands in a lane.
type lanePlace struct {
	lane    string
	seq, id int64
}

type moment struct {
	at time.Time
	id int64
}

// finish is when work of a kind was done.
type finish struct {
	kind string
	at   time.Time
	id   int64
}

type workName struct {
	lane string
	seq  int64
	name string
}

type name struct{ kind, key string }

type link struct {
	kind, key string
	id        int64
}

type chunk struct {
	blob string
	n    int
}

func newState() *state {
	return &state{
		tickets:  tree[int64, *ticket.Ticket]{compare: cmp.Compare[int64]},
		messages: tree[int64, *ticket.Message]{compare: cmp.Compare[int64]},
		events:   tree[int64, *ticket.Event]{compare: cmp.Compare[int64]},
		threads:  tree[place, int64]{compare: comparePlace},
		journals: tree[place, int64]{compare: comparePlace},
		journal:  tree[moment, int64]{compare: compareMoment},
		works:    tree[int64, *store.Work]{compare: cmp.Compare[int64]},
		lanes: tree[lanePlace, int64]{compare: func(a, b lanePlace) int {
			return cmp.Or(cmp.Compare(a.lane, b.lane), cmp.Compare(a.seq, b.seq), cmp.Compare(a.id, b.id))
		}},
		unique: tree[workName, int64]{compare: func(a, b workName) int {
			return cmp.Or(cmp.Compare(a.lane, b.lane), cmp.Compare(a.seq, b.seq), cmp.Compare(a.name, b.name))
		}},
		due: tree[moment, int64]{compare: compareMoment},
		finished: tree[finish, int64]{compare: func(a, b finish) int {
			return cmp.Or(cmp.Compare(a.kind, b.kind), a.at.Compare(b.at), cmp.Compare(a.id, b.id))
		}},
		records: tree[name, *store.Record]{compare: compareName},
		keys:    tree[name, int64]{compare: compareName},
		links: tree[link, struct{}]{compare: func(a, b link) int {
			return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
		}},
		chunks: tree[chunk, []byte]{compare: func(a, b chunk) int {
			return cmp.Or(cmp.Compare(a.blob, b.blob), cmp.Compare(a.n, b.n))
		}},
		stale:     tree[int64, store.Stale]{compare: cmp.Compare[int64]},
		documents: tree[int64, *store.Document]{compare: cmp.Compare[int64]},
	}
}

func comparePlace(a, b place) int {
	return cmp.Or(cmp.Compare(a.ticket, b.ticket), cmp.Compare(a.seq, b.seq), cmp.Compare(a.id, b.id))
}

func compareMoment(a, b moment) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) }

func compareName(a, b name) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.key, b.key))
}

// The functions below copy what comes in and what goes out, with times as the desk keeps them.

func cloneTicket(t *ticket.Ticket) *ticket.Ticket {
	c := t.Clone()
	c.CreatedAt, c.UpdatedAt, c.LastReplyAt = ticket.Time(c.CreatedAt), ticket.Time(c.UpdatedAt), ticket.Time(c.LastReplyAt)
	roundTimes(c.SolvedAt, c.ClosedAt, c.DeletedAt)
	return c
}

func cloneMessage(m *ticket.Message) *ticket.Message {
	c := m.Clone()
	c.CreatedAt = ticket.Time(c.CreatedAt)
	roundTimes(c.EditedAt, c.DeletedAt)
	return c
}

func roundTimes(ts ...*time.Time) {
	for _, t := range ts {
		if t != nil {
			*t = ticket.Time(*t)
		}
	}
}

func cloneEvent(e *ticket.Event) *ticket.Event {
	c := *e
	c.At = ticket.Time(e.At)
	c.Changes = slices.Clone(e.Changes)
	return &c
}

func cloneWork(w *store.Work) *store.Work {
	c := *w
	c.Due, c.LeasedTo = ticket.Time(w.Due), ticket.Time(w.LeasedTo)
	c.Created, c.Finished = ticket.Time(w.Created), ticket.Time(w.Finished)
	c.Doc = slices.Clone(w.Doc)
	return &c
}

func cloneRecord(r *store.Record) *store.Record {
	c := *r
	c.Doc = slices.Clone(r.Doc)
	return &c
}
