package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/rules/condition"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Rule says what is to happen when (M52). Code, Name and On are required.
type Rule struct {
	Code     string    `json:"code"`               // names it for good
	Name     string    `json:"name"`               // for people
	Notes    string    `json:"notes,omitempty"`    // for those who look after it
	Inactive bool      `json:"inactive,omitempty"` // nothing looks at it
	Sort     int       `json:"sort,omitempty"`     // the lowest first; then by code
	Brands   []string  `json:"brands,omitempty"`   // of the tickets; empty means all
	On       []Trigger `json:"on"`                 // any of them
	// Every is how often a rule with ByClock looks; default 1 h, at least 1 min. It misses nothing between two looks.
	Every ticket.Duration `json:"every,omitempty"`

	When  string           `json:"when,omitempty"`  // the condition, as package condition has it; empty means always
	Match *condition.Group `json:"match,omitempty"` // the same as a form has it (M56); not together with When

	Do     []Step         `json:"do,omitempty"`     // at most 50 actions, in their order, all or none
	Notify []Notification `json:"notify,omitempty"` // at most 10: who is told
	Stop   bool           `json:"stop,omitempty"`   // where it matches, rules after it do not run for that trigger; nothing for ByClock

	// Since is when it became active: what happened before is none of its, and one with ByClock fires for what has crossed
	// its hours since then. Save sets it, unless it is given: an earlier time makes it look back.
	Since time.Time `json:"since,omitzero"`
	// Version is that of the stored rule: Save refuses an older one. 0 is that of a new one.
	Version int64 `json:"version,omitempty"`
}

// Trigger is what has rules looked at (M53).
type Trigger string

// The triggers. A host has others of its own, which begin with "x." and come from Fire.
const (
	Created           Trigger = "created"             // a ticket was opened
	CustomerReplied   Trigger = "customer_replied"    // its requester or a participant replied
	StaffReplied      Trigger = "staff_replied"       // also the first message of a ticket that staff opened; not what the desk writes by itself
	ThirdPartyReplied Trigger = "third_party_replied" // somebody else wrote
	Noted             Trigger = "noted"               // an internal note was added
	Assigned          Trigger = "assigned"            // it has another assignee than before
	Changed           Trigger = "changed"             // any property changed
	Converted         Trigger = "converted"           // it became an object of the host
	Rated             Trigger = "rated"
	DeadlineNear      Trigger = "deadline_near"   // a warning of a policy: event.name is the target
	DeadlineMissed    Trigger = "deadline_missed" // event.name is the target
	ByClock           Trigger = "by_clock"        // every so often
)

var triggerDocs = []struct {
	Trigger
	doc string
}{
	{Created, "a ticket was opened"},
	{CustomerReplied, "a customer replied, by themselves and not by a robot"},
	{StaffReplied, "a person of the staff replied; also the first message of a ticket that staff opened. What the desk writes by itself, as rules and auto-close do, is no reply of staff."},
	{ThirdPartyReplied, "somebody else wrote: a third party, or a sender who could not be tied to the ticket"},
	{Noted, "an internal note was added"},
	{Assigned, "the ticket has another assignee"},
	{Changed, "any property changed, by itself or with a message"},
	{Converted, "the ticket became an object of the host"},
	{Rated, "the customer rated an answer or the ticket"},
	{DeadlineNear, "a deadline of a policy comes near; `event.name` is `first_response`, `next_response` or `resolution`, and `event.detail` which warning it is, as `75%` that has passed or `30m` that is left"},
	{DeadlineMissed, "a deadline of a policy was missed; `event.name` is as above"},
	{ByClock, "every so often: each ticket once, when it begins to match"},
}

// Triggers lists those that every desk has, in the order in which one event may give several.
func Triggers() []Trigger {
	out := make([]Trigger, len(triggerDocs))
	for i, t := range triggerDocs {
		out[i] = t.Trigger
	}
	return out
}

// Doc says when it comes, in Markdown, for settings pages and documentation; empty for one of the host's.
func (t Trigger) Doc() string {
	for _, known := range triggerDocs {
		if known.Trigger == t {
			return known.doc
		}
	}
	return ""
}

// Own reports whether it is one of the host's.
func (t Trigger) Own() bool { return len(t) > 2 && t[:2] == "x." }

// Valid reports whether it is one of the triggers, or one of the host's.
func (t Trigger) Valid() bool { return t.Own() && len(t) <= 64 || slices.Contains(Triggers(), t) }

// Step is one action with what it is to do: in JSON {"set_status": "closed"}.
type Step struct {
	Action string
	With   json.RawMessage // its configuration; nil for none
}

// Do returns a step. It panics if the configuration cannot be written as JSON.
func Do(action string, with any) Step {
	b, err := json.Marshal(with)
	if err != nil {
		panic(err)
	}
	return Step{action, b}
}

// MarshalJSON writes an object of one entry.
func (s Step) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]json.RawMessage{s.Action: s.With})
}

// UnmarshalJSON reads one.
func (s *Step) UnmarshalJSON(b []byte) error {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("an action is written as {\"name\": configuration}: %w", err)
	}
	if len(m) != 1 {
		return errors.New("an action is written as {\"name\": configuration}, one for each object")
	}
	for name, with := range m {
		var err error
		if s.With, err = json.Marshal(with); err != nil { // as it is written again
			return err
		}
		s.Action = name
	}
	return nil
}

// String shows the step to people.
func (s Step) String() string {
	var b bytes.Buffer
	if len(s.With) == 0 || json.Compact(&b, s.With) != nil || b.String() == "null" {
		return s.Action
	}
	return s.Action + " " + b.String()
}

// Clone returns a copy that shares nothing.
func (r Rule) Clone() Rule {
	r.Brands, r.On, r.Do, r.Notify = slices.Clone(r.Brands), slices.Clone(r.On), slices.Clone(r.Do), slices.Clone(r.Notify)
	return r
}

// serves reports whether the rule is one for tickets of the brand.
func (r *Rule) serves(brand string) bool {
	return len(r.Brands) == 0 || slices.Contains(r.Brands, brand)
}

// awaits reports whether the rule is one for what happened then to a ticket of the brand: what was before it became active
// is none of its, however late it is told of.
func (r *Rule) awaits(brand string, at time.Time) bool { return r.serves(brand) && !at.Before(r.Since) }

// every is how often it looks.
func (r *Rule) every() time.Duration {
	if r.Every == 0 {
		return time.Hour
	}
	return time.Duration(r.Every)
}
