package ticket

import (
	"slices"
	"time"
)

// MaxComment is how long the comment of a rating may be, in bytes.
const MaxComment = 10_000

// Rating is what a requester thinks of an answer of staff, or of a ticket as a whole (M25, R05).
type Rating struct {
	ID        int64     `json:"id"`
	TicketID  int64     `json:"ticket_id"`            // where it is now: merging moves it
	MessageID int64     `json:"message_id,omitempty"` // 0 for the ticket as a whole
	Agent     string    `json:"agent,omitempty"`      // who wrote the message; of a ticket its assignee, when it was rated first
	Person    Person    `json:"person"`
	Grade     string    `json:"grade"` // one of Settings.RatingGrades as they were
	Comment   string    `json:"comment,omitempty"`
	RatedAt   time.Time `json:"rated_at"` // first
	ChangedAt time.Time `json:"changed_at"`
}

// RatingDraft is a rating that a customer gives.
type RatingDraft struct {
	MessageID int64   // 0 for the ticket as a whole
	Grade     string  // of Settings.RatingGrades; empty beside a comment keeps the one that was given
	Comment   *string // at most MaxComment; nil keeps the one that was given, an empty one takes it away
}

// Survey is what a survey's page shows.
type Survey struct {
	TicketID   int64     `json:"ticket_id"`
	Code       string    `json:"code"`
	Subject    string    `json:"subject"`
	MessageID  int64     `json:"message_id"`
	Agent      string    `json:"agent"` // the name of who wrote the message; empty where agents sign as their department (Settings.SignAs)
	Person     Person    `json:"person"`
	Grades     []string  `json:"grades"`           // to choose from, the worst first
	Rating     *Rating   `json:"rating,omitempty"` // the one that was given
	Changeable bool      `json:"changeable"`       // a grade is taken: the first, or another one
	Expires    time.Time `json:"expires"`
}

// RatingQuery selects ratings: zero fields select everything, set ones are joined by and.
type RatingQuery struct {
	TicketID  int64
	MessageID int64
	Agent     string
	Customer  Person // by id, or, without one, by address
	Grades    []string
	From, To  time.Time // of RatedAt; from inclusive, to exclusive
	Cursor    string    // of the page before; opaque
	Limit     int       // default DefaultPage, at most MaxPage
}

// Selects reports whether r is one of those that the query asks for.
func (q RatingQuery) Selects(r Rating) bool {
	return (q.TicketID == 0 || r.TicketID == q.TicketID) && (q.MessageID == 0 || r.MessageID == q.MessageID) && (q.Agent == "" || r.Agent == q.Agent) &&
		(q.Customer.IsZero() || r.Person.Is(q.Customer)) && (len(q.Grades) == 0 || slices.Contains(q.Grades, r.Grade)) &&
		(q.From.IsZero() || !r.RatedAt.Before(q.From)) && (q.To.IsZero() || r.RatedAt.Before(q.To))
}

// RatingPage is one page of ratings. Next is empty on the last one; a page may be short and still have a next.
type RatingPage struct {
	Ratings []Rating `json:"ratings"`
	Next    string   `json:"next,omitempty"`
}

// RatingSums says how often each grade was given.
type RatingSums struct {
	Total  int                       `json:"total"`
	Grades map[string]int            `json:"grades"`
	Agents map[string]map[string]int `json:"agents"` // of each agent, by grade; ratings of tickets that nobody had stand under ""
}
