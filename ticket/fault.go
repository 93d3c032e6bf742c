package ticket

// Fault says of a field what kind of thing is wrong with it, so that a program can choose its own words or mark its own
// form. Hooks may use names of their own beside those of the desk; whoever switches over faults has a default.
type Fault string

// The faults of the desk. One never changes its name; new ones may come.
const (
	FaultRequired    Fault = "required"     // it is missing or empty
	FaultUnknown     Fault = "unknown"      // it names something that is not there
	FaultInactive    Fault = "inactive"     // it names something that is no longer in use
	FaultMalformed   Fault = "malformed"    // it is not written as such a thing is: no number, no address, no UTF-8
	FaultOutOfRange  Fault = "out_of_range" // a number or a time is too small or too great
	FaultTooShort    Fault = "too_short"    // a text is shorter than it must be
	FaultTooLong     Fault = "too_long"     // a text is over Limits
	FaultTooMany     Fault = "too_many"     // a list is over Limits
	FaultTooLarge    Fault = "too_large"    // a file is over Limits
	FaultNotAllowed  Fault = "not_allowed"  // not for whoever acts, not in this place, or not after what is there now
	FaultConflicting Fault = "conflicting"  // it does not go with another field
	FaultDuplicate   Fault = "duplicate"    // it is there already
	FaultInUse       Fault = "in_use"       // something else still needs it
	FaultState       Fault = "state"        // what it is about is not in the state for it, as a purge of a ticket that is not deleted
	FaultUnavailable Fault = "unavailable"  // the desk is not set up for it, or cannot do it inside a transaction
	FaultRefused     Fault = "refused"      // a hook of the host has something against it
)
