package ticket

import "strconv"

// MaxCount is how far Desk.CountTickets counts one by one.
const MaxCount = 1000

// Count is a number of tickets, or the least that it is.
type Count struct {
	N    int  `json:"n"`
	More bool `json:"more,omitempty"` // there may be more than N
}

// String writes the number, with a plus where there may be more: "1000+".
func (c Count) String() string {
	if c.More {
		return strconv.Itoa(c.N) + "+"
	}
	return strconv.Itoa(c.N)
}

// Tally is how many tickets there are of a sort, by the class of their status. Unread ones are those with something
// that the other side wrote and nobody has read: by staff, and for customers by them.
type Tally struct {
	Total   int `json:"total"`
	Unread  int `json:"unread"`
	New     int `json:"new"`     // class new
	Open    int `json:"open"`    // class open: in progress
	Pending int `json:"pending"` // class pending
	Solved  int `json:"solved"`  // class solved
	Closed  int `json:"closed"`  // class closed
}

// Active is how many of them need work: those that are neither solved nor closed.
func (t Tally) Active() int { return t.New + t.Open + t.Pending }

// Done is how many of them need none.
func (t Tally) Done() int { return t.Solved + t.Closed }

// Add counts n more tickets, so many of them unread.
func (t *Tally) Add(class Class, n, unread int) {
	t.Total += n
	t.Unread += unread
	switch class {
	case ClassNew:
		t.New += n
	case ClassOpen:
		t.Open += n
	case ClassPending:
		t.Pending += n
	case ClassSolved:
		t.Solved += n
	case ClassClosed:
		t.Closed += n
	}
}

// CounterQuery says of which tickets Desk.Counters gives numbers. Zero fields take all, as in Query.
type CounterQuery struct {
	Folders     []Folder // as for an agent's numbers: Inbox, without what is settled or spam
	Brands      []string
	Departments []string
}

// Counters are the numbers beside an agent's or a customer's lists: of the tickets that the actor may see and the query
// asks for. What there is none of may be missing in a map. New, Open and the others of a number are classes, and not the
// statuses of those names: a status is of one class, as the catalogue says.
type Counters struct {
	All        Tally `json:"all"`
	Mine       Tally `json:"mine"`       // assigned to the acting agent
	Unassigned Tally `json:"unassigned"` // Unassigned.New are those that nobody has looked at

	Agents      map[string]Tally `json:"agents,omitempty"`   // by assignee
	Statuses    map[string]Tally `json:"statuses,omitempty"` // by code, as the next two
	Departments map[string]Tally `json:"departments,omitempty"`
	Brands      map[string]Tally `json:"brands,omitempty"`
	Folders     map[Folder]Tally `json:"folders,omitempty"` // of every folder, also those that the query does not ask for

	// More says that there may be more: of a customer's tickets, and of those that an agent sees only because they watch
	// them, the newest 1,000 are counted.
	More bool `json:"more,omitempty"`
}

// TagCount is a tag with the number of tickets that have it.
type TagCount struct {
	Tag     string `json:"tag"`
	Tickets int    `json:"tickets"`
}

// TagList is a list of tags.
type TagList struct {
	Tags []TagCount `json:"tags"`
	// More says that there may be more: of the tickets that somebody sees because they have or watch them, the newest
	// 1,000 are counted.
	More bool `json:"more,omitempty"`
}
