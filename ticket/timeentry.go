package ticket

import "time"

// MaxEntry is the longest time that one entry may have.
const MaxEntry = Duration(366 * 24 * time.Hour)

// TimeEntry is working time that an agent spent on a ticket (I09).
type TimeEntry struct {
	ID        int64     `json:"id"`        // set by the desk, as TicketID
	TicketID  int64     `json:"ticket_id"` // where it is now: merging moves it
	Agent     string    `json:"agent"`     // id
	MessageID int64     `json:"message_id,omitempty"`
	Start     time.Time `json:"started_at"`
	Duration  Duration  `json:"duration"` // whole seconds; 0 of a timer that was stopped at once
	Billable  bool      `json:"billable,omitempty"`
	Note      string    `json:"note,omitempty"`
	Forgotten bool      `json:"forgotten,omitempty"` // of a timer that ran for longer than Config.TimerLimit; set by the desk
	Invoice   int64     `json:"invoice,omitempty"`   // the invoice that it is on; set by the desk
	Reference string    `json:"reference,omitempty"` // the Invoicer's, of that invoice
	CreatedAt time.Time `json:"created_at"`
}

// End is when the time was over.
func (e TimeEntry) End() time.Time { return e.Start.Add(time.Duration(e.Duration)) }

// Plus is the sum with one more entry.
func (s Spent) Plus(e TimeEntry) Spent { return s.count(e, e.Duration) }

// Minus is the sum with one entry less.
func (s Spent) Minus(e TimeEntry) Spent { return s.count(e, -e.Duration) }

func (s Spent) count(e TimeEntry, d Duration) Spent {
	s.Total += d
	if e.Billable {
		s.Billable += d
		if e.Reference != "" {
			s.Invoiced += d
		}
	}
	return s
}

// TimePatch changes an entry. Nil fields stay as they are.
type TimePatch struct {
	Start     *time.Time
	Duration  *Duration // rounded to whole seconds, at least one
	Billable  *bool
	Note      *string
	MessageID *int64 // 0 for none
}

// Timer is the running time of an agent, who has one at most. It is stored, so it runs on when the process ends.
type Timer struct {
	Agent     string    `json:"agent"` // id
	TicketID  int64     `json:"ticket_id"`
	MessageID int64     `json:"message_id,omitempty"`
	Start     time.Time `json:"started_at"`
	Billable  bool      `json:"billable,omitempty"`
	Note      string    `json:"note,omitempty"`
	Elapsed   Duration  `json:"elapsed"`             // as of when it was read; 0 where the clock was set back
	Forgotten bool      `json:"forgotten,omitempty"` // it has run for longer than Config.TimerLimit
}

// TimeQuery selects entries: zero fields select everything, set ones are joined by and. Those of a ticket come in the
// order in which they were logged, others by their start.
type TimeQuery struct {
	TicketID int64
	Agent    string
	From, To time.Time // of their start; from inclusive, to exclusive
	Unbilled bool      // billable ones that are on no invoice
	Cursor   string    // of the page before; opaque
	Limit    int       // default DefaultPage, at most MaxPage
}

// Selects reports whether e is one of those that the query asks for.
func (q TimeQuery) Selects(e TimeEntry) bool {
	return (q.TicketID == 0 || e.TicketID == q.TicketID) && (q.Agent == "" || e.Agent == q.Agent) && (q.From.IsZero() || !e.Start.Before(q.From)) &&
		(q.To.IsZero() || e.Start.Before(q.To)) && (!q.Unbilled || (e.Billable && e.Invoice == 0))
}

// TimePage is one page of entries. Next is empty on the last one; a page may be short and still have a next.
type TimePage struct {
	Entries []TimeEntry `json:"entries"`
	Next    string      `json:"next,omitempty"`
}

// Invoice is what is handed to the host's Invoicer once: the billable time of one ticket that was on no invoice (I17).
type Invoice struct {
	ID        int64       `json:"id"`
	Key       string      `json:"key"` // the same whenever it is handed over again: what comes under a known key is not to be billed again
	TicketID  int64       `json:"ticket_id"`
	Ticket    *Ticket     `json:"ticket,omitempty"` // as it is now; not in lists
	Entries   []TimeEntry `json:"entries"`
	Total     Duration    `json:"total"` // of the entries
	Reference string      `json:"reference,omitempty"`
	CreatedAt time.Time   `json:"created_at"`
	BilledAt  time.Time   `json:"billed_at,omitzero"` // when the reference came back
	VoidedAt  time.Time   `json:"voided_at,omitzero"` // when it was given up: Entries say what was on it
}
