package ticket

import "time"

// Notice is something that people are to be told about a ticket, in words of its own: by a rule, a follow-up, a deadline.
type Notice struct {
	ID      string     `json:"id"`     // the same at each attempt, and no other notice has it
	Ticket  int64      `json:"ticket"` // as far as is known: it may have been merged since
	To      Recipients `json:"to"`
	Subject string     `json:"subject,omitempty"` // empty: whoever tells finds one
	Text    string     `json:"text"`              // plain
	Why     string     `json:"why"`               // as in Cause.Rule of the journal: "followup:12", "snooze:3"
	At      time.Time  `json:"at"`                // when it was due
	// Message, if not zero, is the message whose files go with it. All of To may see it.
	Message int64 `json:"message,omitempty"`
}

// Recipients are whom a notice is for. Somebody who is meant twice is told once: whoever tells sees to it, and knows the
// addresses.
type Recipients struct {
	Owner      bool     `json:"owner,omitempty"`      // the assignee; of an unassigned ticket the department
	Customer   bool     `json:"customer,omitempty"`   // the requester
	Watchers   bool     `json:"watchers,omitempty"`   // the agents who watch it
	Department bool     `json:"department,omitempty"` // its members
	Agents     []string `json:"agents,omitempty"`     // ids; at most 100
	Addresses  []string `json:"addresses,omitempty"`  // of email; at most 100
}

// IsZero reports whether nobody is meant.
func (r Recipients) IsZero() bool {
	return !r.Owner && !r.Customer && !r.Watchers && !r.Department && len(r.Agents)+len(r.Addresses) == 0
}
