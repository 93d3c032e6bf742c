package template

import "slices"

// Kind names a template.
type Kind string

// The templates. The first eight are those that every help desk has (M24).
const (
	CustomerTicket    Kind = "customer_ticket"  // a new ticket, to its customer
	StaffTicket       Kind = "staff_ticket"     // a new ticket, to staff
	CustomerMessage   Kind = "customer_message" // a new message, to the customer
	StaffMessage      Kind = "staff_message"    // a new message, to staff
	ThirdPartyMessage Kind = "third_party_message"
	Reminder          Kind = "reminder"
	RuleNotice        Kind = "rule_notice"
	SurveyResult      Kind = "survey_result" // to staff

	Chaser     Kind = "chaser"       // a customer's answer is missing
	SLAWarning Kind = "sla_warning"  // a deadline is near, or missed; to staff
	Assignment Kind = "assignment"   // to the new assignee
	Mentioned  Kind = "mention"      // to an agent whom a note names
	Merged     Kind = "merged"       // tickets were put together
	Closed     Kind = "closed"       // to the customer
	OutOfHours Kind = "out_of_hours" // to a customer who wrote while nobody is there
	Updated    Kind = "updated"      // properties were changed, to staff
	Digest     Kind = "digest"       // several notices in one, to staff
	Refused    Kind = "refused"      // a mail was not taken, to its sender
)

// Kinds lists every template.
func Kinds() []Kind {
	return []Kind{
		CustomerTicket, StaffTicket, CustomerMessage, StaffMessage, ThirdPartyMessage, Reminder, RuleNotice, SurveyResult,
		Chaser, SLAWarning, Assignment, Mentioned, Merged, Closed, OutOfHours, Updated, Digest, Refused,
	}
}

// Valid reports whether k is one of Kinds.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// ForStaff reports whether only staff get letters of this kind.
func (k Kind) ForStaff() bool {
	switch k {
	case StaffTicket, StaffMessage, SurveyResult, SLAWarning, Assignment, Mentioned, Updated, Digest:
		return true
	}
	return false
}

// forOutside reports whether no letter of this kind is for staff.
func (k Kind) forOutside() bool {
	switch k {
	case CustomerTicket, CustomerMessage, ThirdPartyMessage, Chaser, Closed, OutOfHours, Refused:
		return true
	}
	return false
}
